# mypy: disable-error-code="no-untyped-def, assignment"
"""Which messages continue the feed: the one rule for all venues.

``prev == last seq`` continues; ``seq <= last seq`` repeats and is ignored; anything else is a gap. A snapshot
that says what it follows is judged likewise. Others follow nothing: one continues when its ``seq`` is the
last or the next, otherwise it comes after a gap, unless it is older than the last message in both ``seq`` and
time, which makes it a repeat. A broken line is a gap, and so is a snapshot without rows: there is no book to
go on from. Where a broken line may be one of a snapshot's own, the snapshot may lack levels: a gap comes
after it too.

A clock never steps back: such a message takes the last one's time, and is counted (``clamped``). So does one
more than `FAR` ahead of the last message and of the one that continues it: that clock is wrong. The first of
all then takes the next one's time. Where a feed pauses, the next message is late as well. Two such clocks
in a row, or one in the last message, cannot be told from a pause and stay. Far ahead at the end of a batch, a
message waits for the next.

The first `REMEMBERED` gaps are kept one by one, for the report; all are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numba import njit

from liqmap.schema import GAP, HEARD, MISSING, SNAPSHOT, Messages, Rejected, depth_rows
from liqmap.schema.messages import join, part

_FOLLOWS, _SEQ, _TS, _STARTED, _AFTER_GAP, _BROKEN, _GAPS, _REPEATS, _CLAMPED, _KEPT, _BY_ONE = range(11)
_SAID, _LINE, _SEQUENCE, _RESTART = range(1, 5)
_REASONS = {_LINE: "broken line", _SEQUENCE: "sequence", _RESTART: "restart"}

REMEMBERED = 1_000
FAR = 3_600 * 10**9
"""ns; a clock this far ahead of its neighbours is wrong."""


@dataclass(frozen=True)
class Gap:
    """Between two messages others were lost. What comes after is None where the source ends with the gap.

    line : of the first message after it. after, until : ts of the messages before and after it, ns.
    seq_after, seq_until : their ids. missing : how many ids lie between, where ids rise by 1.
    reason : ``sequence``, ``broken line``, ``restart`` (the ids begin anew), ``end of file`` (its last lines
    are lost), or what the source says, such as ``resync``.
    """

    line: int | None
    after: int
    until: int | None
    seq_after: int
    seq_until: int | None
    missing: int | None
    reason: str


class Chain:
    """The state of one feed's sequence, across batches. Turns messages into rows of DEPTH."""

    def __init__(self) -> None:
        self._state = np.zeros(11, np.int64)
        self._follows = -1
        self._lost: list[Gap] = []
        self._held: Messages | None = None  # one message, far ahead of the last
        self._broken = np.empty(0, np.int64)  # lines after it; or before the first of the next batch

    @property
    def gaps(self) -> int:
        return int(self._state[_GAPS])

    @property
    def lost(self) -> list[Gap]:
        """The first gaps, one by one."""

        def missing(gap: Gap) -> int | None:
            if self._state[_BY_ONE] != 1 or gap.seq_until is None or gap.seq_until <= gap.seq_after:
                return None
            return gap.seq_until - gap.seq_after - 1 if gap.reason in ("sequence", "broken line") else None

        return [replace(gap, missing=missing(gap)) for gap in self._lost]

    @property
    def repeats(self) -> int:
        """Messages ignored because their ``seq`` was not new."""
        return int(self._state[_REPEATS])

    @property
    def clamped(self) -> int:
        """Messages whose clock stepped back, or stood far ahead alone, and was set to the last one's time."""
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
        self._broken = np.append(self._broken, np.array([r.line for r in rejected], np.int64))
        if messages is None:
            self._broken = _few(self._broken, int(self._held.line[0]) if self._held is not None else 0)
            return None
        if self._held is not None:
            messages = join([self._held, messages]) or messages
        return self._judged(messages, last=False)

    def _judged(self, messages: Messages, last: bool) -> pa.RecordBatch | None:
        """The rows of all of these, but for one that waits for the next unless it is the ``last``."""
        begun = self._state[_STARTED]
        count = len(messages.seq)
        keep, gap = np.zeros(count, np.bool_), np.zeros(count, np.int8)
        ts = np.empty(count, np.int64)
        before = np.empty((2, count), np.int64)
        since = messages.line if messages.since is None else messages.since
        done, known = _judge(
            messages.ts, messages.seq, messages.prev, messages.event, np.diff(messages.rows), messages.line,
            since, self._broken, last, self._state, keep, gap, ts, before,
        )  # fmt: skip
        self._held = part(messages, done, count) if done < count else None
        self._broken = self._broken[known:]
        self._list(messages, keep, gap, ts, before)
        if not begun and keep.any():
            self._follows = int(messages.prev[np.argmax(keep)])
        return _expand(messages, keep, gap > 0, ts, before)

    def _list(
        self, messages: Messages, keep: np.ndarray, gap: np.ndarray, ts: np.ndarray, before: np.ndarray
    ) -> None:
        """Keep the gaps found, each with the message that ends it, which may come in a later batch."""
        kept = np.flatnonzero(keep)
        if len(kept) and self._lost and self._lost[-1].until is None:
            self._lost[-1] = _ended(self._lost[-1], messages, kept[0], ts)
        for i in np.flatnonzero(gap)[: REMEMBERED - len(self._lost)]:
            reason = _REASONS.get(int(gap[i]), messages.gap_reason)
            found = Gap(None, int(before[0, i]), None, int(before[1, i]), None, None, reason)
            k = np.searchsorted(kept, i)
            self._lost.append(_ended(found, messages, kept[k], ts) if k < len(kept) else found)

    def finish(self) -> pa.RecordBatch | None:
        """The message that still waits, and the gap row that closes a source whose last lines were lost; None
        if there is neither."""
        held, self._held = self._held, None
        rows = [self._judged(held, last=True) if held is not None else None, self._lost_end()]
        found = [r for r in rows if r is not None]
        return pa.concat_batches(found) if found else None

    def _lost_end(self) -> pa.RecordBatch | None:
        """The gap row of the last lines; None if they are sound."""
        state = self._state
        broken = state[_BROKEN] or len(self._broken)
        if not (state[_STARTED] and broken) or state[_AFTER_GAP]:
            return None
        state[_GAPS] += 1
        state[_AFTER_GAP] = 1
        if len(self._lost) < REMEMBERED:
            self._lost.append(Gap(None, int(state[_TS]), None, int(state[_SEQ]), None, None, "end of file"))
        one, nothing = np.ones(1, np.int64), np.zeros(1)
        return depth_rows(
            one * state[_TS], one * MISSING, one * state[_SEQ], one * GAP, -one, nothing, nothing
        )


