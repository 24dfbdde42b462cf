"""Book tickers of two sources by time: what both have is kept once.

Those with ids are the same when their ids are: then both sides must agree. Of two times of one ticker, which
differ only where they are those of arrival, the stored one stays. All others are the same when their content
is.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.schema import int64
from liqmap.store.merge.trades import TradesMerge, numbered


class QuotesMerge(TradesMerge):
    """One slice of time after the other."""

    def _names(self, table: pa.Table) -> pa.Array:
        """What two equal rows share: the id, or the content and the number among equals."""
        ids = table["seq"].cast(pa.string()).combine_chunks()
        if not ids.null_count:
            return ids
        return pc.replace_with_mask(ids, ids.is_null(), numbered(table.filter(table["seq"].is_null())))

    def _compare(self, ours: pa.Table, theirs: pa.Table) -> None:
        wrong = np.zeros(len(ours), np.bool_)
        for name in ("bid", "bid_size", "ask", "ask_size"):
            a, b = (pc.fill_null(table[name], 0.0).to_numpy() for table in (ours, theirs))
            wrong |= a != b
        if wrong.any():
            raise self._conflict.error(f"the quote with id {theirs['seq'][int(np.argmax(wrong))]}")

    def _ordered(self, table: pa.Table, stored: int) -> pa.Table:
        """
        Raises
        ------
        StoreError : times and ids of the two sources are in different orders.
        """
        seq, ts = int64(table["seq"], null=-1), int64(table["ts"])
        order = np.lexsort((seq, ts))
        a, b = order[:-1], order[1:]
        if (((a < stored) != (b < stored)) & (seq[b] >= 0) & (seq[a] > seq[b])).any():
            raise self._conflict.of_clocks()
        return table.take(pa.array(order))
