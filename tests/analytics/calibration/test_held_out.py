"""`held_out` against two books of plain dicts, and against the grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.calibration.held_out import HeldOut, Judged, held_out
from liqmap.schema import GridError
from tests.oracle.held_out import Book, oracle_held_out
from tests.strategies import ASKS, BIDS, MS, SECOND, SIZES, TICK_SIZE, st_plots, to_depth_table, told


def wandering(seed: int) -> tuple[list, list]:
    """A full book whose touch goes back and forth, so that levels leave a window and return."""
    chance = np.random.default_rng(seed)
    deep = [("bid" if tick in BIDS else "ask", tick, float(chance.choice(SIZES))) for tick in (*BIDS, *ASKS)]
    happenings = []
    for _ in range(chance.integers(20, 60)):
        near = np.minimum(chance.geometric(0.3, 3) - 1, 9)
        ticks = [("bid", BIDS[9 - k]) if chance.random() < 0.5 else ("ask", ASKS[k]) for k in near.tolist()]
        changes = {key: float(chance.choice([0.0, 0.0, 0.0, *SIZES[:3]])) for key in ticks}
        word = "lost" if chance.random() < 0.02 else "update"
        step = int(chance.choice([0, 7 * MS, 100 * MS, 400 * MS, SECOND]))
        happenings.append((word, step, [(*key, size) for key, size in changes.items()], []))
    return deep, happenings


st_wandering = st.builds(wandering, st.integers(0, 2**32 - 1))


@st.composite
def st_pairs(draw) -> tuple[list, int, list, int, str]:
    """What a narrow and a wide feed of one book tell: messages and levels of both, policy of the wide."""
    (deep, happenings), n = draw(st.one_of(st_plots(), st_wandering)), draw(st.integers(1, 4))
    plot = deep, [(word, min(step, 3 * SECOND), *rest) for word, step, *rest in happenings]
    wide, policy = draw(st.integers(n + 1, 9)), draw(st.sampled_from(["top_n", "top_n", "full"]))
    snapshot = draw(st.sampled_from([True, True, False]))
    tell = {"from_snapshot": snapshot, "noise": False}
    return told(plot, n, **tell), n, told(plot, wide, policy, **tell), wide, policy


def both_spans(pair: tuple) -> tuple[lm.Spans, lm.Spans]:
    near, n, far, wide, policy = pair
    return (
        lm.replay(to_depth_table(near, n)),
        lm.replay(to_depth_table(far, wide, policy=policy)),
    )


def listed(rows: HeldOut) -> list:
    """The rows as the oracle has them."""
    columns = [c.tolist() for c in rows]
    columns[5] = [None if np.isnan(d) else round(d, 6) for d in rows.distance]
    return list(zip(*columns))


@settings(max_examples=60)
@given(pair=st_pairs(), step=st.sampled_from([SECOND, 250_000_000, 70_000_000]))
def test_held_out__is_what_two_plain_books_say(pair: tuple, step: int) -> None:
    near, n, far, wide, policy = pair
    expected = oracle_held_out(Book(near, n, "top_n"), Book(far, wide, policy), step)
    found = held_out(*both_spans(pair), every=np.timedelta64(step, "ns"))
    rounded = [(*r[:5], None if r[5] is None else round(r[5], 6), r[6]) for r in expected]
    assert listed(found) == rounded


@settings(max_examples=20)
@given(pair=st_pairs(), most=st.integers(1, 7))
def test_portions__are_the_whole_in_order(pair: tuple, most: int) -> None:
    judged = Judged(*both_spans(pair), every="100ms")
    parts = list(judged.portions(most))
    assert all(len(p.time) <= max(most, judged.counts.max(initial=0)) and len(p.time) for p in parts)
    whole = held_out(*both_spans(pair), every="100ms")
    assert len(whole.time) == len(judged) == sum(len(p.time) for p in parts)
    for k, column in enumerate(whole):
        joined = np.concatenate([p[k] for p in parts]) if parts else column[:0]
        np.testing.assert_array_equal(joined, column)
        assert joined.dtype == column.dtype


@settings(max_examples=20)
@given(pair=st_pairs())
def test_held_out__sums_to_the_carried_part_of_a_grid(pair: tuple) -> None:
    """A theorem: what is judged at an instant is what a `last` grid carries there, in the wide window."""
    near, wide = both_spans(pair)
    judged = Judged(near, wide, "200ms")
    if not len(judged):
        return
    edges = np.concatenate([judged.times[:1] - judged.step, judged.times]).view("datetime64[ns]")
    prices = (np.arange(9, 31) - 0.5) * TICK_SIZE
    carry = {"half_life": "2s", "prune": "5s"}
    grid = lm.rasterize(near, edges, prices, agg="last", parts=True, **carry)
    known = lm.rasterize(wide, edges, prices, agg="last", prune=0)["state"].values > 0
    inside = np.where(known, np.nan_to_num(grid["carried"].values), 0.0).sum(axis=(0, 1))
    rows = held_out(near, wide, "200ms")
    covered = np.isin(rows.tick, np.arange(9, 31))
    weights = lm.HalfLife(**carry).weight(np.nextafter(rows.age.astype(float), 0))
    column = np.searchsorted(judged.times, rows.time[covered])
    sums = np.bincount(column, (rows.size * weights)[covered], len(judged.times))
    if wide.meta.window_policy != "full":  # its observed levels may lie outside its window
        np.testing.assert_allclose(sums, inside, rtol=1e-5, atol=1e-9)
    assert (sums <= inside * (1 + 1e-5) + 1e-9).all()


def test_held_out__of_an_empty_feed_is_empty() -> None:
    near = lm.replay(to_depth_table([("heard", 1_700_000_000 * SECOND, [])], 2))
    rows = held_out(near, near)
    assert all(len(c) == 0 for c in rows)


def test_held_out__refuses_what_is_no_other_book_of_the_market() -> None:
    table = to_depth_table([("snapshot", 1_700_000_000 * SECOND, [("bid", 10, 1.0)])], 2)
    spans = lm.replay(table)
    with pytest.raises(GridError, match=r"wide: expected Spans.*got int"):
        held_out(spans, 3)  # type: ignore[arg-type]
    other = lm.replay(to_depth_table([("snapshot", 1_700_000_000 * SECOND, [("bid", 10, 1.0)])], 2, 0.5))
    with pytest.raises(GridError, match=r"expected TEST with ticks of 0\.1, got TEST with ticks of 0\.5"):
        held_out(spans, other)
    with pytest.raises(GridError, match="every: expected a duration above zero"):
        held_out(spans, spans, every=0)
