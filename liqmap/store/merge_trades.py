"""Trades, or bands, of two sources that overlap, row by row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.schema import TABLES, int64
from liqmap.store.conflict import Conflict
from liqmap.store.parts import Part

SAME_TRADE_NS = 1_000_000
"""Archives give a trade's time in fractions of a ms, streams in whole ms."""


class TradesMerge:
    """Trades (or bands) of two parts by time; those of one id are kept once."""

    def __init__(self, old: Part, new: Part) -> None:
        self.added = False
        self.first_is_new = False
        self._kind = old.kind
        self._conflict = Conflict(old, new)

    def slice(self, left: pa.Table, right: pa.Table) -> Iterator[pa.Table]:
        """The merged rows of one slice of time."""
        ours, theirs = self._names(left), self._names(right)
        where = pc.index_in(theirs, ours)
        twin = where.is_valid()
        if self._kind == "trades":
            self._compare(left.take(where.drop_null()), right.filter(twin))
        fresh = right.filter(pc.invert(twin))
        self.added |= fresh.num_rows > 0
        table = pa.concat_tables([left, fresh]).unify_dictionaries()
        if table.num_rows:
            order = np.argsort(int64(table["ts"]), kind="stable")
            yield table.take(pa.array(order)).combine_chunks().cast(TABLES[self._kind])

    def end(self) -> Iterator[pa.Table]:
        return iter(())

    def _names(self, table: pa.Table) -> pa.Array:
        """The ids; a row without one is known by its content and its number among equals."""
        if self._kind == "trades" and table["id"].null_count == 0:
            return table["id"].combine_chunks()
        seen: dict[str, int] = {}
        names = []
        for row in table.to_pylist():
            name = row.pop("id", None)
            content = f"\0{row['ts'].value}{list(row.values())[1:]}"
            seen[content] = seen.get(content, 0) + 1
            names.append(name if name is not None else f"{content}{seen[content]}")
        return pa.array(names, pa.string())

    def _compare(self, ours: pa.Table, theirs: pa.Table) -> None:
        late = np.abs(int64(ours["ts"]) - int64(theirs["ts"])) >= SAME_TRADE_NS
        for name in ("price", "size"):
            late |= ours[name].to_numpy() != theirs[name].to_numpy()
        if late.any():
            raise self._conflict.error(f"the trade with id {theirs['id'][int(np.argmax(late))].as_py()!r}")
