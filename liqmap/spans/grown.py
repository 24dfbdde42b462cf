"""Spans in parts: what has settled, and what is young.

A session that grows by a few messages would be put in order anew each time. So what it was some while ago is
kept as it stood then, and only what has ended since, or is open, is gathered anew. Each part can be asked
alone: up to its last message it says what the whole says, for later messages change nothing there, and from
its ``since`` on it is complete. The whole is put together when somebody wants it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from liqmap.compiling import borrowing
from liqmap.schema import OPEN
from liqmap.spans.kept import Kept
from liqmap.spans.levels import NO_WINDOW
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans, SpanColumns, Spans, Window


class GrownSpans(Spans):
    """Spans in parts; the whole is what a replay of all would have found.

    Parameters
    ----------
    parts : the first as of a message of before; each further one as of a later message, with those spans that
        ended after its ``since``, or were open. That is not after the last message of the part before.
    ended : for all but the last, how many of a part's spans ended by the ``since`` of the next.
    """

    def __init__(self, parts: Sequence[Spans], ended: Sequence[int]) -> None:
        for before, part in zip(parts, parts[1:]):
            part.before = before
        self.kept, self.stored, self.before = Kept(), None, None
        self.parts, self._ended = tuple(parts), sum(ended)
        self.meta, self.since = parts[-1].meta, parts[0].since

    def __len__(self) -> int:
        return self._ended + len(self.parts[-1])

    def __reduce_ex__(self, protocol: Any) -> Any:
        """To another process go the spans as a whole."""
        return Spans, (self.sides, self.windows, self.meta, self.since)

    @cached_property
    def sides(self) -> tuple[SideSpans, SideSpans]:  # type: ignore[override]
        """The spans of the bids, of the asks: put together when first asked for."""
        bids, asks = both(partial(_join_side, self.parts), (0, 1), len(self))
        return bids, asks

    @cached_property
    def windows(self) -> tuple[Window, Window]:  # type: ignore[override]
        """The window of the bids, of the asks."""
        return _join_window(self.parts, 0), _join_window(self.parts, 1)

    @property
    def nbytes(self) -> int:
        return 36 * len(self)

    @cached_property
    def begin(self) -> int:
        """As of all spans: the first one has settled."""
        return self.parts[0].begin

    @cached_property
    def last(self) -> int:
        """ts of the last message, ns."""
        return max(part.last for part in self.parts)


def drop_ended(spans: Spans, until: int) -> Spans:
    """The spans that ended after an instant, ns, or are open, and the window from then on."""
    sides = []
    for s in spans.sides:
        keep = s.end > until
        sides.append(SideSpans.of(*(column[keep] for column in s.columns)))
    windows = []
    for w in spans.windows:
        n = max(int(np.searchsorted(w.start, until, side="right")) - 1, 0)
        windows.append(Window(w.start[n:], w.kind[n:], w.worst[n:]))
    return Spans((sides[0], sides[1]), (windows[0], windows[1]), spans.meta, until)


def last_end(spans: Spans, number: int) -> int | None:
    """The time by which all but about so many of the spans that have ended did so, ns; None: there are no
    more."""
    ends = np.concatenate([s.end[s.end < OPEN] for s in spans.sides])
    return int(np.partition(ends, -number - 1)[-number - 1]) if len(ends) > number else None


def ended_by(spans: Spans, until: int) -> int:
    """How many spans ended by then, ns."""
    return sum(int(np.count_nonzero(side.end <= until)) for side in spans.sides)


def _join_window(parts: Sequence[Spans], side: int) -> Window:
    """Each part but the first begins with the step in force at its ``since``. A part that was looked at as a
    window opened ends with a step that closed it then; where a gap at that instant says that there was none,
    that step changes nothing and is dropped, as a replay of all drops it."""
    steps, stop = [], int(OPEN)
    for part in reversed(parts):
        w = part.windows[side]
        n = int(np.searchsorted(w.start, stop))
        steps.append((w.start[:n], w.kind[:n], w.worst[:n]))
        stop = int(w.start[0]) if n else stop
    start, kind, worst = (np.concatenate(columns) for columns in zip(*reversed(steps)))
    first = NO_WINDOW if parts[0].since is None else -1
    changes = (kind != np.append(first, kind[:-1])) | (worst != np.append(0, worst[:-1]))
    changes[len(start) - len(steps[0][0]) :] = True  # the last part's are as a replay of all has them
    return Window(start[changes], kind[changes], worst[changes])


def _join_side(parts: Sequence[Spans], number: int) -> SideSpans:
    """Of each part the spans that ended by the ``since`` of the next, one behind the other in each level."""
    sides = [part.sides[number] for part in parts]
    levels = sides[0].levels
    for side in sides[1:]:
        levels = np.union1d(levels, side.levels)
    places = [np.searchsorted(levels, side.levels) for side in sides]
    counts = np.zeros((len(parts), len(levels)), np.int64)
    for k, side in enumerate(sides):
        until = parts[k + 1].since if k + 1 < len(parts) else OPEN
        _count_ended(side.end, side.first, until, places[k], counts[k])
    first = np.append(0, np.cumsum(counts.sum(axis=0)))
    whole = SpanColumns.empty(int(first[-1]))
    begins = first[:-1] + np.cumsum(counts, axis=0) - counts
    for side, place, count, begin in zip(sides, places, counts, begins):
        _copy_levels(side.columns, side.first, count[place], begin[place], whole)
    used = np.diff(first) > 0
    return SideSpans(*whole, levels=levels[used], first=np.append(first[:-1][used], first[-1]))


@borrowing
def _count_ended(end, first, until, place, out):
    """How many spans of each level ended by ``until``, at the level's ``place`` in ``out``; those of a level
    end one after the other."""
    for k in range(first.shape[0] - 1):
        i = first[k + 1]
        while i > first[k] and end[i - 1] > until:
            i -= 1
        out[place[k]] = i - first[k]


@borrowing
def _copy_levels(spans, first, count, to, whole):
    """Copy the first ``count`` spans of every level to where those of the level go, both `SpanColumns`."""
    for k in range(first.shape[0] - 1):
        j = to[k]
        for i in range(first[k], first[k] + count[k]):
            whole.tick[j], whole.start[j], whole.seen[j] = spans.tick[i], spans.start[i], spans.seen[i]
            whole.end[j], whole.size[j] = spans.end[i], spans.size[i]
            j += 1
