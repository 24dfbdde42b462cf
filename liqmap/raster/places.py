"""Where instants fall among the spans of a level: looked up for many at once.

A look-up in the spans themselves waits for memory at each step. An index of every eighth ``seen`` is small
enough to stay near; from it comes the group of eight in which an instant falls, and the groups of many
instants are fetched together, while others are worked on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing, prefetch
from liqmap.raster.observe_spans import first_after
from liqmap.spans import Derivation, Spans
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans

GROUP = 8
"""Spans a group: what one line of a cache holds of a column."""

AT_ONCE = 512
"""Places looked up together, and some more: what they point to fits the second cache."""


class Places(NamedTuple):
    """Room for N places in the spans of a side, each with what is looked for there.

    at : (N,) int64, the place; stop : (N,) int64, where the spans to look at end.
    edge : (N,) int64, the column edge that is asked about.
    """

    at: np.ndarray
    stop: np.ndarray
    edge: np.ndarray


def group_ends(spans: Spans) -> list[np.ndarray]:
    """The last ``seen`` of each whole group of spans: (S // GROUP,) int64 ns a side, kept with the spans."""
    return GROUP_ENDS.of(spans)


def _all_ends(spans: Spans) -> list[np.ndarray]:
    return both(_ends, spans.sides, len(spans))


def _ends(side: SideSpans) -> np.ndarray:
    return side.seen[GROUP - 1 :: GROUP].copy()


GROUP_ENDS = Derivation("group ends", _all_ends)


@borrowing
def look_up(n, begin, stop, times, edges, spans, ends, found):
    """Write to ``found``, from ``n`` on, the groups of the spans begin to stop, of one level, where instants
    fall: the first span seen after ``times[edge]`` is in it, or none. Returns how many there are then.

    Parameters
    ----------
    times : (T + 1,) int64 ns, by edge; edges : (E,) int64, the edges asked about, rising.
    ends : of `group_ends`; found : `Places`, which later `settle` moves to the span itself.
    """
    last = stop // GROUP
    group = begin // GROUP
    if edges.shape[0] > 0:
        group = first_after(ends, group, last, times[edges[0]])
    for k in range(edges.shape[0]):
        t = times[edges[k]]
        while group < last and ends[group] <= t:
            group += 1
        at = max(group * GROUP, begin)
        if at >= stop:
            break
        prefetch(spans.seen, at)
        prefetch(spans.seen, min(at + GROUP, stop) - 1)
        found.at[n], found.stop[n], found.edge[n] = at, stop, edges[k]
        n += 1
    return n


@borrowing
def settle(n, times, spans, found):
    """Move the first ``n`` places to the first span seen after ``times[edge]``."""
    start, seen, size = spans.start, spans.seen, spans.size
    for k in range(n):
        at, t = found.at[k], times[found.edge[k]]
        place = at
        if at % GROUP == 0 and at + GROUP <= found.stop[k]:
            for i in range(GROUP):  # at once, in vector registers
                place += seen[at + i] <= t
        else:
            for i in range(at, min((at // GROUP + 1) * GROUP, found.stop[k])):
                place += seen[i] <= t
        found.at[k] = place
        if place < found.stop[k]:
            prefetch(start, place)
            prefetch(size, place)
