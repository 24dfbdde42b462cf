"""Spans as they stood at an earlier message."""

from __future__ import annotations

from functools import partial

import numpy as np

from liqmap.compiling import borrowing
from liqmap.schema import OPEN, Meta
from liqmap.spans.levels import NO_WINDOW
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans, SpanColumns, Spans, Window


def truncate(spans: Spans, at: int, meta: Meta | None = None) -> Spans:
    """What a replay that ends with the messages of one instant finds, from the replay of more.

    Parameters
    ----------
    at : ns, the ts of a message; those of equal ts belong to it.
    meta : of what is left, where its sources are fewer.

    Notes
    -----
    What began later is not there; what ended later is open; what was seen later was seen until ``at``, for
    it was in the book then. The window ends at ``at``.
    """
    bids, asks = both(partial(_side, at=at), spans.sides, len(spans))
    windows = (_window(spans.windows[0], at), _window(spans.windows[1], at))
    return Spans((bids, asks), windows, meta or spans.meta, spans.since)


def _side(s: SideSpans, at: int) -> SideSpans:
    first = np.zeros_like(s.first)
    _count(s.start, s.first, at, first)
    n = int(first[-1])
    kept = SpanColumns.empty(n)
    _copy(s.columns, s.first, at, first, kept)
    there = np.diff(first) > 0
    return SideSpans(*kept, levels=s.levels[there], first=np.append(first[:-1][there], n))


def _window(window: Window, at: int) -> Window:
    n = int(np.searchsorted(window.start, at, side="right"))
    start, kind, worst = window.start[:n], window.kind[:n], window.worst[:n]
    if n and kind[-1] != NO_WINDOW:
        n -= int(start[-1] == at)
        start, worst = np.append(start[:n], at), np.append(worst[:n], 0)
        kind = np.append(kind[:n], NO_WINDOW).astype(np.uint8)
    return Window(start, kind, worst)


@borrowing
def _count(start, levels, at, out):
    """Where the spans that began by ``at`` will stand; those of a level are in order of time."""
    for k in range(levels.shape[0] - 1):
        n = 0
        for i in range(levels[k], levels[k + 1]):
            if start[i] > at:
                break
            n += 1
        out[k + 1] = out[k] + n


@borrowing
def _copy(spans, levels, at, first, kept):
    """Copy the spans that began by ``at``, as they stood then, to ``kept``: those of level k from
    ``levels[k]`` on to ``first[k]`` on. Both are `SpanColumns`."""
    for k in range(first.shape[0] - 1):
        i = levels[k]
        for j in range(first[k], first[k + 1]):
            kept.tick[j], kept.start[j], kept.size[j] = spans.tick[i], spans.start[i], spans.size[i]
            kept.seen[j] = min(spans.seen[i], at)
            kept.end[j] = spans.end[i] if spans.end[i] <= at else OPEN
            i += 1
