"""Two sources of one market that overlap in time become one part: equal messages are kept once.

Both files are walked side by side in slices of time, so memory stays bounded. Depth messages are the same
when time and ``seq`` are, trades when their id is. The same message with other content is a conflict and
refused; an update and a snapshot of one ``seq`` are two messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from liqmap.schema import (
    DEPTH,
    EVENTS,
    GAP,
    MISSING,
    OPEN,
    SIDES,
    SNAPSHOT,
    TABLES,
    StoreError,
    codes,
    depth_rows,
    int64,
)
from liqmap.store.parts import LOST, Part, PartWriter

Key = tuple[int, int]
SAME_TRADE_NS = 1_000_000
"""Archives give a trade's time in fractions of a ms, streams in whole ms."""


def merge_part(old: Part, new: Part, out: Path, since: Key | None, until: Key | None) -> bool:
    """Write ``old`` with what ``new`` adds between two keys (first ts, first seq) to ``out``.

    Returns
    -------
    Whether anything was added; if not, nothing is left at ``out``.

    Raises
    ------
    StoreError : the two contradict each other.
    """
    merge = _DepthMerge(old, new) if old.kind == "depth" else _TradesMerge(old, new)
    writer = PartWriter(out, old.kind)
    for left, right in _slices(old.path, new.path, since, until):
        for table in merge.slice(left, right):
            writer.write(table)
    for table in merge.end():
        writer.write(table)
    if not merge.added:
        writer.abort()
        out.unlink()
        return False
    writer.close(old.meta.merge(new.meta), _follows(old, new, merge.first_is_new, since))
    return True


def _follows(old: Part, new: Part, first_is_new: bool, since: Key | None) -> int:
    """What the first merged message follows. ``new`` tells only if it begins here: cut at a key, it says
    what an earlier message of its own follows."""
    if since is not None:
        return LOST if first_is_new else old.facts.follows
    return (new if (first_is_new or old.facts.follows < 0) and new.key <= old.key else old).facts.follows


class _Slicer:
    """Rows of a part between two times, whole row groups read once."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        meta = self._file.metadata
        stats = [meta.row_group(i).column(0).statistics for i in range(meta.num_row_groups)]
        self.bounds = [(s.min_raw, s.max_raw) for s in stats]
        self._cache: dict[int, pa.Table] = {}

    def take(self, low: int, high: int) -> pa.Table:
        """Rows with low <= ts < high."""
        groups = [i for i, (a, b) in enumerate(self.bounds) if a < high and b >= low]
        self._cache = {
            i: self._cache[i] if i in self._cache else self._file.read_row_group(i) for i in groups
        }
        found = []
        for i in groups:
            ts = int64(self._cache[i]["ts"])
            found.append(self._cache[i].filter(pa.array((ts >= low) & (ts < high))))
        tables = found or [self._file.schema_arrow.empty_table()]
        return pa.concat_tables([t.replace_schema_metadata(None) for t in tables])

    def close(self) -> None:
        self._file.close()


def _slices(
    old: Path, new: Path, since: Key | None, until: Key | None
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Both parts cut at the same times, at least at every start of a row group; new only between the keys."""
    left, right = _Slicer(old), _Slicer(new)
    try:
        cuts = sorted({a for a, _ in left.bounds + right.bounds})
        for low, high in zip(cuts, [*cuts[1:], OPEN]):
            rows = right.take(low, high)
            if since is not None or until is not None:
                rows = rows.filter(pa.array(_between(rows, since, until)))
            yield left.take(low, high), rows
    finally:
        left.close()
        right.close()


def _between(rows: pa.Table, since: Key | None, until: Key | None) -> np.ndarray:
    ts = int64(rows["ts"])
    seq = int64(rows["seq"], null=-1) if "seq" in rows.column_names else np.full(len(ts), -1)
    keep = np.ones(len(ts), np.bool_)
    if since is not None:
        keep &= (ts > since[0]) | ((ts == since[0]) & (seq >= since[1]))
    if until is not None:
        keep &= (ts < until[0]) | ((ts == until[0]) & (seq < until[1]))
    return keep


@dataclass
class _Conflict:
    """Who says what, for the error."""

    old: Part
    new: Part

    def error(self, what: str) -> StoreError:
        old, new = (", ".join(s.name for s in p.meta.sources) or str(p.path) for p in (self.old, self.new))
        return StoreError(
            f"{self.old.path.parent}: expected sources that agree, got two versions of {what}: one in {old}, "
            f"another in {new}. Ingest only one of them"
        )


