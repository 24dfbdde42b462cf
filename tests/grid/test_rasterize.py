"""`rasterize` against the oracle: random feeds, the golden files, simulated and real markets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import assert_grid, assert_sizes, duration, span_tuples, window_steps
from tests.oracle import golden, oracle_grid, oracle_replay
from tests.strategies import (
    MS,
    SECOND,
    START,
    TICK_SIZE,
    st_grids,
    st_half_lives,
    st_messages,
    st_prunes,
    to_depth_table,
)

st_aggs = st.sampled_from(schema.AGGREGATES)

# Where a running sum goes wrong: beside a level that has faded to 2**-60 a fresh and huge one leaves
# the window and comes back (it ends); what remains is the faded one.
FADED = [
    ("snapshot", START, [("bid", 20, 1.0), ("bid", 10, 0.001), ("ask", 25, 1.0), ("ask", 26, 1.0)]),
    ("update", START + MS, [("bid", 10, 0.0), ("bid", 19, 1.0)]),
    ("update", START + 60 * SECOND, [("bid", 19, 0.0), ("bid", 11, 1000.0)]),
    ("update", START + 60 * SECOND + MS, [("bid", 11, 0.0), ("bid", 19, 1.0)]),
    ("update", START + 61 * SECOND, [("bid", 19, 0.0), ("bid", 11, 2.0)]),
    ("heard", START + 90 * SECOND, []),
]
FADED_EDGES = (
    np.array([START + s * SECOND for s in (0, 1, 30, 60, 61, 62, 80, 90)], np.int64).view("datetime64[ns]"),
    np.array([9, 11, 12, 21]) * TICK_SIZE,
)

# Windows that move, levels carried beyond them, a thin side, a gap: seen tick by tick, and in rows of
# three ticks of which every bound cuts some.
MOVES = [
    ("update", START, [("bid", 14, 1.0)]),
    ("snapshot", START + SECOND, [("bid", 20, 1.0), ("bid", 17, 2.0), ("ask", 23, 1.0), ("ask", 26, 2.0)]),
    ("update", START + 2 * SECOND, [("bid", 17, 0.0), ("bid", 21, 1.0), ("ask", 22, 1.0), ("ask", 26, 0.0)]),
    ("update", START + 3 * SECOND, [("bid", 21, 0.0), ("bid", 18, 1.0), ("ask", 22, 0.0), ("ask", 25, 1.0)]),
    ("update", START + 4 * SECOND, [("bid", 18, 0.0), ("ask", 23, 0.0)]),
    ("gap", START + 4 * SECOND, []),
    ("update", START + 5 * SECOND, [("bid", 19, 2.0), ("ask", 24, 1.0)]),
    ("heard", START + 6 * SECOND, []),
]
HALVES = (START + np.arange(0, 9 * SECOND, SECOND // 2)).view("datetime64[ns]")
BY_TICK = MOVES, 2, HALVES, np.arange(13, 30) * TICK_SIZE
BY_THREE = MOVES, 2, HALVES[::3], np.arange(12, 32, 3) * TICK_SIZE


def both(case, half_life, prune, agg, parts=False):
    """The grid of the package, and that of the oracle on the oracle's own spans."""
    messages, n, time_edges, price_edges = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = {"half_life": duration(half_life), "prune": duration(prune)}
    grid = lm.rasterize(spans, time_edges, price_edges, **carry, agg=agg, parts=parts)
    args = (time_edges.view(np.int64), price_edges, TICK_SIZE, half_life, prune, agg)
    return grid, oracle_grid(*oracle_replay(messages, n), *args, parts=parts)


# ------------------------------------------------------------------ feeds


@pytest.mark.pure
@given(case=st_grids(st_messages()), half_life=st_half_lives, prune=st_prunes, agg=st_aggs)
@settings(max_examples=100)
@example(case=(FADED, 2, *FADED_EDGES), half_life=SECOND, prune=None, agg="mean")
@example(case=(FADED, 2, *FADED_EDGES), half_life=SECOND, prune=None, agg="peak")
@example(case=(FADED, 2, *FADED_EDGES), half_life=SECOND, prune=None, agg="last")
@example(case=BY_TICK, half_life=SECOND, prune=2 * SECOND, agg="mean")
@example(case=BY_TICK, half_life=SECOND, prune=2 * SECOND, agg="last")
@example(case=BY_THREE, half_life=SECOND, prune=2 * SECOND, agg="peak")
def test_matches_oracle(case, half_life, prune, agg):
    assert_grid(*both(case, half_life, prune, agg))


@pytest.mark.long
@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes, agg=st_aggs)
@settings(max_examples=200)
def test_matches_oracle__rows_that_keep_no_rule(case, half_life, prune, agg):
    assert_grid(*both(case, half_life, prune, agg))


