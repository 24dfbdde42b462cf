"""Rows that were heard and that the store may not have yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from liqmap.schema import EVENTS, GAP, TABLES, codes, int64

Row = tuple[int, int, int]
"""ts (ns), seq and event of a row of depth; event -1: any but a gap."""


def last_row(depth: pa.Table) -> Row | None:
    """The last row of a depth table; None of an empty one."""
    if not depth.num_rows:
        return None
    ts, seq, event = _keys(depth.slice(depth.num_rows - 1))
    return int(ts[0]), int(seq[0]), int(event[0])


class Tail:
    """The rows of one table, in the order in which they were heard. One thread at a time may call it."""

    def __init__(self, kind: str, batches: Sequence[pa.RecordBatch] = ()) -> None:
        self.kind = kind
        self._batches = list(batches)

    def copy(self) -> Tail:
        """The same rows, to be looked at while more are added here."""
        return Tail(self.kind, self._batches)

    def __len__(self) -> int:
        return sum(batch.num_rows for batch in self._batches)

    def add(self, rows: pa.RecordBatch) -> None:
        """Rows after those that are here."""
        self._batches.append(rows)

    def drop_last(self) -> None:
        """Forget the rows that were added last."""
        self._batches.pop()

    def first_ts(self) -> int | None:
        """The earliest time of the rows, ns; None where there are none."""
        return min((int(int64(batch.column("ts")).min()) for batch in self._batches), default=None)

    def table(self) -> pa.Table:
        """All of them."""
        schema = TABLES[self.kind].remove_metadata()
        tables = [pa.Table.from_batches([batch]).cast(schema) for batch in self._batches]
        return pa.concat_tables(tables) if tables else schema.empty_table()

    def keep(self, rows: pa.Table) -> None:
        """Only these are still of use."""
        self._batches = rows.combine_chunks().to_batches()

    def after(self, last: Row | None) -> pa.Table:
        """Of depth, the rows after the last one that the store has."""
        table = self.table()
        if last is None or not table.num_rows:
            return table
        ts, seq, event = _keys(table)
        alike = event == last[2] if last[2] >= 0 else event != GAP
        same = np.flatnonzero((ts == last[0]) & (seq == last[1]) & alike)
        if len(same):
            return table.slice(int(same[-1]) + 1)
        after = (ts > last[0]) | ((ts == last[0]) & (seq > last[1]))
        later = np.flatnonzero(after & (event != GAP))
        begin = int(later[0]) if len(later) else table.num_rows
        while begin > 0 and event[begin - 1] == GAP:  # it stands between the two
            begin -= 1
        return table.slice(begin)

    def not_in(self, stored: Callable[[int], pa.Table]) -> pa.Table:
        """Of another table, the rows that the store lacks; ``stored`` reads those it has from a time on."""
        table = self.table()
        begin = self.first_ts()
        if begin is None:
            return table
        have = Counter(_words(stored(begin)))
        keep = np.ones(table.num_rows, np.bool_)
        for i, row in enumerate(_words(table)):
            if have[row] > 0:
                have[row] -= 1
                keep[i] = False
        return table.filter(pa.array(keep))


def _keys(depth: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return int64(depth["ts"]), int64(depth["seq"], null=-1), codes(depth["event"], EVENTS)


def _words(table: pa.Table) -> list[tuple[object, ...]]:
    """The rows, to be compared."""
    columns = []
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        columns.append(column.to_pylist())
    return list(zip(*columns))
