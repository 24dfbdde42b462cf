"""Rows of prices, as ladders and stacking have them: whole multiples of a height, in ticks."""

from __future__ import annotations

import numpy as np

from liqmap.schema import GridError
from liqmap.schema.arguments import is_number
from liqmap.schema.ranges import price_range as rising
from liqmap.spans import Spans

MOST_ROWS = 10_000_000


def row_edges(spans: Spans, height: float | None, price_range: tuple[float, float] | None) -> np.ndarray:
    """Edges of rows, ticks: whole multiples of the height over all levels, or over a range.

    Parameters
    ----------
    height : quote currency; None: one tick.

    Raises
    ------
    GridError : a height that is no whole number of ticks, a range that does not rise, too many rows.
    """
    tick = spans.tick_size
    height = tick if height is None else height
    ticks = round(height / tick) if is_number(height) and 0 < height < np.inf else 0
    if ticks < 1 or abs(ticks * tick - height) > 1e-6 * height:
        raise GridError(argument="price", expected=f"a whole multiple of the tick {tick:g}", got=repr(height))
    if price_range is None:
        levels = [int(t) for s in spans.sides if len(s) for t in (s.levels[0], s.levels[-1])]
        low, high = min(levels, default=0), max(levels, default=0) + 1
    else:
        bottom, top = rising(price_range, "price_range")
        low, high = int(np.floor(bottom / tick + 1e-6)), int(np.ceil(top / tick - 1e-6))
    first, last = low // ticks, -(-high // ticks)
    if last - first > MOST_ROWS:
        raise GridError(
            argument="price",
            expected=f"at most {MOST_ROWS:,} rows",
            got=f"{last - first:,} of {height:g}",
            remedy="Take higher rows, or a smaller price_range",
        )
    return np.arange(first, last + 1) * ticks
