"""What lies over and beside the heatmap is made, and sent, without a plotting library."""

from __future__ import annotations

import subprocess
import sys

import pytest

DRAW = """
import sys
from liqmap.browser.wire import wire, wire_panel
from liqmap.render.marks.panels import PANELS, PanelScene
from liqmap.render.marks.registry import Scene, overlays
from tests.render.marks.made import Traded, whole

market = Traded([(k * 100, 990 + k % 20, 1.0 + k, "buy") for k in range(300)])
scene = Scene(market, market.price_range)
made = [overlay.on_engine(scene, whole(market)) for overlay in overlays().values()]
named = dict(zip(overlays(), made))
assert all(shapes for name, shapes in named.items() if name not in ("trust", "alerts")) and len(made) >= 5
assert "Pixels" in {type(shape).__name__ for shapes in made for shape in shapes}
for shapes in made:
    wire(shapes, 0)
for panel in PANELS.values():
    assert wire_panel(panel.on_engine(PanelScene(market, market.price_range), whole(market)), panel.shares, 0)
heavy = {"holoviews", "bokeh", "matplotlib", "panel"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.long
def test_built_in_shapes__load_no_plotting_library() -> None:
    done = subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
