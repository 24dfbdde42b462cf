"""Trades that a source has twice.

A trade of an id that was seen before is dropped where all of it is the same: time, price, size, aggressor.
Where it is not, it is kept and counted, for the ids of some venues (Hyperliquid's, as Tardis has them) are
not their trades' own. Ids are remembered for the last `REMEMBERED` trades at least, so that memory is
bounded; where they only rise, as Binance's do, that is as good as all of them. Equal trades farther apart are
kept once by the store, where the times step back between them, as in a file appended to itself; but they are
not counted.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.schema import AGGRESSORS, OWN_IDS, codes, int64

REMEMBERED = 1 << 17
_FACTOR = 0x9E3779B97F4A7C15
"""Odd, its bits well mixed: 2^64 by the golden ratio."""


class Repeats:
    """What was seen of one source, across batches.

    ``count`` trades were dropped; ``other`` are kept, though one before had their id: ``differing`` is the
    first such id.
    """

    def __init__(self) -> None:
        self.count = self.other = 0
        self.differing: str | None = None
        self._seen: deque[tuple[pa.RecordBatch, np.ndarray]] = deque()
        self._last: tuple[int, str] | None = (0, "")

    def drop(self, rows: pa.RecordBatch, ids: str | None) -> pa.RecordBatch:
        """The trades that are new; ``ids`` is their kind, for only some number single trades."""
        if ids not in OWN_IDS or not rows.num_rows:
            return rows
        names = rows.column("id").fill_null("")
        rises = self._rises(names)
        marks = np.empty(0, np.int64) if rises else _marks(names)
        if not rises and self._is_suspect(marks):
            keep = pa.array(self._judge(rows))
            rows, marks = rows.filter(keep), _marks(names.filter(keep))
        self._seen.append((rows, marks))
        while sum(len(r) for r, _ in self._seen) - len(self._seen[0][0]) >= REMEMBERED:
            self._seen.popleft()
        return rows

    def _rises(self, names: pa.StringArray) -> bool:
        """Whether every id so far, read as a number, is above the one before: then none came twice."""
        if self._last is None:
            return False
        length = pc.utf8_length(names).to_numpy()
        steps = np.diff(length)
        text = pc.less(names[:-1], names[1:]).to_numpy(zero_copy_only=False)
        first, last = ((int(length[i]), names[i].as_py()) for i in (0, -1))
        if first > self._last and bool(((steps > 0) | ((steps == 0) & text)).all()):
            self._last = last
            return True
        self._last = None
        self._seen = deque((r, _marks(r.column("id").fill_null(""))) for r, _ in self._seen)
        return False

    def _is_suspect(self, marks: np.ndarray) -> bool:
        """Whether an id may have been there before."""
        every = np.sort(np.concatenate([*(m for _, m in self._seen), marks]))
        return bool((every[1:] == every[:-1]).any())

    def _judge(self, rows: pa.RecordBatch) -> np.ndarray:
        """Which to keep, row by row against all before it of its id."""
        every = pa.Table.from_batches([*(r for r, _ in self._seen), rows]).unify_dictionaries()
        before = every.num_rows - rows.num_rows
        named = every["id"].fill_null("").combine_chunks()
        code = named.dictionary_encode().indices.to_numpy()
        of = np.flatnonzero(
            (np.bincount(code) > 1)[code] & pc.not_equal(named, "").to_numpy(zero_copy_only=False)
        )
        content = [code, int64(every["ts"]), every["price"].to_numpy(), every["size"].to_numpy()]
        columns = [column[of] for column in (*content, codes(every["aggressor"], AGGRESSORS))]
        order = np.lexsort(columns[::-1])  # of equal ones, the first stays the first
        again = np.ones(max(len(of) - 1, 0), np.bool_)
        for column in columns:
            again &= column[order[1:]] == column[order[:-1]]
        keep = np.ones(every.num_rows, np.bool_)
        keep[of[order[1:][again]]] = False
        first = np.zeros(len(of), np.bool_)
        first[np.unique(columns[0], return_index=True)[1]] = True
        new = of >= before
        self.count += int(np.count_nonzero(~keep[of[new]]))
        others = of[keep[of] & ~first & new]
        self.other += len(others)
        if len(others) and self.differing is None:
            self.differing = str(named[int(others[0])].as_py())
        return keep[before:]


def _marks(names: pa.StringArray) -> np.ndarray:
    """A number for each id, equal where ids are; those of empty ones differ."""
    if len(names) == 0:
        return np.empty(0, np.int64)
    ends = np.frombuffer(names.buffers()[1], np.int32)[names.offset : names.offset + len(names) + 1]
    letters = np.frombuffer(names.buffers()[2] or b"", np.uint8)
    marks = ~np.arange(len(names))
    lengths = np.diff(ends)
    for length in np.unique(lengths[lengths > 0]).tolist():
        of = np.flatnonzero(lengths == length)
        padded = np.zeros((len(of), -(-length // 4) * 4), np.uint8)
        if len(of) == len(names):
            padded[:, :length] = letters[ends[0] : ends[-1]].reshape(-1, length)
        else:
            padded[:, :length] = letters[ends[of, None] + np.arange(length)]
        powers = [pow(_FACTOR, i + 1, 1 << 64) for i in range(padded.shape[1] // 4)]
        words = padded.view(np.uint32).astype(np.uint64)
        marks[of] = (words @ np.array(powers, np.uint64)).view(np.int64)
    return marks