@dataclass
class _Columns:
    """Rows of DEPTH as arrays, and the messages in them; gap rows are no messages but separate runs."""

    ts: np.ndarray
    ts_recv: np.ndarray
    seq: np.ndarray
    event: np.ndarray
    side: np.ndarray
    price: np.ndarray
    size: np.ndarray
    begin: np.ndarray = field(init=False)
    length: np.ndarray = field(init=False)
    run: np.ndarray = field(init=False)
    gaps: int = field(init=False)

    def __post_init__(self) -> None:
        event, seq, ts = self.event, self.seq, self.ts
        if len(ts) == 0:
            self.begin = self.length = self.run = np.empty(0, np.int64)
            self.gaps = 0
            return
        new = np.ones(len(ts), np.bool_)
        new[1:] = (
            (seq[1:] != seq[:-1]) | (event[1:] != event[:-1]) | (ts[1:] != ts[:-1]) | (event[1:] > SNAPSHOT)
        )
        begin = np.flatnonzero(new)
        length = np.diff(np.append(begin, len(ts)))
        gap = event[begin] == GAP
        self.gaps = int(gap.sum())
        self.run = np.cumsum(gap)[~gap]
        self.begin, self.length = begin[~gap], length[~gap]

    @classmethod
    def of(cls, table: pa.Table) -> _Columns:
        return cls(
            ts=int64(table["ts"]),
            ts_recv=int64(table["ts_recv"], null=MISSING),
            seq=int64(table["seq"], null=-1),
            event=codes(table["event"], EVENTS),
            side=codes(table["side"], SIDES),
            price=table["price"].to_numpy(),
            size=table["size"].to_numpy(),
        )


