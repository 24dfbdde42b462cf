"""The picture: its layers, and what is painted anew when."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap
from liqmap.carry import DROP
from tests.app.views.figures import figure_of, kinds
from tests.render.market import Market


def test_heatmap__layers_come_and_go(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    data.state.layers = []
    assert kinds(figure_of(view.chart())) == ["ImageRGBA"]
    for layer, glyphs in (("bbo", {"Line"}), ("mid", {"Line"}), ("bubbles", {"Scatter", "ImageRGBA"}),
                          ("candles", {"Segment", "Quad"})):  # fmt: skip
        data.state.layers = [layer]
        image, *others = kinds(figure_of(view.chart()))
        assert (image, set(others)) == ("ImageRGBA", glyphs)


CHANGES = [{"half_life_s": 5.0}, {"prune_s": 0.0}, {"carried": 0.1}, {"scaling": "linear"}, {"opacity": 0.5},
           {"cutoffs": (0.0, 50.0)}, {"limits": (5.0, 50.0)}, {"carried_shown": "hide"}, {"min_size": 8.0},
           {"bids": False}, {"asks": False}, {"palette": "classic"}, {"view": "as transmitted"}]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_heatmap__is_painted_anew_for_a_choice(market: Market, change: dict) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, layers=[]))
    plot = hv.renderer("bokeh").get_plot(Heatmap(data=data).chart())

    def pixels() -> np.ndarray:
        return plot.handles["source"].data["image"][0].copy()

    before = pixels()
    data.state.param.update(**change)
    assert pixels().shape == before.shape
    assert (pixels() != before).any()


def test_before_and_after__stand_side_by_side_on_one_range(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, view="before and after", layers=[]))
    view = Heatmap(data=data)
    view.build()
    row = view._body[0]
    before, after = (figure_of(pane.object) for pane in row)
    assert (before.title.text, after.title.text) == ("as transmitted", "carried")
    assert before.x_range is after.x_range
    assert before.y_range is after.y_range
    left, right = (f.renderers[0].data_source.data["image"][0] for f in (before, after))
    assert (left != right).any()
    data.state.prune_s = 0.0
    left, right = (f.renderers[0].data_source.data["image"][0] for f in (before, after))
    assert (left == right).all()


def test_heatmap__choice_sends_pixels_alone(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, layers=["bbo", "bubbles"]))
    view = Heatmap(data=data)
    plot = hv.renderer("bokeh").get_plot(view.chart())
    image = next(p for p in plot.subplots.values() if "image" in p.handles["source"].data)
    before, words = image.handles["source"].data, image._hover_data
    refuse = lambda *_, **__: pytest.fail("the whole chart was made anew")  # noqa: E731
    monkeypatch.setattr(type(plot), "update_frame", refuse)
    data.state.half_life_s = 5.0
    after = image.handles["source"].data
    assert (after["image"][0] != before["image"][0]).any()
    places = [[float(np.float64(d[k][0])) for k in ("y", "dh")] for d in (before, after)]
    assert places[0] == places[1]
    assert image._hover_data is not words  # the tooltip tells of what is shown


def test_heatmap__picture_already_sent_is_not_sent_again(market: Market) -> None:
    data = Data(market, State(layers=["bbo"]))
    view = Heatmap(data=data)
    plot = hv.renderer("bokeh").get_plot(view.chart())
    image = next(p for p in plot.subplots.values() if "image" in p.handles["source"].data)
    data.state.half_life_s = 5.0
    sent = image.handles["source"].data["image"][0]
    plot.refresh()
    assert image.handles["source"].data["image"][0] is sent
    data.state.half_life_s = 50.0
    assert (image.handles["source"].data["image"][0] != sent).any()


def test_heatmap__made_anew_begins_at_the_size_it_had(market: Market) -> None:
    """Else each chart would be drawn twice: at a size guessed, and at its own when the page has told it."""
    data = Data(market)
    view = Heatmap(data=data)
    view.build()
    for stream in view._painters[0].chart.streams:
        if isinstance(stream, hv.streams.PlotSize):
            stream.update(width=300, height=20)
    data.state.theme = "light"
    pixels = view._painters[0].chart[()].data.attrs["pixels"]
    assert pixels.shape[0] <= 21
    assert pixels.shape[1] <= 301


def test_before__stays_as_it_is_while_the_half_life_moves(market: Market) -> None:
    data = Data(market, State(layers=["bbo"], prune_s=None))
    view = Heatmap(data=data)
    charts = [view.chart(carry=DROP), view.chart()]
    plots = [hv.renderer("bokeh").get_plot(chart) for chart in charts]
    images = [
        next(p for p in plot.subplots.values() if "image" in p.handles["source"].data) for plot in plots
    ]
    before = [i.handles["source"].data["image"][0] for i in images]
    data.state.half_life_s = 5.0
    after = [i.handles["source"].data["image"][0] for i in images]
    assert after[0] is before[0]
    assert (after[1] != before[1]).any()
