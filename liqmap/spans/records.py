"""What the kernel of a replay takes beside the book, and what it writes: spans that ended, window steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.spans.levels import BOUNDED


class Rule(NamedTuple):
    """How a feed bounds its window: ``limit``, the N levels a side that it shows, and ``policy``, a position
    in POLICIES."""

    limit: int
    policy: int


class Messages(NamedTuple):
    """Whole messages (M) and their rows (R).

    offsets : (M + 1,) int64, first row of each message, and one past the last row.
    ts : (R,) int64, ns; event : (R,) int8, position in EVENTS; equal in all rows of a message.
    side : (R,) int8, -1 where the row has none; tick : (R,) int32; size : (R,) float64, base units.
    """

    offsets: np.ndarray
    ts: np.ndarray
    event: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray


class Output(NamedTuple):
    """Room for what one call of the kernel writes; the registers ``emitted`` and ``steps`` count it.

    spans : (n,) `SPAN`, those that end.
    steps : (n,) `STEP` of the window, begun with the last ones of the call before.
    removed : (n,) int32, scratch as long as the longest message: ticks that it takes away.
    """

    spans: np.ndarray
    steps: np.ndarray
    removed: np.ndarray


@njit(cache=True, nogil=True, inline="always")
def write_span(output, reg, level, tick, seen, end):
    """Write the open span of a level, unless it has no length."""
    if level["start"] < end:
        span = output.spans[reg["emitted"]]
        span["tick"] = tick
        span["start"] = level["start"]
        span["seen"] = seen
        span["end"] = end
        span["size"] = level["size"]
        reg["emitted"] += 1
        level["spans"] += 1


@borrowing
def write_step(book, output, t, window, worst):
    """Write a step of the window; one at the same instant is overwritten, for nothing stood on it, and one
    that changes nothing is dropped."""
    reg, steps = book.registers[0], output.steps
    n = reg["steps"]
    if steps[n - 1]["start"] == t:
        n -= 1
    changes = n == 0 or steps[n - 1]["kind"] != window
    if changes or (window == BOUNDED and steps[n - 1]["worst"] != worst):
        steps[n]["start"] = t
        steps[n]["kind"] = window
        steps[n]["worst"] = worst if window == BOUNDED else 0
        n += 1
    reg["steps"] = n
