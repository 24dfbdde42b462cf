"""The trades of a session so far: read once, then continued by what is heard."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from liqmap.live.follow.tail import Tail
from liqmap.schema import TRADES, int64

MANY = 64
"""Pieces of a table after which they are made one: each costs a little, whatever is done with the table."""


class TradesSoFar:
    """A table of trades from a time on (ns), and what has come since; one thread at a time may call it.

    To read the store each time would take longer, the longer a session is.

    Attributes
    ----------
    table : None until it has been read.
    """

    def __init__(self, start: int) -> None:
        self.table: pa.Table | None = None
        self._start = start
        self._new: list[pa.RecordBatch] = []
        self._tick_size: float | None = None

    def add(self, rows: pa.RecordBatch, tick_size: float | None) -> bool:
        """Rows that were heard; False where their ticks are others than before: all is to be read anew."""
        if self._tick_size not in (None, tick_size):
            return False
        self._tick_size = tick_size
        self._new.append(rows)
        return True

    def begin(self, table: pa.Table) -> None:
        """The table has been read, of a store that may by then have had what was heard meanwhile."""
        ts = int64(table["ts"])
        rest = Tail("trades", self._new).not_in(lambda begin: table.filter(pa.array(ts >= begin)))
        self.table, self._new = table, rest.to_batches()

    def whole(self) -> pa.Table:
        """All of them, those of one time in the order in which they came."""
        assert self.table is not None
        if not self._new:
            return self.table
        table, metadata = self.table.replace_schema_metadata(None), self.table.schema.metadata
        new = pa.Table.from_batches(self._new).cast(TRADES.remove_metadata())
        self._new = []
        ts = int64(new["ts"])
        if (early := ts < self._start).any():
            new, ts = new.filter(pa.array(~early)), ts[~early]
        if not len(ts):
            return self.table
        late = len(table) and int(ts.min()) < table["ts"][len(table) - 1].value
        found = pa.concat_tables([table, new]).unify_dictionaries()
        if late or (np.diff(ts) < 0).any():
            found = found.take(pa.array(np.argsort(int64(found["ts"]), kind="stable")))
        if found["ts"].num_chunks > MANY:
            found = found.combine_chunks()
        self.table = found.replace_schema_metadata(metadata)
        return self.table
