"""Two sources of one market that overlap in time become one part: equal messages are kept once.

Both files are walked side by side in slices of time, so memory stays bounded. Depth messages are the same
when time and ``seq`` are, trades and quotes when their id is. The same message with other content is a
conflict and refused; an update and a snapshot of one ``seq`` are two messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap.schema import OPEN, int64
from liqmap.store.merge.conflict import Conflict
from liqmap.store.merge.depth import DepthMerge
from liqmap.store.merge.quotes import QuotesMerge
from liqmap.store.merge.trades import SAME_TRADE_NS, TradesMerge
from liqmap.store.part_writer import PartWriter
from liqmap.store.parts import LOST, Part, reading

Key = tuple[int, int]
NEAR_NS = 1_000_000_000
"""How far about a slice of trades the stored ones are looked through for the same: well above what clocks
differ by."""


def merge_part(
    old: Part, new: Part, out: Path, since: Key | None, until: Key | None, beside: Sequence[Part] = ()
) -> Part | None:
    """Write ``old`` with what ``new`` adds between two keys (first ts, first seq) to ``out``.

    Parameters
    ----------
    beside : other parts of the day that ``new`` overlaps: trades that they have are not added.

    Returns
    -------
    What was written; None if nothing was to be added: then nothing is left at ``out``.

    Raises
    ------
    StoreError : the two contradict each other.
    """
    kinds: dict[str, type[DepthMerge | TradesMerge]] = {"depth": DepthMerge, "quotes": QuotesMerge}
    merge = kinds.get(old.kind, TradesMerge)(old, new)
    writer = PartWriter(out, old.kind)
    with ExitStack() as files:
        left, right, *others = (files.enter_context(closing(_Slicer(p))) for p in (old, new, *beside))
        for low, high, rows in _slices(left, right, since, until):
            if isinstance(merge, DepthMerge):
                made = merge.slice(left.take(low, high), rows)
            else:
                near = _near(rows, left, others)
                made = merge.slice(left.take(low, high), rows, near)
            for table in made:
                writer.write(table)
    for table in merge.end():
        writer.write(table)
    if not merge.added:
        writer.abort()
        out.unlink()
        return None
    meta = replace(old.meta.merge(new.meta), trade_ids=old.meta.trade_ids or new.meta.trade_ids)
    return writer.close(meta, _follows(old, new, merge.first_is_new, since))


def overlapping(part: Part, there: list[Part]) -> list[Part]:
    """Parts that may hold some of the same.

    Raises
    ------
    StoreError : its trades are numbered otherwise, so that nothing says which are the same.
    """
    found = []
    slack = SAME_TRADE_NS if part.kind == "trades" else 0
    for old in there:
        apart = max(old.facts.first_ts - part.facts.last_ts, part.facts.first_ts - old.facts.last_ts)
        kinds = {old.meta.trade_ids, part.meta.trade_ids} - {None}
        if apart <= 0 and len(kinds) > 1:
            if _has_rows_in(old, part):
                raise Conflict(old, part).of_ids()
            continue
        if apart <= 0 or (apart < slack and len(kinds) < 2):
            found.append(old)
    return found


def _has_rows_in(old: Part, part: Part) -> bool:
    """Whether rows of ``old`` lie in the time of ``part``; a compacted part has holes where none do."""
    with closing(_Slicer(old)) as rows:
        return rows.take(part.facts.first_ts, part.facts.last_ts + 1).num_rows > 0


def _follows(old: Part, new: Part, first_is_new: bool, since: Key | None) -> int:
    """What the first merged message follows. ``new`` says so only if it begins here: cut at a key, it says
    what an earlier message of its own follows."""
    if since is not None:
        return LOST if first_is_new else old.facts.follows
    return (new if (first_is_new or old.facts.follows < 0) and new.key <= old.key else old).facts.follows


class _Slicer:
    """Rows of a part between two times, whole row groups read once."""

    def __init__(self, part: Part) -> None:
        self._part, self._file = part, part.open()
        meta = self._file.metadata
        stats = [meta.row_group(i).column(0).statistics for i in range(meta.num_row_groups)]
        self.bounds = [(s.min_raw, s.max_raw) for s in stats]
        self._cache: dict[int, pa.Table] = {}

    def take(self, low: int, high: int) -> pa.Table:
        """Rows with low <= ts < high."""
        groups = [i for i, (a, b) in enumerate(self.bounds) if a < high and b >= low]
        kept = {i: t for i, t in self._cache.items() if i in groups or self.bounds[i][1] + NEAR_NS >= low}
        with reading(self._part):
            self._cache = kept | {i: self._file.read_row_group(i) for i in groups if i not in kept}
        found = []
        for i in groups:
            ts = int64(self._cache[i]["ts"])
            found.append(self._cache[i].filter(pa.array((ts >= low) & (ts < high))))
        tables = found or [self._file.schema_arrow.empty_table()]
        return pa.concat_tables([t.replace_schema_metadata(None) for t in tables])

    def close(self) -> None:
        self._file.close()


def _slices(
    left: _Slicer, right: _Slicer, since: Key | None, until: Key | None
) -> Iterator[tuple[int, int, pa.Table]]:
    """Times to cut both parts at, at least at every start of a row group; the new rows between the keys."""
    cuts = sorted({a for a, _ in left.bounds + right.bounds})
    for low, high in zip(cuts, [*cuts[1:], OPEN]):
        rows = right.take(low, high)
        if since is not None or until is not None:
            rows = rows.filter(pa.array(_between(rows, since, until)))
        yield low, high, rows


def _near(rows: pa.Table, left: _Slicer, others: Sequence[_Slicer]) -> pa.Table:
    """What is stored about the time of some rows."""
    if not rows.num_rows:
        return rows
    ts = int64(rows["ts"])
    low, high = int(ts.min()) - NEAR_NS, min(int(ts.max()) + NEAR_NS, OPEN)
    return pa.concat_tables([file.take(low, high) for file in (left, *others)]).unify_dictionaries()


def _between(rows: pa.Table, since: Key | None, until: Key | None) -> np.ndarray:
    ts = int64(rows["ts"])
    seq = int64(rows["seq"], null=-1) if "seq" in rows.column_names else np.full(len(ts), -1)
    keep = np.ones(len(ts), np.bool_)
    if since is not None:
        keep &= (ts > since[0]) | ((ts == since[0]) & (seq >= since[1]))
    if until is not None:
        keep &= (ts < until[0]) | ((ts == until[0]) & (seq < until[1]))
    return keep
