"""Which prices a session shows where nobody names some: what rests far away decides nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.session.shown_prices import LEAST_TICKS, price_range
from tests.strategies import TICK_SIZE, to_depth_table

SECOND = 10**9
FAR_BIDS, FAR_ASKS = (1, 7, 300), (40_000, 90_000, 95_000)


def prices(messages: list, levels: int, policy: str) -> tuple[int, int]:
    """The range of a book, ticks: lowest, and the one after the highest."""
    spans = lm.replay(to_depth_table(messages, levels, policy=policy))
    found = price_range(spans, spans.begin, spans.last)
    assert found is not None
    return round(found[0] / TICK_SIZE), round(found[1] / TICK_SIZE)


def book(best_bid: int, levels: int, far: bool = False) -> list[tuple[str, int, float]]:
    """So many levels a side around a spread of two ticks, and perhaps orders far away."""
    bids = [("bid", best_bid - k, 1.0) for k in range(levels)]
    asks = [("ask", best_bid + 2 + k, 1.0) for k in range(levels)]
    away = [("bid", t, 9.0) for t in FAR_BIDS] + [("ask", t, 9.0) for t in FAR_ASKS]
    return bids + asks + (away if far else [])


@given(st.lists(st.integers(9_900, 10_100), min_size=1, max_size=6))
def test_window__is_the_margin_of_a_feed_that_has_one(bests: list[int]) -> None:
    messages = [("snapshot", k * SECOND, book(best, 5)) for k, best in enumerate(bests, 1)]
    assert prices(messages, 5, "top_n") == (min(bests) - 4, max(bests) + 2 + 4 + 1)


@given(st.lists(st.integers(9_900, 10_100), min_size=2, max_size=6))
def test_whole_book__margin_is_the_way_of_the_touch(bests: list[int]) -> None:
    messages = [("snapshot", k * SECOND, book(best, 4, far=True)) for k, best in enumerate(bests, 1)]
    low, high = prices(messages, 100, "full")
    way = max(max(bests) + 2 - min(bests), LEAST_TICKS)
    assert low >= min(bests) - way
    assert high <= max(bests) + 2 + way + 1
    assert low < min(bests)
    assert high > max(bests) + 3


def test_window__that_reaches_far_counts_as_a_share_of_the_price() -> None:
    messages = [("snapshot", k * SECOND, book(10_000, 4, far=True)) for k in (1, 2)]
    low, high = prices(messages, 7, "top_n")
    assert (low, high) == (10_000 - 300, 10_002 + 300 + 1)


def test_touch__of_a_moment_in_which_the_sides_cross_is_passed_over() -> None:
    crossed = [("bid", 30_000, 1.0), ("ask", 2_000, 1.0)]
    bests = [("snapshot", k * SECOND, book(best, 5)) for k, best in ((1, 10_000), (3, 10_010), (4, 10_000))]
    messages = [bests[0], ("update", 2 * SECOND, crossed), *bests[1:]]
    assert prices(messages, 5, "top_n")[0] > 9_500
    assert prices(messages, 5, "top_n")[1] < 10_500


def test_touch__of_an_empty_book_for_one_moment_of_many_decides_nothing() -> None:
    rng = np.random.default_rng(1)
    bests = 10_000 + rng.integers(-20, 20, 2_500)
    bests[1_200] = 60
    messages = [("snapshot", k * SECOND, book(int(best), 5)) for k, best in enumerate(bests, 1)]
    low, high = prices(messages, 5, "top_n")
    assert 9_700 < low < 9_980
    assert 10_020 < high < 10_100


def test_touch__that_crosses_always_is_all_there_is() -> None:
    crossed = [("bid", 10_030, 1.0), ("ask", 10_000, 1.0)]
    assert prices([("snapshot", k * SECOND, crossed) for k in (1, 2)], 1, "top_n") == (10_000, 10_031)


def test_real_future__shows_where_it_trades(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "databento" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    assert lm.ingest(path, store=tmp_path).exit_code == 0
    session = lm.open_store(tmp_path).session("databento", "ESH4")
    low, high = session.price_range
    traded = session.trades()["price"].to_numpy()
    assert low < traded.min()
    assert traded.max() < high
    assert np.ptp(traded) > 0.25 * (high - low)


@pytest.mark.parametrize("nothing", [[("update", SECOND, [])], [("snapshot", SECOND, [])]])
def test_no_levels__no_range(nothing: list) -> None:
    spans = lm.replay(to_depth_table(nothing, 5))
    assert price_range(spans, 0, SECOND) is None
