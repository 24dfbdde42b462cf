"""The dataset that `rasterize` returns, the ways to write its arguments, and what it refuses."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

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
    np.testing.assert_allclose(grid["price"], (PRICES[:-1] + PRICES[1:]) / 2, rtol=1e-15)
    np.testing.assert_array_equal(grid["time"], TIMES[:-1] + (TIMES[1:] - TIMES[:-1]) // 2)
    assert grid["time"].attrs["position"] == grid["price"].attrs["position"] == "centre"
    assert grid["time"].dtype == np.dtype("datetime64[ns]")
    assert set(grid.data_vars) == {"liquidity", "state"}


def test_bounds_hold_both_edges_of_every_bin(spans):
    grid = lm.rasterize(spans, TIMES, PRICES)
    np.testing.assert_array_equal(grid["price_bounds"], np.stack([PRICES[:-1], PRICES[1:]], axis=1))
    np.testing.assert_array_equal(grid["time_bounds"], np.stack([TIMES[:-1], TIMES[1:]], axis=1))
    for dim in ("price", "time"):
        name = f"{dim}_bounds"
        assert grid[dim].attrs["bounds"] == name
        xr.testing.assert_identical(getattr(grid, name), grid[name])
        xr.testing.assert_identical(getattr(grid.liqmap, name), grid[name])
        np.testing.assert_array_equal(grid[f"{dim}_left"], grid[name][:, 0])
        np.testing.assert_array_equal(grid[f"{dim}_right"], grid[name][:, 1])


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
        TIMES.astype("datetime64[ns]").astype(np.int64),
        TIMES.astype("datetime64[ms]").astype(np.int64).tolist(),
    ],
    ids=["naive index", "UTC", "Tokyo", "strings", "seconds", "Timestamps", "ns", "ms"],
)
def test_time_edges_as_users_write_them(spans, edges):
    assert lm.rasterize(spans, edges, PRICES).identical(lm.rasterize(spans, TIMES, PRICES))


@pytest.mark.parametrize("unit", ["s", "us"])
def test_time_edges_of_another_unit_are_refused(spans, unit):
    with pytest.raises(
        schema.GridError, match=f"time_edges: .*, {unit} since 1970 by its size. Pass pd.to_dat"
    ):
        lm.rasterize(spans, TIMES.astype(f"datetime64[{unit}]").astype(np.int64), PRICES)


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


# ------------------------------------------------------------------ xarray's own tools

EVEN_TIMES = (START + np.arange(0, 21, 5) * SECOND).view("datetime64[ns]")
EVEN_PRICES = np.round(np.arange(8, 15) * 0.1, 1)


def test_to_dataframe__has_a_row_per_cell(spans):
    grid = lm.rasterize(spans, EVEN_TIMES, EVEN_PRICES, parts=True)
    frame = grid.to_dataframe()
    assert len(frame) == grid["liquidity"].size
    assert frame.index.names == ["side", "price", "time"]
    assert frame.index.is_unique
    assert (
        len(grid.isel(time=[0, 1]).where(grid["state"] > 0).to_dataframe()) == grid["liquidity"][..., :2].size
    )


@given(at=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)))
def test_nearest__is_the_bin_that_holds_it(spans, at):
    grid = lm.rasterize(spans, EVEN_TIMES, EVEN_PRICES)
    for p, t in np.ndindex(len(EVEN_PRICES) - 1, len(EVEN_TIMES) - 1):
        price = EVEN_PRICES[p] + at[0] * (EVEN_PRICES[p + 1] - EVEN_PRICES[p])
        time = EVEN_TIMES[t] + np.timedelta64(
            int(at[1] * (EVEN_TIMES[t + 1] - EVEN_TIMES[t]).astype(np.int64)), "ns"
        )
        cell = grid.sel(price=price, time=time, method="nearest")
        assert cell["price_left"] <= price < cell["price_right"]
        assert cell["time_left"] <= time < cell["time_right"]


def test_plot__stands_on_the_bounds(spans):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    grid = lm.rasterize(spans, EVEN_TIMES, EVEN_PRICES)
    mesh = grid["liquidity"].sel(side="bid").plot()
    corners = mesh.get_coordinates()
    np.testing.assert_allclose(corners[:, 0, 1], EVEN_PRICES, rtol=1e-12)
    days = (EVEN_TIMES.astype("datetime64[ns]").astype(np.int64)) / 86_400e9
    np.testing.assert_allclose(corners[0, :, 0], days, rtol=0, atol=1e-6 / 86_400)
    pyplot.close("all")


def test_left_edge__can_be_selected_too(spans):
    grid = lm.rasterize(spans, EVEN_TIMES, EVEN_PRICES)
    assert grid.set_xindex("time_left").sel(time_left=EVEN_TIMES[2])["time_right"] == EVEN_TIMES[3]


def test_grid_of_before__is_opened_with_centres(spans, tmp_path):
    """Its coordinates were left edges, beside bounds."""
    grid = lm.rasterize(spans, EVEN_TIMES, EVEN_PRICES, parts=True)
    before = xr.Dataset(grid.data_vars, {"side": grid["side"]}, grid.attrs)
    for dim in ("price", "time"):
        before[f"{dim}_bounds"] = (dim, "bounds"), grid[f"{dim}_bounds"].values
        before[dim] = dim, grid[f"{dim}_left"].values, {"long_name": dim, "bounds": f"{dim}_bounds"}
    before = before.set_coords(["price_bounds", "time_bounds"])
    for name in ("time", "time_bounds"):
        before[name].encoding = {"units": "nanoseconds since 1970-01-01", "dtype": "int64"}
    for measure in (lambda g: g.liqmap.depth(bins=1)["depth"], lambda g: g.liqmap.mid()):
        np.testing.assert_array_equal(measure(before), measure(grid))
    before.to_netcdf(tmp_path / "before.nc")
    opened = lm.open_grid(tmp_path / "before.nc")
    xr.testing.assert_equal(opened, grid)
    assert opened["time"].attrs["position"] == "centre"


@pytest.mark.parametrize("hours", [-2, 2, -24, 24, -500_000])
def test_edges_wholly_outside_are_refused_with_what_there_is(spans, hours):
    with pytest.raises(schema.GridError) as error:
        lm.rasterize(spans, TIMES + np.timedelta64(hours, "h"), PRICES)
    assert str(error.value).startswith(
        "time_edges: expected edges with data (within 2023-11-14 22:13:20 to 2023-11-14 22:14:20), got "
    )


def test_edges_beside_the_messages_are_what_stands_then(spans):
    beside = lm.rasterize(spans, TIMES + np.timedelta64(2, "m"), PRICES, prune=None)
    assert (beside["state"].max("time").max("price") == 2).all()
    assert (lm.rasterize(spans, TIMES - np.timedelta64(2, "m"), PRICES)["state"] == 0).all()


def test_edges_of_a_time_of_day_are_of_the_day_of_the_spans(spans):
    day = ["2023-11-14 22:13:20", "2023-11-14 22:13:25", "2023-11-14 22:13:40"]
    found = lm.rasterize(spans, [text[11:] for text in day], PRICES)
    assert found.identical(lm.rasterize(spans, day, PRICES))


def test_grid_is_a_public_name_for_annotations(spans):
    assert type(lm.rasterize(spans, TIMES, PRICES)) is lm.Grid
    assert "Grid" in dir(lm)
