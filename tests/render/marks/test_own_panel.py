"""A panel that a user registers is drawn in PNG, notebook and app, and goes when it is taken away again."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import ColorBar, Plot

from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.state.state import State
from liqmap.render import heatmap, picture
from liqmap.render.frames.palettes import DARK, css
from liqmap.render.marks import panels
from liqmap.render.marks.panels import Panel, register
from liqmap.render.marks.shapes import Boxes, Discs, Line, PanelShapes, Pixels, Segments, SizeAxis, Words
from liqmap.schema import GridError
from tests.render.market import BEGIN, SECOND, Market

hv.extension("bokeh", logo=False)

GUIDE = Path(__file__).parents[3] / "CONTRIBUTING.md"


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    """The panel of the guide, as a module of a user's."""
    section = GUIDE.read_text().split("## Add a panel\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (tmp_path / "own_pace.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    import_module("own_pace")
    yield panels.PANELS["pace"]
    del sys.modules["own_pace"], panels.PANELS["pace"]


def panel_of(layout: Any) -> Any:
    """The figure beside or below the heatmap."""
    found = hv.renderer("bokeh").get_plot(layout).state.select({"type": Plot})
    (figure,) = (one for one in found if not any(isinstance(bar, ColorBar) for bar in one.left))
    return figure


def test_recipe__is_drawn_everywhere_and_offered(added: Panel, tmp_path: Path) -> None:
    from matplotlib.image import imread

    market = Market()
    assert State(panels=["pace"]).param.panels.objects == ["delta", "profile", "ladder", "pace"]
    data = Data(market, State(panels=["pace"]))
    begin = BEGIN % (86_400 * SECOND)
    view = [begin, begin + 600 * SECOND, 480, 510]
    ask = {"view": view, "size": [900, 110], "halfLife": 3e10, "prune": 3e11, "panels": ["pace"]}
    assert Answers(data).shapes(ask)["panels"]["pace"]["axis"]["label"] == "trades"
    pixels = imread(picture(market, tmp_path / "a.png", panels=["pace"], overlays=()))[..., :3]
    hexes = {css(np.rint(255 * colour)) for colour in np.unique(pixels[-160:].reshape(-1, 3), axis=0)}
    assert css(DARK.delta) in hexes
    for dynamic in (True, False):
        figure = panel_of(heatmap(market, panels=["pace"], dynamic=dynamic))
        assert figure.left[0].axis_label == "trades"
        (bars,) = (one.data_source.data for one in figure.renderers)
        assert sum(bars["top"]) == len(market.trades())


def test_recipe__is_gone_when_it_is_taken_away() -> None:
    assert "pace" not in State().param.panels.objects
    with pytest.raises(GridError, match="panels"):
        heatmap(Market(), panels=["pace"])


def all_kinds(scene: Any, view: Any) -> PanelShapes:
    """One of each shape, and a second axis ten times the first."""
    is_beside = view.width < view.height
    low, high = view.prices
    x = np.array([1.0, 2.0]) if is_beside else np.array([view.begin, view.end])
    y = np.array([low, high]) if is_beside else np.array([1.0, 2.0])
    size = "x" if is_beside else "y"
    second = Line(**{"x": x, "y": y} | {size: 10 * np.array([1.0, 2.0])}, colour=DARK.buy, second=True)
    at, one = (x[:1], y[:1]), np.zeros(1, int)
    shapes = [
        Line(x, y, DARK.delta), second, Segments(x[:1], y[:1], x[1:], y[1:], one, (DARK.sell,)),
        Boxes(x[:1], y[:1], x[1:], y[1:], one, (DARK.muted,)),
        Discs(*at, np.array([4.0]), one, one, (DARK.text,)), Words(*at, ("here",), DARK.text),
    ]  # fmt: skip
    return PanelShapes(shapes, SizeAxis(0, 3, "first"), SizeAxis(0, 30, "second"), "a title")


@pytest.mark.parametrize("shares", ["price", "time"])
def test_shapes__of_every_kind_are_drawn(shares: str, tmp_path: Path) -> None:
    register(Panel("mine", "mine", shares, 120, all_kinds))
    try:
        plain = picture(Market(), tmp_path / "a.png").read_bytes()
        assert picture(Market(), tmp_path / "b.png", panels=["mine", "ladder", "delta"]).read_bytes() != plain
        figure = panel_of(heatmap(Market(), panels=["mine"]))
        assert figure.title.text == "a title"
        axes = (figure.below[0], figure.above[0]) if shares == "price" else (figure.left[0], figure.right[0])
        assert [axis.axis_label for axis in axes] == ["first", "second"]
        lines = [r.data_source.data for r in figure.renderers if type(r.glyph).__name__ == "Line"]
        assert [list(line["size"]) for line in lines] == [[1, 2], [1, 2]]  # where it is read on its own axis
        own, extra = ((figure.x_range, figure.extra_x_ranges) if shares == "price"
                      else (figure.y_range, figure.extra_y_ranges))  # fmt: skip
        assert (own.end, extra["second"].end) == (3, 30)
    finally:
        del panels.PANELS["mine"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Panel("delta", "x", "time", 100, all_kinds), "another name"),
        (Panel("mine", "x", "size", 100, all_kinds), "shares"),
        (Panel("mine", "x", "time", 0, all_kinds), "pixels"),
    ],
)
def test_register__refuses_what_is_no_panel(wrong: Panel, words: str) -> None:
    before = dict(panels.PANELS)
    with pytest.raises(GridError, match=words):
        register(wrong)
    assert before == panels.PANELS


def test_shapes__that_a_panel_has_no_place_for_are_refused(tmp_path: Path) -> None:
    image = Pixels(np.zeros((1, 1, 4), np.uint8), (0, 1), (0.0, 1.0))
    register(Panel("mine", "mine", "time", 120, lambda *_: PanelShapes([image], SizeAxis(0, 1, ""))))
    try:
        with pytest.raises(GridError, match="in a panel"):
            heatmap(Market(), panels=["mine"], dynamic=False)
        with pytest.raises(GridError, match="in a panel"):
            picture(Market(), tmp_path / "a.png", panels=["mine"])
    finally:
        del panels.PANELS["mine"]
