"""What has come, found at the cost of what is new: the same as from two whole contents."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.browser.append import append
from liqmap.browser.growth import Growing
from liqmap.spans import touch
from liqmap.spans.touch import _both_sides
from tests.browser.books import content_of
from tests.browser.test_append import BASE, moments, some_trades
from tests.strategies import st_messages, st_raw_messages


@given(
    case=st.one_of(st_messages(), st_messages(policy="full"), st_raw_messages()),
    cuts=st.lists(st.integers(0, 200), min_size=1, max_size=6),
    counts=st.lists(st.integers(0, 30), min_size=7, max_size=7).map(sorted),
)
@settings(deadline=None)
def test_grow__gives_what_append_gives(case: tuple[list, int], cuts: list[int], counts: list[int]) -> None:
    first, *later = moments(*case, cuts)
    growing, before = Growing(first, some_trades(counts[0]), BASE), content_of(first, some_trades(counts[0]))
    for spans, count in zip(later, counts[1:]):
        trades = some_trades(count)
        packed = growing.grow(spans, trades)
        now = content_of(spans, trades)
        assert packed == append(before, now, BASE)
        before = now


@given(
    case=st.one_of(st_messages(), st_messages(policy="full"), st_raw_messages()),
    cuts=st.lists(st.integers(0, 200), min_size=1, max_size=6),
)
@settings(deadline=None)
def test_grow__leaves_the_touch_that_a_whole_sweep_finds(case: tuple[list, int], cuts: list[int]) -> None:
    first, *later = moments(*case, cuts)
    growing = Growing(first, some_trades(0), BASE)
    for spans in later:
        growing.grow(spans, some_trades(0))
        for side, whole in enumerate(_both_sides(spans)):
            for kept, swept in zip(touch(spans, side), whole):
                np.testing.assert_array_equal(kept, swept)
