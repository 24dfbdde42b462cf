"""What was stacked and pulled, as a page has it: sums of fine cells, which add up to those of coarser ones.

Both are sums over changes of levels, so that the cells of a view whose steps are multiples of the fine ones
are those of every other picture; nearer views show the fine ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.analytics.book.events.hits import prints_of
from liqmap.analytics.book.stacking import Stacking, stacking_of
from liqmap.analytics.flow.amounts import amounts_of
from liqmap.browser.columns import Columns
from liqmap.browser.content import BEYOND
from liqmap.render.frames.frame import NICE, NICE_TIMES
from liqmap.render.frames.market import Market
from liqmap.render.marks.overlays.stacking import CELL
from liqmap.schema import SIDES

MOST = 40_000
"""Cells, about 6 bytes each."""

SCREEN = (1200, 600)
"""Pixels of the view of the whole, whose cells are divided."""

FINER = (16, 8, 4, 2, 1)
"""How many fine steps there are in one of that view, at most; of time and of prices alike."""

DAY = 86_400 * 10**9


def stacks_of(
    session: Market, columns: Columns, times: tuple[int, int], prices: tuple[float, float], base: int
) -> dict[str, Any] | None:
    """What a page has of it; the sums are put into columns. None where no trades tell what was pulled.

    Parameters
    ----------
    times, base : ns; of the page's time, and what it counts from. prices : of the page, quote currency.
    """
    spans, (begin, end) = session.spans(), times
    prints = prints_of(session.trades(), spans)
    if not len(prints.ts):
        return None
    first = max(begin - (end - begin) // BEYOND, spans.begin)
    low, high = (price / spans.tick_size for price in prices)
    for finer in FINER:
        step = _one_of(NICE_TIMES, (end - begin) * CELL[0] / SCREEN[0] / finer)
        ticks = _one_of(NICE, (high - low) * CELL[1] / SCREEN[1] / finer)
        time = np.arange(first // step, min(end, spans.last) // step + 1, dtype=np.int64) * step
        rows = np.arange(np.floor(low / ticks) - 1, np.ceil(high / ticks) + 2).astype(np.int64) * ticks
        if len(time) < 2:
            return None
        each = [stacking_of(spans, prints, time, rows, side) for side in range(len(SIDES))]
        if sum(map(len, each)) <= MOST:
            break
    for side, found in zip(SIDES, each):
        _put(columns, side, found)
    days = np.unique(prints.ts // DAY) * DAY
    return {
        "step": step, "ticks": ticks, "first": int(time[0]) - base, "last": int(time[-1]) - base,
        "lowest": int(rows[0]), "traded": int(prints.ts.min()) - base, "days": (days - base).tolist(),
    }  # fmt: skip


def _one_of(nice: list[int], most: float) -> int:
    """The longest nice step that is not longer, and whose multiples are many: 1, 2 and 5 of each decade."""
    plain = [step for step in nice if str(step).rstrip("0") in ("1", "2", "5")]
    return max((step for step in plain if step <= most), default=plain[0])


def _put(columns: Columns, side: str, found: Stacking) -> None:
    """The cells of a side by time and then by price, with what was added and pulled."""
    order = np.lexsort((found.row, found.bin))
    columns.rising(f"stacking.{side}.bin", found.bin[order])
    columns.walk(f"stacking.{side}.row", found.row[order])
    for what in ("added", "pulled"):
        sums = getattr(found, what)[order]
        rounded = np.round(sums, 9)  # what is left of sums of decimals
        columns.decimal(f"stacking.{side}.{what}", rounded if amounts_of(rounded).per_unit > 1 else sums)
