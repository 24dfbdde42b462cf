"""The key of the colours and the strip of numbers."""

from __future__ import annotations

import re

import holoviews as hv
import pytest

from liqmap.app.controls import Controls
from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap, Strip
from liqmap.app.views.legend import Legend
from liqmap.render.frames.share import carried_share
from liqmap.render.marks import registry
from liqmap.render.marks.registry import Entry, Overlay, register
from tests.app.views.figures import figure_of, t
from tests.render.market import Market


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], []),
        (["bbo"], ["best bid", "best ask", "both in a pixel"]),
        (["bbo", "mid", "candles"], ["best bid", "best ask", "mid"]),
        (["mid", "bubbles"], ["mid", "buys", "sells", "area by size"]),
    ],
)
def test_legend__tells_what_the_marks_are(market: Market, layers: list[str], words: list[str]) -> None:
    data = Data(market, State(layers=layers))
    figure_of(Heatmap(data=data).chart())
    text = Legend(data=data).words(data.shown).split('<div class="states">')[0]
    assert re.findall(r"([a-z][a-z ]+)</div>", text) == words


def test_overlays_of_a_user__are_offered_and_explained(market: Market) -> None:
    """Also those registered after the app was imported."""
    mark = Overlay("walls", "large sizes", 25, lambda scene: hv.Curve([]), lambda canvas, scene: [],
                   lambda theme: [Entry("a wall", theme.mid, line=True), Entry("<b>")])  # fmt: skip
    assert "walls" not in State().param.layers.objects
    register(mark)
    try:
        state = State(layers=["walls"])
        assert state.param.layers.objects[-1] == "walls"
        assert "walls: large sizes" in Controls(state=state).bound["layers"].widget.description
        data = Data(market, state)
        figure_of(Heatmap(data=data).chart())
        words = Legend(data=data).words(data.shown)
        assert '<i class="line"' in words
        assert "a wall</div>" in words
        assert "&lt;b&gt;" in words
    finally:
        registry._KNOWN.pop("walls")


def test_strip__share_is_that_of_the_view_just_drawn(market: Market) -> None:
    """A pan draws before the state has its view."""
    data = Data(market, State(layers=[]))
    view = Heatmap(data=data)
    figure_of(view.chart())
    whole = data.shown.share
    low, high = market.price_range
    view._painters[0].view.event(x_range=(t(0), t(150)), y_range=(low, high))
    spans, there = market.spans(), ((t(0), t(150)), (low, high))
    expected = carried_share(spans, there, data.carry, "peak", data.look, data.shown.scale)
    assert data.shown.share == expected != whole


def test_strip__reports_cells_and_the_share_of_liquidity(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    strip = Strip(data=data)
    assert "carried" not in strip.words(None)
    figure_of(Heatmap(data=data).chart())
    words, counts = strip.words(data.shown), data.shown.counts
    assert f"<b>{100 * data.shown.share:.1f} %</b> of the liquidity drawn is carried" in words
    assert (
        f"raw <b>{counts.observed:,}</b> lit cells → <b>{counts.observed + counts.carried:,}</b> (" in words
    )
    assert "no decay, no prune" in words
    assert "observed<br>carried" in Legend(data=data).words(data.shown)
    data.state.bids = False
    assert "bids" not in Legend(data=data).words(data.shown)
    data.state.carried_shown = "hide"
    words = Legend(data=data).words(data.shown)
    assert "carried" not in words
    assert words.count("linear-gradient") == 1  # what asks show, observed
    data.state.asks = False
    assert "observed" not in Legend(data=data).words(data.shown)
