# mypy: disable-error-code="no-untyped-def, assignment"
"""Book tickers across batches: which of them are new, and whose clock is wrong.

An id that is not above the last one's is of before: such a ticker is ignored, and counted. One whose engine
clock (not that of arrival) is later than the last one's is new all the same: the ids begin anew, or that of
the last one was wrong. So it is where `MOST_BETWEEN` in a row have rising ids between those of the last two.
Tickers without ids are of before where both their arrival and their time are.

Clocks are judged as those of messages (`liqmap.ingestion.judging`). No sequence tells whether tickers were
lost, so there are no gaps.
"""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from liqmap.ingestion.judging import FAR
from liqmap.schema import MISSING, Quotes, quote_rows

MOST_BETWEEN = 5
"""So many tickers in turn that seem to be of before say that the id of the last one was wrong."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in ("seq", "earlier", "between", "run", "ts", "recv", "started", "repeats", "clamped")
    ]
)
"""What is known of the tickers before: ``seq``, ``ts`` and ``recv`` of the last good one, ``earlier`` the id
of the one before it; ``between``, the last of a ``run`` of rising ids between these two; whether there was
one, and counts."""


class _Heads(NamedTuple):
    """What is judged of Q tickers, (Q,) int64 each."""

    ts: np.ndarray
    recv: np.ndarray
    seq: np.ndarray


class Quoted:
    """The state of one feed's tickers, across batches. Turns them into rows of QUOTES."""

    def __init__(self) -> None:
        self._states = np.zeros(1, STATE)
        self._waiting: Quotes | None = None  # one ticker, far ahead of the last

    @property
    def repeats(self) -> int:
        """Tickers ignored because they were not new."""
        return int(self._states[0]["repeats"])

    @property
    def clamped(self) -> int:
        """Tickers whose clock stepped back, or stood far ahead alone, and was set to the last one's time."""
        return int(self._states[0]["clamped"])

    def rows(self, quotes: Quotes | None) -> pa.RecordBatch | None:
        """The rows that these tickers become; None if there are none."""
        if quotes is None or not len(quotes.ts):
            return None
        if self._waiting is not None:
            quotes = _of(quotes, lambda name, own: np.append(getattr(self._waiting, name), own))
        return self._judged(quotes, last=False)

    def finish(self) -> pa.RecordBatch | None:
        """The ticker that still waits; None if none does."""
        return None if self._waiting is None else self._judged(self._waiting, last=True)

    def _judged(self, quotes: Quotes, last: bool) -> pa.RecordBatch | None:
        count = len(quotes.ts)
        ts, keep = np.empty(count, np.int64), np.zeros(count, np.bool_)
        heads = _Heads(quotes.ts, quotes.ts_recv, quotes.seq)
        done = judge_quotes(heads, last, self._states, ts, keep)
        self._waiting = _of(quotes, lambda _, own: own[done:].copy()) if done < count else None
        if not keep.any():
            return None
        kept = _of(quotes, lambda _, own: own[keep])
        return quote_rows(**{f.name: getattr(kept, f.name) for f in fields(Quotes)} | {"ts": ts[keep]})


def _of(quotes: Quotes, change) -> Quotes:
    """Tickers of changed columns."""
    return Quotes(**{f.name: change(f.name, getattr(quotes, f.name)) for f in fields(Quotes)})


@njit(cache=True, nogil=True)
def _is_new(state, ts, recv, seq):
    """Whether a ticker is not one of before."""
    if seq < 0:
        return recv == MISSING or recv >= state["recv"] or ts > state["ts"]
    return seq > state["seq"] or (seq < state["seq"] and ts != recv and ts > state["ts"])


@njit(cache=True, nogil=True)
def judge_quotes(heads, last, states, ts, keep):
    """Judge tickers, one after the other.

    Parameters
    ----------
    heads : the tickers. last : whether none come after these.
    states : (1,) of `STATE`, brought up to date.
    ts, keep : (Q,) where to put the time of each that is new, ns, and whether it is.

    Returns
    -------
    How many were judged: all but a last one that waits for the next.
    """
    state = states[0]
    count = len(heads.ts)
    for i in range(count):
        now, recv, seq = heads.ts[i], heads.recv[i], heads.seq[i]
        ahead = not state["started"] or now > state["ts"] + FAR
        if ahead and i + 1 == count and not last:
            return i
        if state["started"] and not _is_new(state, now, recv, seq):
            rises = state["earlier"] < seq < state["seq"] and (state["run"] == 0 or seq > state["between"])
            state["run"] = state["run"] + 1 if rises else 0
            state["between"] = seq
            if state["run"] < MOST_BETWEEN:
                state["repeats"] += 1
                continue
        following = i + 1 < count and (seq < 0 or heads.seq[i + 1] > seq)
        wrong = ahead and following and now > heads.ts[i + 1] + FAR
        if wrong or (state["started"] and now < state["ts"]):
            state["clamped"] += 1
            if not state["started"]:
                state["ts"] = heads.ts[i + 1]
        else:
            state["ts"] = now
        state["earlier"] = state["seq"] if state["started"] else -1
        state["seq"], state["recv"], state["started"], state["run"] = seq, recv, 1, 0
        ts[i], keep[i] = state["ts"], True
    return count