class _DepthMerge:
    """Messages of two parts in the order of the feed; a gap stands where neither source bridges it."""

    def __init__(self, old: Part, new: Part) -> None:
        self.added = False
        self.first_is_new = False
        self._conflict = _Conflict(old, new)
        self._parts = old, new
        self._runs = np.zeros(2, np.int64)
        self._gaps = 0
        self._last: tuple[int, int, np.ndarray] | None = None
        self._tail: tuple[int, int] | None = None

    def slice(self, left: pa.Table, right: pa.Table) -> Iterator[pa.Table]:
        """The merged rows of one slice of time."""
        both = (_Columns.of(left), _Columns.of(right))
        runs = [c.run + base for c, base in zip(both, self._runs)]
        self._runs += [c.gaps for c in both]
        self._gaps += both[0].gaps
        rows = self._join(both)
        source = np.repeat([0, 1], [len(c.begin) for c in both])
        begin = np.concatenate([both[0].begin, both[1].begin + len(both[0].ts)])
        length = np.concatenate([c.length for c in both])
        if len(begin) == 0:
            return
        ts, seq, snap = rows.ts[begin], rows.seq[begin], rows.event[begin] == SNAPSHOT
        order = np.lexsort((source, snap, seq, ts))
        a, b = order[:-1], order[1:]
        twin = (ts[a] == ts[b]) & (seq[a] == seq[b]) & (snap[a] == snap[b]) & (source[a] < source[b])
        self._compare(rows, begin, length, a[twin], b[twin])
        self._stray(both)
        held = np.full((2, len(order)), -1, np.int64)
        held[source, np.arange(len(order))] = np.concatenate(runs)
        held[1, a[twin]] = held[1, b[twin]]
        keep = np.ones(len(order), np.bool_)
        keep[1:] = ~twin
        order = order[keep]
        self.added |= bool((source[order] == 1).any())
        if self._last is None:
            self.first_is_new = bool(source[order[0]] == 1)
        yield self._build(rows, begin[order], length[order], held[:, order])

    def end(self) -> Iterator[pa.Table]:
        """A gap at the end of the stored part stays, unless the new source goes on without one."""
        if self._last is None:
            return
        ts, seq, held = self._last
        bridged = held[1] == self._runs[1]
        if 0 <= held[0] < self._runs[0] and not bridged:
            self._gaps -= 1
            yield _gap_row(ts, seq)
        self.added |= self._gaps != 0

    def _join(self, both: tuple[_Columns, _Columns]) -> _Columns:
        names = ("ts", "ts_recv", "seq", "event", "side", "price", "size")
        return _Columns(**{n: np.concatenate([getattr(c, n) for c in both]) for n in names})

    def _compare(
        self, rows: _Columns, begin: np.ndarray, length: np.ndarray, a: np.ndarray, b: np.ndarray
    ) -> None:
        """Messages that both sources have must hold the same levels, in any order."""
        if len(a) == 0:
            return
        wrong = np.flatnonzero(length[a] != length[b])
        if len(wrong) == 0:
            i, j = _ranges(begin[a], length[a]), _ranges(begin[b], length[b])
            message = np.repeat(np.arange(len(a)), length[a])
            i = i[np.lexsort((rows.size[i], rows.price[i], rows.side[i], message))]
            j = j[np.lexsort((rows.size[j], rows.price[j], rows.side[j], message))]
            same = (rows.side[i] == rows.side[j]) & (rows.side[i] < 0)
            same |= (
                (rows.side[i] == rows.side[j])
                & (rows.price[i] == rows.price[j])
                & (rows.size[i] == rows.size[j])
            )
            wrong = message[~same]
        if len(wrong):
            raise self._conflict.error(f"the message with seq {rows.seq[begin[a[wrong[0]]]]}")

    def _stray(self, both: tuple[_Columns, _Columns]) -> None:
        """One seq at two times is a conflict too, unless ids began again in between."""
        found = []
        for columns in both:
            updates = columns.begin[columns.event[columns.begin] != SNAPSHOT]
            seq = columns.seq[updates]
            if (np.diff(seq) <= 0).any():
                return
            found.append((seq, columns.ts[updates]))
        common, i, j = np.intersect1d(found[0][0], found[1][0], assume_unique=True, return_indices=True)
        wrong = found[0][1][i] != found[1][1][j]
        if wrong.any():
            raise self._conflict.error(f"the message with seq {common[wrong][0]}")

    def _build(self, rows: _Columns, begin: np.ndarray, length: np.ndarray, held: np.ndarray) -> pa.Table:
        """Rows of the messages, with a gap row before each that continues nothing."""
        gap = np.zeros(len(begin), np.bool_)
        ts, seq = rows.ts[begin], rows.seq[begin]
        snap = rows.event[begin] == SNAPSHOT
        before_ts, before_seq = np.roll(ts, 1), np.roll(seq, 1)
        before_held = np.roll(held, 1, axis=1)
        if self._last is not None:
            before_ts[0], before_seq[0], before_held[:, 0] = self._last
        shared = (held >= 0) & (before_held >= 0)
        joined = (shared & (held == before_held)).any(axis=0)
        step = seq - before_seq
        told = [(seq == p.facts.first_seq) & (before_seq == p.facts.follows) for p in self._parts]
        joined |= ~shared.any(axis=0) & ((step == 1) | (snap & (step == 0)) | told[0] | told[1])
        gap = ~joined
        if self._last is None:
            gap[0] = False
        self._gaps -= int(gap.sum())
        self._last = int(ts[-1]), int(seq[-1]), held[:, -1]
        index = np.full(int(length.sum() + gap.sum()), -1, np.int64)
        starts = np.cumsum(length + gap) - length
        index[_ranges(starts, length)] = _ranges(begin, length)
        at = starts[gap] - 1
        columns = {
            n: getattr(rows, n)[index] for n in ("ts", "seq", "ts_recv", "event", "side", "price", "size")
        }
        columns["ts"][at], columns["seq"][at] = before_ts[gap], before_seq[gap]
        columns["ts_recv"][at], columns["event"][at], columns["side"][at] = MISSING, GAP, -1
        return pa.Table.from_batches([depth_rows(**columns)])


def _ranges(begin: np.ndarray, length: np.ndarray) -> np.ndarray:
    """The indices of many ranges, one after the other."""
    ends = np.cumsum(length)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - ends + length, length)


def _gap_row(ts: int, seq: int) -> pa.Table:
    one = np.ones(1, np.int64)
    nothing = np.zeros(1)
    row = depth_rows(
        ts * one,
        MISSING * one,
        seq * one,
        (GAP * one).astype(np.int8),
        (-one).astype(np.int8),
        nothing,
        nothing,
    )
    return pa.Table.from_batches([row], schema=DEPTH)


class _TradesMerge:
    """Trades (or bands) of two parts by time; those of one id are kept once."""

    def __init__(self, old: Part, new: Part) -> None:
        self.added = False
        self.first_is_new = False
        self._kind = old.kind
        self._conflict = _Conflict(old, new)

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
