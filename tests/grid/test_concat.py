"""`concat`: the pieces of a grid make the grid again, and what cannot be joined is refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import AGGREGATES, GridError
from tests.strategies import SECOND, START, TICK_SIZE, to_depth_table

MESSAGES = [
    ("snapshot", START, [("bid", 20, 4.0), ("bid", 17, 0.5), ("ask", 21, 2.0), ("ask", 24, 64.0)]),
    ("update", START + 4 * SECOND, [("bid", 20, 8.0)]),
    ("update", START + 6 * SECOND, [("bid", 19, 1.0), ("bid", 17, 0.0)]),
    ("heard", START + 8 * SECOND, []),
]
TIMES = (START + np.arange(-2, 13) * SECOND).view("datetime64[ns]")
PRICES = np.arange(15, 28) * TICK_SIZE


def grid(times: np.ndarray = TIMES, prices: np.ndarray = PRICES, **options: object) -> xr.Dataset:
    spans = lm.replay(to_depth_table(MESSAGES, 2))
    return lm.rasterize(spans, times, prices, "2s", "3s", **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole() -> xr.Dataset:
    return grid(parts=True)


@settings(max_examples=40, deadline=None)
@given(
    agg=st.sampled_from(AGGREGATES),
    parts=st.booleans(),
    cuts=st.tuples(st.integers(1, len(TIMES) - 2), st.integers(1, len(PRICES) - 2)),
    order=st.permutations(range(4)),
    twice=st.booleans(),
)
def test_the_pieces_make_the_whole(
    agg: str, parts: bool, cuts: tuple[int, int], order: list[int], twice: bool
) -> None:
    """In whatever order, and told twice or not."""
    t, p = cuts
    expected = grid(agg=agg, parts=parts)
    pieces = [
        grid(times, prices, agg=agg, parts=parts)
        for times in (TIMES[: t + 1], TIMES[t:])
        for prices in (PRICES[: p + 1], PRICES[p:])
    ]
    joined = lm.concat([pieces[k] for k in order] + pieces[:twice])
    assert joined.identical(expected)
    assert {name: joined[name].encoding for name in ("time", "side")} == {
        name: expected[name].encoding for name in ("time", "side")
    }


def test_other_prices_and_times_are_unknown(whole: xr.Dataset) -> None:
    one, other = (
        whole.isel(time=slice(0, 6), price=slice(0, 7)),
        whole.isel(time=slice(8, 12), price=slice(4, 12)),
    )
    joined = lm.concat([other, one])
    assert joined.sizes == {"side": 2, "price": 12, "time": 10}
    for piece in (one, other):
        where = {"price": piece["price"], "time": piece["time"]}
        for name in piece.data_vars:
            np.testing.assert_array_equal(joined[name].sel(where), piece[name])
    there = joined["time"].isin(one["time"]) & joined["price"].isin(one["price"])
    there |= joined["time"].isin(other["time"]) & joined["price"].isin(other["price"])
    assert (joined["state"].where(~there, 0) == 0).all()
    assert joined["liquidity"].where(~there).isnull().all()
    assert (joined["known"].where(~there, 0) == 0).all()


def test_measures_and_images_of_what_was_joined(whole: xr.Dataset) -> None:
    """Depth is that of the pieces, and an image shows every cell."""
    pieces = [whole.isel(time=slice(0, 6)), whole.isel(time=slice(6, None), price=slice(2, 11))]
    joined = lm.concat(pieces)
    for piece in pieces:
        mine = piece.liqmap.depth(bins=2)["depth"]
        np.testing.assert_array_equal(joined.liqmap.depth(bins=2)["depth"].sel(time=mine["time"]), mine)
    drawn = joined.liqmap.image("bid").dimension_values("liquidity", flat=False)
    np.testing.assert_array_equal(drawn, joined["liquidity"].sel(side="bid"))


def test_what_xarray_joins_measures_as_soon_as_its_states_are_states(whole: xr.Dataset) -> None:
    """``xr.concat`` of other prices makes them float: that is told, not guessed."""
    pieces = [whole.isel(time=slice(0, 6)), whole.isel(time=slice(6, None), price=slice(2, 11))]
    joined = xr.concat(pieces, "time", join="outer", coords="different", compat="equals")
    with pytest.raises(GridError, match=r"state.fillna\(0\)"):
        joined.liqmap.depth(bins=2)
    joined["state"] = joined["state"].fillna(0).astype("uint8")
    xr.testing.assert_equal(joined.liqmap.depth(bins=2), lm.concat(pieces).liqmap.depth(bins=2))


def test_a_joined_grid_coarsens_and_is_written(whole: xr.Dataset, tmp_path) -> None:  # type: ignore[no-untyped-def]
    joined = lm.concat([whole.isel(time=slice(5, None)), whole.isel(time=slice(0, 5))])
    edges = TIMES[::2]
    assert joined.liqmap.coarsen(time=edges).identical(whole.liqmap.coarsen(time=edges))
    lm.save_grid(joined, tmp_path / "g.nc")
    assert lm.open_grid(tmp_path / "g.nc").identical(whole)


def changed(whole: xr.Dataset, **how: object) -> xr.Dataset:
    return whole.assign_attrs(how)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda g: [g, changed(g, venue="okex")], "grids of one venue, got 'test' and 'okex'"),
        (lambda g: [g, changed(g, half_life="1min")], "grids of one half_life"),
        (lambda g: [g, changed(g, agg="last")], "grids of one agg"),
        (lambda g: [g, changed(g, size_unit="contracts")], "grids of one size_unit"),
        (lambda g: [g, g.drop_vars("known")], "grids of the same variables, got known in some"),
        (lambda g: [g, g.isel(side=[1])], "grids of the same sides"),
        (
            lambda g: [g, grid(TIMES + np.timedelta64(500, "ms"), parts=True)],
            "bins of time that are",
        ),
        (
            lambda g: [g, grid(prices=PRICES + TICK_SIZE / 2, parts=True)],
            "bins of price that are",
        ),
        (lambda g: [g, g.assign(liquidity=g["liquidity"] * 2)], "different liquidity"),
        (lambda g: [], "one grid or more"),
        (lambda g: g, "several grids, got Grid"),
        (lambda g: [g, 5], "grids of rasterize, got int"),
        (lambda g: 5, "several grids, got int"),
    ],
)
def test_what_cannot_be_joined_is_refused(whole: xr.Dataset, wrong, says: str) -> None:  # type: ignore[no-untyped-def]
    given_grids = wrong(whole)
    with pytest.raises(GridError, match=says) as error:
        lm.concat(given_grids)
    assert "\n" not in str(error.value)
