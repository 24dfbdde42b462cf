"""Judged levels of a known law."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from liqmap.analytics.calibration.held_out import HeldOut
from liqmap.analytics.calibration.sums import Blocks
from tests.strategies import SECOND, START

BLOCKS = Blocks(START, 10 * SECOND, 20)


def levels(size, age, distance, true, time) -> HeldOut:
    """By time; ages and times in seconds, these after START."""
    size, age, distance, true = (np.asarray(c, float) for c in (size, age, distance, true))
    order = np.argsort(time, kind="stable")
    zeros = np.zeros(len(size))
    columns = [size, (age * SECOND).astype(np.int64), distance, true]
    times = START + (np.asarray(time)[order] * SECOND).astype(np.int64)
    sides = zeros.astype(np.int8), zeros.astype(np.int32)
    return HeldOut(times, *sides, *(c[order] for c in columns))


def portions(rows: HeldOut, number: int) -> list[HeldOut]:
    parts = np.array_split(np.arange(len(rows.time)), number)
    return [HeldOut(*(c[k] for c in rows)) for k in parts if len(k)]


@st.composite
def st_levels(draw) -> HeldOut:
    """A few levels on the edges of classes and off them, some without a touch."""
    n = draw(st.integers(1, 60))
    columns = [
        st.sampled_from([0.001, 0.5, 1.0, 1.5, 2.0, 8.0, 1e6]),
        st.sampled_from([0.1, 0.5, 1.0, 7.0, 60.0, 5_000.0, 90_000.0]),
        st.sampled_from([0.0, 1.0, 2.5, 40.0, np.nan]),
        st.sampled_from([0.0, 0.001, 0.5, 0.9, 1.0, 1.5, 8.0]),
        st.integers(1, 200),
    ]
    return levels(*(draw(st.lists(each, min_size=n, max_size=n)) for each in columns))
