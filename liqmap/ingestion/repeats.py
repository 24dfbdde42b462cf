"""Trades that a source has twice.

A trade of an id that was seen before is dropped where all of it is the same: time, price, size, aggressor.
Where it is not, it is kept and counted, for the ids of some venues (Hyperliquid's, as Tardis has them) are
not their trades' own. Where it is the table alone that calls its ids those of trades (`TradeIds`), an id
that names several that differ drops none, nor does one that is a word for none. Ids are remembered for the
last `REMEMBERED` trades at least, so that memory is bounded; where they only rise, as Binance's do, that is
as good as all of them. Equal trades farther apart are kept once by the store, where the times step back
between them, as in a file appended to itself; but they are not counted.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.registry import TradeIds
from liqmap.schema import AGGRESSORS, OWN_IDS, codes, int64, together

REMEMBERED = 1 << 17
PIECES = 4
"""So many of the longest pieces, each of trades put together, are as many as are remembered."""

_FACTOR = 0x9E3779B97F4A7C15
"""Odd, its bits well mixed: 2^64 by the golden ratio."""


NO_IDS = ("0", "-1", "-", "unknown", "n/a", "none", "null", "nan", "0.0")
"""What tables write where a trade has no id."""


class _Piece(NamedTuple):
    """Trades that were seen: their rows, and (R,) a number for each id, by row and in order."""

    rows: pa.RecordBatch
    marks: np.ndarray
    ordered: np.ndarray

    @classmethod
    def of(cls, rows: pa.RecordBatch, marks: np.ndarray) -> _Piece:
        return cls(rows, marks, np.sort(marks))

    def knows(self, marks: np.ndarray) -> np.ndarray:
        """Which of these are of its own."""
        if not len(self.ordered):
            return np.zeros(len(marks), np.bool_)
        at = np.searchsorted(self.ordered, marks)
        at[at == len(self.ordered)] = 0
        return np.asarray(self.ordered[at] == marks)


class Repeats:
    """What was seen of one source, across batches. A feed that is read as it comes has a trade or two in a
    batch: so small ones are put together, as each costs memory and a look of its own.

    ``count`` trades were dropped; ``other`` are kept, though one before had their id; and so are ``alike``,
    of which one before had all else as well.
    """

    def __init__(self) -> None:
        self.count = self.other = self.alike = 0
        self._seen: deque[_Piece] = deque()
        self._rows = self._numbered = 0
        self._last: tuple[int, str] | None = (0, "")

    def drop(self, rows: pa.RecordBatch, ids: str | None, own: TradeIds | None = None) -> pa.RecordBatch:
        """The trades that are new; ``ids`` is their kind, for only some number single trades, and ``own`` is
        what is known of those that the table alone calls so."""
        if (ids not in OWN_IDS and own is None) or not rows.num_rows:
            return rows
        marks = np.empty(0, np.int64)
        if not self._rises(rows["id"].fill_null(""), own):
            marks = self._marks(_names(rows, own))
            suspects = self._suspects(marks)
            if len(suspects):
                keep = self._judged(rows, marks, suspects, own)
                rows, marks = rows.filter(pa.array(keep)), marks[keep]
        self._remember(_Piece.of(rows, marks))
        return rows

    def _remember(self, piece: _Piece) -> None:
        """Keep a piece, put together with those before it that are no longer, as far as none gets so long
        that much more than is asked for stays with it."""
        self._rows += len(piece.rows)
        while self._seen and len(self._seen[-1].rows) < 2 * len(piece.rows):
            if len(self._seen[-1].rows) + len(piece.rows) > REMEMBERED // PIECES:
                break
            before = self._seen.pop()
            marks = np.concatenate([before.marks, piece.marks])
            piece = _Piece.of(together([before.rows, piece.rows]), marks)
        self._seen.append(piece)
        while self._rows - len(self._seen[0].rows) >= REMEMBERED:
            self._rows -= len(self._seen.popleft().rows)

    def _marks(self, names: pa.StringArray) -> np.ndarray:
        """As `_marks`, of the next trades."""
        self._numbered += len(names)
        return _marks(names, self._numbered)

    def _rises(self, names: pa.StringArray, own: TradeIds | None) -> bool:
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
        self._seen = deque(_Piece.of(p.rows, self._marks(_names(p.rows, own))) for p in self._seen)
        return False

    def _suspects(self, marks: np.ndarray) -> np.ndarray:
        """Numbers of ids that may have been there before, or are there twice."""
        ordered = np.sort(marks)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        return np.unique(np.concatenate([twice, *(marks[piece.knows(marks)] for piece in self._seen)]))

    def _judged(
        self, rows: pa.RecordBatch, marks: np.ndarray, suspects: np.ndarray, own: TradeIds | None
    ) -> np.ndarray:
        """Which to keep, (R,) bool: others than the suspects are."""
        before = [p for p in self._seen if p.knows(suspects).any()]
        pieces = [p.rows.filter(pa.array(np.isin(p.marks, suspects))) for p in before]
        mine = np.isin(marks, suspects)
        keep = np.ones(len(marks), np.bool_)
        keep[mine] = self._judge(pieces, rows.filter(pa.array(mine)), own)
        return keep

    def _judge(
        self, before_these: list[pa.RecordBatch], rows: pa.RecordBatch, own: TradeIds | None
    ) -> np.ndarray:
        """Which to keep, row by row against all before it of its id."""
        every = pa.Table.from_batches([*before_these, rows]).unify_dictionaries()
        before = every.num_rows - rows.num_rows
        named = _names(every, own)
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
        new = of >= before
        again_at = np.zeros(len(of), np.bool_)
        again_at[order[1:][again]] = True
        first = np.zeros(len(of), np.bool_)
        first[np.unique(columns[0], return_index=True)[1]] = True
        others = ~again_at & ~first
        self.other += int(np.count_nonzero(others & new))
        dropped = again_at
        if own:
            several = np.bincount(columns[0], others)[columns[0]] > 0
            dropped = again_at & ~several & own.certain
            self.alike += int(np.count_nonzero(again_at & ~dropped & new))
        self.count += int(np.count_nonzero(dropped & new))
        keep = np.ones(every.num_rows, np.bool_)
        keep[of[dropped]] = False
        return keep[before:]


def _names(rows: pa.RecordBatch | pa.Table, own: TradeIds | None) -> pa.StringArray:
    """The ids of trades, empty where there is none."""
    names = rows["id"].fill_null("")
    if own:
        none = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(names)), pa.array(NO_IDS))
        names = pc.if_else(none, "", names)
    return names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names


def _marks(names: pa.StringArray, until: int) -> np.ndarray:
    """A number for each id, equal where ids are; those of empty ones differ, as long as ``until``, of the
    trades numbered so far, rises."""
    if len(names) == 0:
        return np.empty(0, np.int64)
    ends = np.frombuffer(names.buffers()[1], np.int32)[names.offset : names.offset + len(names) + 1]
    letters = np.frombuffer(names.buffers()[2] or b"", np.uint8)
    marks = ~np.arange(until - len(names), until)
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
