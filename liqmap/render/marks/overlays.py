"""What lies over the heatmap: best bid and ask as steps, trades as bubbles. Data only, no drawing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liqmap.analytics.flow.bars import Bars
from liqmap.analytics.flow.trades import Traded
from liqmap.analytics.flow.trades import Trades as TradeArrays
from liqmap.render.frames.frame import NICE_TIMES, nice_step
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme, css
from liqmap.schema import GridError
from liqmap.spans import Derivation, touch

if TYPE_CHECKING:
    from liqmap.spans import Spans

OVERLAYS = ("candles", "bbo", "mid", "bubbles")
"""What can lie over the heatmap, from below to above."""

PANELS = ("ladder", "profile", "delta")
"""What can stand beside the heatmap and below it."""

BUBBLES = 60
"""As many bubbles as a picture of 1200 x 600 pixels bears."""

CELL_PIXELS = 24
"""Side of the square in which trades share a bubble, where there are more trades than bubbles."""

LARGEST, LEAST = 17.0, 2.5
"""Radii of bubbles, pixels: of the largest volume of a picture, and at the least."""

FACE_ALPHA = 0.47
"""Opacity of a bubble within its rim."""

TOUCH_WIDTH = 1.2
"""Pixels of the lines of best bid, best ask and mid."""

NARROW_PIXELS = 1.5
"""Where the spread is narrower, best bid and ask are drawn as one line at the mid.

A spread of one tick is less than a pixel of most pictures: there one line would hide the other."""


CANDLE_PIXELS = 10
"""Least width of a candle, its gap included."""

CANDLE_SHARE = 0.7
"""Of a bar's time that the body of its candle takes."""


def traded(session: Market) -> Trades:
    """The trades by time: those that a session keeps, else read and ordered now."""
    arrays = session.traded() if isinstance(session, Traded) else TradeArrays.of(session.trades())
    return Trades(arrays.time, arrays.price, arrays.size, arrays.aggressor)


def check_parts(overlays: Sequence[str], panels: Sequence[str]) -> None:
    """Refuse overlays and panels that there are not.

    Raises
    ------
    GridError : says which there are.
    """
    for name, wanted, known in (("overlays", overlays, OVERLAYS), ("panels", panels, PANELS)):
        several = isinstance(wanted, Collection) and not isinstance(wanted, str)
        if not several or any(one not in known for one in wanted):
            raise GridError(f"{name}: expected some of {known}, got {wanted!r}")


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


@dataclass(frozen=True)
class Bubbles:
    """Traded volume: time (int64 ns), price (volume-weighted), size, aggressor (-1 where not known)."""

    time: np.ndarray
    price: np.ndarray
    size: np.ndarray
    aggressor: np.ndarray

    def __len__(self) -> int:
        return len(self.time)


class Trades(TradeArrays):
    """Trades as pictures take them."""

    def bubbles(
        self,
        begin: int,
        end: int,
        width: int,
        tick_size: float,
        count: int = BUBBLES,
        prices: tuple[float, float] | None = None,
        height: int = 600,
    ) -> Bubbles:
        """The largest ``count`` volumes of the view.

        A trade is a bubble of its own where the view holds at most ``count``. Of more trades, those of one
        aggressor in the same square of `CELL_PIXELS` make one; without ``prices``, in the same column.

        Parameters
        ----------
        begin, end : ns.
        width, height : pixels of the view, which say what is close.
        tick_size : a bubble lies in the middle of its tick's cell, as the touch does.
        prices : low and high of the view, quote currency; trades beyond are left out.
        """
        some = self.within(begin, end, prices)
        time, size, sign = some.time, some.size, some.aggressor
        if len(time) == 0:
            return Bubbles(time, some.price, size, sign)
        group = np.arange(len(time))
        if len(time) > count:
            step = max(1, (end - begin) * CELL_PIXELS // max(width, 1))
            column, rows, row = time // step - begin // step, 1, np.zeros(1, np.int64)
            if prices is not None:
                high = (prices[1] - prices[0]) * CELL_PIXELS / max(height, 1)
                row = np.floor(some.price / high).astype(np.int64)
                rows, row = int(np.ptp(row)) + 1, row - row.min()
            group = (column * rows + row) * 3 + sign + 1
        volume = np.bincount(group, size)
        weigh = np.where(volume > 0, volume, 1.0)
        chosen = np.argsort(-volume, kind="stable")[:count]
        chosen = chosen[volume[chosen] > 0]
        price = np.bincount(group, size * some.price) / weigh
        middle = begin + (np.bincount(group, size * (time - begin)) / weigh).astype(np.int64)
        signs = np.zeros(len(volume), np.int8)
        signs[group] = sign
        return Bubbles(middle[chosen], price[chosen] + tick_size / 2, volume[chosen], signs[chosen])

    def within(self, begin: int, end: int, prices: tuple[float, float] | None) -> Trades:
        """The trades of a view."""
        some = self.between(begin, end)
        if prices is None:
            return some
        seen = (some.price >= prices[0]) & (some.price <= prices[1])
        if seen.all():
            return some
        return Trades(some.time[seen], some.price[seen], some.size[seen], some.aggressor[seen])


def bubble_room(width: int, height: int) -> tuple[int, float]:
    """How many bubbles a view of so many pixels bears, and the radius of the largest."""
    scale = float(np.clip(np.sqrt(width * height / (1200 * 600)), 0.35, 1.0))
    return round(BUBBLES * scale), LARGEST * scale


def radii(sizes: np.ndarray, largest: float, least: float = LEAST) -> np.ndarray:
    """Radii in pixels, area in proportion to size; the largest size gets ``largest``."""
    if len(sizes) == 0:
        return np.empty(0)
    return np.maximum(largest * np.sqrt(sizes / sizes.max()), least)


def candle_step(begin: int, end: int, width: int) -> int:
    """The nice time step, ns, of bars at least `CANDLE_PIXELS` wide."""
    return nice_step((end - begin) * CANDLE_PIXELS / max(width, 1), NICE_TIMES)


def candle_colours(bars: Bars, theme: Theme) -> np.ndarray:
    """A colour a bar, by where it closed."""
    way = np.sign(bars.close - bars.open).astype(int) + 1
    return np.array([css(c) for c in (theme.down, theme.neutral, theme.up)], object)[way]
