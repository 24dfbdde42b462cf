"""Trades (bands, orders) of two sources by time: what both have is kept once.

Where ids number trades, or aggregates of them, trades are the same when their ids are: then price, size,
aggressor (where both say it) and time must agree. All others are the same when their content is; of several
equal ones, as many are kept as the source with more of them has. Where it is not known what the ids of one
source number, they must share some, if there is much of both over one time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.schema import AGGRESSORS, OWN_IDS, TABLES, codes, int64
from liqmap.store.merge.conflict import Conflict
from liqmap.store.parts import Part

SAME_TRADE_NS = 1_000_000
"""Archives give a trade's time in fractions of a ms, streams in whole ms."""

MET_NS, MET_TRADES = 1_000_000_000, 10
"""From which shared time, and trades of either in it, two sources must share an id: pieces that only touch
have none in common."""


class TradesMerge:
    """One slice of time after the other."""

    def __init__(self, old: Part, new: Part) -> None:
        self.added = False
        self.first_is_new = False
        self._kind = old.kind
        self._ids = old.meta.trade_ids or new.meta.trade_ids
        self._conflict = Conflict(old, new)
        self._ids_alike = (old.meta.trade_ids is None) == (new.meta.trade_ids is None)
        self._from = max(old.facts.first_ts, new.facts.first_ts)
        self._to = min(old.facts.last_ts, new.facts.last_ts)
        self._met = np.zeros(2, np.int64)
        self._shared = False

    def slice(self, left: pa.Table, right: pa.Table, near: pa.Table) -> Iterator[pa.Table]:
        """The merged rows of one slice of time; ``near`` has the stored ones about ``right``, also those of
        other slices and parts: the two clocks of a trade may lie on both sides of a cut."""
        where = pc.index_in(self._names(right), self._names(near))
        twin = where.is_valid()
        self._compare(near.take(where.drop_null()), right.filter(twin))
        self._meet(left, right, twin)
        fresh = right.filter(pc.invert(twin))
        self.added |= fresh.num_rows > 0
        table = pa.concat_tables([left, fresh]).unify_dictionaries()
        if table.num_rows:
            yield self._ordered(table, left.num_rows).combine_chunks().cast(TABLES[self._kind])

    def end(self) -> Iterator[pa.Table]:
        """Nothing is left.

        Raises
        ------
        StoreError : what the ids of one source number is not known, and over one time not one is shared.
        """
        long = self._to - self._from > MET_NS
        if not self._ids_alike and long and (self._met >= MET_TRADES).all() and not self._shared:
            raise self._conflict.of_ids()
        return iter(())

    def _ordered(self, table: pa.Table, stored: int) -> pa.Table:
        """Rows by time, those of one time by id where they have ids; the first of them are ``stored``."""
        seq = int64(table["seq"], null=-1) if "seq" in table.column_names else np.zeros(len(table))
        return table.take(pa.array(np.lexsort((seq, int64(table["ts"])))))

    def _meet(self, left: pa.Table, right: pa.Table, twin: pa.Array) -> None:
        """Count stored and new trades of the time that both have, and see whether some are the same."""
        if self._kind != "trades" or self._ids_alike:
            return
        for i, table in enumerate((left, right)):
            ts = int64(table["ts"])
            self._met[i] += np.count_nonzero((ts >= self._from) & (ts <= self._to))
        self._shared |= bool(pc.any(twin).as_py())

    def _names(self, table: pa.Table) -> pa.Array:
        """What two equal rows share: the id, or the content and the number among equals."""
        if self._kind != "trades":
            return numbered(table)
        if self._ids is not None and self._ids not in OWN_IDS:
            return numbered(table if self._ids == "message" else table.drop_columns("id"))
        ids = table["id"].combine_chunks()
        nameless = pc.equal(pc.fill_null(ids, ""), "")  # an empty id names nothing
        if not pc.any(nameless).as_py():
            return ids
        return pc.replace_with_mask(ids, nameless, numbered(table.filter(nameless).drop_columns("id")))

    def _compare(self, ours: pa.Table, theirs: pa.Table) -> None:
        """That rows of the same name say the same."""
        if self._kind != "trades":
            return
        wrong = np.abs(int64(ours["ts"]) - int64(theirs["ts"])) >= SAME_TRADE_NS
        for name in ("price", "size"):
            wrong |= ours[name].to_numpy() != theirs[name].to_numpy()
        sides = [codes(t["aggressor"], AGGRESSORS) for t in (ours, theirs)]
        wrong |= (sides[0] != sides[1]) & (sides[0] >= 0) & (sides[1] >= 0)
        if wrong.any():
            raise self._conflict.error(f"the trade with id {theirs['id'][int(np.argmax(wrong))].as_py()!r}")


def once(table: pa.Table) -> pa.Table:
    """Trades, those that are equal in all, with an id, kept once."""
    ts, price, size = int64(table["ts"]), table["price"].to_numpy(), table["size"].to_numpy()
    order = np.lexsort((size, price, ts))
    a, b = order[:-1], order[1:]
    twin = (ts[a] == ts[b]) & (price[a] == price[b]) & (size[a] == size[b])
    alike = np.unique(np.concatenate([a[twin], b[twin]]))
    if not len(alike):
        return table
    some = table.take(alike)
    again = _content(some)[1] > 0
    again &= pc.not_equal(some["id"].fill_null(""), "").to_numpy()
    keep = np.ones(len(ts), np.bool_)
    keep[alike[again]] = False
    return table.filter(pa.array(keep))


def numbered(table: pa.Table) -> pa.Array:
    """The content of each row, and its number among equals, as a name."""
    content, number = _content(table)
    return pc.binary_join_element_wise("", content, pa.array(number).cast(pa.string()), "\0")


def _content(table: pa.Table) -> tuple[pa.Array, np.ndarray]:
    """The content of each row as text, and its number among equals, from 0."""
    cells = []
    for column in table.columns:
        plain = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
        cells.append(pc.fill_null(plain.cast(pa.string()), ""))
    content = pa.chunked_array(pc.binary_join_element_wise(*cells, "\0")).combine_chunks()
    equal = content.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    order = np.argsort(equal, kind="stable")
    begins = np.flatnonzero(np.diff(equal[order], prepend=-1))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    return content, number