def _few(lines: np.ndarray, at: int) -> np.ndarray:
    """The first and the last of the lines before one, and of those from there on: as much as is asked."""
    cut = np.searchsorted(lines, at)
    return np.concatenate([p[[0, -1]] if len(p) > 2 else p for p in (lines[:cut], lines[cut:])])


def _ended(gap: Gap, messages: Messages, i: int, ts: np.ndarray) -> Gap:
    """The gap, with the message that comes after it."""
    return replace(gap, line=int(messages.line[i]), until=int(ts[i]), seq_until=int(messages.seq[i]))


@njit(cache=True, nogil=True)
def _judge(ts, seq, prev, event, levels, line, since, broken, last, state, keep, gap, out_ts, before):
    """Per message: is it kept, does a gap row come first (and why), its clamped time, and the last good ts
    and seq. Returns how many messages and broken lines were judged: all but a last message that waits."""
    b, count = 0, len(seq)
    for i in range(count):
        ahead = not state[_STARTED] or ts[i] > state[_TS] + FAR
        if ahead and i + 1 == count and not last:
            return i, b
        wrong = ahead and i + 1 < count and ts[i] > ts[i + 1] + FAR
        if wrong:  # by the word of the next message, not of an older one that is told again
            wrong = prev[i + 1] == seq[i] if prev[i + 1] >= 0 else seq[i + 1] > seq[i]
        torn, until = False, since[i] if event[i] == GAP else line[i]
        while b < len(broken) and broken[b] < until:
            state[_BROKEN] = 1
            torn |= event[i] == SNAPSHOT and broken[b] >= since[i]
            b += 1
        says_gap = event[i] == GAP or (event[i] == SNAPSHOT and levels[i] == 0)
        if state[_STARTED]:
            new = seq[i] > state[_FOLLOWS]
            reason = 0
            if says_gap:
                reason = _SAID
            elif prev[i] >= 0:
                if not new:
                    state[_REPEATS] += 1
                    continue
                if prev[i] != state[_FOLLOWS]:
                    reason = _SEQUENCE
            elif seq[i] != state[_FOLLOWS] and seq[i] != state[_FOLLOWS] + 1:
                if not new and ts[i] < state[_TS]:
                    state[_REPEATS] += 1
                    continue
                reason = _SEQUENCE if new else _RESTART
            if state[_BROKEN] and reason != _SAID:
                reason = _LINE
            if reason and not state[_AFTER_GAP]:
                gap[i] = reason
                state[_GAPS] += 1
                state[_AFTER_GAP] = 1
                before[0, i], before[1, i] = state[_TS], state[_SEQ]
        state[_BROKEN] = 1 if torn else 0
        state[_FOLLOWS] = seq[i]
        if says_gap:
            continue
        if prev[i] >= 0 and state[_BY_ONE] >= 0:
            state[_BY_ONE] = 1 if prev[i] == seq[i] - 1 else -1
        if wrong or (state[_STARTED] and ts[i] < state[_TS]):
            state[_CLAMPED] += 1
            if not state[_STARTED]:
                state[_TS] = ts[i + 1]
        else:
            state[_TS] = ts[i]
        out_ts[i] = state[_TS]
        state[_SEQ] = seq[i]
        state[_STARTED], state[_AFTER_GAP] = 1, 0
        state[_KEPT] += 1
        keep[i] = True
    return count, b


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
