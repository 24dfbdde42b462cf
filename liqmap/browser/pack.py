"""`pack`: content -> one block of bytes that the page unpacks.

Format 1. Every column is as `columns.Columns` says; the header names them in order. Times are whole numbers
of ``unit`` ns from ``origin``, ns after ``base``, the start of a UTC day. Per side, ``bid`` or ``ask``, with
spans by tick and then by time:

| column | what |
|---|---|
| `levels` | ticks that have spans, walked: the first, then the steps, zigzag |
| `count` | spans of each level |
| `gap` | from the end of the level's last span to the start of this; of its first, from ``origin`` |
| `dwell` | from start to seen |
| `carried` | from seen to end: 0 none, 1 open, else one more than the units |
| `size` | decimal |
| `window.start`, `window.kind`, `window.worst` | steps of the window (`Window`); the tick is walked |
| `quote.start`, `quote.tick` | steps of the touch; the tick is walked, `content.NO_QUOTE` is none |

and ``trades.time`` (of ``trade_unit``), ``trades.price``, ``trades.size``, ``trades.aggressor`` (0 unknown, 1
buy, 2 sell). ``last`` in the header is until when the book was told. The whole is gzip, then base64 in the
page. What comes later is appended (see `append`).
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.browser.columns import Columns, common_unit
from liqmap.browser.content import Content
from liqmap.schema import OPEN, SIDES
from liqmap.spans.spans import SideSpans

FORMAT = 1

LEVEL = 6
"""Of gzip: 9 takes ten times as long and saves 2 %."""

DAY = 86_400 * 10**9


@dataclass(frozen=True)
class Packed:
    """gzip bytes, and what is needed to read them (JSON)."""

    data: bytes
    header: dict[str, Any]

    @property
    def base64_bytes(self) -> int:
        return -(-len(self.data) // 3) * 4


def pack(content: Content, base: int) -> Packed:
    """Pack a content; ``base`` is ns at the start of a UTC day."""
    columns = Columns()
    header = write(columns, content, base) | {"last": content.last - base, "columns": columns.header}
    return squeezed(columns, header)


def squeezed(columns: Columns, header: dict[str, Any]) -> Packed:
    """Columns that are complete, with what is needed to read them."""
    return Packed(gzip.compress(columns.data(), LEVEL, mtime=0), header)


def write(columns: Columns, content: Content, base: int) -> dict[str, Any]:
    """Put a content into columns; returns how its times are told."""
    times = [t for s in content.sides for t in (s.start, s.seen, s.end[s.end != OPEN])]
    times += [w.start for w in content.windows] + [start for start, _ in content.quotes]
    moments = [*times, content.trades.time]
    origin = min((int(t.min()) for t in moments if len(t)), default=base)
    unit = common_unit([t - origin for t in times])
    trade_unit = common_unit([content.trades.time - origin])
    for k, name in enumerate(SIDES):
        _spans(columns, name, content.sides[k], origin, unit)
        window, (start, tick) = content.windows[k], content.quotes[k]
        columns.rising(f"{name}.window.start", (window.start - origin) // unit)
        columns.whole(f"{name}.window.kind", window.kind)
        columns.walk(f"{name}.window.worst", window.worst)
        columns.rising(f"{name}.quote.start", (start - origin) // unit)
        columns.walk(f"{name}.quote.tick", tick)
    trades = content.trades
    columns.rising("trades.time", (trades.time - origin) // trade_unit)
    columns.decimal("trades.price", trades.price)
    columns.decimal("trades.size", trades.size)
    columns.whole("trades.aggressor", (trades.aggressor + 1).astype(np.int64))
    return {
        "format": FORMAT, "base": str(base), "origin": origin - base, "unit": unit, "trade_unit": trade_unit,
    }  # fmt: skip


def _spans(columns: Columns, name: str, side: SideSpans, origin: int, unit: int) -> None:
    start, seen = (side.start - origin) // unit, (side.seen - origin) // unit
    end = np.where(side.end == OPEN, 0, (side.end - origin) // unit)
    gap = start.copy()
    gap[1:] -= end[:-1]
    begins = side.first[:-1][np.diff(side.first) > 0]
    gap[begins] = start[begins]
    carried = np.where(side.end == OPEN, 1, np.where(end > seen, end - seen + 1, 0))
    columns.walk(f"{name}.levels", side.levels.astype(np.int64))
    columns.whole(f"{name}.count", np.diff(side.first))
    columns.whole(f"{name}.gap", gap)
    columns.whole(f"{name}.dwell", seen - start)
    columns.whole(f"{name}.carried", carried)
    columns.decimal(f"{name}.size", side.size)
