"""What lies in a box of time and prices: traded volume, its delta, and the size that rested there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.app.data.data import Data
from liqmap.render.charts.layers import known_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import draw, instant_ns, visible
from liqmap.render.marks.traded import traded


class Measured(NamedTuple):
    """Base units.

    volume, delta : of the trades; None of a market of which none are stored.
    bids, asks : size that rested between the prices, mean over the time; NaN where nothing is known of it.
    """

    volume: float | None
    delta: float | None
    bids: float
    asks: float


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
        totals = known_of(trades, end, until).within(begin, max(end, begin), prices).totals
        volume, delta = totals.volume, totals.delta
    low, high = (p / spans.tick_size for p in prices)
    rows = np.array([np.floor(low + 1e-6), np.ceil(high - 1e-6)]).astype(np.int64)
    if end <= begin or rows[1] <= rows[0]:
        return Measured(volume, delta, float("nan"), float("nan"))
    cell = draw(spans, np.array([begin, end]), rows, data.carry, "mean").liquidity
    return Measured(volume, delta, *(float(size) for size in cell[:, 0, 0]))


def measured_words(found: Measured, unit: str) -> str:
    """``volume 12 BTC  ·  delta +3.1  ·  resting 120 bid, 98 ask``."""
    parts = ["no trades stored"]
    if found.volume is not None and found.delta is not None:
        parts = [f"volume {labels.short(found.volume)} {unit}", f"delta {signed(found.delta)}"]
    sizes = f"resting {labels.short(found.bids)} bid, {labels.short(found.asks)} ask"
    return "  ·  ".join([*parts, sizes if len(parts) > 1 else f"{sizes} {unit}"])


def signed(size: float) -> str:
    """A size with its sign, as the numbers beside the delta have it."""
    return ("+" if size > 0 else "−" if size < 0 else "") + labels.short(abs(size))
