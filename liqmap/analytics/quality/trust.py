"""How far a book can be trusted through time: verified, chained by ids, unverifiable, in a gap.

Two things are put together: what the rows say (gaps, and snapshots that end them), and what ingest found of
each source and the store keeps of it (`liqmap.schema.trust`), which no row says. What neither says is
unverifiable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.schema import EVENTS, GAP, SNAPSHOT, codes, int64
from liqmap.schema.trust import CHAINED, IN_GAP, TRUST, UNVERIFIABLE, VERIFIED, Claim, Run

if TYPE_CHECKING:
    import pandas as pd

HEADS = ("ts", "seq", "event")
"""Columns of depth that are read."""

_KNOWN, _NONE_YET, _LOST = range(3)
"""Whether there is a whole book; if not, why: no snapshot came yet, or messages were lost."""


class Stretches(NamedTuple):
    """What is said of a book (N,), one stretch after the other.

    start, end : ns. state : position in TRUST, of the best ``levels`` a side (0: of all). beyond : the same,
    of the levels beyond those. doubted : whether a checksum that came later was contradicted, and no snapshot
    lies between: then something was wrong beyond those levels, since a time that nobody knows.
    """

    start: np.ndarray
    end: np.ndarray
    state: np.ndarray
    levels: np.ndarray
    beyond: np.ndarray
    doubted: np.ndarray


class Trust(NamedTuple):
    """Stretches that follow each other without a hole, each as long as it can be, and the messages (N,) whose
    word each is."""

    stretches: Stretches
    messages: np.ndarray

    def frame(self) -> pd.DataFrame:
        """See `Session.trust`."""
        import pandas as pd

        one, words = self.stretches, np.array(TRUST, object)
        levels = pd.array(one.levels, dtype="Int64")
        levels[one.levels == 0] = pd.NA
        times = {name: pd.DatetimeIndex(ns.view("datetime64[ns]")).tz_localize("UTC")
                 for name, ns in (("start", one.start), ("end", one.end))}  # fmt: skip
        rest = {"levels": levels, "beyond": words[one.beyond], "doubted": one.doubted}
        return pd.DataFrame(times | {"state": words[one.state]} | rest | {"messages": self.messages})


def trust_of(rows: Iterable[pa.Table], claims: Sequence[Claim], begin: int, end: int) -> Trust:
    """How far the book can be trusted between two times, ns.

    Parameters
    ----------
    rows : of depth in its order, in pieces of any size, columns `HEADS` at least. They should begin early
        enough to have the snapshot that the book at ``begin`` goes back to.
    claims : what is known of the sources that the rows came from. Where several are merged, a message is
        chained if all that reach over its time are, and not verified where one of them has no checksums.

    Notes
    -----
    What is said holds from a message on until the next one. Of messages of one time the last has the word;
    the others are counted with the stretch before.
    """
    line = _Line(claims, begin, end)
    for table in rows:
        line.add(int64(table["ts"]), int64(table["seq"], null=-1), codes(table["event"], EVENTS))
    return line.finish()


class _Heads(NamedTuple):
    """Messages, and gaps between them (M,)."""

    ts: np.ndarray
    seq: np.ndarray
    event: np.ndarray


class _Said(NamedTuple):
    """What is said from a message on (M,), as `Stretches` have it."""

    state: np.ndarray
    levels: np.ndarray
    beyond: np.ndarray
    doubted: np.ndarray


class _Line:
    """Stretches of messages that come in pieces."""

    def __init__(self, claims: Sequence[Claim], begin: int, end: int) -> None:
        self._claims, self._begin, self._end = claims, begin, end
        self._book = _NONE_YET
        self._last: tuple[int, int, int] | None = None
        self._made: list[np.ndarray] = []

    def add(self, ts: np.ndarray, seq: np.ndarray, event: np.ndarray) -> None:
        """The next rows."""
        if not len(ts):
            return
        new = np.ones(len(ts), np.bool_)
        same = (ts[1:] == ts[:-1]) & (seq[1:] == seq[:-1]) & (event[1:] == event[:-1])
        new[1:] = ~same | (event[1:] > SNAPSHOT)
        new[0] = self._last != (ts[0], seq[0], event[0]) or event[0] > SNAPSHOT
        self._last = int(ts[-1]), int(seq[-1]), int(event[-1])
        heads = _Heads(ts[new], seq[new], event[new])
        if len(heads.ts):
            said = _said(heads, self._claims, self._whole(heads.event))
            counted = (heads.event != GAP) & (heads.ts >= self._begin) & (heads.ts <= self._end)
            self._made.append(_joined(np.stack([heads.ts, *said, counted]).astype(np.int64)))

    def _whole(self, event: np.ndarray) -> np.ndarray:
        """Whether there is a whole book after each message, and why not."""
        turns = np.where(event == GAP, _LOST, np.where(event == SNAPSHOT, _KNOWN, -1))
        place = np.maximum.accumulate(np.where(turns >= 0, np.arange(len(turns)), -1))
        found = np.where(place >= 0, turns[place], self._book)
        self._book = int(found[-1])
        return found

    def finish(self) -> Trust:
        """All of them, between the two times."""
        unknown = np.array([[self._begin, IN_GAP, 0, IN_GAP, 0, 0]]).T
        ts, *said, messages = _joined(np.concatenate([unknown, *self._made], axis=1))
        start = np.clip(ts, self._begin, self._end)
        lasting = np.flatnonzero(np.append(start[1:], self._end) > start)
        if len(lasting):
            counts = np.add.reduceat(messages, np.concatenate([[0], lasting[1:]]))
            columns = _joined(np.stack([start[lasting], *(one[lasting] for one in said), counts]))
        else:
            columns = np.empty((6, 0), np.int64)
        start, state, levels, beyond, doubted, counts = columns
        end = np.append(start[1:], self._end)[: len(start)]
        return Trust(Stretches(start, end, state, levels, beyond, doubted.astype(bool)), counts)


def _joined(columns: np.ndarray) -> np.ndarray:
    """Neighbours of which the same is said as one: (6, M), times first, counts last."""
    changes = np.ones(columns.shape[1], np.bool_)
    changes[1:] = (columns[1:-1, 1:] != columns[1:-1, :-1]).any(axis=0)
    first = np.flatnonzero(changes)
    return np.concatenate([columns[:-1, first], np.add.reduceat(columns[-1:], first, axis=1)])


def _said(heads: _Heads, claims: Sequence[Claim], whole: np.ndarray) -> _Said:
    count = len(heads.ts)
    covered, unchained, unsummed, doubted, verified = np.zeros((5, count), np.bool_)
    levels = np.zeros(count, np.int64)
    for claim in claims:
        within = _between(heads.ts, claim.begin, claim.end)
        covered[within] = True
        unchained[within] |= not claim.proof.chained
        unsummed[within] |= not claim.runs
        for first, last in claim.doubted:
            doubted[_between(heads.ts, first, last)] = True
        for run in claim.runs:
            agreed = _of_run(heads, run)
            verified[agreed] = True
            levels[agreed] = claim.proof.levels or 0
    verified &= ~unsummed
    chained = covered & ~unchained
    lost = (heads.event == GAP) | (whole == _LOST) | ((whole == _NONE_YET) & ~verified)
    beyond = np.where(lost, IN_GAP, np.where(chained & ~doubted, CHAINED, UNVERIFIABLE))
    state = np.where(lost, IN_GAP, np.where(verified, VERIFIED, beyond))
    all_levels = levels == 0
    beyond = np.where(all_levels, state, beyond)
    return _Said(
        state, np.where(state == VERIFIED, levels, 0), beyond, doubted & ~lost & ~(verified & all_levels)
    )


def _between(ts: np.ndarray, first: int, last: int) -> slice:
    """Messages of [first, last]."""
    return slice(int(np.searchsorted(ts, first, "left")), int(np.searchsorted(ts, last, "right")))


def _of_run(heads: _Heads, run: Run) -> slice:
    """Messages of a run; of one time by their ids."""
    found = _between(heads.ts, run.first_ts, run.last_ts)
    first, last = found.start, found.stop
    while first < last and heads.ts[first] == run.first_ts and heads.seq[first] < run.first_seq:
        first += 1
    while first < last and heads.ts[last - 1] == run.last_ts and heads.seq[last - 1] > run.last_seq:
        last -= 1
    return slice(first, last)
