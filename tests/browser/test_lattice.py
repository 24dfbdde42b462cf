"""Rows and columns: the page's lattice is that of Python, for the same view and pixels."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from liqmap.render.frames.frame import NICE_TIMES, price_rows, time_columns
from tests.browser.engine import call

DAY = 86_400 * 10**9
BASE = int(datetime(2025, 11, 28, tzinfo=UTC).timestamp()) * 10**9
ticks = st.sampled_from([0.01, 0.1, 0.25, 0.5, 1.0, 1e-5, 5.0])


@given(ticks, st.integers(0, 10**7), st.integers(0, 10**5), st.floats(0, 0.999), st.integers(1, 2000))
def test_rows__are_those_of_python(tick: float, first: int, many: int, part: float, height: int) -> None:
    low, high = (first + part) * tick, (first + many + part) * tick
    assert call("(...a) => [...priceRows(...a)]", low, high, height, tick) == (
        price_rows(low, high, height, tick).tolist()
    )


@given(ticks, st.integers(0, 10**7), st.integers(0, 10**5), st.integers(1, 2000), st.integers(1, 300))
def test_rows__of_so_many_ticks_are_those_of_python(
    tick: float, first: int, many: int, height: int, row_ticks: int
) -> None:
    low, high = first * tick, (first + many) * tick
    assert call("(...a) => [...priceRows(...a)]", low, high, height, tick, row_ticks) == (
        price_rows(low, high, height, tick, row_ticks).tolist()
    )


@given(st.integers(0, 2 * DAY), st.integers(0, 300 * DAY), st.integers(1, 3000))
def test_columns__are_those_of_python(first: int, length: int, width: int) -> None:
    wanted = time_columns(BASE + first, BASE + first + length, width)
    assume(length / width <= DAY)  # steps of more than a day would begin elsewhere, at a year of data
    told = call("(...a) => [...timeColumns(...a)]", first, first + length, width)
    np.testing.assert_array_equal(np.array(told, np.int64) + BASE, wanted)


def test_steps__of_time_divide_a_day() -> None:
    """Or a lattice from the start of a day would not be one from the epoch."""
    assert [step for step in NICE_TIMES if DAY % step and step < DAY] == []
