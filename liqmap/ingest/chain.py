# mypy: disable-error-code="no-untyped-def, assignment"
"""Which messages continue the feed: the one rule for all venues.

``prev == last seq`` continues; ``seq <= last seq`` repeats and is ignored; anything else is a gap. A snapshot
follows nothing: it continues when its ``seq`` is the last or the next, otherwise it comes after a gap, unless
it is older than the last message in both ``seq`` and time, which makes it a repeat. A broken line is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numba import njit

from liqmap.schema import GAP, HEARD, MISSING, Messages, Rejected, depth_rows

_FOLLOWS, _SEQ, _TS, _STARTED, _AFTER_GAP, _BROKEN, _GAPS, _REPEATS, _CLAMPED, _KEPT = range(10)


class Chain:
    """The state of one feed's sequence, across batches. Turns messages into rows of DEPTH."""

    def __init__(self) -> None:
        self._state = np.zeros(10, np.int64)
        self._follows = -1

    @property
    def gaps(self) -> int:
        return int(self._state[_GAPS])

    @property
    def repeats(self) -> int:
        """Messages ignored because their ``seq`` was not new."""
        return int(self._state[_REPEATS])

    @property
    def clamped(self) -> int:
        """Messages whose clock stepped back and was set to the last one's time."""
        return int(self._state[_CLAMPED])

    @property
    def follows(self) -> int:
        """``seq`` that the first message says it follows; -1 for a snapshot."""
        return self._follows

    @property
    def messages(self) -> int:
        return int(self._state[_KEPT])

    def rows(self, messages: Messages | None, rejected: Sequence[Rejected] = ()) -> pa.RecordBatch | None:
        """The rows that these messages become, gap rows included; None if there are none."""
        broken = np.array([r.line for r in rejected], np.int64)
        if messages is None:
            self._state[_BROKEN] |= len(broken) > 0
            return None
        begun = self._state[_STARTED]
        count = len(messages.seq)
        keep, gap = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        ts = np.empty(count, np.int64)
        before = np.empty((2, count), np.int64)
        _judge(
            messages.ts, messages.seq, messages.prev, messages.event, messages.line, broken,
            self._state, keep, gap, ts, before,
        )  # fmt: skip
        if not begun and keep.any():
            self._follows = int(messages.prev[np.argmax(keep)])
        return _expand(messages, keep, gap, ts, before)

    def finish(self) -> pa.RecordBatch | None:
        """The gap row that closes a source whose last lines were lost; None if none were."""
        state = self._state
        if not (state[_STARTED] and state[_BROKEN]) or state[_AFTER_GAP]:
            return None
        state[_GAPS] += 1
        state[_AFTER_GAP] = 1
        one, nothing = np.ones(1, np.int64), np.zeros(1)
        return depth_rows(
            one * state[_TS], one * MISSING, one * state[_SEQ], one * GAP, -one, nothing, nothing
        )


@njit(cache=True, nogil=True)
def _judge(ts, seq, prev, event, line, broken, state, keep, gap, out_ts, before):
    """Per message: is it kept, does a gap row come first, its clamped time, and the last good ts and seq."""
    b = 0
    for i in range(len(seq)):
        while b < len(broken) and broken[b] < line[i]:
            state[_BROKEN] = 1
            b += 1
        lost = False
        if state[_STARTED]:
            new = seq[i] > state[_FOLLOWS]
            if event[i] == GAP:
                lost = True
            elif prev[i] >= 0:
                if not new:
                    state[_REPEATS] += 1
                    continue
                lost = prev[i] != state[_FOLLOWS]
            elif seq[i] != state[_FOLLOWS] and seq[i] != state[_FOLLOWS] + 1:
                if not new and ts[i] < state[_TS]:
                    state[_REPEATS] += 1
                    continue
                lost = True
            lost = lost or state[_BROKEN] == 1
            if lost and not state[_AFTER_GAP]:
                gap[i] = True
                state[_GAPS] += 1
                state[_AFTER_GAP] = 1
                before[0, i], before[1, i] = state[_TS], state[_SEQ]
        state[_BROKEN] = 0
        state[_FOLLOWS] = seq[i]
        if event[i] == GAP:
            continue
        if state[_STARTED] and ts[i] < state[_TS]:
            state[_CLAMPED] += 1
        else:
            state[_TS] = ts[i]
        out_ts[i] = state[_TS]
        state[_SEQ] = seq[i]
        state[_STARTED], state[_AFTER_GAP] = 1, 0
        state[_KEPT] += 1
        keep[i] = True
    if b < len(broken):
        state[_BROKEN] = 1


def _expand(
    messages: Messages, keep: np.ndarray, gap: np.ndarray, ts: np.ndarray, before: np.ndarray
) -> pa.RecordBatch | None:
    """One row per level, one for a message without levels, one for a gap."""
    levels = np.diff(messages.rows)
    if keep.all() and not gap.any() and levels.all():
        return _plain(messages, levels, ts)
    lengths = np.where(keep, np.maximum(levels, 1), 0) + gap
    total = int(lengths.sum())
    if total == 0:
        return None
    integers = np.empty((3, total), np.int64)
    event, side = np.empty(total, np.int8), np.empty(total, np.int8)
    price, size = np.zeros(total), np.zeros(total)
    _fill(
        keep, gap, ts, messages.ts_recv, before, messages.seq, messages.event, messages.rows, messages.side,
        messages.price, messages.size, integers, event, side, price, size,
    )  # fmt: skip
    return depth_rows(integers[0], integers[1], integers[2], event, side, price, size)


def _plain(messages: Messages, levels: np.ndarray, ts: np.ndarray) -> pa.RecordBatch:
    """Every message kept, none without levels, no gap: nothing but repetition."""
    first, last = messages.rows[0], messages.rows[-1]
    event = np.repeat(messages.event, levels)
    side, price, size = (a[first:last] for a in (messages.side, messages.price, messages.size))
    recv = messages.ts_recv
    recv = np.repeat(recv, levels) if (recv != MISSING).any() else np.broadcast_to(MISSING, len(event))
    return depth_rows(np.repeat(ts, levels), recv, np.repeat(messages.seq, levels), event, side, price, size)


@njit(cache=True, nogil=True)
def _fill(
    keep,
    gap,
    ts,
    ts_recv,
    before,
    seq,
    event,
    rows,
    side,
    price,
    size,
    integers,
    events,
    sides,
    prices,
    sizes,
):
    n = 0
    for i in range(len(keep)):
        if gap[i]:
            integers[0, n], integers[1, n], integers[2, n] = before[0, i], MISSING, before[1, i]
            events[n], sides[n] = GAP, -1
            n += 1
        if not keep[i]:
            continue
        last = max(rows[i + 1], rows[i] + 1)
        for r in range(rows[i], last):
            integers[0, n], integers[1, n], integers[2, n] = ts[i], ts_recv[i], seq[i]
            events[n] = event[i]
            if rows[i] == rows[i + 1]:
                events[n], sides[n] = HEARD, -1
            else:
                sides[n], prices[n], sizes[n] = side[r], price[r], size[r]
            n += 1
