"""The dataset that `rasterize` returns, the ways to write its arguments, and what it refuses."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap import schema
from tests.strategies import SECOND, START, TICK_SIZE, to_depth_table

MESSAGES = [
    ("snapshot", START, [("bid", 10, 4.0), ("bid", 9, 1.0), ("ask", 12, 1.0), ("ask", 13, 1.0)]),
    ("update", START + 10 * SECOND, [("bid", 9, 0.0), ("bid", 11, 1.0)]),
    ("heard", START + 60 * SECOND, []),
]
TIMES = np.array([START, START + 5 * SECOND, START + 20 * SECOND], np.int64).view("datetime64[ns]")
PRICES = np.array([0.85, 1.0, 1.2, 1.4])


@pytest.fixture(scope="module")
def spans():
    return lm.replay(to_depth_table(MESSAGES, 2))


# ------------------------------------------------------------------ the dataset


def test_dims_coordinates_and_types(spans):
    grid = lm.rasterize(spans, TIMES, PRICES)
    assert grid["liquidity"].dims == grid["state"].dims == ("side", "price", "time")
    assert grid["liquidity"].dtype == np.float32
    assert grid["state"].dtype == np.uint8
    assert grid["side"].values.tolist() == ["bid", "ask"]
    np.testing.assert_array_equal(grid["price"], PRICES[:-1])
    np.testing.assert_array_equal(grid["time"], TIMES[:-1])
    assert grid["time"].dtype == np.dtype("datetime64[ns]")
    assert set(grid.data_vars) - {"price_bounds", "time_bounds"} == {"liquidity", "state"}


def test_bounds_hold_both_edges_of_every_bin(spans):
    grid = lm.rasterize(spans, TIMES, PRICES)
    np.testing.assert_array_equal(grid["price_bounds"], np.stack([PRICES[:-1], PRICES[1:]], axis=1))
    np.testing.assert_array_equal(grid["time_bounds"], np.stack([TIMES[:-1], TIMES[1:]], axis=1))
    assert grid["price"].attrs["bounds"] == "price_bounds"
    assert grid["time"].attrs["bounds"] == "time_bounds"


def test_states_are_flags(spans):
    state = lm.rasterize(spans, TIMES, PRICES)["state"]
    assert list(state.attrs["flag_values"]) == [0, 1, 2]
    assert state.attrs["flag_meanings"] == "unknown observed carried"


def test_parts_are_added_on_request(spans):
    grid = lm.rasterize(spans, TIMES, PRICES, parts=True)
    for name in ("observed", "carried", "known", "age"):
        assert grid[name].dims == ("side", "price", "time")


def test_attributes_say_what_was_drawn_in_strings_and_numbers(spans):
    attrs = lm.rasterize(spans, TIMES, PRICES).attrs
    assert (attrs["venue"], attrs["symbol"], attrs["tick_size"]) == ("test", "TEST", TICK_SIZE)
    assert (attrs["half_life"], attrs["prune"], attrs["agg"]) == ("30s", "5min", "mean")
    assert attrs["size_unit"] == "coins"
    assert all(isinstance(value, str | int | float) for value in attrs.values())
    attrs = lm.rasterize(spans, TIMES, PRICES, half_life=None, prune=None).attrs
    assert (attrs["half_life"], attrs["prune"]) == ("none", "none")


# ------------------------------------------------------------------ ways to say it


@pytest.mark.parametrize(
    "half_life", ["30s", pd.Timedelta("30s"), np.timedelta64(30, "s"), dt.timedelta(seconds=30)], ids=repr
)
def test_half_life_as_users_write_it(spans, half_life):
    grid = lm.rasterize(spans, TIMES, PRICES, half_life=half_life)
    assert grid.identical(lm.rasterize(spans, TIMES, PRICES))


@pytest.mark.parametrize(
    "edges",
    [
        pd.DatetimeIndex(TIMES),
        pd.DatetimeIndex(TIMES, tz="UTC"),
        pd.DatetimeIndex(TIMES, tz="UTC").tz_convert("Asia/Tokyo"),
        [str(time) for time in TIMES],
        TIMES.astype("datetime64[s]"),
        [pd.Timestamp(time, tz="UTC") for time in TIMES],
    ],
    ids=["naive index", "UTC", "Tokyo", "strings", "seconds", "Timestamps"],
)
def test_time_edges_as_users_write_them(spans, edges):
    assert lm.rasterize(spans, edges, PRICES).identical(lm.rasterize(spans, TIMES, PRICES))


@pytest.mark.parametrize("zero", [0, "0s", pd.Timedelta(0)], ids=repr)
def test_prune_0_as_users_write_it(spans, zero):
    grid = lm.rasterize(spans, TIMES, PRICES, prune=zero)
    assert not (grid["state"] == schema.CARRIED).any()


def test_a_price_edge_forgives_the_rounding_of_decimals(spans):
    """0.1 * 3 is above 0.3: the level at an edge belongs to the bin that the edge begins."""
    edges = np.array([11, 12, 13]) * 0.1 + 1e-12
    grid = lm.rasterize(spans, TIMES[:2], edges, agg="last")
    np.testing.assert_array_equal(grid["liquidity"].sel(side="ask").values[:, 0], [0, 1])


def test_a_bin_without_a_tick_is_unknown(spans):
    grid = lm.rasterize(spans, TIMES, [1.01, 1.05, 1.15])
    np.testing.assert_array_equal(
        grid["state"].sel(side="bid").values[:, 0], [schema.UNKNOWN, schema.OBSERVED]
    )


def test_spans_without_a_row_make_an_unknown_grid(spans):
    empty = lm.Spans.from_arrow(spans.to_arrow().slice(0, 0), spans.window.slice(0, 0))
    grid = lm.rasterize(empty, TIMES, PRICES)
    assert (grid["state"] == schema.UNKNOWN).all()
    assert grid["liquidity"].isnull().all()


# ------------------------------------------------------------------ what is refused


@pytest.mark.pure
@pytest.mark.parametrize(
    ("times", "prices"),
    [
        (TIMES[::-1], PRICES),
        (TIMES[[0, 0]], PRICES),
        (TIMES[:1], PRICES),
        (TIMES[:0], PRICES),
        (np.array([TIMES[0], np.datetime64("NaT", "ns")]), PRICES),
        (TIMES, PRICES[::-1]),
        (TIMES, [1.0, 1.0]),
        (TIMES, [1.0]),
        (TIMES, []),
        (TIMES, [1.0, np.nan]),
        (TIMES, [1.0, np.inf]),
        (TIMES, [[1.0, 2.0]]),
    ],
    ids=[
        "times fall",
        "times stay",
        "one time",
        "no time",
        "NaT",
        "prices fall",
        "prices stay",
        "one price",
        "no price",
        "NaN",
        "infinite",
        "2-d",
    ],
)
def test_edges_that_make_no_grid_are_refused(spans, times, prices):
    with pytest.raises(schema.GridError):
        lm.rasterize(spans, times, prices)


@pytest.mark.pure
@pytest.mark.parametrize(
    "wrong",
    [
        {"half_life": 0},
        {"half_life": "-1s"},
        {"half_life": "soon"},
        {"half_life": pd.NaT},
        {"prune": "-1s"},
        {"prune": -1},
        {"prune": "never"},
        {"agg": "sum"},
    ],
    ids=repr,
)
def test_a_carry_that_makes_no_sense_is_refused(spans, wrong):
    with pytest.raises(schema.GridError):
        lm.rasterize(spans, TIMES, PRICES, **wrong)
