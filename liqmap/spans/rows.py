"""Depth tables as arrays: prices in whole ticks, rows in messages."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numba import njit

from liqmap.compiling import borrowing
from liqmap.schema import DEPTH, EVENTS, GAP, SIDES, ReplayError, codes, int64
from liqmap.spans.records import Messages

T = TypeVar("T")
R = TypeVar("R")

ALONE = 1 << 14
"""Fewer rows are not worth a second thread."""


@dataclass
class Rows:
    """Depth rows as arrays. ``side`` is -1 where the row has none; prices are whole ticks."""

    ts: np.ndarray
    seq: np.ndarray
    event: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray

    def __post_init__(self) -> None:
        # Arrow's buffers are read-only and joined ones are not: two types to a compiled kernel
        for name, array in vars(self).items():
            view = array.view()
            view.flags.writeable = False
            setattr(self, name, view)

    def __getitem__(self, cut: slice) -> Rows:
        return Rows(*(a[cut] for a in self.arrays()))

    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.ts, self.seq, self.event, self.side, self.tick, self.size

    def __len__(self) -> int:
        return len(self.ts)

    def messages(self, offsets: np.ndarray) -> Messages:
        """As kernels take them; ``offsets`` as `message_offsets` gives them."""
        return Messages(offsets, self.ts, self.event, self.side, self.tick, self.size)

    @staticmethod
    def join(parts: list[Rows]) -> Rows:
        if len(parts) == 1:
            return parts[0]
        return Rows(*(np.concatenate(columns) for columns in zip(*(p.arrays() for p in parts), strict=True)))


def read_rows(depth: pa.Table, tick_size: float, last_ts: int) -> Rows:
    """The rows of a depth table, checked; none may be before ``last_ts``.

    Raises
    ------
    ReplayError : missing columns, time running backwards, prices that are no ticks.
    """
    missing = [c for c in DEPTH.names if c not in depth.column_names and c != "ts_recv"]
    if missing:
        raise ReplayError(where="depth table", expected=f"columns {DEPTH.names}, missing {missing}")
    ts = int64(depth["ts"])
    side = codes(depth["side"], SIDES)
    price = depth["price"].combine_chunks().fill_null(0.0).to_numpy()
    size = depth["size"].combine_chunks().fill_null(0.0).to_numpy()
    tick = np.empty(len(ts), np.int32)
    half = len(ts) // 2
    found = both(
        lambda cut: to_ticks(*cut, price, tick_size, side, tick),
        ((0, half), (half, len(ts))),
        len(ts),
    )
    for bad in [k for k in found if k >= 0]:
        raise ReplayError(
            where=f"depth row {bad:,}",
            expected=f"a price of whole ticks of {tick_size}",
            got=str(price[bad]),
        )
    if steps_back(ts, last_ts):
        raise ReplayError(
            where="depth table",
            expected="`ts` never to decrease",
            got="a step back",
            remedy="Keep the feed's order and clamp the clock, as liqmap.read does",
        )
    return Rows(ts, int64(depth["seq"], null=-1), codes(depth["event"], EVENTS), side, tick, size)


def both(work: Callable[[T], R], halves: tuple[T, T], rows: int) -> list[R]:
    """Do both at once: sides share nothing, and the kernels let go of the interpreter."""
    if rows < ALONE:
        return [work(half) for half in halves]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, halves))


@borrowing
def to_ticks(begin, stop, prices, tick_size, sides, ticks):
    """Whole ticks of the prices begin to stop, in place; returns the first row whose price is not finite,
    fits no int32 or lies between ticks (-1: none). Rows without a side (gap, heard) get 0."""
    for i in range(begin, stop):
        if sides[i] < 0:
            ticks[i] = 0
            continue
        exact = prices[i] / tick_size
        t = np.rint(exact)
        if not (abs(t) < 2147483647.0 and abs(exact - t) < 0.01):
            return i
        ticks[i] = np.int32(t)
    return -1


@borrowing
def steps_back(ts, last):
    """Whether a time is before the one in front of it, the first one before ``last``."""
    for t in ts:
        if t < last:
            return True
        last = t
    return False


@njit(cache=True, nogil=True)
def message_offsets(ts, seq, event):
    """First row of every message, and one past the last row: rows are one message while they share
    ``ts``, ``seq`` and ``event``; a gap row is always alone."""
    offsets = np.empty(ts.shape[0] + 1, np.int64)
    n = 0
    for i in range(ts.shape[0]):
        new = i == 0 or seq[i] != seq[i - 1] or ts[i] != ts[i - 1] or event[i] != event[i - 1]
        if new or event[i] == GAP:
            offsets[n] = i
            n += 1
    offsets[n] = ts.shape[0]
    return offsets[: n + 1].copy()
