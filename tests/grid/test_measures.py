"""Measures of grids against plain loops over their cells, and of real markets against their books."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.schema import CARRIED, OBSERVED, SIDES, UNKNOWN
from tests.compare import duration
from tests.oracle.grid import first_tick
from tests.strategies import MS, SECOND, START, TICK_SIZE, st_grids, st_half_lives, st_prunes, to_depth_table

st_sums = st.sampled_from(["mean", "last"])
st_bps = st.sampled_from([1.0, 100.0, 500.0, 1_000.0, 3_333.0, 20_000.0])  # prices are 1 to 3, ticks 0.1


def make_grid(case, half_life=30 * SECOND, prune=300 * SECOND, **options) -> xr.Dataset:
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = {"half_life": duration(half_life), "prune": duration(prune)}
    return lm.rasterize(spans, times, prices, **carry, **options)


def ticks_of(grid: xr.Dataset) -> list[range]:
    """The ticks of every price bin."""
    return [
        range(first_tick(low, TICK_SIZE), first_tick(high, TICK_SIZE))
        for low, high in grid["price_bounds"].values.tolist()
    ]


def middle(ticks: range) -> float:
    return sum(ticks) / len(ticks) * TICK_SIZE


def slow_touch(grid: xr.Dataset, t: int) -> tuple[float, float]:
    """Highest bid and lowest ask with observed size in one column; NaN where there is none."""
    lit: dict = {side: [] for side in SIDES}
    size = grid["observed" if "observed" in grid else "liquidity"].values
    for s, side in enumerate(SIDES):
        for p, ticks in enumerate(ticks_of(grid)):
            if grid["state"].values[s, p, t] == OBSERVED and size[s, p, t] > 0:
                lit[side].append(middle(ticks))
    return max(lit["bid"], default=math.nan), min(lit["ask"], default=math.nan)


def share_known(grid: xr.Dataset, s: int, p: int, t: int) -> float:
    """Of a cell that is not unknown: all of it, but of a mean, which says how much of its ticks x time."""
    return float(grid["known"].values[s, p, t]) if grid.attrs["agg"] == "mean" else 1.0


def slow_depth(grid: xr.Dataset, s: int, t: int, inner: int, outer: int) -> tuple[float, float]:
    """Size from tick ``outer`` inward, and the known share of the ticks outer to inner."""
    total, heard = 0.0, 0.0
    for p, ticks in enumerate(ticks_of(grid)):
        if grid["state"].values[s, p, t] == UNKNOWN:
            continue
        reached = [k for k in ticks if (k >= outer if s == 0 else k <= outer)]
        total += float(grid["liquidity"].values[s, p, t]) * len(reached) / len(ticks)
        heard += sum(k <= inner if s == 0 else k >= inner for k in reached) * share_known(grid, s, p, t)
    band = abs(inner - outer) + 1 if (inner >= outer if s == 0 else inner <= outer) else 0
    return total, heard / band if band else 1.0


def assert_close(actual, expected) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-9)


def quotes(*rows: tuple) -> pd.DataFrame:
    """A frame as of `Session.bbo`: rows of (ns after START, bid, ask)."""
    ts = pd.to_datetime([START + row[0] for row in rows], utc=True)
    return pd.DataFrame({"ts": ts, "bid": [r[1] for r in rows], "ask": [r[2] for r in rows]})


# ------------------------------------------------------------------ the touch


@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes, parts=st.booleans(),
       agg=st.sampled_from(schema.AGGREGATES))  # fmt: skip
@settings(max_examples=30)
def test_touch_and_mid__are_those_of_the_observed_cells(case, half_life, prune, parts, agg):
    grid = make_grid(case, half_life, prune, agg=agg, parts=parts)
    expected = np.array([slow_touch(grid, t) for t in range(len(grid["time"]))]).T
    touch = grid.liqmap.touch()
    assert_close([touch["bid"], touch["ask"]], expected)
    assert_close(grid.liqmap.mid(), expected.mean(axis=0))
    if agg == "last":
        assert_close(grid.liqmap.spread(), expected[1] - expected[0])
    else:
        with pytest.raises(schema.GridError, match="highest bid"):
            grid.liqmap.spread()


st_bids, st_asks = st.sampled_from([1.9, 1.8, 1.0, math.nan]), st.sampled_from([2.0, 2.1, math.nan])
st_quotes = st.lists(st.tuples(st.integers(0, 40), st_bids, st_asks), min_size=1, max_size=8)


@given(rows=st_quotes, cuts=st.sets(st.integers(0, 50), min_size=2, max_size=6), holes=st.booleans(),
       agg=st.sampled_from(schema.AGGREGATES))  # fmt: skip
@settings(max_examples=80)
def test_touch__of_quotes_is_their_mean_over_the_bin_or_their_last_before_its_end(rows, cuts, holes, agg):
    messages = [("snapshot", START, [("bid", 19, 1.0), ("ask", 20, 1.0)])]
    edges = np.array(sorted(cuts), np.int64) * MS + START
    grid = make_grid((messages, 1, edges.view("datetime64[ns]"), np.array([1.0, 3.0])), agg=agg)
    grid = grid.isel(time=slice(None, None, 2)) if holes else grid
    rows.sort(key=lambda row: row[0])
    frame = quotes(*[(at * MS, bid, ask) for at, bid, ask in rows])
    bounds = grid["time_bounds"].values.astype(np.int64) - START
    if rows[-1][0] * MS < bounds.min() or rows[0][0] * MS >= bounds.max():
        with pytest.raises(schema.GridError, match="quotes of the grid's time"):
            grid.liqmap.touch(frame)
        return
    touch = grid.liqmap.touch(frame)
    for t, (left, right) in enumerate(bounds):
        stood = [  # the quote of every ms of the bin
            [row for row in rows if row[0] * MS <= ms][-1:] for ms in range(left, right, MS)
        ]
        known = [row[0][1:] for row in stood if row]
        if agg == "last":
            expected = known[-1] if stood[-1] else (math.nan, math.nan)
        else:
            both = [pair for pair in known if not math.isnan(sum(pair))]
            expected = np.mean(both, axis=0) if both else (math.nan, math.nan)
        assert_close([touch["bid"][t], touch["ask"][t]], expected)


@pytest.mark.parametrize(
    ("frame", "word"),
    [
        (quotes((0, 1.0, 2.0)).drop(columns="ask"), "no ask"),
        (quotes((0, 1.0, 2.0)).iloc[:0], "no row"),
        (quotes((5, 1.0, 2.0), (0, 1.0, 2.0)), "step back"),
    ],
    ids=["column", "row", "order"],
)
def test_touch__refuses_what_is_no_frame_of_quotes(frame, word):
    messages = [("snapshot", START, [("bid", 19, 1.0), ("ask", 20, 1.0)])]
    edges = np.array([START, START + SECOND], np.int64).view("datetime64[ns]")
    grid = make_grid((messages, 1, edges, np.array([1.0, 3.0])))
    with pytest.raises(schema.GridError, match=word):
        grid.liqmap.mid(frame)


# ------------------------------------------------------------------ depth


@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes, bps=st_bps, agg=st_sums)
@settings(max_examples=40)
def test_depth__within_bps_of_the_mid(case, half_life, prune, bps, agg):
    grid = make_grid(case, half_life, prune, agg=agg)
    depth = grid.liqmap.depth(bps=bps)
    for t in range(len(grid["time"])):
        mid = sum(slow_touch(grid, t)) / 2 / TICK_SIZE
        for s in (0, 1):
            if math.isnan(mid):
                assert np.isnan(depth["depth"][s, t])
                continue
            reach = mid * (1 - bps / 1e4) if s == 0 else mid * (1 + bps / 1e4)
            inner = math.floor(mid + 1e-6) if s == 0 else math.ceil(mid - 1e-6)
            outer = math.ceil(reach - 1e-6) if s == 0 else math.floor(reach + 1e-6)
            total, known = slow_depth(grid, s, t, inner, outer)
            assert_close(depth["known"][s, t], known)
            assert_close(depth["depth"][s, t], total if known > 0 else math.nan)


@pytest.mark.long
@given(case=st_grids(), bins=st.integers(1, 9), agg=st_sums)
@settings(max_examples=100)
def test_depth__of_the_nearest_bins(case, bins, agg):
    grid = make_grid(case, agg=agg)
    depth = grid.liqmap.depth(bins=bins)
    rows = ticks_of(grid)
    for t in range(len(grid["time"])):
        for s, best in enumerate(slow_touch(grid, t)):
            if math.isnan(best):
                assert np.isnan(depth["depth"][s, t])
                continue
            (k,) = [p for p, ticks in enumerate(rows) if len(ticks) and abs(middle(ticks) - best) < 1e-9]
            near = range(k - bins + 1, len(rows)) if s == 0 else range(k + bins)
            near = [p for p in near if 0 <= p < len(rows)]
            expected = np.nansum([grid["liquidity"].values[s, p, t] for p in near], dtype=np.float64)
            assert_close(depth["depth"][s, t], expected)
            if k - bins + 1 >= 0 if s == 0 else k + bins <= len(rows):  # all of them in the grid
                ends = (rows[k][-1], rows[near[0]].start) if s == 0 else (rows[k][0], rows[near[-1]].stop - 1)
                assert_close(depth["known"][s, t], slow_depth(grid, s, t, *ends)[1])
            else:
                assert depth["known"][s, t] < 1


@given(case=st_grids(), agg=st_sums)
@settings(max_examples=25)
def test_depth_and_imbalance__of_all_there_is(case, agg):
    grid = make_grid(case, agg=agg)
    depth, imbalance = grid.liqmap.depth(), grid.liqmap.imbalance()
    everything = [k for ticks in ticks_of(grid) for k in ticks]
    for t in range(len(grid["time"])):
        totals = []
        for s in (0, 1):
            total, known = 0.0, 0.0
            if everything:
                low, high = everything[0], everything[-1]
                total, known = slow_depth(grid, s, t, *((high, low) if s == 0 else (low, high)))
            totals.append(total if known > 0 else math.nan)
            assert_close(depth["known"][s, t], known)
            assert_close(depth["depth"][s, t], totals[-1])
        bid, ask = totals
        expected = (bid - ask) / (bid + ask) if bid + ask > 0 else math.nan
        assert_close(imbalance[t], expected)
    assert ((np.abs(imbalance) <= 1) | imbalance.isnull()).all()


@pytest.mark.long
@given(case=st_grids(), agg=st_sums)
@settings(max_examples=60)
def test_cumulative__is_the_size_from_the_touch_to_the_bin(case, agg):
    grid = make_grid(case, agg=agg)
    out = grid.liqmap.cumulative()
    rows = ticks_of(grid)
    for t in range(len(grid["time"])):
        for s, best in enumerate(slow_touch(grid, t)):
            inner = best / TICK_SIZE
            if math.isnan(best):
                inner = rows[-1].stop - 1 if s == 0 else rows[0].start
            inner = math.floor(inner + 1e-6) if s == 0 else math.ceil(inner - 1e-6)
            for p, ticks in enumerate(rows):
                within = range(p, len(rows)) if s == 0 else range(p + 1)
                known = [q for q in within if grid["state"].values[s, q, t] != UNKNOWN]
                total = sum(float(grid["liquidity"].values[s, q, t]) for q in known)
                heard = sum(
                    share_known(grid, s, q, t)
                    for q in known
                    for k in rows[q]
                    if (k <= inner if s == 0 else k >= inner)
                )
                band = inner - ticks.start + 1 if s == 0 else ticks.stop - inner
                share = heard / band if band > 0 else 1.0
                assert_close(out["known"][s, p, t], share)
                assert_close(out["cumulative"][s, p, t], total if share > 0 else math.nan)


def test_depth__is_unknown_where_less_of_the_band_is_known_than_asked():
    messages = [("snapshot", START, [("bid", 19, 1.0), ("bid", 18, 2.0), ("ask", 21, 1.0), ("ask", 22, 1.0)])]
    edges = np.array([START - SECOND, START, START + SECOND], np.int64).view("datetime64[ns]")
    spans = lm.replay(to_depth_table([*messages, ("heard", START + SECOND, [])], 2))
    grid = lm.rasterize(spans, edges, np.arange(15, 26) * TICK_SIZE, agg="last")
    depth = grid.liqmap.depth(bps=2_000)  # mid 2.0: ticks 16 to 20, of which 18 to 20 are known
    np.testing.assert_allclose(depth["known"], [[0, 3 / 5], [0, 3 / 5]])
    np.testing.assert_array_equal(depth["depth"], [[np.nan, 3], [np.nan, 2]])
    strict = grid.liqmap.depth(bps=2_000, min_known=0.7)
    assert strict["depth"].isnull().all()
    np.testing.assert_array_equal(grid.liqmap.imbalance(bps=2_000), [np.nan, 0.2])
    assert grid.liqmap.imbalance(bps=2_000, min_known=0.7).isnull().all()
    beyond = grid.isel(price=slice(4, 7)).liqmap.depth(bps=2_000)  # of ticks 16 to 20 it holds 19 and 20
    np.testing.assert_allclose(beyond["known"].sel(side="bid"), [0, 2 / 5])


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"bps": 1, "bins": 1}, "both"), ({"bps": 0}, "above zero"), ({"bins": -1}, "at least 1")],
    ids=repr,
)
def test_depth__refuses_bands_that_are_none(wrong, word):
    messages = [("snapshot", START, [("bid", 19, 1.0), ("ask", 20, 1.0)])]
    edges = np.array([START, START + SECOND], np.int64).view("datetime64[ns]")
    grid = make_grid((messages, 1, edges, np.array([1.0, 3.0])))
    with pytest.raises(schema.GridError, match=word):
        grid.liqmap.depth(**wrong)


def test_peaks_do_not_add_up():
    messages = [("snapshot", START, [("bid", 19, 1.0), ("ask", 20, 1.0)])]
    edges = np.array([START, START + SECOND], np.int64).view("datetime64[ns]")
    grid = make_grid((messages, 1, edges, np.array([1.0, 3.0])), agg="peak")
    for measure in (
        grid.liqmap.depth, grid.liqmap.imbalance, grid.liqmap.cumulative, grid.liqmap.per_tick
    ):  # fmt: skip
        with pytest.raises(schema.GridError, match="peaks do not add up"):
            measure()


# ------------------------------------------------------------------ units and shares


@given(case=st_grids(), agg=st.sampled_from(schema.AGGREGATES), parts=st.booleans())
@settings(max_examples=50)
def test_notional__is_size_times_the_middle_of_the_ticks(case, agg, parts):
    grid = make_grid(case, agg=agg, parts=parts)
    money = grid.liqmap.notional()
    for p, ticks in enumerate(ticks_of(grid)):
        for name in ("liquidity", *(("observed", "carried") if parts else ())):
            size = grid[name].values[:, p]
            if not len(ticks):
                assert np.isnan(money[name].values[:, p]).all()
                continue
            np.testing.assert_allclose(money[name].values[:, p], size * middle(ticks), rtol=1e-6, atol=1e-37)
    xr.testing.assert_identical(money["state"], grid["state"])
    assert (money.attrs["size_unit"], money["liquidity"].attrs["units"]) == ("quote", "quote")
    assert money["liquidity"].dtype == np.float32
    if agg != "peak":
        assert money.liqmap.depth()["depth"].attrs["units"] == "quote"
    with pytest.raises(schema.GridError, match="quote"):
        money.liqmap.notional()


@pytest.mark.parametrize(("unit", "factor"), [("base", 0.01 * 1.9), ("quote", 0.01)])
def test_notional__of_contracts_needs_to_be_told_what_they_count(unit, factor):
    messages = [("snapshot", START, [("bid", 19, 7.0), ("ask", 20, 1.0)])]
    messages.append(("heard", START + SECOND, []))
    edges = np.array([START, START + SECOND], np.int64).view("datetime64[ns]")
    coins = make_grid((messages, 1, edges, np.array([1.9, 2.0, 2.1])), agg="last")
    assert coins.attrs["contract_value"] == 1.0
    contracts = coins.assign_attrs(size_unit="contracts", contract_value=0.01)
    money = contracts.liqmap.notional(contract_unit=unit)
    assert float(money["liquidity"][0, 0, 0]) == pytest.approx(7.0 * factor)
    with pytest.raises(schema.GridError, match="contract_unit="):
        contracts.liqmap.notional()
    with pytest.raises(schema.GridError, match="got coins"):
        coins.liqmap.notional(contract_unit=unit)


@pytest.mark.long
@given(case=st_grids(), agg=st.sampled_from(schema.AGGREGATES), parts=st.booleans(), prune=st_prunes)
@settings(max_examples=60)
def test_carried_share_and_coverage__by_loops(case, agg, parts, prune):
    grid = make_grid(case, prune=prune, agg=agg, parts=parts)
    size, carried, area, known = 0.0, 0.0, 0.0, 0.0
    shape = grid["liquidity"].shape
    width = np.diff(case[2]).astype(np.int64)
    for s, p, t in np.ndindex(shape):
        ticks = len(ticks_of(grid)[p])
        cell = grid.isel(side=s, price=p, time=t)
        area += ticks * width[t]
        if parts or agg == "mean":
            known += float(cell["known"]) * ticks * width[t]
        elif cell["state"] != UNKNOWN:
            known += ticks * width[t]
        if cell["state"] == UNKNOWN:
            continue
        size += float(cell["liquidity"]) * width[t]
        if parts and agg != "peak":
            carried += float(cell["carried"]) * width[t]
        elif float(cell["carried"]) > float(cell["observed"]) if parts else cell["state"] == CARRIED:
            carried += float(cell["liquidity"]) * width[t]
    share = grid.liqmap.carried_share()
    assert share.shape == ()
    np.testing.assert_allclose(share, carried / size if size > 0 else np.nan, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(grid.liqmap.coverage(), known / area if area else np.nan, rtol=1e-5)


@given(case=st_grids())
@settings(max_examples=30)
def test_shares__of_slices_are_the_shares_along_the_other_dimensions(case):
    grid = make_grid(case)
    for name in ("carried_share", "coverage"):
        series = getattr(grid.liqmap, name)(dim=("side", "price"))
        assert series.dims == ("time",)
        for t in range(len(grid["time"])):
            own = getattr(grid.isel(time=[t]).liqmap, name)()
            np.testing.assert_allclose(series[t], own, rtol=1e-6)
        assert getattr(grid.liqmap, name)(dim="time").dims == ("side", "price")
    with pytest.raises(schema.GridError, match="dim"):
        grid.liqmap.coverage(dim="levels")


@given(case=st_grids(), agg=st_sums)
@settings(max_examples=30)
def test_per_tick(case, agg):
    grid = make_grid(case, agg=agg)
    density = grid.liqmap.per_tick()
    for p, ticks in enumerate(ticks_of(grid)):
        if not len(ticks):
            assert density[:, p].isnull().all()
        else:
            assert_close(density[:, p], grid["liquidity"][:, p] / len(ticks))


# ------------------------------------------------------------------ real markets


@pytest.fixture(scope="module")
def session(real_data, tmp_path_factory) -> lm.Session:
    store = tmp_path_factory.mktemp("measures") / "store"
    file = real_data / "derived-usdm-btc" / "2024-08-08_BTCUSDT_ob200.data.zip"
    assert lm.ingest([file], store=store).exit_code == 0
    return lm.open_store(store).session("bybit", "BTCUSDT")


def some_instants(session: lm.Session) -> np.ndarray:
    """Between messages, a few seconds apart."""
    begin, end = (t.astype(np.int64) for t in session.time_range)
    return np.linspace(begin + 5 * SECOND, end - SECOND, 25).astype(np.int64) // MS * MS + 137


@pytest.mark.parametrize("bin_height", [0.1, 1.0, 5.0])
def test_real_mid__is_within_a_bin_of_the_quotes(session, bin_height):
    low, high = session.price_range
    edges = np.arange(np.floor(low / bin_height), np.ceil(high / bin_height) + 1) * bin_height
    instants = some_instants(session)
    grid = lm.rasterize(session.spans(), instants.view("datetime64[ns]"), edges, agg="last")
    exact = grid.liqmap.mid(session.bbo())
    assert exact.notnull().all()
    off = np.abs(grid.liqmap.mid() - exact)
    assert float(off.max()) <= bin_height - session.meta.tick_size + 1e-6
    quotes = session.bbo().set_index("ts")
    for t, right in enumerate(grid["time_bounds"].values[:, 1]):
        row = quotes.loc[: pd.Timestamp(right, tz="UTC")].iloc[-1]
        assert float(exact[t]) == pytest.approx((row["bid"] + row["ask"]) / 2, abs=1e-9)


@pytest.mark.parametrize("bps", [2.0, 10.0])
def test_real_depth__is_the_sum_over_the_book(session, bps):
    low, high = session.price_range
    ticks = np.arange(round(low / 0.1), round(high / 0.1) + 1)
    instants = some_instants(session)
    grid = lm.rasterize(
        session.spans(), instants.view("datetime64[ns]"), np.round(ticks * 0.1, 1), agg="last"
    )
    depth = grid.liqmap.depth(bps=bps)["depth"]
    assert depth.notnull().all()
    carried = 0.0
    for t, right in enumerate(instants[1:]):
        book = session.book(np.datetime64(int(right), "ns"))
        weight = np.where(book["age"] < 300, 2.0 ** (-book["age"] / 30), 0.0)
        observed = book[book["state"] == "observed"]
        bid = observed.loc[observed["side"] == "bid", "price"].max()
        ask = observed.loc[observed["side"] == "ask", "price"].min()
        near = np.abs(book["price"] / ((bid + ask) / 2) - 1) <= bps * 1e-4 + 1e-12
        for s, side in enumerate(SIDES):
            mine = near & (book["side"] == side)
            assert float(depth[s, t]) == pytest.approx(float((book["size"] * weight)[mine].sum()), rel=1e-5)
            carried += float((book["size"] * weight)[mine & (book["state"] == "carried")].sum())
    assert carried > 0 or bps < 10


def test_real_spread_and_imbalance__of_quotes_and_of_the_book(session):
    grid = session.grid("5s", 0.1, agg="last")
    spread = grid.liqmap.spread(session.bbo())
    assert float(spread.min()) > 0
    heard = grid.liqmap.spread().notnull()
    np.testing.assert_allclose(grid.liqmap.spread()[heard], spread[heard], atol=1e-6)
    imbalance = grid.liqmap.imbalance(bps=10)[heard]
    assert imbalance.notnull().all()
    assert imbalance.std() > 0


# ------------------------------------------------------------------ time that is unknown


def test_mean__says_for_how_much_of_its_time_it_is_known():
    """A book that is heard for the last twentieth of a bin alone has a twentieth of its size there."""
    messages = [
        ("snapshot", START + 95 * MS, [("bid", 18, 4.0), ("ask", 19, 4.0)]),
        ("heard", START + 200 * MS, []),
    ]
    times = (START + np.array([0, 100, 200]) * MS).view("datetime64[ns]")
    grid = make_grid((messages, 1, times, np.array([1.75, 1.85, 1.95])))
    assert set(grid.data_vars) == {"liquidity", "state"}
    np.testing.assert_allclose(grid["liquidity"].sel(side="bid").isel(price=0), [0.2, 4.0])
    np.testing.assert_allclose(grid["known"].sel(side="bid").isel(price=0), [0.05, 1.0])
    depth = grid.liqmap.depth(min_known=0.99)
    assert depth["known"].sel(side="bid").to_numpy() == pytest.approx([0.05, 1.0])
    assert np.isnan(depth["depth"].sel(side="bid")[0])
    assert depth["depth"].sel(side="bid")[1] == 4.0
    coarse = grid.liqmap.coarsen(time="200ms")
    np.testing.assert_allclose(coarse["known"].sel(side="bid").isel(price=0), [0.525])
    assert "known" in coarse.coords
    assert "known" in grid.liqmap.notional().coords


def test_min_known__needs_a_mean_that_says_it():
    grid = make_grid(
        (
            [("snapshot", START, [("bid", 18, 4.0)])],
            1,
            np.array([START, START + MS]).view("M8[ns]"),
            np.array([1.75, 1.85]),
        )
    )
    with pytest.raises(schema.GridError, match="Rasterize again"):
        grid.drop_vars("known").liqmap.depth(min_known=0.5)
    grid.drop_vars("known").liqmap.depth()


@pytest.mark.long
@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes)
@settings(max_examples=40)
def test_over_known__is_the_sum_of_each_ticks_own_mean(case, half_life, prune):
    """Of grids of one tick: what a tick has over the bin, by the share of the bin for which it is known."""
    messages, n, times, _ = case
    grid = make_grid(case, half_life, prune, over="known")
    whole = make_grid(case, half_life, prune)
    for p, ticks in enumerate(ticks_of(grid)):
        expected = np.zeros((2, len(times) - 1))
        for tick in ticks:
            edges = np.array([tick - 0.5, tick + 0.5]) * TICK_SIZE
            one = make_grid((messages, n, times, edges), half_life, prune)
            for s, t in np.ndindex(expected.shape):
                known = float(one["known"][s, 0, t])
                expected[s, t] += float(one["liquidity"][s, 0, t]) / known if known > 0 else 0.0
        cells = grid["liquidity"].values[:, p]
        np.testing.assert_array_equal(np.isnan(cells), np.isnan(whole["liquidity"].values[:, p]))
        np.testing.assert_allclose(np.nan_to_num(cells), expected, rtol=1e-5)


LATE = [("snapshot", START + 95 * MS, [("bid", 18, 4.0)]), ("heard", START + 200 * MS, [])]
BINS = (START + np.array([0, 100, 200]) * MS).view("datetime64[ns]"), np.array([1.75, 1.85, 1.95])


def test_over_known__is_of_a_mean_and_says_so():
    grid = make_grid((LATE, 1, *BINS), over="known")
    assert grid.attrs["over"] == "known"
    np.testing.assert_allclose(grid["liquidity"].sel(side="bid").isel(price=0), [4.0, 4.0])
    joined = grid.liqmap.coarsen(price=[1.75, 1.95])["liquidity"].sel(side="bid")
    np.testing.assert_allclose(joined.isel(price=0), [4.0, 4.0])
    with pytest.raises(schema.GridError, match="do not add up over time"):
        grid.liqmap.coarsen(time="200ms")


@pytest.mark.parametrize("wrong", [{"agg": "peak"}, {"parts": True}, {"over": "all"}], ids=str)
def test_over_known__refuses_what_has_none(wrong):
    with pytest.raises(schema.GridError, match="over: expected"):
        make_grid((LATE, 1, *BINS), **{"over": "known", **wrong})