@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes, agg=st_aggs)
@settings(max_examples=150)
@example(case=(FADED, 2, *FADED_EDGES), half_life=SECOND, prune=None, agg="mean")
@example(case=BY_TICK, half_life=SECOND, prune=2 * SECOND, agg="mean")
@example(case=BY_THREE, half_life=SECOND, prune=2 * SECOND, agg="last")
def test_parts_match_oracle(case, half_life, prune, agg):
    grid, expected = both(case, half_life, prune, agg, parts=True)
    assert_grid(grid, expected)
    for part in ("observed", "carried"):
        values = grid[part].values
        assert not np.isnan(values[expected["state"] != schema.UNKNOWN]).any()
        assert_sizes(np.nan_to_num(values), expected[part])
    np.testing.assert_allclose(np.nan_to_num(grid["known"].values), expected["known"], rtol=1e-6, atol=1e-7)
    age = expected["age"] / SECOND
    np.testing.assert_array_equal(np.isnan(grid["age"].values), np.isnan(age))
    assert_sizes(np.nan_to_num(grid["age"].values), np.nan_to_num(age))


@pytest.mark.parametrize("agg", schema.AGGREGATES)
def test_matches_oracle__a_nanosecond_before_an_edge_of_a_long_grid(agg):
    """Over a year, nanoseconds no longer fit a double: the column of an instant must not be rounded up."""
    day = 86_400 * SECOND
    change = START + 399 * day - 1
    messages = [
        ("snapshot", START, [("bid", 10, 4.0), ("ask", 12, 1.0)]),
        ("update", change, [("bid", 10, 3.0)]),
        ("heard", START + 400 * day, []),
    ]
    times = (START + np.arange(401) * day).view("datetime64[ns]")
    assert_grid(*both((messages, 1, times, np.array([0.9, 1.1])), None, None, agg))


# ------------------------------------------------------------------ known sequences


@pytest.mark.parametrize("sequence", golden.SEQUENCES)
def test_golden_grids(real_data, sequence):
    expected = golden.golden_grids(real_data, sequence)
    spans = lm.replay(lm.read(golden.messages_file(real_data, sequence)).depth)
    edges = expected["time_edges"].view("datetime64[ns]"), expected["price_edges"]
    for name, carry in golden.CARRIES.items():
        half_life, prune = (duration(golden.seconds(value)) for value in carry)
        for agg in schema.AGGREGATES:
            grid = lm.rasterize(spans, *edges, half_life=half_life, prune=prune, agg=agg)
            assert_grid(grid, {k: expected[f"{agg}_{name}_{k}"] for k in ("liquidity", "state")})


def corner(spans, tick_size: float, columns: int, rows: int, ticks: int) -> tuple:
    """Edges of a coarse grid where levels are carried: the far end of what was ever seen on the bid side."""
    bids = [span for span in span_tuples(spans) if span[0] == "bid"]
    first = min(span[2] for span in bids)
    last = max(span[3] for span in bids)
    away = [span[1] for span in bids if span[4] is None or span[3] < span[4]]
    low = int(np.median(away)) - rows * ticks // 2
    times = np.linspace(first - SECOND, last + 5 * SECOND, columns + 1).astype(np.int64)
    return times.view("datetime64[ns]"), (low + np.arange(rows + 1) * ticks) * tick_size


def assert_corner(depth, columns: int, rows: int, ticks: int) -> None:
    """Spans are taken as they are: a corner of the grid, cell by cell."""
    meta = schema.Meta.from_metadata(depth.schema.metadata)
    spans = lm.replay(depth)
    times, prices = corner(spans, meta.tick_size, columns, rows, ticks)
    low, high = (round(p / meta.tick_size) for p in prices[[0, -1]])
    near = [span for span in span_tuples(spans) if low <= span[1] < high]
    carried = False
    for agg in schema.AGGREGATES:
        args = (meta.tick_size, 30 * SECOND, 300 * SECOND, agg)
        expected = oracle_grid(near, window_steps(spans), times.view(np.int64), prices, *args)
        assert_grid(lm.rasterize(spans, times, prices, agg=agg), expected)
        carried |= (expected["state"] == schema.CARRIED).any()
    assert carried


def test_simulated_market():
    assert_corner(lm.simulate(minutes=1, seed=1).depth, columns=20, rows=12, ticks=2)


def test_real_market(real_data):
    depth = lm.read(real_data / "derived-usdm-btc" / "2024-08-08_BTCUSDT_ob200.data.zip").depth
    assert_corner(depth, columns=20, rows=6, ticks=5)
