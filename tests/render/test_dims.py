"""Whether the heatmap fades for what lies over it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import holoviews as hv
import numpy as np
import pyarrow as pa
import pytest
from matplotlib.image import imread

from liqmap.app.data.data import Data
from liqmap.app.picture.choice import choice_of
from liqmap.app.state.state import State
from liqmap.browser import standalone_html
from liqmap.render import Look, heatmap, picture
from liqmap.render.frames.look import UNDER_CANDLES
from tests.render.market import Market

hv.extension("bokeh", logo=False)


class Untraded(Market):
    """The same market, of which no trades are stored."""

    def trades(self) -> pa.Table:
        return super().trades().slice(0, 0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_candles__without_trades_do_not_dim_the_heatmap(theme: str, tmp_path: Path) -> None:
    """In PNG, notebook, app and page: what makes way for nothing is drawn as it is."""
    opaque = {}
    for market in (Market(), Untraded()):
        data = Data(market, State(layers=["candles"], theme=theme))
        image = heatmap(market, overlays=["candles"], dynamic=False, theme=theme)
        (rgb,) = image.traverse(lambda e: e, [hv.RGB])
        page = standalone_html(market, tmp_path / "page.html", overlays=["candles"], look=Look(theme=theme))
        in_page = json.loads(re.search(r'"choice":({.*?})', page.read_text())[1])["opacity"]
        in_app = data.look.opacity, choice_of(data)["opacity"]
        opaque[type(market)] = {*map(float, (*in_app, rgb.data.attrs["look"].opacity, in_page))}
    assert opaque == {Market: {UNDER_CANDLES[theme]}, Untraded: {1.0}}
    png = {name: picture(Untraded(), tmp_path / f"{name}.png", overlays=[name] if name else [])
           for name in ("", "candles")}  # fmt: skip
    np.testing.assert_array_equal(imread(png[""]), imread(png["candles"]))
