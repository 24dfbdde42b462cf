"""A page that is told of a live market in pieces draws what one does that opens it later."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from liqmap.app.data import growth
from liqmap.app.data.data import Data
from liqmap.app.data.growth import Growth
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.choice import choice_of
from liqmap.app.picture.grown import have_of
from liqmap.app.picture.looking import Looking
from liqmap.app.picture.scene import base_of, scene_of
from liqmap.app.state.state import State
from liqmap.browser.themes import themes
from liqmap.render.frames.look import Look
from liqmap.schema import AGGREGATES, GridError, SessionError
from tests.app.live_market import SECOND, Revealed, simulated
from tests.browser.books import told
from tests.render.market import Market


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Revealed:
    monkeypatch.setattr(Growth, "_wake", lambda self: None)  # updates are made by the test
    return Revealed(simulated())


class Page:
    """What the engine of a page has, in V8, of a session that it is told of by messages."""

    def __init__(self, answers: Answers, name: str) -> None:
        self.answers, self.name = answers, name
        message = answers.answer("spans", {})
        self.number = message["number"]
        told(f"keepBook({json.dumps(name)}, {_hex(message)}, {json.dumps(message['header'])})")
        told(f"paint({json.dumps(name)}, {message['tick']}, {json.dumps(message['sizes'])})")

    def hear(self) -> dict[str, Any]:
        """Ask for news, and take them."""
        news = self.answers.answer("growth", {"have": self.number})
        for pack in news["packs"]:
            told(f"appendTo({json.dumps(self.name)}, {_hex(pack)}, {json.dumps(pack['header'])})")
        if "sizes" in news:
            told(f"painters[{json.dumps(self.name)}].sizes = {json.dumps(news['sizes'])}")
        self.number = news["number"]
        return news

    def picture(self, ask: dict[str, Any]) -> Any:
        return json.loads(told(f"JSON.stringify(framed({json.dumps(self.name)}, {json.dumps(ask)}))"))


def _hex(message: dict[str, Any]) -> str:
    return json.dumps(gzip.decompress(message["data"]).hex())


def asks(data: Data) -> list[dict[str, Any]]:
    theme = themes(Look())["dark"]
    choice = choice_of(data) | {"theme": theme, "shown": [True, True], "size": [80, 50]}
    begin, end, low, high = Looking(data).message()["view"]
    views = [[begin, end, low, high], [end - 3 * SECOND, end + 2 * SECOND, low, high]]
    lives = [(30 * SECOND, 300 * SECOND), (SECOND, None)]
    return [
        choice | {"view": view, "agg": agg, "halfLife": h, "prune": p, "stable": stable}
        for view in views for agg in AGGREGATES for h, p in lives for stable in (True, False)
    ]  # fmt: skip


def test_a_page_told_in_pieces__draws_what_one_does_that_opens_later(
    market: Revealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "SIZES_S", 0.0)
    data = Data(market, State(last_s=8.0))
    answers = Answers(data)
    early, slow = Page(answers, "early"), Page(answers, "slow")
    for k in range(6):
        market.reveal(0.7)
        data.session.growth.update()
        early.hear()
        early.picture(asks(data)[k])  # what is kept of a frame must not outlive what has come
    slow.hear()
    data.session.growth._whole = None
    late = Page(answers, "late")
    assert early.number == slow.number == late.number == 6
    for ask in asks(data):
        drawn = late.picture(ask)
        assert sum(drawn["lit"])
        assert early.picture(ask) == drawn
        assert slow.picture(ask) == drawn


def test_news__say_how_the_market_stands(market: Revealed) -> None:
    data = Data(market)
    answers = Answers(data)
    news = answers.answer("growth", {"have": 0})
    assert news["packs"] == []
    assert news["last"] == market.last - base_of(data.session)
    assert news["silence"] < 60
    assert not news["closed"]
    assert "sizes" not in news
    market.close()
    assert answers.answer("growth", {"have": 0})["closed"]
    assert answers.answer("growth", {"have": 17})["packs"] is None


def test_news__of_a_session_that_python_draws_hold_no_spans(
    market: Revealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liqmap.app.picture.scene.IN_PAGE", 10)
    data = Data(market)
    assert scene_of(data.session, "1")["drawn"] == "python"
    for _ in range(3):
        market.reveal(0.5)
        data.session.growth.update()
    assert Answers(data).answer("growth", {"have": 0})["packs"] == [{}] * 3


@pytest.mark.parametrize("have", [None, -1, 1.0, True, "1", 2**60])
def test_have__is_a_number_of_an_update(have: Any) -> None:
    with pytest.raises(GridError, match="have"):
        have_of({"have": have})


def test_growth__of_a_session_that_is_over_is_refused() -> None:
    with pytest.raises(SessionError, match="live session"):
        Answers(Data(Market())).answer("growth", {"have": 0})


def test_looking__says_and_hears_that_a_view_follows(market: Revealed) -> None:
    data = Data(market, State(last_s=60.0))
    looking = Looking(data)
    live = looking.message()["live"]
    assert (live["follows"], live["length"], live["prices"]) == (True, 60 * SECOND, None)
    low, high = live["around"]
    assert low < high
    view = [*looking.message()["view"]]
    looking.take({"view": view, "count": 0, "hand": 1, "live": None})
    assert not data.is_following
    assert not looking.message()["live"]["follows"]
    looking.take({"view": view, "count": 0, "hand": 2, "live": {"length": 2e9, "prices": [low, high]}})
    assert data.is_following
    assert data.state.last_s == 2.0
    assert (data.state.low, data.state.high) == pytest.approx((low, high))
    looking.take({"view": view, "count": 0, "hand": 3, "live": {"length": 2e9, "prices": None}})
    assert (data.state.low, data.state.high) == (None, None)
    assert data.price_range == pytest.approx((view[2], view[3]))


@pytest.mark.parametrize("live", [1, [], {"length": None}, {"length": "1"}, {"length": 1e9, "prices": [1]}])
def test_looking__refuses_what_no_page_says(market: Revealed, live: Any) -> None:
    looking = Looking(Data(market))
    with pytest.raises(GridError):
        looking.take({"view": looking.message()["view"], "count": 0, "live": live})
