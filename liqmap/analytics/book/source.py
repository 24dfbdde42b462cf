"""What measures of a book are asked of: spans, the range of time, and the trades of the market."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from liqmap.analytics.book.events.hits import prints_of
from liqmap.fill.snapshots import time_extent
from liqmap.schema import SessionError
from liqmap.spans import Spans
from liqmap.spans.end_reasons import Prints

DAY = 86_400 * 10**9


class Market(NamedTuple):
    """Spans, first and last instant (ns) of what is asked about, and where trades are, if anywhere."""

    spans: Spans
    begin: int
    end: int
    trades: Any

    @property
    def prints(self) -> Prints:
        """The trades that met the book.

        Raises
        ------
        SessionError : there are none. SchemaError : they are of another market or unit, or lack a column.
        """
        found = None if self.trades is None else prints_of(self.trades, self.spans)
        if found is None or not len(found.ts):
            raise SessionError(
                argument="trades",
                expected="trades of the market: without them nobody knows what was traded and what pulled",
                got="none",
                remedy="Ingest those of the same days, or pass them",
            )
        return found


def market_of(source: Any, trades: Any = None) -> Market:
    """Of a session, or of spans and trades beside them.

    Raises
    ------
    GridError : neither.
    """
    spans, begin, end = time_extent(source)
    own = source if trades is None and callable(getattr(source, "trades", None)) else trades
    return Market(spans, begin, end, own)


def trades_known(prints: Prints, time: np.ndarray) -> np.ndarray:
    """(T,) whether the trades of bins with edges (T + 1,) ns are known: from the bin of the first trade on,
    on the UTC days that have any."""
    if not len(prints.ts):
        return np.zeros(len(time) - 1, np.bool_)
    days = np.unique(prints.ts // DAY)
    first, last = time[:-1] // DAY, (time[1:] - 1) // DAY
    count = np.searchsorted(days, last, side="right") - np.searchsorted(days, first)
    return (count == last - first + 1) & (time[1:] > prints.ts.min())
