"""What judges recordings finds what is wrong with one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import Capture
from tests.live.faults.truth import Change, Wrong, changes, contradictions


@cache
def market() -> Capture:
    return lm.simulate(minutes=0.05, seed=3, keep_truth=False, levels=20)


@cache
def truth() -> list[Change]:
    return changes(market().depth, 0.1)


def wrong(depth: pa.Table) -> list[Wrong]:
    return list(contradictions(lm.replay(depth), truth(), 0.1))


def test_nothing_is_wrong_with_the_truth() -> None:
    assert wrong(market().depth) == []
    assert len(truth()) == 30


@given(number=st.integers(2, 28))
@settings(max_examples=10)
def test_a_message_that_is_missing_without_a_gap_is_found(number: int) -> None:
    """From its time on: at least what it says of the levels that stay in the window."""
    depth, lost = market().depth, truth()[number - 1]
    kept = depth.filter(pa.array(depth["ts"].cast(pa.int64()).to_numpy() != lost.ts))
    found = wrong(kept)
    assert min(cell.ts for cell in found) == lost.ts
    said = {(side, tick) for side, tick, _ in lost.rows}
    assert {(cell.side, cell.tick) for cell in found if cell.ts == lost.ts} <= said


@pytest.mark.parametrize("size", [0.0, 7.0])
def test_a_size_that_is_not_the_truth_is_found(size: float) -> None:
    depth = market().depth
    sizes = depth["size"].to_numpy().copy()
    sizes[3] = size  # of the snapshot, a bid
    changed = depth.set_column(depth.schema.get_field_index("size"), "size", pa.array(sizes))
    first = wrong(changed)[0]
    assert (first.ts, first.side, first.shown) == (truth()[0].ts, "bid", size)
    assert (first.tick, first.true) == truth()[0].rows[3][1:]
    assert first.rank == sum(tick > first.tick for side, tick, _ in truth()[0].rows if side == "bid")


def test_nothing_is_held_against_the_truth_past_the_last_message() -> None:
    """What is carried may be wrong, and is not shown as observed."""
    depth = market().depth
    at = int(np.searchsorted(depth["ts"].cast(pa.int64()).to_numpy(), truth()[9].ts))
    before = depth.slice(0, at)
    assert wrong(before) == []
