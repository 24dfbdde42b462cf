"""What lies over the heatmap: best bid and ask as steps, trades as bubbles. Data only, no drawing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from liqmap.replay import touch
from liqmap.schema import AGGRESSORS, SessionError, codes, int64

if TYPE_CHECKING:
    from liqmap.replay import Spans

BUBBLES = 60
"""As many bubbles as a picture bears."""

BIN_PIXELS = 14
"""Trades nearer in time than this many pixels share a bubble."""


TOUCH_WIDTH = 1.3
"""Pixels of the lines of best bid and ask."""

BID_DASH = (8, 8)
"""Pixels drawn and left out of the best bid, which lies over the unbroken best ask.

A spread of one tick is less than a pixel of most pictures: the lines then fall together, and each shows in
its half of the dashes. To part them would draw prices that were not."""


class Market(Protocol):
    """What can be drawn: a `Session`, or anything that serves the same."""

    time_range: tuple[np.datetime64, np.datetime64]
    price_range: tuple[float, float]

    def spans(self, depth_limit: int | None = None) -> Spans: ...
    def trades(self) -> pa.Table: ...


def check_market(source: object, expected: str = "a Session") -> None:
    """Refuse what is no `Market` before a picture asks it for anything.

    Raises
    ------
    SessionError : says what was given, and where sessions come from.
    """
    if not {"spans", "trades", "time_range", "price_range"} <= set(dir(source)):
        raise SessionError(
            f"expected {expected}, got {_named(source)}. "
            "Sessions come from a store that lm.ingest has filled: lm.open_store(path).session(venue, symbol)"
        )


def _named(source: object) -> str:
    return f"{type(source).__name__} {source!r}" if isinstance(source, (str, Path)) else type(source).__name__


@dataclass(frozen=True)
class Steps:
    """A price through time: ``price[i]`` holds from ``time[i]`` (int64 ns) on; NaN where there is none."""

    time: np.ndarray
    price: np.ndarray

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
class Bubbles:
    """Traded volume: time (int64 ns), price (volume-weighted), size, aggressor (-1 where not known)."""

    time: np.ndarray
    price: np.ndarray
    size: np.ndarray
    aggressor: np.ndarray

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True)
class Trades:
    """Trades as arrays, by time."""

    time: np.ndarray
    price: np.ndarray
    size: np.ndarray
    aggressor: np.ndarray

    @classmethod
    def of(cls, table: pa.Table) -> Trades:
        """From a table of schema `TRADES`."""
        time = int64(table["ts"])
        order = np.argsort(time, kind="stable")
        columns = (table["price"].to_numpy(), table["size"].to_numpy(), codes(table["aggressor"], AGGRESSORS))
        return cls(time[order], *(c[order] for c in columns))

    def bubbles(self, begin: int, end: int, width: int, tick_size: float, count: int = BUBBLES) -> Bubbles:
        """The largest ``count`` volumes of the view: trades of one aggressor close in time make one.

        Parameters
        ----------
        begin, end : ns.
        width : pixels of the view, which say what is close.
        tick_size : a bubble lies in the middle of its tick's cell, as the touch does.
        """
        cut = slice(*np.searchsorted(self.time, (begin, end)))
        time, size, sign = self.time[cut], self.size[cut], self.aggressor[cut]
        if len(time) == 0:
            return Bubbles(time, self.price[cut], size, sign)
        step = max(1, (end - begin) * BIN_PIXELS // max(width, 1))
        _, group = np.unique((time // step) * 4 + sign + 1, return_inverse=True)
        volume = np.bincount(group, size)
        chosen = np.argsort(-volume, kind="stable")[:count]
        chosen = chosen[volume[chosen] > 0]
        weigh = np.where(volume > 0, volume, 1.0)
        price = np.bincount(group, size * self.price[cut]) / weigh
        middle = begin + (np.bincount(group, size * (time - begin)) / weigh).astype(np.int64)
        signs = np.zeros(len(volume), np.int8)
        signs[group] = sign
        return Bubbles(middle[chosen], price[chosen] + tick_size / 2, volume[chosen], signs[chosen])


def radii(sizes: np.ndarray, largest: float, least: float = 2.5) -> np.ndarray:
    """Radii in pixels, area in proportion to size; the largest size gets ``largest``."""
    if len(sizes) == 0:
        return np.empty(0)
    return np.maximum(largest * np.sqrt(sizes / sizes.max()), least)
