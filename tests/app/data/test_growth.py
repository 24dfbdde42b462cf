"""Updates of a live market: made once, for whoever asks, and gone through in order by who is slow."""

from __future__ import annotations

import gc
from weakref import ref

import numpy as np
import pytest

from liqmap.app.data import growth
from liqmap.app.data.data import Data
from liqmap.app.data.growth import Growth, growth_of
from liqmap.app.data.moves import jump, show_last_hour, show_whole
from liqmap.app.data.silence import Silence
from liqmap.app.data.watched import Watched, is_live, sizes_of
from liqmap.app.state.state import State
from liqmap.render.frames.scale import sizes_of_session
from tests.app.live_market import SECOND, Revealed, simulated
from tests.render.market import Market


@pytest.fixture
def market() -> Revealed:
    return Revealed(simulated())


@pytest.fixture
def made(market: Revealed, monkeypatch: pytest.MonkeyPatch) -> Growth:
    """Updates that a test makes itself."""
    monkeypatch.setattr(Growth, "_wake", lambda self: None)
    return Growth(market)


def test_updates__are_made_once_for_all(market: Revealed, made: Growth) -> None:
    replays = market.replays
    for k in range(1, 4):
        market.reveal(0.5)
        assert made.update().number == k
        assert made.update().number == k  # nothing has come since
    first, second = (made.news(0) for _ in range(2))
    assert first.packs is not None
    assert [id(pack) for pack in first.packs] == [id(pack) for pack in second.packs or []]
    assert len(first.packs) == 3
    assert market.replays == replays + 3


def test_a_page_that_is_behind__is_told_what_it_lacks(market: Revealed, made: Growth) -> None:
    for _ in range(5):
        market.reveal(0.2)
        made.update()
    told = [made.news(k).packs for k in range(6)]
    assert [len(packs or []) for packs in told] == [5, 4, 3, 2, 1, 0]
    last = [packs[-1].header["last"] for packs in told[:-1] if packs]
    assert last == [market.last - made.seen.begin // growth.DAY * growth.DAY] * 5


def test_a_page_too_far_behind__is_told_all_anew(
    market: Revealed, made: Growth, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(growth.KEPT + 1):
        made._packs.append(made.opening()[0])
    made._seen = growth.replace(made._seen, number=growth.KEPT + 1)
    assert made.news(0).packs is None
    assert made.news(1).packs is not None
    assert made.news(growth.KEPT + 2).packs is None  # of another server, before this one


def test_all_pages_that_open__share_what_is_packed(market: Revealed, made: Growth) -> None:
    first = made.opening()
    market.reveal(0.5)
    made.update()
    assert made.opening() is first
    assert made.news(first[1].number).packs is not None


def test_watched__shows_the_last_update_and_replays_nothing(market: Revealed) -> None:
    watched = Watched(market)
    spans, replays = watched.spans(), market.replays
    assert is_live(watched)
    assert not is_live(market)
    assert watched.venue == market.venue
    begin, end = watched.time_range
    assert (begin, end) == market.time_range
    for _ in range(20):
        assert len(watched.trades()) == len(watched.traded())
        assert watched.price_range == watched.growth.seen.prices
    assert market.replays == replays
    assert spans is not None


def test_trades__are_those_of_the_table_by_time(market: Revealed, made: Growth) -> None:
    for _ in range(4):
        market.reveal(2.0)
        seen = made.update()
        whole = growth.Trades.of(market.trades())
        for name in ("time", "price", "size", "aggressor"):
            np.testing.assert_array_equal(getattr(seen.trades, name), getattr(whole, name))
    assert len(whole)


def test_sizes__are_looked_at_anew_now_and_then(
    market: Revealed, made: Growth, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made.seen.sizes
    market.reveal(0.5)
    assert made.update().sizes is before
    monkeypatch.setattr(growth, "SIZES_S", 0.0)
    market.reveal(5.0)
    seen = made.update()
    assert seen.sizes is not before
    assert seen.since == seen.number
    times = np.datetime64(seen.begin, "ns"), np.datetime64(seen.last, "ns")
    expected = sizes_of_session(seen.spans, (times, seen.prices), "peak").at
    np.testing.assert_array_equal(np.float32(seen.sizes["peak"]), np.float32(expected))
    monkeypatch.setattr(growth, "_GROWTHS", {market: made})
    np.testing.assert_array_equal(np.float32(sizes_of(Watched(market), "peak").at), np.float32(expected))


def test_who_waits__is_answered_when_something_comes(market: Revealed) -> None:
    made = growth_of(market)
    assert growth_of(market) is made
    future = made.when_newer(made.seen.number, lambda: made.seen.number)
    market.reveal(1.0)
    assert future.result(timeout=30) >= 1
    assert made.when_newer(-1, lambda: "old").result(timeout=0) == "old"  # at once


def test_who_waits__is_answered_when_nothing_comes(market: Revealed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "HEARTBEAT_S", 0.02)
    made = growth_of(market)
    number = made.seen.number
    assert made.when_newer(number, lambda: made.seen.number).result(timeout=30) == number


def test_updates__end_when_nobody_asks(market: Revealed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "IDLE_S", 0.0)
    monkeypatch.setattr(growth, "HEARTBEAT_S", 0.01)
    made = growth_of(market)
    made._wake()
    thread = made._thread
    if thread is not None:
        thread.join(30)
    assert made._thread is None
    assert market._calls == []


def test_a_session_that_nobody_has__is_let_go() -> None:
    market = Revealed(simulated())
    made, gone = growth_of(market), ref(market)
    del market
    gc.collect()
    assert gone() is None
    assert made.update() is made._seen


def test_silence__is_by_the_clock_of_this_machine(market: Revealed, monkeypatch: pytest.MonkeyPatch) -> None:
    silence = Silence(market)
    market._heard_ns -= 12 * SECOND
    assert 12 <= silence.seconds < 13
    monkeypatch.setattr(market, "status", lambda: None)  # of a store that another process fills
    assert silence.seconds < 1


def live_data(market: Revealed, **choices: object) -> Data:
    return Data(market, State(**choices))


def test_data__follows_a_live_market_until_a_time_is_chosen(market: Revealed) -> None:
    data = live_data(market, last_s=4.0)
    assert data.state.market == "bybit/SIMUSDT/live"
    assert data.is_following
    begin, end = data.time_range
    assert (end - begin) == np.timedelta64(4, "s")
    assert end == market.time_range[1]
    data.state.start = begin
    assert not data.is_following
    show_last_hour(data)
    assert data.is_following
    assert data.state.last_s == 3600
    show_whole(data)
    assert not data.is_following
    assert data.time_range == market.time_range
    jump(data, "00:00:05")
    assert not data.is_following


def test_data__of_a_store_with_live_markets_opens_the_first(market: Revealed, tmp_path: object) -> None:
    import liqmap as lm

    data = Data(lm.open_store(tmp_path), live={"bybit/SIMUSDT/live": lambda: market})
    assert list(data.markets) == ["bybit SIMUSDT live"]
    assert is_live(data.session)


def test_data__of_a_session_that_is_over_follows_nothing() -> None:
    assert not Data(Market()).is_following
