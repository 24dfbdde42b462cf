"""Traded volume as bubbles: which trades share one, how many a view bears and how large they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.analytics.flow.kernels.squares import Squares, sum_squares
from liqmap.analytics.flow.trades import Trades as TradeArrays
from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.registry import Entry, Overlay

BUBBLES = 60
"""As many bubbles as a picture of 1200 x 600 pixels bears."""

ROOM = (1200, 600, 0.35)
"""Pixels of a picture that bears them all, and the part of them and of their radius that the smallest has."""

CELL_PIXELS = 24
"""Side of the square in which trades share a bubble, where there are more trades than bubbles."""

COVER = 0.1
"""Of a picture, what bubbles cover at most: where they would more, all are smaller."""

SIZE_KEY = (1.0, 1 / 4, 1 / 16)
"""Parts of the largest size whose discs a legend shows."""

LARGEST, LEAST = 17.0, 2.5
"""Radii of bubbles, pixels: of the largest volume of a picture, and at the least."""

FACE_ALPHA = 0.47
"""Opacity of a bubble within its rim."""

RIM_WIDTH = 1.2
"""Pixels of a bubble's rim on a screen."""


def _legend(theme: Theme) -> list[Entry]:
    return [Entry("buys", theme.buy), Entry("sells", theme.sell), Entry("area by size")]


OVERLAY = Overlay(
    "bubbles", "traded volume", 40, "liqmap.render.charts.layers:bubble_chart",
    "liqmap.render.png.layers:bubble_picture", _legend, menu_order=3, in_page=True, of_trades=True,
    shapes="liqmap.render.marks.layers:bubble_shapes",
)  # fmt: skip


@dataclass(frozen=True)
class Bubbles:
    """Traded volume: time (int64 ns), price (volume-weighted), size, aggressor (-1 where not known), and of
    how many trades."""

    time: np.ndarray
    price: np.ndarray
    size: np.ndarray
    aggressor: np.ndarray
    count: np.ndarray

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
        if len(some) > count:
            sums = some._squares(begin, end, width, prices, height)
            sign = np.arange(len(sums)) % 3 - 1
        else:
            own = some.size, some.size * some.price, some.size * (some.time - begin), np.ones(len(some))
            sums, sign = np.stack(own, axis=1), some.aggressor
        chosen = np.argsort(-sums[:, 0], kind="stable")[:count]
        chosen = chosen[sums[chosen, 0] > 0]
        volume, worth, moment, trades = sums[chosen].T
        return Bubbles(
            time=begin + (moment / volume).astype(np.int64),
            price=worth / volume + tick_size / 2,
            size=volume,
            aggressor=sign[chosen].astype(np.int8),
            count=trades.astype(np.int64),
        )

    def _squares(
        self, begin: int, end: int, width: int, prices: tuple[float, float] | None, height: int
    ) -> np.ndarray:
        """(G, 4) what the trades of a view come to by square and aggressor: see `sum_squares`."""
        step = max(1, (end - begin) * CELL_PIXELS // max(width, 1))
        low, rows, high = 0, 1, np.inf  # one row of all prices
        if prices is not None:
            high = (prices[1] - prices[0]) * CELL_PIXELS / max(height, 1)
            low = int(np.floor(prices[0] / high))
            rows = int(np.floor(prices[1] / high)) - low + 1
        columns = int(self.time[-1]) // step - begin // step + 1
        sums = np.zeros((columns * rows * 3, 4))
        sum_squares(self.plain_columns, Squares(begin, step, low, rows, high), sums)
        return sums

    def at_least(self, size: float) -> Trades:
        """The trades of this size, base units, or more."""
        if size <= 0:
            return self
        large = self.size >= size
        return Trades(self.time[large], self.price[large], self.size[large], self.aggressor[large])

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
    scale = float(np.clip(np.sqrt(width * height / (ROOM[0] * ROOM[1])), ROOM[2], 1.0))
    return round(BUBBLES * scale), LARGEST * scale


def radii(sizes: np.ndarray, view: tuple[int, int], drawn: np.ndarray | None = None) -> np.ndarray:
    """Radii in pixels, area in proportion to size; smaller all together where they would cover too much.

    Parameters
    ----------
    view : its width and height, pixels.
    drawn : sizes of all bubbles of the view, where these are others, such as those of a key.
    """
    drawn = sizes if drawn is None else drawn
    if len(drawn) == 0:
        return np.empty(0)
    (_, largest), most = bubble_room(*view), drawn.max()
    plain, others = (np.maximum(largest * np.sqrt(some / most), LEAST) for some in (sizes, drawn))
    covered = np.pi * float(np.sum(others**2))
    return min(1.0, float(np.sqrt(COVER * view[0] * view[1] / covered))) * plain


def size_key(drawn: np.ndarray, view: tuple[int, int]) -> list[tuple[float, float]]:
    """Radius and size of some discs of a view's bubbles, the largest first; none of no bubbles."""
    sizes = np.array(SIZE_KEY) * drawn.max(initial=0.0)
    return list(zip(radii(sizes, view, drawn).tolist(), sizes.tolist()))
