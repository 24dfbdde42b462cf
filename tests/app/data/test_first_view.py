"""What is shown where nobody has chosen: the fullest market, without the hours in which nothing happened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.data.days import deepest, fullest, markets_of
from liqmap.app.data.moves import jump, show_last_hour, show_whole
from liqmap.app.picture.looking import Looking
from liqmap.app.picture.scene import base_of, scene_of
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.state import State
from liqmap.schema import SessionError
from liqmap.simulation import write_bybit
from tests.render.market import Market
from tests.render.quiet import HOUR, Quiet


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    """An alphabetical first of three seconds, and another market by two feeds."""
    folder = tmp_path_factory.mktemp("first")
    for symbol, minutes, levels in (("AAAUSDT", 0.05, 20), ("CCCUSDT", 0.5, 20), ("CCCUSDT", 0.4, 50)):
        capture = lm.simulate(minutes=minutes, seed=3, symbol=symbol, levels=levels, keep_truth=False)
        raw = write_bybit(capture, folder / f"{symbol}{levels}")
        assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return lm.open_store(folder / "store")


def test_market__with_most_in_it_is_first(store: lm.Store) -> None:
    markets = markets_of(store)
    assert next(iter(markets)) == "bybit/AAAUSDT/ob20"
    assert fullest(markets).startswith("bybit/CCCUSDT/")
    data = Data(store)
    assert data.session.symbol == "CCCUSDT"
    assert data.state.market == fullest(markets)


def test_market__of_a_link_without_a_feed_is_its_deepest(store: lm.Store) -> None:
    data = Data(store, state_of("market=bybit/CCCUSDT")[0])
    assert data.notice == ""
    assert data.session.feed == "ob50"
    assert "market=bybit/CCCUSDT/ob50" in query_of(data.state)
    assert data.session.feed == store.session("bybit", "CCCUSDT").feed


def test_market__mistyped_is_told_with_its_nearest_name(store: lm.Store) -> None:
    data = Data(store, state_of("market=bybit/CCCUSD")[0])
    assert data.session is None
    assert data.notice.endswith("got 'bybit/CCCUSD'. Did you mean bybit/CCCUSDT?")
    with pytest.raises(SessionError, match="one of bybit/AAAUSDT/ob20"):
        deepest(store, markets_of(store), "nothing like it")


def test_market__of_a_single_session_without_its_feed(market: Market) -> None:
    assert Data(market, State(market="bybit/BTCUSDT")).session is market


# ------------------------------------------------------------------ quiet ends


def test_quiet_ends__are_not_in_the_first_view() -> None:
    market = Quiet()
    data = Data(market)
    begin, end = (int(t.astype(np.int64)) for t in data.time_range)
    assert market.opens - HOUR // 20 < begin < market.opens
    assert data.time_range[1] == market.time_range[1]  # an hour of a day is no long end
    assert (data.state.start, data.state.end) == (None, None)
    assert end - begin < 3 * HOUR
    assert "from" not in query_of(data.state)
    base, message = base_of(market), Looking(data).message()
    assert message["view"] == message["first"] == [begin - base, end - base, *map(float, data.price_range)]
    assert scene_of(market, "a")["whole"][:2] == [market.begin - base, market.begin + 24 * HOUR - base]


def test_quiet_ends__of_a_session_opened_with_them_are_shown() -> None:
    market = Quiet()
    market.start = market.begin
    assert Data(market).time_range == Quiet.time_range


def test_quiet_ends__are_in_the_whole() -> None:
    data = Data(Quiet())
    show_whole(data)
    assert data.time_range == Quiet.time_range
    again = Data(Quiet(), state_of(query_of(data.state))[0])
    assert again.time_range == Quiet.time_range
    assert not again.warnings


def test_quiet_ends__a_view_of_the_first_is_no_choice() -> None:
    data = Data(Quiet())
    looking = Looking(data)
    first = looking.message()["first"]
    whole = scene_of(data.session, "a")["whole"]
    looking.take({"view": whole, "count": 0})
    assert (data.state.start, data.state.end) == Quiet.time_range
    looking.take({"view": first, "count": 0})
    assert (data.state.start, data.state.end) == (None, None)


def test_quiet_ends__moves_begin_with_the_first_view() -> None:
    data = Data(Quiet())
    first = data.first_times
    show_last_hour(data)
    assert data.time_range == (first[1] - np.timedelta64(1, "h"), first[1])
    data.state.param.update(start=None, end=None)
    jump(data, "22:30")
    begin, end = data.time_range
    assert end - begin < (first[1] - first[0]) / 5


def test_ends__of_a_session_that_is_never_quiet_stay(market: Market) -> None:
    assert Data(market).time_range == market.time_range
    captured = lm.simulate(minutes=1, seed=2, keep_truth=False)

    class Busy(Market):
        _spans = lm.replay(captured.depth)
        time_range = np.datetime64(_spans.begin, "ns"), np.datetime64(_spans.last, "ns")
        price_range = (0.0, 1e6)

    assert Data(Busy()).time_range == Busy.time_range


def test_currency__is_its_name_or_nothing(market: Market) -> None:
    def currency(symbol: str) -> str:
        spans = market.spans()
        spans.meta = replace(spans.meta, symbol=symbol)
        return str(scene_of(market, "a")["market"]["units"]["price"])

    assert currency("BTCUSDT") == "USDT"
    assert currency("ESH4") == ""
