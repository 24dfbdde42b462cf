"""Which message a row that could not be used was of: one whose time and id can be read tells.

Without that, a bad last row of a book would cost the next book too, for it lies between the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.formats.tabular.rows.fast_lines import Array, Depth


class Lines(NamedTuple):
    """Lines of M messages, (M,) each, with those of their lost rows.

    first, last : the first and the last line. since : what comes before this line is of another message; 0
    where nothing says so.
    """

    first: Array
    last: Array
    since: Array

    @classmethod
    def of(cls, rows: Depth, begin: Array, lost: Depth, numbered: bool) -> Lines:
        """Of messages that begin at these ``rows``, in whose midst ``lost`` rows were."""
        if not len(begin):
            return cls(*np.empty((3, 0), np.int64))
        ends = np.append(begin[1:], len(rows.ts))
        found = cls(rows.line[begin], rows.line[ends - 1], np.zeros(len(begin), np.int64))
        if not len(lost.ts):
            return found
        follows = np.searchsorted(rows.line, lost.line)  # the sound row that comes next
        before, after = follows - 1, np.minimum(follows, len(rows.ts) - 1)
        of_last = (before >= 0) & _same(lost, rows, np.maximum(before, 0), numbered)
        of_next = ~of_last & (follows < len(rows.ts)) & _same(lost, rows, after, numbered)
        of_none = ~of_last & ~of_next & (follows < len(rows.ts))
        message = np.searchsorted(begin, before, side="right") - 1
        following = np.searchsorted(begin, after, side="right") - 1
        np.maximum.at(found.last, message[of_last], lost.line[of_last])
        np.minimum.at(found.first, following[of_next], lost.line[of_next])
        np.maximum.at(found.since, following[of_none], lost.line[of_none] + 1)
        return found


def waiting(rows: Depth, since: int | None, numbered: bool) -> Depth:
    """The rows, sound and lost, that wait for the next piece: from line ``since`` on (None: all of them).

    Of lost rows at the end two are kept of those that follow each other and are of one message, the first
    and the last, and of the others one that is of the last message: there may be nothing but lost rows.
    """
    if since is not None:
        rows = _take(rows, rows.line >= since)
    n = len(rows.ts)
    sound = np.flatnonzero(~rows.lost)
    tail = np.arange(sound[-1] + 1 if len(sound) else 0, n)
    if len(tail) < 3:
        return rows
    lost = _take(rows, tail)
    differs = np.flatnonzero(~_same(_take(lost, slice(1, None)), lost, np.arange(len(tail) - 1), numbered))
    run = int(differs[-1]) + 1 if len(differs) else 0
    keep = {int(tail[run]), int(tail[-1])}
    if len(sound):
        of_last = np.flatnonzero(_same(lost, rows, np.full(len(tail), sound[-1]), numbered))
        keep |= set(tail[of_last[-1:]].tolist())
    return _take(rows, np.append(np.arange(tail[0]), np.array(sorted(keep), np.int64)))


def _same(rows: Depth, others: Depth, at: Array, numbered: bool) -> Array:
    """Whether rows are of the message of which the others at these places are."""
    columns = ("seq", "event") if numbered else ("ts", "seq", "event")
    return np.logical_and.reduce([getattr(rows, c) == getattr(others, c)[at] for c in columns])


def _take(rows: Depth, which: Array | slice) -> Depth:
    return Depth(*(column[which] for column in rows))
