"""The key of the colours and the strip of numbers."""

from __future__ import annotations

import re

import pytest

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap, Strip
from liqmap.app.views.legend import Legend
from tests.app.views.figures import figure_of
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


def test_strip__reports_cells_and_the_share_of_liquidity(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    strip = Strip(data=data)
    assert "carried" not in strip.words(None)
    figure_of(Heatmap(data=data).chart())
    words, counts = strip.words(data.shown), data.shown.counts
    assert f"<b>{100 * counts.carried_share:.1f} %</b> of liquidity shown is carried" in words
    assert (
        f"raw <b>{counts.observed:,}</b> lit cells → <b>{counts.observed + counts.carried:,}</b> (" in words
    )
    assert "no decay, no prune" in words
    assert "observed<br>carried" in Legend(data=data).words(data.shown)
    data.state.bids = False
    assert "bids" not in Legend(data=data).words(data.shown)
