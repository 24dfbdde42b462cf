"""The lattice of screen frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.carry import DROP, HOLD
from liqmap.render.frames.colour import Look, Scale
from liqmap.render.frames.frame import (
    NICE,
    NICE_TIMES,
    even_columns,
    price_rows,
    screen,
    time_columns,
    visible,
)
from liqmap.render.frames.front import count_lit
from liqmap.render.png.picture import whole_pixel_rows
from liqmap.schema import GridError
from tests.render.market import BEGIN, CARRIED_BID, SECOND, Market

ticks = st.integers(-(10**6), 10**7)


@given(ticks, st.integers(1, 10**6), st.integers(1, 3000), st.integers(1, 10**5))
def test_rows__do_not_depend_on_the_pan(low: int, spread: int, height: int, pan: int) -> None:
    first = price_rows(low * 0.5, (low + spread) * 0.5, height, 0.5)
    moved = price_rows((low + pan) * 0.5, (low + pan + spread) * 0.5, height, 0.5)
    step = first[1] - first[0]
    assert (np.diff(first) == step).all()
    assert moved[1] - moved[0] == step
    assert first[0] % step == 0
    assert moved[0] % step == 0


@given(ticks, st.integers(1, 10**6), st.integers(1, 3000))
def test_rows__cover_the_range_with_the_smallest_nice_step(low: int, spread: int, height: int) -> None:
    rows = price_rows(low * 0.1, (low + spread) * 0.1, height, 0.1)
    step = int(rows[1] - rows[0])
    assert rows[0] <= low
    assert rows[-1] >= low + spread
    assert len(rows) - 1 <= height + 1  # one more where the range begins within a row
    assert step in NICE
    smaller = [n for n in NICE if n < step]
    assert not smaller or spread / smaller[-1] > height


def test_rows__asked_for_are_kept_unless_pixels_are_too_few() -> None:
    assert price_rows(0, 100, 1000, 1.0, ticks=5)[1] == 5
    assert price_rows(0, 1000, 10, 1.0, ticks=5)[1] == 100


@given(st.integers(0, 2 * 10**18), st.integers(10**3, 10**15), st.integers(1, 4000), st.integers(0, 10**15))
def test_columns__stay_on_one_lattice_of_nice_steps(begin: int, spread: int, width: int, pan: int) -> None:
    columns = time_columns(begin, begin + spread, width)
    moved = time_columns(begin + pan, begin + pan + spread, width)
    step = columns[1] - columns[0]
    assert (np.diff(columns) == step).all()
    assert moved[1] - moved[0] == step
    assert step in NICE_TIMES
    assert columns[0] % step == 0
    assert columns[0] <= begin
    assert columns[-1] >= begin + spread


@given(ticks, st.integers(1, 10**6), st.integers(1, 3000))
def test_whole_pixel_rows__fill_the_height_evenly(low: int, spread: int, height: int) -> None:
    rows = whole_pixel_rows(low * 0.5, (low + spread) * 0.5, height, 0.5)
    assert len(set(np.diff(rows))) == 1
    pixels = height // (len(rows) - 1)
    assert pixels >= 1
    assert height - pixels * (len(rows) - 1) < max(pixels * 2, len(rows))  # what is left over is no row
    inward = rows[0] - low + low + spread - rows[-1]
    assert inward <= 0.05 * spread + 2 * (rows[1] - rows[0])


def test_zoom__changes_resolution() -> None:
    market = Market()
    whole = screen(market.spans(), market.time_range, market.price_range, 60, 20)
    begin = BEGIN + 100 * SECOND
    near = screen(market.spans(), (begin, begin + 10 * SECOND), (490, 495), 60, 20)
    assert near.times[1] - near.times[0] < whole.times[1] - whole.times[0]
    assert near.ticks_a_row < whole.ticks_a_row


def test_carried_share__is_of_liquidity_not_of_cells() -> None:
    market = Market()
    begin = BEGIN + 300 * SECOND
    frame = screen(market.spans(), (begin, begin + SECOND), (CARRIED_BID * 0.5, 499), 10, 100, HOLD)
    assert count_lit(frame, Look(), Scale(0.5, 20.0)).carried_share == pytest.approx(10 / 21)
    nothing = screen(market.spans(), (begin, begin + SECOND), (486, 487), 10, 100, DROP)
    assert count_lit(nothing, Look(), Scale(0.5, 20.0)).carried_share == 0.0


@pytest.mark.parametrize(
    ("times", "prices"), [((BEGIN, BEGIN + 1), (float("nan"), 1.0)), ((BEGIN + 1, BEGIN), (0.0, 1.0))]
)
def test_screen__refuses_ranges_that_are_none(times: tuple, prices: tuple) -> None:
    with pytest.raises(GridError, match="view"):
        screen(Market().spans(), times, prices, 10, 10)


@given(st.integers(-(2**61), 2**61), st.integers(1, 2**61), st.integers(1, 20_000))
def test_even_columns__are_where_exact_arithmetic_has_them(begin: int, spread: int, count: int) -> None:
    columns = even_columns(begin, begin + spread, count)
    assert columns.dtype == np.int64
    assert len(columns) == count + 1
    for k in {0, 1, count // 3, count - 1, count}:
        assert columns[k] == begin + spread * k // count
    assert spread < count or (np.diff(columns) > 0).all()


@pytest.mark.parametrize(("length", "shown"), [(1, SECOND), (5000, SECOND), (10**6, 10**6), (SECOND, SECOND)])
def test_visible__gives_a_lone_message_a_second(length: int, shown: int) -> None:
    begin, end = visible((np.datetime64(BEGIN, "ns"), np.datetime64(BEGIN + length, "ns")))
    assert begin == np.datetime64(BEGIN, "ns")
    assert end - begin == np.timedelta64(shown, "ns")
