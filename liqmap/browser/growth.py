"""`Growing`: a session at one moment after another -> what has come in between, at the cost of what is new.

By the law of causality a span that had ended before the book was told last is as it was. So of each level
only its loose end is looked at, the spans that end at that time or later; and the touch is swept from there
on, and then kept with the spans for all others who ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from liqmap.browser.append import Fresh, Rows, fresh_of, kept_of, pack_fresh
from liqmap.browser.content import NO_QUOTE, Content
from liqmap.browser.pack import Packed, pack
from liqmap.render.marks.overlays import Trades
from liqmap.spans import Spans, touch
from liqmap.spans.spans import SideSpans
from liqmap.spans.touch import TOUCH, Steps


class Loose(NamedTuple):
    """The loose ends of a side's levels: spans that end at a time or later, or not yet.

    first : (L,) of each level of these spans, its first span of all; before : how many come before these.
    """

    spans: SideSpans
    first: np.ndarray
    before: np.ndarray

    @classmethod
    def of(cls, side: SideSpans, since: int) -> Loose:
        rows = np.flatnonzero(side.end >= since)
        part = SideSpans.of(*(column[rows] for column in side.columns))
        begin = side.first[:-1][np.searchsorted(side.levels, part.levels)]
        return cls(part, begin, rows[part.first[:-1]] - begin)


@dataclass(frozen=True)
class Moment:
    """A session at one moment.

    sides : loose ends as of the last message; steps : the touch of each side.
    """

    spans: Spans
    trades: Trades
    sides: tuple[Loose, Loose]
    steps: tuple[Steps, Steps]

    @property
    def content(self) -> Content:
        """All of it, as pages have it."""
        quotes = [(start, np.where(size > 0, tick, NO_QUOTE)) for start, tick, size in self.steps]
        return Content(list(self.spans.sides), list(self.spans.windows), quotes, self.trades)


class Growing:
    """A session whose spans grow, from its first moment on.

    Parameters
    ----------
    base : ns that times of packs are counted from, the start of a UTC day.
    """

    def __init__(self, spans: Spans, trades: Trades, base: int) -> None:
        self.base = base
        steps = touch(spans, 0), touch(spans, 1)
        self.now = Moment(spans, trades, _loose(spans, spans.last), steps)

    def whole(self) -> Packed:
        """All that there is now, for a page that has nothing yet."""
        return pack(self.now.content, self.base)

    def grow(self, spans: Spans, trades: Trades) -> Packed:
        """Go on to the next moment; gives what `append` of the two gives.

        Parameters
        ----------
        spans, trades : all, of the same session; of ``spans`` the touch is known afterwards.
        """
        before = self.now
        since, last = before.spans.last, spans.last
        loose = _loose(spans, since)
        bids, asks = self._steps(spans, loose, since)
        now = Moment(spans, trades, _loose(spans, last), (bids, asks))
        fresh = [
            _fresh((before.spans.sides[k], before.sides[k]), (spans.sides[k], loose[k]), since, last)
            for k in (0, 1)
        ]
        old, new = before.content, now.content
        rows = Rows((since, last), (len(before.spans), len(spans)), kept_of(old, new))
        self.now = now
        return pack_fresh(fresh, rows, new, self.base)

    def _steps(self, spans: Spans, loose: tuple[Loose, Loose], since: int) -> tuple[Steps, Steps]:
        """The touch: as it was until the book was told last, then swept from what rested at that time."""
        late = Spans((loose[0].spans, loose[1].spans), spans.windows, spans.meta)
        bids, asks = (_joined(self.now.steps[side], touch(late, side), since) for side in (0, 1))
        TOUCH.give(spans, [bids, asks])
        return bids, asks


def _loose(spans: Spans, since: int) -> tuple[Loose, Loose]:
    bids, asks = (Loose.of(side, since) for side in spans.sides)
    return bids, asks


def _fresh(had: tuple[SideSpans, Loose], has: tuple[SideSpans, Loose], since: int, last: int) -> Fresh:
    """What of a side has changed, counted from the first span of each level."""
    fresh = fresh_of(had[1].spans, has[1].spans, since, last)
    levels = fresh.spans.levels
    before, carried = np.zeros(len(levels), np.int64), np.zeros(len(levels), np.int64)
    for side, loose in (had, has):  # both say the same of a level that both have
        there = np.flatnonzero(np.isin(levels, loose.spans.levels))
        place = np.searchsorted(loose.spans.levels, levels[there])
        for k, begin, count in zip(there, loose.first[place], loose.before[place]):
            rows = slice(begin, begin + count)
            before[k], carried[k] = count, np.count_nonzero(side.seen[rows] < side.end[rows])
    return Fresh(fresh.spans, fresh.kept + before, fresh.carried + carried)


def _joined(before: Steps, late: Steps, since: int) -> Steps:
    """Steps of before a time, then those of a sweep that is whole from then on."""
    old, new = int(np.searchsorted(before[0], since)), int(np.searchsorted(late[0], since))
    start, tick, size = (np.concatenate([a[:old], b[new:]]) for a, b in zip(before, late))
    return start, tick, size
