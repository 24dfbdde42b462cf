"""What a page shows of a session: the spans, window, touch and trades of its time range."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from liqmap.render.frames.frame import Range, instant_ns
from liqmap.render.frames.market import Market
from liqmap.render.marks.overlays import Trades
from liqmap.render.marks.traded import traded
from liqmap.schema import OPEN
from liqmap.spans import touch
from liqmap.spans.spans import SideSpans, Spans, Window

Quote = tuple[np.ndarray, np.ndarray]
"""Best level of a side: start (B,) int64 ns, tick (B,) int64; `NO_QUOTE` where there is none."""

BEYOND = 8
"""Part of a session's length that the widest column may have."""

NO_QUOTE = np.int64(1) << 40


@dataclass(frozen=True)
class Content:
    """Spans by side, tick and time, windows, touch, and trades by time."""

    sides: list[SideSpans]
    windows: list[Window]
    quotes: list[Quote]
    trades: Trades

    def __len__(self) -> int:
        return sum(map(len, self.sides))

    @property
    def last(self) -> int:
        """Until when the book was told, ns; 0 where it never was."""
        ends = [int(w.start[-1]) for w in self.windows if len(w.start)]
        return max(ends + [int(s.seen.max()) for s in self.sides if len(s)], default=0)

    @classmethod
    def of(cls, session: Market, spans: Spans, times: Range, by_distance: bool = False) -> Content:
        """What may show between two times: columns at the ends of a picture reach beyond them.

        Parameters
        ----------
        by_distance : whether to keep the touch that stood when each level was last seen, however long before.
        """
        begin, end = map(instant_ns, times)
        beyond = (end - begin) // BEYOND
        begin, end = begin - beyond, end + beyond
        trades = traded(session)
        sides = [_crop(s, begin, end) for s in spans.sides]
        before = [s.seen[(s.seen < s.end) & (s.seen <= begin) & by_distance] for s in sides]
        return cls(
            sides,
            [_crop_window(w, begin, end) for w in spans.windows],
            [_quote(spans, side, begin, end, before[side]) for side in (0, 1)],
            trades.between(begin, end),
        )

    def at(self, resolution: int) -> Content:
        """As of a feed that speaks at whole multiples of ``resolution`` ns only.

        Every instant waits for the next multiple, so from a multiple on a level has the size that it has
        then, until the next. A size that no multiple saw is gone; no time is late by ``resolution`` or more.
        Trades of one aggressor between two multiples are one, at their volume-weighted time and price.
        """
        return replace(
            self,
            sides=[_wait(s, resolution) for s in self.sides],
            windows=[_wait_window(w, resolution) for w in self.windows],
            quotes=[_last_of_each(up(t, resolution), tick) for t, tick in self.quotes],
            trades=_joined(self.trades, resolution),
        )


def up(times: np.ndarray, resolution: int) -> np.ndarray:
    """The next whole multiple of a resolution, or the time itself if it is one; `OPEN` stays."""
    return np.where(times == OPEN, OPEN, -(-times // resolution) * resolution)


def _crop(side: SideSpans, begin: int, end: int) -> SideSpans:
    return _chosen(side, (side.end > begin) & (side.start < end))


def _chosen(side: SideSpans, which: np.ndarray) -> SideSpans:
    columns = (side.tick, side.start, side.seen, side.end, side.size)
    return SideSpans.of(*(c[which] for c in columns))


def _crop_window(window: Window, begin: int, end: int) -> Window:
    first = max(0, int(np.searchsorted(window.start, begin, side="right")) - 1)
    cut = slice(first, int(np.searchsorted(window.start, end)))
    return Window(window.start[cut], window.kind[cut], window.worst[cut])


def _quote(spans: Spans, side: int, begin: int, end: int, before: np.ndarray) -> Quote:
    """The touch from the step that stands at ``begin`` on, and those that stood until ``before``."""
    start, tick, size = touch(spans, side)
    first = max(0, int(np.searchsorted(start, begin, side="right")) - 1)
    kept = np.arange(first, int(np.searchsorted(start, end)))
    stood = np.searchsorted(start, before) - 1
    kept = np.unique(np.concatenate([stood[stood >= 0], kept]))
    return start[kept], np.where(size > 0, tick, NO_QUOTE)[kept]


def _wait(side: SideSpans, resolution: int) -> SideSpans:
    start, seen, end = (up(t, resolution) for t in (side.start, side.seen, side.end))
    kept = np.flatnonzero(start < end)
    tick, start, seen, end, size = (c[kept] for c in (side.tick, start, seen, end, side.size))
    # A size that came back to what it was before the next multiple never went.
    goes_on = (tick[1:] == tick[:-1]) & (size[1:] == size[:-1]) & (start[1:] == seen[:-1])
    first = np.flatnonzero(np.concatenate([[True], ~goes_on])[: len(tick)])
    last = np.append(first[1:] - 1, len(tick) - 1)[: len(first)]
    return SideSpans.of(tick[first], start[first], seen[last], end[last], size[first])


def _wait_window(window: Window, resolution: int) -> Window:
    start = up(window.start, resolution)
    last = np.flatnonzero(np.diff(start, append=OPEN))
    return Window(start[last], window.kind[last], window.worst[last])


def _last_of_each(start: np.ndarray, tick: np.ndarray) -> Quote:
    last = np.flatnonzero(np.diff(start, append=OPEN))
    return start[last], tick[last]


def _joined(trades: Trades, resolution: int) -> Trades:
    if not len(trades.time):
        return trades
    begin = int(trades.time[0])
    keys = (trades.time // resolution) * 4 + trades.aggressor + 1
    key, group = np.unique(keys, return_inverse=True)
    volume = np.bincount(group, trades.size)
    weigh = np.where(volume > 0, volume, 1.0)
    time = begin + (np.bincount(group, trades.size * (trades.time - begin)) / weigh).astype(np.int64)
    price = np.bincount(group, trades.size * trades.price) / weigh
    order = np.argsort(time, kind="stable")
    # Bubbles are discs of some pixels: six decimals say more than they show, and pack in half the bytes.
    price, volume = np.round(price, 6), np.round(volume, 6)
    aggressor = (key % 4 - 1).astype(np.int8)
    return Trades(time[order], price[order], volume[order], aggressor[order])
