"""Rows of depth of a table as messages: rows of one id and event are one, and of one time where there are no
ids; in a wide table every row. Some venues give each level a time of its own: the message has the latest."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from liqmap.formats.tabular.rows.book_checks import BookChecks
from liqmap.formats.tabular.rows.fast_lines import Depth
from liqmap.formats.tabular.rows.lost_rows import Lines, waiting
from liqmap.schema import GAP, MISSING, SNAPSHOT, UPDATE, FormatError, Keyword, Messages, Sentence
from liqmap.schema.messages import told_again

_EVENTS = np.array([UPDATE, SNAPSHOT, GAP], np.int8)

SHAKE = 100 * 10**6
"""ns by which a clock may step back in a table whose times alone tell the order."""


class DepthRows:
    """Rows in pieces; the last message of a piece waits, for the next may go on with it.

    Parameters
    ----------
    path : of the table, for what is wrong with it. layout : ``updates``, ``snapshots`` or ``wide``.
    numbered : whether ``seq`` comes from the table; else the time is the id, or the next number where time
        stands still. books : what counts them.

    Raises
    ------
    FormatError : rows out of order. Only the ids of a table say in which order it is, its times where it has
    none: newest first, or one side after the other, they would all collapse onto the latest time. Or ids that
    are none of messages: one id tells a level at several times. Or books that say that sides are swapped, or
    not told (`BookChecks`).
    """

    def __init__(self, path: Path, layout: str, numbered: bool, books: BookChecks) -> None:
        self.deepest = 1
        self._path, self._layout, self._numbered = path, layout, numbered
        self._books = books
        self._waiting: Depth | None = None
        self._last = -1
        self._latest = -1
        self._since = 0

    def take(self, rows: Depth) -> Messages | None:
        """All messages but the last."""
        if self._waiting is not None and len(self._waiting.ts):
            rows = Depth(*map(np.concatenate, zip(self._waiting, rows)))
        sound, begin, lines = self._parted(rows)
        self._check_order(sound)
        self._check_ids(sound, begin)
        self._check_books(sound, begin)
        cut = int(begin[-1]) if len(begin) else 0
        left = waiting(rows, int(lines.first[-1]) if len(begin) else None, self._numbered)
        self._waiting = Depth(*(a.copy() for a in left))
        done = Lines(*(a[:-1] for a in lines))
        found = self._messages(Depth(*(a[:cut] for a in sound)), begin[:-1], done) if cut else None
        if len(begin):
            self._since = max(self._since, int(lines.since[-1]))
        return found

    def finish(self) -> Messages | None:
        """The last message."""
        rows, self._waiting = self._waiting, None
        last = None
        if rows is not None and len(rows.ts):
            sound, begin, lines = self._parted(rows)
            last = self._messages(sound, begin, lines) if len(begin) else None
        self._books.check()
        return last

    def _parted(self, rows: Depth) -> tuple[Depth, np.ndarray, Lines]:
        """The rows that can be used, where messages begin in them, and the lines of these."""
        sound = Depth(*(a[~rows.lost] for a in rows)) if rows.lost.any() else rows
        begin = self._begins(sound)
        lost = Depth(*(a[rows.lost] for a in rows))
        return sound, begin, Lines.of(sound, begin, lost, self._numbered)

    def notes(self) -> list[str]:
        """What its books say of a table; complete once all are there."""
        return self._books.notes()

    @property
    def waiting_since(self) -> int | None:
        """The first line of the message that waits."""
        return int(self._waiting.line[0]) if self._waiting is not None and len(self._waiting.line) else None

    def _check_order(self, rows: Depth) -> None:
        """That times rise, or ids where there are; a snapshot or a gap may begin the ids anew. A message that
        is repeated, or a clock that shakes, is left to ingest."""
        key, name = (rows.seq, "seq") if self._numbered else (rows.ts, "ts")
        steps = np.diff(key)
        back = steps < 0
        if self._numbered and self._layout == "updates":
            back &= rows.event[1:] == 0
        wrong = back if back.sum() > (steps > 0).sum() else np.zeros(len(back), np.bool_)
        if not self._numbered and len(key):
            latest = np.maximum(np.maximum.accumulate(key), self._latest)
            self._latest = int(latest[-1])
            wrong |= (latest - key)[1:] > SHAKE
            wrong &= not _rises(rows.recv)
        if wrong.any():
            at = int(np.argmax(wrong))
            one, next_ = rows.line[at : at + 2]
            raise FormatError(
                where=self._path,
                expected=f"rows in order of {name}",
                got=f"line {next_} earlier than line {one}",
                remedy=f"Sort it by {name}",
            )

    def _begins(self, rows: Depth) -> np.ndarray:
        """Where messages begin."""
        if not len(rows.ts):
            return np.empty(0, np.int64)
        changed = np.zeros(len(rows.ts), np.bool_)
        changed[0] = True
        columns = (rows.seq, rows.event) if self._numbered else (rows.ts, rows.seq, rows.event)
        for column in (rows.line,) if self._layout == "wide" else columns:
            changed[1:] |= column[1:] != column[:-1]
        return np.flatnonzero(changed)

    def _check_ids(self, rows: Depth, begin: np.ndarray) -> None:
        """That no message tells of a level at several times: its id would be that of something else."""
        if not len(begin) or self._layout == "wide":
            return
        low, high = np.minimum.reduceat(rows.ts, begin), np.maximum.reduceat(rows.ts, begin)
        if (low == high).all():
            return
        if (pair := _differ(rows, begin, rows.ts)) is not None:
            one, next_ = rows.line[list(pair)].tolist()
            raise FormatError(
                where=self._path,
                expected="a seq that counts messages",
                got=f"lines {one} and {next_} of one seq, which tell of one price at two times",
                remedy=Sentence("Map another column to it, or none: ", Keyword("mapping")),
            )

    def _check_books(self, rows: Depth, begin: np.ndarray) -> None:
        """That no book tells two sizes of one price: they would be two books of one time."""
        if not len(begin) or self._layout == "updates" or _are_sorted(rows, begin):
            return
        if (pair := _differ(rows, begin, rows.size)) is not None:
            one, next_ = rows.line[list(pair)].tolist()
            raise FormatError(
                where=self._path,
                expected="books that tell each price once",
                got=f"two sizes of {rows.price[pair[0]]:g} of one book in lines {one} and {next_}",
                remedy="Are these two books, at times without their digits? Part them by a column seq",
            )

    def _messages(self, rows: Depth, begin: np.ndarray, lines: Lines) -> Messages:
        ts, recv, seq, event, _, side, price, size, _ = rows
        first = seq[begin]
        if not self._numbered:
            order = np.arange(len(begin))
            first = np.maximum(np.maximum.accumulate(ts[begin] - order), self._last + 1) + order
        since = np.maximum(lines.since, np.append(self._since, lines.last[:-1] + 1))
        self._since = int(lines.last[-1]) + 1
        prev = np.concatenate(([self._last], first[:-1]))
        prev = np.where(first < prev, -1, prev)  # ids that begin anew follow nothing
        self._last = int(first[-1])
        if self._layout != "updates":
            asks = np.add.reduceat(side, begin, dtype=np.int64)
            bids = np.diff(np.append(begin, len(ts))) - asks
            self.deepest = max(self.deepest, int(asks.max()), int(bids.max()))
            self._books.take(begin, side, price)
        return Messages(
            ts=np.maximum.reduceat(ts, begin),
            ts_recv=recv[begin],
            seq=first,
            prev=prev,
            event=_EVENTS[event[begin]],
            rows=np.append(begin, len(ts)),
            line=lines.first,
            side=side,
            price=price,
            size=size,
            since=None if self._layout == "wide" else since,
        )


def _differ(rows: Depth, begin: np.ndarray, values: np.ndarray) -> tuple[int, int] | None:
    """The first two rows of one message that tell of one level by different ``values``, if there are any."""
    before, again = told_again(begin, rows.side, rows.price)
    differ = np.flatnonzero(values[before] != values[again])
    return (int(before[differ[0]]), int(again[differ[0]])) if len(differ) else None


def _are_sorted(rows: Depth, begin: np.ndarray) -> bool:
    """Whether the sides of each book stand one after the other, by price: then none is told twice."""
    starts = np.zeros(len(rows.side), np.bool_)
    starts[begin] = True
    runs = starts.copy()
    runs[1:] |= rows.side[1:] != rows.side[:-1]
    if np.diff(np.append(np.cumsum(runs)[begin], runs.sum() + 1)).max() > 2:
        return False
    within, rising = ~runs[1:], np.sign(np.diff(rows.price))
    return all(len(np.unique(rising[within & (rows.side[1:] == side)])) < 2 for side in (0, 1)) and not bool(
        (rising[within] == 0).any()
    )


def _rises(received: np.ndarray) -> bool:
    """Whether local times, which say in which order messages came, are there and in order."""
    return bool((received != MISSING).all() and (np.diff(received) >= 0).all())
