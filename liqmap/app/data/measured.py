"""What lies in a box of time and prices: traded volume, its delta, and the size that rested there."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from liqmap.app.data.data import Data
from liqmap.raster.paint import paint
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.marks.traded import known_of, traded

WHOLE = 0.995
"""A box of which so much is known is called known."""


class Measured(NamedTuple):
    """Base units.

    volume, delta : of the trades; None of a market of which none are stored.
    bids, asks : size that rested between the prices, mean over the time; NaN where nothing is known of it.
    known : for what share of the box, ticks x time, the book was known of the side of which less was; what is
        not known counts as 0.
    """

    volume: float | None
    delta: float | None
    bids: float
    asks: float
    known: float = 0.0


def measured(data: Data, times: tuple[int, int], prices: tuple[float, float]) -> Measured:
    """What lies in a box, as far as the session, or its play, has come.

    Parameters
    ----------
    times : ns, [begin, end); prices : quote currency, rising; whole ticks that reach into them count.
    """
    session, spans = data.session, data.session.spans()
    first, last = (instant_ns(t) for t in visible(session.time_range))
    until = data.played_to()
    begin, end = max(times[0], first), min(times[1], last if until is None else until)
    trades = traded(session)
    volume = delta = None
    if len(trades):
        totals = known_of(trades, until).within(begin, max(end, begin), prices).totals
        volume, delta = totals.volume, totals.delta
    low, high = (p / spans.tick_size for p in prices)
    rows = np.array([np.floor(low + 1e-6), np.ceil(high - 1e-6)]).astype(np.int64)
    if end <= begin or rows[1] <= rows[0]:
        return Measured(volume, delta, float("nan"), float("nan"))
    cell = paint(spans, np.array([begin, end]), rows, data.carry, "mean", known=True)
    bids, asks = (float(size) for size in cell["liquidity"][:, 0, 0])
    return Measured(volume, delta, bids, asks, float(cell["known"].min()))


def measured_words(found: Measured, unit: str) -> str:
    """``volume 12 BTC  ·  delta +3.1  ·  resting 120 bid, 98 ask``, and how much is known where that is less
    than all."""
    parts = ["no trades stored"]
    if found.volume is not None and found.delta is not None:
        parts = [f"volume {labels.short(found.volume)} {unit}", f"delta {signed(found.delta)}"]
    sizes = f"resting {labels.short(found.bids)} bid, {labels.short(found.asks)} ask"
    parts.append(sizes if len(parts) > 1 else f"{sizes} {unit}")
    if found.known < WHOLE:
        parts.append(f"{math.floor(100 * found.known)} % known")
    return "  ·  ".join(parts)


def signed(size: float) -> str:
    """A size with its sign, as the numbers beside the delta have it."""
    return ("+" if size > 0 else "−" if size < 0 else "") + labels.short(abs(size))
