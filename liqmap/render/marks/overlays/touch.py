"""Best bid and best ask as steps, and one line at the mid where they are too close to part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.registry import Entry, Overlay
from liqmap.spans import Derivation, touch

if TYPE_CHECKING:
    from liqmap.spans import Spans

TOUCH_WIDTH = 1.2
"""Pixels of the lines of best bid, best ask and mid."""

NARROW_PIXELS = 1.5
"""Where the spread is narrower, best bid and ask are drawn as one line at the mid.

A spread of one tick is less than a pixel of most pictures: there one line would hide the other."""


def _legend(theme: Theme) -> list[Entry]:
    sides = [Entry("best bid", theme.best_bid, True), Entry("best ask", theme.best_ask, True)]
    return [*sides, Entry("both in a pixel", theme.mid, True, "mid")]


OVERLAY = Overlay(
    "bbo", "best bid and ask", 20, "liqmap.render.charts.layers:touch_chart",
    "liqmap.render.png.layers:touch_picture", _legend, menu_order=1, in_page=True,
    shapes="liqmap.render.marks.layers:touch_shapes",
)  # fmt: skip


@dataclass(frozen=True)
class Steps:
    """A price through time: ``price[i]`` holds from ``time[i]`` (int64 ns) on; NaN where there is none."""

    time: np.ndarray
    price: np.ndarray

    def at(self, time: int) -> float:
        """The price that holds at an instant; NaN where there is none."""
        return float(_price_at(self, np.array([time]))[0])

    def between(self, begin: int, end: int, columns: int) -> Steps:
        """The steps in view; where they are denser than ``columns`` pixels, the last of each column."""
        first = max(0, int(np.searchsorted(self.time, begin, side="right")) - 1)
        last = int(np.searchsorted(self.time, end, side="right"))
        time, price = self.time[first:last], self.price[first:last]
        if len(time) == 0:
            return Steps(time, price)
        if len(time) > 2 * columns:
            column = (time - begin) // max((end - begin) // columns, 1)
            last_of_column = np.flatnonzero(np.diff(column, append=column[-1] + 1))
            time, price = time[last_of_column], price[last_of_column]
        time = np.maximum(time, begin)
        return Steps(np.append(time, end), np.append(price, price[-1]))


def best(spans: Spans, side: int) -> Steps:
    """Best observed price of a side, drawn half a tick up: in the middle of the cell its tick fills."""
    start, tick, size = touch(spans, side)
    return Steps(start, np.where(size > 0, (tick + 0.5) * spans.tick_size, np.nan))


@dataclass(frozen=True)
class Quotes:
    """Best bid and best ask through time: ``time`` int64 ns, each until the next; NaN where none."""

    time: np.ndarray
    bid: np.ndarray
    ask: np.ndarray

    @classmethod
    def of(cls, spans: Spans) -> Quotes:
        """Of a market, each in the middle of the cell its tick fills; kept with the spans."""
        return QUOTES.of(spans)

    def between(self, begin: int, end: int, columns: int) -> Quotes:
        """The quotes in view, as `Steps.between` has them."""
        bid = Steps(self.time, self.bid).between(begin, end, columns)
        return Quotes(bid.time, bid.price, Steps(self.time, self.ask).between(begin, end, columns).price)

    @property
    def mid(self) -> Steps:
        return Steps(self.time, (self.bid + self.ask) / 2)

    def lines(self, least: float) -> tuple[Steps, Steps, Steps]:
        """Best bid and best ask where the spread is at least ``least``, else the mid."""
        narrow = np.abs(self.ask - self.bid) < least
        one = np.where(narrow, (self.bid + self.ask) / 2, np.nan)
        two = (Steps(self.time, np.where(narrow, np.nan, price)) for price in (self.bid, self.ask))
        return *two, Steps(self.time, one)  # type: ignore[return-value]


def _quotes(spans: Spans) -> Quotes:
    sides = [best(spans, side) for side in (0, 1)]
    time = np.union1d(sides[0].time, sides[1].time)
    return Quotes(time, *(_price_at(steps, time) for steps in sides))


QUOTES = Derivation("quotes", _quotes)


def _price_at(steps: Steps, time: np.ndarray) -> np.ndarray:
    """The price that holds at each time; NaN before the first."""
    k = np.searchsorted(steps.time, time, side="right") - 1
    return np.where(k >= 0, steps.price[k], np.nan) if len(steps.time) else np.full(len(time), np.nan)
