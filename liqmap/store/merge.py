"""Two sources of one market that overlap in time become one part: equal messages are kept once.

Both files are walked side by side in slices of time, so memory stays bounded. Depth messages are the same
when time and ``seq`` are, trades when their id is. The same message with other content is a conflict and
refused; an update and a snapshot of one ``seq`` are two messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import OPEN, int64
from liqmap.store.merge_depth import DepthMerge
from liqmap.store.merge_trades import TradesMerge
from liqmap.store.parts import LOST, Part, PartWriter

Key = tuple[int, int]


def merge_part(old: Part, new: Part, out: Path, since: Key | None, until: Key | None) -> bool:
    """Write ``old`` with what ``new`` adds between two keys (first ts, first seq) to ``out``.

    Returns
    -------
    Whether anything was added; if not, nothing is left at ``out``.

    Raises
    ------
    StoreError : the two contradict each other.
    """
    merge = DepthMerge(old, new) if old.kind == "depth" else TradesMerge(old, new)
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
