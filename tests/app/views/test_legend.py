"""The key of the colours and the strip of numbers."""

from __future__ import annotations

import re

import holoviews as hv
import pytest

from liqmap.app.controls import Controls
from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Strip
from liqmap.app.views.legend import Legend
from liqmap.render.marks import registry
from liqmap.render.marks.registry import Entry, Overlay, register
from tests.app.asking import show
from tests.app.choosing import part
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
    show(data)
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
        assert ["walls", "walls", "large sizes"] in part(Controls(state=state), "layers")["options"]
        data = Data(market, state)
        show(data)
        words = Legend(data=data).words(data.shown)
        assert '<i class="line"' in words
        assert "a wall</div>" in words
        assert "&lt;b&gt;" in words
    finally:
        registry._KNOWN.pop("walls")


def test_strip__reports_cells_and_the_share_of_liquidity(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    strip = Strip(data=data)
    assert "carried" not in strip.words(None)
    show(data)
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
