"""The overlay that CONTRIBUTING shows does what is said of it, in the folder and as a module of a user's."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import holoviews as hv
import numpy as np
import pytest

from liqmap.app.state.state import State
from liqmap.render import heatmap, picture
from liqmap.render.frames.palettes import DARK, css
from liqmap.render.marks import overlays as folder
from liqmap.render.marks import registry
from liqmap.render.marks.registry import Entry, Scene
from liqmap.render.marks.shapes import Line
from tests.render.market import TICK, Market
from tests.render.marks.made import whole

GUIDE = Path(__file__).parents[3] / "CONTRIBUTING.md"


def recipe() -> str:
    """The one block of Python under "Add an overlay"."""
    section = GUIDE.read_text().split("## Add an overlay\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(code)


@pytest.fixture(params=["a file of the folder", "a module of a user's"])
def added(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[registry.Overlay]:
    """The overlay, known by its file alone or by an import."""
    known = dict(registry.overlays())
    (tmp_path / "own_last.py").write_text(recipe())
    name = "own_last"
    if request.param.startswith("a file"):
        name = f"{folder.__name__}.own_last"
        monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
        registry._built_in.cache_clear()
    else:
        monkeypatch.syspath_prepend(tmp_path)
        import_module(name)
    yield registry.overlays()["last"]
    del sys.modules[name]
    registry._KNOWN.clear()
    registry._KNOWN.update(known)


def test_recipe__is_drawn_explained_and_offered(added: registry.Overlay, tmp_path: Path) -> None:
    from matplotlib.image import imread

    (curve,) = heatmap(Market(), overlays=["last"], dynamic=False).traverse(lambda e: e, [hv.Curve])
    trades = Market().trades()
    last = trades.sort_by("ts")["price"][-1].as_py()
    assert curve.dimension_values("price")[-1] == pytest.approx(last + TICK / 2)
    assert curve.dimension_values("time").dtype.kind == "M"
    assert heatmap(Market(), overlays=["last", "bbo"])[()].traverse(lambda e: e, [hv.Curve])
    pixels = imread(picture(Market(), tmp_path / "a.png", overlays=["last"]))[..., :3]
    plain = imread(picture(Market(), tmp_path / "b.png", overlays=()))[..., :3]
    drawn = (pixels != plain).any(axis=-1)
    assert drawn[122:].any()
    assert drawn[:122].any()  # the legend has its entry
    hexes = {css(np.rint(255 * colour)) for colour in np.unique(pixels[drawn], axis=0)}
    assert css(DARK.delta) in hexes
    (line,) = added.on_engine(Scene(Market(), Market.price_range), whole(Market()))
    assert isinstance(line, Line)
    assert line.y[-1] == curve.dimension_values("price")[-1]
    charted = replace(added, shapes=None).on_engine(Scene(Market(), Market.price_range), whole(Market()))
    for name, column in (
        charted[0]._replace(width=line.width)._asdict().items()
    ):  # that of HoloViews is its own
        np.testing.assert_array_equal(column, getattr(line, name))
    assert added.entries(DARK) == [Entry("last trade", DARK.delta, line=True)]
    assert State(layers=["last"]).param.layers.objects[-1] == "last"
