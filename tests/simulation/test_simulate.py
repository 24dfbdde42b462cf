"""Laws of the simulated market, checked the slow way."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.schema import DEPTH, EVENTS, SIDES, TRADES, GridError, Meta, codes, int64
from liqmap.simulation import simulate

DIGEST = "4cbc099a5bf917e8"


def digest(capture) -> str:
    """One number for all that a capture says."""
    h = hashlib.sha256()
    for table in (capture.depth, capture.truth.depth):
        h.update(int64(table["ts"]).tobytes() + int64(table["seq"]).tobytes())
        h.update(codes(table["event"], EVENTS).tobytes() + codes(table["side"], SIDES).tobytes())
        h.update(table["price"].to_numpy().tobytes() + table["size"].to_numpy().tobytes())
    h.update(repr(capture.trades.to_pydict()).encode())
    h.update(repr(capture.truth.walls.to_pydict()).encode())
    return h.hexdigest()[:16]


@pytest.mark.pure
def test_simulate__a_seed_is_the_same_market_with_and_without_the_compiler():
    assert digest(simulate(minutes=1 / 3, seed=5, price=2500)) == DIGEST


def test_simulate__seeds_differ():
    assert digest(simulate(minutes=0.1, seed=1)) != digest(simulate(minutes=0.1, seed=2))


def test_simulate__tables_follow_the_schema(market):
    assert market.depth.schema.equals(DEPTH)
    assert market.trades.schema.equals(TRADES)
    meta = Meta.from_metadata(market.depth.schema.metadata)
    assert meta == market.meta
    assert (meta.venue, meta.feed, meta.window_policy) == ("bybit", "ob200", "top_n")
    assert (meta.tick_size, meta.depth_limit, meta.size_unit) == (0.1, 200, "coins")
    assert market.depth["ts_recv"].null_count == market.depth.num_rows
    assert len(set(market.trades["id"].to_pylist())) == market.trades.num_rows


@given(seed=st.integers(0, 2**64 - 1), levels=st.sampled_from([1, 2, 50, 200, 500]))
@settings(deadline=None, max_examples=10)
def test_simulate__every_message_leaves_n_levels_and_no_crossed_book(messages, apply, seed, levels):
    market = simulate(minutes=0.2, seed=seed, levels=levels)
    books = {"bid": {}, "ask": {}}
    last = 0
    for seq, ns, event, rows in messages(market.depth):
        apply(books, event, rows)
        assert len(books["bid"]) == len(books["ask"]) == levels
        assert max(books["bid"]) < min(books["ask"])
        assert seq == (last + 1 if last else 1)
        assert event == ("update" if last else "snapshot")
        assert ns % 1_000_000 == 0
        last = seq


def test_simulate__removals_that_only_left_the_window_are_as_common_as_on_the_venue(market, messages, apply):
    books = {"bid": {}, "ask": {}}
    left = removed = 0
    for _, _, event, rows in messages(market.depth):
        apply(books, event, rows)
        worst = {"bid": min(books["bid"]), "ask": max(books["ask"])}
        gone = [(side, price) for side, price, size in rows if size == 0]
        removed += len(gone)
        left += sum(price < worst[side] if side == "bid" else price > worst[side] for side, price in gone)
    assert 0.15 < left / removed < 0.5


def test_simulate__a_message_lists_bids_downwards_then_asks_upwards(market, messages):
    for _, _, _, rows in messages(market.depth):
        bids = [price for side, price, _ in rows if side == "bid"]
        asks = [price for side, price, _ in rows if side == "ask"]
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert [side for side, _, _ in rows] == ["bid"] * len(bids) + ["ask"] * len(asks)


def test_simulate__trades_consume_the_book_as_the_last_message_left_it(market, messages, apply):
    books = {"bid": {}, "ask": {}}
    trades = list(
        zip(
            int64(market.trades["ts"]),
            *(market.trades[c].to_pylist() for c in ("aggressor", "price", "size")),
        )
    )
    assert trades == sorted(trades, key=lambda trade: trade[0])
    i = 0
    for _, ns, event, rows in messages(market.truth.depth):
        while i < len(trades) and trades[i][0] < ns:
            _, aggressor, price, size = trades[i]
            side = "ask" if aggressor == "buy" else "bid"
            assert price == (min if aggressor == "buy" else max)(books[side])
            rest = round(books[side][price] - size, 3)
            assert rest >= 0
            books[side][price] = rest
            if rest == 0:
                del books[side][price]
            i += 1
        for side, price, _ in rows:
            books[side].setdefault(price, 0)  # a removal speaks of what the trades consumed too
        apply(books, event, rows)
    assert i == len(trades) > 100


def test_simulate__price_leaves_the_window_and_returns():
    market = simulate(minutes=30, seed=7, keep_truth=False)
    assert market.truth.depth is None
    price, event = market.depth["price"].to_numpy(), codes(market.depth["event"], EVENTS)
    opening = np.ptp(price[event == 1])
    assert np.ptp(market.trades["price"].to_numpy()) > 1.5 * opening
    assert 30 < opening < 120
    first, last = market.trades["price"][0].as_py(), market.trades["price"].to_numpy()
    assert np.abs(last - first).max() > opening
    assert np.abs(last[len(last) // 2 :] - first).min() < opening / 4


@pytest.mark.long
def test_simulate__volatility_clusters():
    market = simulate(minutes=120, seed=1, keep_truth=False)
    seconds = int64(market.trades["ts"]) // 10_000_000_000
    price = market.trades["price"].to_numpy()
    moves = np.abs(np.diff(price[np.flatnonzero(np.diff(seconds))]))
    rank = np.argsort(np.argsort(moves)).astype(float)
    assert np.corrcoef(rank[1:], rank[:-1])[0, 1] > 0.1


def test_simulate__a_new_day_opens_with_a_snapshot(messages, apply):
    market = simulate(minutes=0.5, seed=2, start="2026-01-05T23:59:45Z")
    events = [(event, ns // 86_400_000_000_000) for _, ns, event, _ in messages(market.depth)]
    snapshots = [i for i, (event, _) in enumerate(events) if event == "snapshot"]
    assert len(snapshots) == 2
    assert events[snapshots[1]][1] == events[snapshots[1] - 1][1] + 1
    assert int64(market.depth["seq"]).max() == len(events)


def test_simulate__time_and_interval():
    market = simulate(
        minutes=0.1, seed=2, start=datetime(2026, 2, 1, tzinfo=UTC), interval_ms=20, tick_size=0.5
    )
    assert market.depth["ts"][0].as_py() == datetime(2026, 2, 1, tzinfo=UTC)
    assert 200 < int64(market.depth["seq"]).max() <= 300
    assert ((market.depth["price"].to_numpy() * 2) % 1 == 0).all()


def test_simulate__activity_scales_rows():
    quiet, busy = (simulate(minutes=1, seed=4, activity=a, keep_truth=False).depth.num_rows for a in (0.5, 2))
    assert busy > 2 * quiet


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"minutes": -1},
        {"levels": 0},
        {"levels": 2000},
        {"activity": 0},
        {"volatility": -1},
        {"interval_ms": 5},
        {"tick_size": 0},
        {"price": 1.0},
        {"start": "yesterday"},
    ],
    ids=str,
)
def test_simulate__refuses_what_makes_no_market(wrong):
    with pytest.raises(GridError, match=next(iter(wrong))):
        simulate(**wrong)
