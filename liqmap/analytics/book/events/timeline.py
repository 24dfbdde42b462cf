"""What happened to the levels of a side, in the order of time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.events.changes import (
    ADDED,
    ENTERED,
    FOLLOWED,
    FOLLOWS,
    LEFT,
    REMOVED,
    STANDS,
    changes_of,
)
from liqmap.spans import Spans

COMES, COMES_IN, RESIZES, GOES, GOES_OUT = range(5)
"""A level is added, enters the window, changes its size; is removed, leaves the window."""

BEGAN, ENDED = np.zeros(3, np.uint8), np.zeros(4, np.uint8)
BEGAN[[ADDED, ENTERED]] = COMES, COMES_IN
ENDED[[FOLLOWED, REMOVED, LEFT]] = RESIZES, GOES, GOES_OUT


class Timeline(NamedTuple):
    """E events of a side by time; those of one time in no order.

    ts : (E,) int64 ns. what : (E,) uint8, `COMES` and so on. span : (E,) int64, the span that begins or ends.
    place : (E,) int32, of the level: 0 is the best price that the side ever had, P - 1 the worst.
    places : P, how many levels it ever had.
    """

    ts: np.ndarray
    what: np.ndarray
    span: np.ndarray
    place: np.ndarray
    places: int


def timeline_of(spans: Spans, number: int, end: int) -> Timeline:
    """Events of a side before ``end``, ns. A level that its first message pushed out had none."""
    side, changes = spans.sides[number], changes_of(spans)[number]
    place = np.repeat(np.arange(len(side.levels), dtype=np.int32), np.diff(side.first))
    place = len(side.levels) - 1 - place if number == 0 else place
    shown = (side.start < side.seen) | (changes.began == FOLLOWS) | (changes.ended == STANDS)
    comes = np.flatnonzero(shown & (changes.began != FOLLOWS) & (side.start < end))
    goes = np.flatnonzero(shown & (changes.ended != STANDS) & (side.seen < end))
    ts = np.concatenate([side.start[comes], side.seen[goes]])
    what = np.concatenate([BEGAN[changes.began[comes]], ENDED[changes.ended[goes]]])
    order = np.argsort(ts)
    span = np.concatenate([comes, goes])[order]
    return Timeline(ts[order], what[order], span, place[span], len(side.levels))
