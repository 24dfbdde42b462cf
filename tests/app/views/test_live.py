"""The card of a live market's feed, and what makes way for it."""

from __future__ import annotations

import re

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Bar, Feed, Heatmap, Player
from tests.app.live_market import Revealed, simulated
from tests.render.market import Market


def test_card__says_how_the_feed_does() -> None:
    feed = Feed(data=Data(Revealed(simulated())))
    assert feed.pane.visible
    assert "lag <b>21 ms</b>" in feed.pane.object
    assert "bad" not in feed.pane.object


def test_card__of_a_notebook_goes_on_while_its_page_asks() -> None:
    data = Data(market := Revealed(simulated()))
    feed, heatmap = Feed(data=data), Heatmap(data=data)
    assert "messages <b>–</b>" in feed.pane.object
    market.reveal(1.0)
    heatmap._hear("growth", {"have": 0})
    assert re.search(r"messages <b>[\d,]+/s</b>", feed.pane.object)


def test_card__is_not_there_for_a_session_that_is_over() -> None:
    assert not Feed(data=Data(Market())).pane.visible


def test_play__makes_way_for_a_market_that_goes_on_by_itself() -> None:
    assert not Player(data=Data(Revealed(simulated()))).form.visible
    assert Player(data=Data(Market())).form.visible


def test_bar__says_how_much_is_followed() -> None:
    data = Data(Revealed(simulated()), State(last_s=90.0))
    bar = Bar(data=data)
    assert bar.form.values["range"] == "last 90 s"
    data.state.start = data.time_range[0]
    assert bar.form.values["range"].startswith("20")
