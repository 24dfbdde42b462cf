"""How each span came and went: by orders, or because the window reached its price or left it.

A level that a feed stops showing rests on as far as anyone knows, and one that comes back was not placed just
then. Whatever counts orders (stacking and pulling, order-flow imbalance) counts by these.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.schema import FULL, OPEN, POLICIES, TOP_N
from liqmap.spans import Spans
from liqmap.spans.end_reasons import last_word, pushed_at_last
from liqmap.spans.kept import Derivation
from liqmap.spans.levels import NO_WINDOW, UNBOUNDED
from liqmap.spans.rows import both
from liqmap.spans.spans import Window

ADDED, ENTERED, FOLLOWS = range(3)
"""How a span began: where nothing was known to rest; where nothing was known; from another size."""

REMOVED, LEFT, FOLLOWED, STANDS = range(4)
"""How it ended: in the window; out of the window, in a gap, or for a reason that the feed does not tell; at
another size, with the next span of its level; not before the last message."""


class Changes(NamedTuple):
    """How S spans of a side began and ended, (S,) uint8 each."""

    began: np.ndarray
    ended: np.ndarray


class Steps(NamedTuple):
    """The window of a side as kernels take it; see `Window`."""

    start: np.ndarray
    kind: np.ndarray
    worst: np.ndarray

    @classmethod
    def of(cls, window: Window) -> Steps:
        return cls(window.start, window.kind, window.worst.astype(np.int64))


class Rule(NamedTuple):
    """How a feed tells what came and went.

    side : 0 bids, 1 asks. last : when the book last said anything, ns.
    silent : it removes what leaves the window like a cancel. whole : every removal is real, also beyond the
        window: what it removed is not there until it says so.
    """

    side: int
    last: int
    silent: bool
    whole: bool


def changes_of(spans: Spans) -> tuple[Changes, Changes]:
    """How the spans of the bids and of the asks came and went; kept with the spans, 2 bytes each.

    Notes
    -----
    Just before its start the price of a span that follows on no other of its level was either inside the
    window, and known to be empty (`ADDED`), or not (`ENTERED`); nor was one that follows a carried span. A
    span whose ``seen`` and ``end`` are one ended in the window, unless the feed pushes levels out of a window
    that was not known then (a ``top_n`` feed between a gap and the next snapshot): that is `LEFT`.
    """
    return CHANGES.of(spans)


def _both_sides(spans: Spans) -> tuple[Changes, Changes]:
    bids, asks = both(lambda side: _changes(spans, side), (0, 1), len(spans))
    return bids, asks


CHANGES: Derivation[tuple[Changes, Changes]] = Derivation("changes", _both_sides)


def _changes(spans: Spans, number: int) -> Changes:
    side = spans.sides[number]
    found = Changes(np.empty(len(side), np.uint8), np.empty(len(side), np.uint8))
    policy = spans.meta.window_policy
    rule = Rule(number, last_word(spans), policy == POLICIES[TOP_N], policy == POLICIES[FULL])
    _come_and_go(rule, side.columns, Steps.of(spans.windows[number]), found)
    found.ended[pushed_at_last(side, number, found.ended == STANDS, spans.meta)] = LEFT
    return found


@borrowing
def covers(number, steps, at, tick):
    """Whether the window of a side reached a tick at a time: what it does not list there does not rest."""
    k = np.searchsorted(steps.start, at, side="right") - 1
    if k < 0 or steps.kind[k] == NO_WINDOW:
        return False
    if steps.kind[k] == UNBOUNDED:
        return True
    return tick >= steps.worst[k] if number == 0 else tick <= steps.worst[k]


@borrowing
def _no_window(steps, at):
    k = np.searchsorted(steps.start, at, side="right") - 1
    return k < 0 or steps.kind[k] == NO_WINDOW


@borrowing
def _still(steps, begin, at):
    """Whether one window, known, stood from one time to another."""
    k = np.searchsorted(steps.start, at, side="right") - 1
    return k >= 0 and steps.kind[k] != NO_WINDOW and steps.start[k] <= begin


@borrowing
def _come_and_go(rule, spans, steps, found):
    """Fill `Changes`, by `Rule`, `SpanColumns` and `Steps`."""
    n = spans.tick.shape[0]
    for i in range(n):
        tick, start, seen, end = spans.tick[i], spans.start[i], spans.seen[i], spans.end[i]
        again = i > 0 and spans.tick[i - 1] == tick
        removed = again and spans.seen[i - 1] == spans.end[i - 1]
        if again and spans.end[i - 1] == start:
            found.began[i] = FOLLOWS if removed else ENTERED
        else:
            empty = covers(rule.side, steps, start - 1, tick)
            if rule.whole and removed and not empty:
                empty = _still(steps, spans.end[i - 1], start - 1)
            found.began[i] = ADDED if empty else ENTERED
        if seen == end:
            if i + 1 < n and spans.tick[i + 1] == tick and spans.start[i + 1] == end:
                found.ended[i] = FOLLOWED
            elif rule.silent and _no_window(steps, seen) and _no_window(steps, seen - 1):
                found.ended[i] = LEFT
            else:
                found.ended[i] = REMOVED
        else:
            found.ended[i] = STANDS if end == OPEN and seen >= rule.last else LEFT
