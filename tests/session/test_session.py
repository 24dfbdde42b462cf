"""`Store` and `Session`: a simulated market, held to the plain tables it came from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.schema import GridError, Meta, SessionError, StoreError
from liqmap.simulation import write_bybit
from tests.session.depth_store import write_source

MINUTES = 4


@pytest.fixture(scope="module")
def market() -> lm.Capture:
    return lm.simulate(minutes=MINUTES, seed=11, keep_truth=False)


@pytest.fixture(scope="module")
def store(market: lm.Capture, tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    root = tmp_path_factory.mktemp("session")
    report = lm.ingest(write_bybit(market, root / "raw"), store=root / "store")
    assert report.exit_code == 0
    return lm.open_store(root / "store")


@pytest.fixture(scope="module")
def session(store: lm.Store) -> lm.Session:
    return store.session("bybit", "SIMUSDT")


def _books(market: lm.Capture) -> list[tuple[pd.Timestamp, dict, dict]]:
    """The book after every message, by plain dicts: (ts, bids, asks)."""
    books: list[tuple[pd.Timestamp, dict, dict]] = []
    sides: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    frame = market.depth.to_pandas()
    for _, rows in frame.groupby("seq", sort=False):
        if (rows["event"] == "snapshot").any():
            sides = {"bid": {}, "ask": {}}
        for side, price, size in zip(rows["side"], rows["price"], rows["size"]):
            sides[side].pop(price, None)
            if size > 0:
                sides[side][price] = size
        books.append((rows["ts"].iloc[0], dict(sides["bid"]), dict(sides["ask"])))
    return books


def test_sessions_lists_what_was_ingested(store: lm.Store, market: lm.Capture) -> None:
    have = store.sessions()
    assert list(have.columns) == ["venue", "symbol", "feed", "kind", "date", "start", "end", "rows", "bytes"]
    depth = have[have["kind"] == "depth"].iloc[0]
    assert (depth["venue"], depth["symbol"], depth["feed"]) == ("bybit", "SIMUSDT", "ob200")
    assert depth["rows"] == market.depth.num_rows
    assert have.loc[have["kind"] == "trades", "rows"].sum() == market.trades.num_rows
    assert "SIMUSDT" in repr(store.session("bybit", "SIMUSDT"))
    assert "1 markets" in repr(store)


def test_tables_are_those_of_the_market(session: lm.Session, market: lm.Capture) -> None:
    for name in ("ts", "seq", "event", "side", "price", "size"):
        assert session.depth()[name].to_pylist() == market.depth[name].to_pylist()
    assert session.trades()["id"].to_pylist() == market.trades["id"].to_pylist()


def test_bbo_is_the_best_of_every_book(session: lm.Session, market: lm.Capture) -> None:
    books = _books(market)
    bbo = session.bbo()
    assert list(bbo.columns) == ["ts", "bid", "bid_size", "ask", "ask_size"]
    assert bbo["ts"].is_monotonic_increasing
    assert bbo["ts"].is_unique
    rows = bbo.set_index("ts")
    for ts, bids, asks in books[::37]:
        row = rows.loc[:ts].iloc[-1]
        assert (row["bid"], row["bid_size"]) == (max(bids), bids[max(bids)])
        assert (row["ask"], row["ask_size"]) == (min(asks), asks[min(asks)])


def test_bbo_ends_with_the_quote_at_the_last_message(store: lm.Store, market: lm.Capture) -> None:
    books = _books(market)
    whole = store.session("bybit", "SIMUSDT").bbo()
    early = store.session("bybit", "SIMUSDT", end=books[1_000][0]).bbo()  # the end is not part of it
    for bbo, (_, bids, asks) in ((whole, books[-1]), (early, books[999])):
        last = bbo.iloc[-1]
        assert (last["bid"], last["bid_size"]) == (max(bids), bids[max(bids)])
        assert (last["ask"], last["ask_size"]) == (min(asks), asks[min(asks)])
        assert bbo.notna().all(axis=None)


def test_book_holds_what_the_feed_showed_and_what_left_it(session: lm.Session, market: lm.Capture) -> None:
    books = _books(market)
    seen: set[tuple[str, float]] = set()
    for k, (ts, bids, asks) in enumerate(books):
        seen |= {("bid", p) for p in bids} | {("ask", p) for p in asks}
        if k % 500 != 250:
            continue
        book = session.book(ts)
        assert list(book.columns) == ["side", "price", "size", "state", "age"]
        observed = book[book["state"] == "observed"]
        for side, levels in (("bid", bids), ("ask", asks)):
            mine = observed[observed["side"] == side]
            assert dict(zip(mine["price"], mine["size"])) == levels
            assert (mine["age"] == 0).all()
        carried = book[book["state"] == "carried"]
        assert (carried["age"] >= 0).all()
        assert set(zip(carried["side"], carried["price"])) <= seen
        bid, ask = (book.loc[book["side"] == s, "price"] for s in ("bid", "ask"))
        assert bid.is_monotonic_decreasing
        assert ask.is_monotonic_increasing


def test_grid_edges_are_multiples_of_the_bins(session: lm.Session) -> None:
    grid = session.grid(time="7s", price=2.5)
    assert (grid["time_left"].values.astype("datetime64[ns]").astype(np.int64) % (7 * 10**9) == 0).all()
    assert np.allclose(grid["price_left"].values % 2.5, 0)
    begin, end = session.time_range
    assert grid["time_bounds"].values[0, 0] <= begin
    assert grid["time_bounds"].values[-1, 1] >= end
    low, high = session.price_range
    assert grid["price_bounds"].values[0, 0] <= low
    assert grid["price_bounds"].values[-1, 1] >= high - 1e-9
    assert grid["price_bounds"].values[-1, 0] < high


@pytest.mark.parametrize("low", [26978.672, 64941.575, 60663.577, 99999.999])
def test_a_grid_has_no_bin_for_the_last_digit_of_a_float(session: lm.Session, low: float) -> None:
    grid = session.grid("1min", 0.001, price_range=(low, round(low + 0.01, 3)))
    assert np.round(grid["price_left"].values, 3).tolist() == [round(low + 0.001 * n, 3) for n in range(10)]


def test_price_range_is_where_the_touch_went_plus_one_window(session: lm.Session) -> None:
    bbo = session.bbo()
    low, high = session.price_range
    assert low < bbo["bid"].min()
    assert high > bbo["ask"].max()
    spans = session.spans()
    outermost = spans.prices(np.array([spans.sides[0].levels[0], spans.sides[1].levels[-1]]))
    assert abs(low - outermost[0]) < 0.5 * (high - low)
    assert abs(high - outermost[1]) < 0.5 * (high - low)


def test_a_later_start_looks_back(store: lm.Store, session: lm.Session) -> None:
    begin = pd.Timestamp(session.time_range[0]) + pd.Timedelta("2min")
    late = store.session("bybit", "SIMUSDT", start=begin)
    assert pd.Timestamp(late.time_range[0]) == begin
    assert late.depth()["ts"][0].as_py() >= begin.tz_localize("UTC")
    whole = session.grid(
        "1s", 5.0, time_range=(begin, session.time_range[1]), price_range=session.price_range
    )
    part = late.grid("1s", 5.0, price_range=session.price_range)
    np.testing.assert_array_equal(whole["liquidity"].values, part["liquidity"].values)
    blind = store.session("bybit", "SIMUSDT", start=begin, look_back="none")
    assert len(blind.spans()) == len(session.spans())  # to the start of all there is


def test_an_end_hides_what_comes_after(store: lm.Store, session: lm.Session) -> None:
    end = pd.Timestamp(session.time_range[0]) + pd.Timedelta("1min")
    early = store.session("bybit", "SIMUSDT", end=end)
    assert pd.Timestamp(early.time_range[1]) <= end
    assert early.trades().num_rows < session.trades().num_rows
    ms = int(end.value // 10**6)
    for same in (ms, float(ms), str(ms)):
        assert store.session("bybit", "SIMUSDT", end=same).depth().equals(early.depth())
    assert store.session("bybit", "SIMUSDT", end=str(end)).depth().equals(early.depth())


def test_a_hole_in_the_data_is_no_session(tmp_path: Path) -> None:
    for day in (5, 8):
        raw = write_bybit(
            lm.simulate(minutes=0.2, seed=day, keep_truth=False, start=f"2026-01-{day:02}"), tmp_path / "raw"
        )
        lm.ingest(raw, store=tmp_path / "store", venue="bybit")
    store = lm.open_store(tmp_path / "store")
    assert str(store.session("bybit", "SIMUSDT", start="2026-01-08").time_range[0]).startswith("2026-01-08")
    for kind in ("2026-01-06", "2026-01-05 12:00"):
        with pytest.raises(SessionError, match="with data"):
            store.session("bybit", "SIMUSDT", start=kind, end="2026-01-07")


def test_sql_reads_this_session_alone(store: lm.Store, session: lm.Session) -> None:
    ((count,),) = session.sql("select count(*) from depth").fetchall()
    assert count == session.depth().num_rows
    end = pd.Timestamp(session.time_range[0]) + pd.Timedelta("1min")
    ((count,),) = store.session("bybit", "SIMUSDT", end=end).sql("select count(*) from trades").fetchall()
    assert 0 < count < session.trades().num_rows


def test_depth_limit_replays_a_shallower_feed(session: lm.Session) -> None:
    shallow = session.spans(depth_limit=20)
    assert shallow.meta.depth_limit == 20
    assert len(shallow) < len(session.spans())
    assert session.spans(depth_limit=20) is shallow


@pytest.mark.parametrize(
    "feeds",
    [  # name, window policy, levels; the deepest first
        [("full", "full", None), ("snapshots", "snapshots", 1)],
        [("full", "full", None), ("snapshots", "snapshots", None)],
        [("books", "full", 1_000), ("ob2000", "top_n", 2_000)],
        [("incremental_book_L2", "full", None), ("book_snapshot_25", "snapshots", 25)],
        [("ob200", "top_n", 200), ("book_snapshot_5_100ms", "snapshots", 5)],
        [("ob200", "top_n", None), ("book_snapshot_5_100ms", "snapshots", None)],
        [("a", "top_n", 50), ("snapshots", "snapshots", 50)],
        [("books", "truncate", 500), ("ob50", None, None)],
    ],
)
def test_the_deepest_feed_is_the_one_that_shows_most(feeds: list[tuple], tmp_path: Path) -> None:
    table = lm.simulate(minutes=0.02, seed=1, keep_truth=False).depth
    for name, policy, levels in reversed(feeds):
        meta = Meta(
            venue="test", symbol="TEST", feed=name, window_policy=policy, depth_limit=levels, tick_size=0.1
        )
        write_source(tmp_path, name, table.replace_schema_metadata(meta.to_metadata()))
    assert lm.open_store(tmp_path).session("test", "TEST").feed == feeds[0][0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"symbol": "NOPE"}, "bybit SIMUSDT"),
        ({"venue": "kraken"}, "bybit SIMUSDT"),
        ({"feed": "ob50"}, "ob200"),
        ({"start": "2026-01-05 00:03", "end": "2026-01-05 00:01"}, "start before end"),
        ({"start": "2031-01-01"}, "within 2026-01-05"),
        ({"end": "2020-01-01"}, "within 2026-01-05"),
        ({"start": "tea time"}, "tea time"),
        ({"start": "²" * 9}, "expected a time"),
        ({"start": 1.5}, "expected a time"),
        ({"start": 1_767_571_200}, "s since 1970 by its size"),
        ({"start": 1_767_571_200_000_000_000}, "ns since 1970 by its size"),
        ({"start": True}, "expected a time"),
        ({"start": "now"}, "expected a time"),
        ({"start": "23:55"}, "got 2026-01-05 23:55"),
        ({"start": "2026-01-05 00:03:59.95", "end": "2026-01-05 00:04:30"}, "with data"),
    ],
)
def test_a_session_that_is_not_there(store: lm.Store, arguments: dict, says: str) -> None:
    wanted = {"venue": "bybit", "symbol": "SIMUSDT"} | arguments
    with pytest.raises(SessionError, match=says):
        store.session(**wanted)


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        lm.open_store(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"time": "0s"}, "bin width"),
        ({"time": None}, "bin width"),
        ({"price": 0}, "above zero"),
        ({"price": float("nan")}, "above zero"),
        ({"price_range": (10.0, 10.0)}, "rise"),
        ({"price_range": 5}, "price_range: expected"),
        ({"price_range": ("61600", "61700")}, "price_range: expected two finite prices that rise"),
        ({"price_range": ()}, "price_range: expected two finite prices that rise"),
        ({"time_range": ()}, "time_range: expected two times"),
        ({"time_range": "ab"}, "time_range: expected two times"),
        ({"time_range": (1_767_571_200, 1_767_571_260)}, "s since 1970 by its size"),
        ({"time_range": ("2025-01-01", "2025-01-02")}, "with data .within 2026-01-05"),
        ({"time_range": (0, 1000)}, "with data .within 2026-01-05"),
        ({"time_range": ("2027-01-01", "2027-01-02")}, "with data .within 2026-01-05"),
        ({"time_range": ("00:02", "00:01")}, "two times that rise"),
        ({"price": "1"}, "above zero"),
        ({"time": "1ms", "price": 0.01}, "at most 250,000,000 cells"),
        ({"time": "10ms", "price": 0.01, "parts": True}, "at most 37,"),
    ],
)
def test_a_grid_that_cannot_be(session: lm.Session, arguments: dict, says: str) -> None:
    with pytest.raises(GridError, match=says):
        session.grid(**arguments)


def test_book_outside_the_session(session: lm.Session) -> None:
    with pytest.raises(SessionError, match="expected a time within"):
        session.book("2020-01-01")
    end = session.time_range[1]
    assert set(session.book(end)["state"]) == {"carried"}
    for beyond in (end + np.timedelta64(1, "ns"), "2031-01-01", "23:55"):
        with pytest.raises(SessionError, match="expected a time within"):
            session.book(beyond)


def test_book_up_to_the_end_that_was_asked_for(store: lm.Store) -> None:
    """After the last message everything is carried, to the end of the range and no further."""
    session = store.session("bybit", "SIMUSDT", end="2026-01-06")
    assert set(session.book("2026-01-05 12:00")["state"]) == {"carried"}
    with pytest.raises(SessionError, match="expected a time within"):
        session.book("2026-01-06 00:00:01")


def test_a_time_of_day_is_of_the_session(store: lm.Store) -> None:
    """``00:01`` is of the day that there is, wherever times are given."""
    session = store.session("bybit", "SIMUSDT", "00:01", "00:02:00.5")
    whole = store.session("bybit", "SIMUSDT", "2026-01-05 00:01", 1_767_571_320_500)
    assert (session.start, session.end) == (whole.start, whole.end)
    assert session.book("00:01:30").equals(whole.book("2026-01-05 00:01:30"))
    grid = session.grid(time_range=("00:01:10", "00:01:20"), price=10.0)
    ends = [datetime(2026, 1, 5, 0, 1, second) for second in (10, 20)]
    assert grid.identical(session.grid(time_range=ends, price=10.0))
    assert grid.sizes["time"] == 2


def test_price_range_of_an_array(session: lm.Session) -> None:
    low, high = session.price_range
    assert session.grid(price=10.0, price_range=np.array([low, high])).identical(session.grid(price=10.0))


def test_a_grid_takes_a_carry_model(session: lm.Session) -> None:
    half = session.grid("1s", 5.0, half_life="1min", prune="2min", parts=True)
    same = session.grid("1s", 5.0, parts=True, carry=lm.HalfLife("1min", "2min"))
    assert same.identical(half)
    gone = session.grid("1s", 5.0, carry=lm.DROP)
    assert not (gone["state"] == 2).any()
    assert (half["state"] == 2).any()


def test_price_range__of_one_side_holds_its_touch(tmp_path: Path) -> None:
    rows = [(k, p) for k in range(3) for p in (99.4, 99.6, 99.8, 100.0)]
    text = "ts,side,price,size\n" + "".join(
        f"{1_767_600_000_000 + 1000 * k},bid,{p},{k + 1}\n" for k, p in rows
    )
    (tmp_path / "bids.csv").write_text(text)
    how = {"venue": "other", "symbol": "BIDS", "mapping": {"layout": "updates"}}
    assert lm.ingest(tmp_path / "bids.csv", store=tmp_path / "store", **how).exit_code == 0
    low, high = lm.open_store(tmp_path / "store").session("other", "BIDS").price_range
    assert low <= 99.8
    assert high > 100.0


def test_traded__is_the_trades_by_time_and_kept(session: lm.Session) -> None:
    trades = session.trades().to_pandas().sort_values("ts", kind="stable")
    kept = session.traded()
    assert kept is session.traded()
    assert kept.time.tolist() == trades["ts"].astype("int64").tolist()
    assert kept.price.tolist() == trades["price"].tolist()
    assert kept.size.tolist() == trades["size"].tolist()
    middle = int(kept.time[len(kept) // 2])
    assert kept.before(middle).time.tolist() == [t for t in kept.time.tolist() if t < middle]
