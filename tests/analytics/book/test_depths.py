"""Best levels and sums over a band, straight from the spans, against plain books of the oracle's spans."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.book.books import Band, Books
from liqmap.analytics.book.observed_books import ObservedBefore, books_before
from tests.analytics.book.test_stacking import edges_of
from tests.oracle.replay import oracle_replay
from tests.strategies import TICK_SIZE, st_feeds, to_depth_table

SIDES = ("bid", "ask")
Levels = list[tuple[int, float]]

st_bands = st.integers(1, 7).map(Band) | st.sampled_from([10.0, 300.0, 1500.0, 4e3]).map(
    lambda x: Band(bps=x)
)


def plain_book(slow: list, before: int) -> tuple[Levels, Levels]:
    """(tick, size) of either side that was observed at a time, the best first."""
    bids, asks = (
        [(tick, size) for name, tick, start, seen, _, size in slow if name == side and start <= before < seen]
        for side in SIDES
    )
    return sorted(bids, reverse=True), sorted(asks)


def plain_within(book: tuple[Levels, Levels], number: int, band: Band) -> tuple[float, float, int]:
    """Size, size by weight, and count of the levels of a side in a band."""
    levels = book[number]
    if band.levels is not None:
        inside = [(size, 1 - place / band.levels) for place, (_, size) in enumerate(levels[: band.levels])]
    elif all(book):
        mid = (book[0][0][0] + book[1][0][0]) / 2
        away = [
            ((mid - tick if number == 0 else tick - mid) / mid * 1e4, tick, size) for tick, size in levels
        ]
        inside = [
            (size, max(0.0, 1 - abs(bps) / band.bps)) for bps, _, size in away if bps <= band.bps + 1e-3
        ]
    else:
        inside = []
    return sum(size for size, _ in inside), sum(size * weight for size, weight in inside), len(inside)


@pytest.mark.pure
@pytest.mark.parametrize("policy", ["top_n", "full", "truncate", "snapshots"])
@given(data=st.data())
@settings(max_examples=40)
def test_depths__are_those_of_plain_books(policy: str, data: st.DataObject) -> None:
    messages, n = data.draw(st_feeds(policy))
    slow, _ = oracle_replay(messages, n, policy)
    times, bands = edges_of(data, messages), data.draw(st.lists(st_bands, min_size=1, max_size=3))
    found = ObservedBefore(lm.replay(to_depth_table(messages, n, policy=policy)), times, None)
    for k, time in enumerate(times.tolist()):
        book = plain_book(slow, time - 1)
        for number, levels in enumerate(book):
            top = [values[k] for values in found.tops(number)]
            np.testing.assert_array_equal(top, [*(levels or [(math.nan, math.nan)])[0], len(levels)])
            for band in bands:
                sums = [values[k] for values in found.within(number, band)]
                assert sums == pytest.approx(plain_within(book, number, band), rel=1e-9), (time, band)


@given(data=st.data())
@settings(max_examples=25)
def test_books__are_the_same_in_blocks_and_written_out(data: st.DataObject) -> None:
    """Levels that are written out add up to the sums, whatever part of the instants is looked at."""
    messages, n = data.draw(st_feeds())
    spans, times = lm.replay(to_depth_table(messages, n)), edges_of(data, messages)
    (whole,) = books_before(spans, times, 2, whole=True)
    cut = data.draw(st.integers(0, len(times)))
    found = ObservedBefore(spans, times, None)
    parts = Books(found, slice(0, cut)), Books(found, slice(cut, len(times)))
    assert list(map(len, parts)) == [cut, len(times) - cut]
    for number, side in enumerate(whole.sides):
        for values, best in ((side.tick * TICK_SIZE, whole.best), (side.size, whole.best_sizes)):
            np.testing.assert_array_equal(side.first(values), best[number])
        all_of_it = np.bincount(side.at, side.size, len(times))
        np.testing.assert_allclose(whole.within(number, Band(10**6)).size, all_of_it, rtol=1e-12)
        joined = np.concatenate([part.sides[number].size for part in parts])
        np.testing.assert_array_equal(joined, side.size)
        for band in (Band(2), Band(bps=1500.0)):
            joined = np.concatenate([part.within(number, band).weighed for part in parts])
            np.testing.assert_array_equal(joined, whole.within(number, band).weighed)
