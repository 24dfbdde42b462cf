# mypy: disable-error-code="no-untyped-def, assignment"
"""Which messages continue the feed: the one rule for all venues.

``prev == last seq`` continues; ``seq <= last seq`` repeats and is ignored; anything else is a gap. An update
that follows the last message continues even where its own id does not rise: ids may begin anew without a
break, and one without levels may have the last id, to say that nothing changed. A snapshot that says what it
follows is judged by the first three. Others follow nothing: one continues when its ``seq`` is the last or the
next, otherwise it comes after a gap, unless it is older than the last message in both ``seq`` and time, which
makes it a repeat. A broken line is a gap, and so is a snapshot without rows: there is no book to go on from.
So is a message whose checksum the book contradicts: it or one before it is not what was sent, and it is left
out. So is an update that breaks the sequence and is older than the last message, unless its checksum agrees:
it came late, and ids have begun anew since, so that what it says is no more so. Where a venue's ids begin
anew and times are its engine's (``anew``), an old id at a later time is no repeat but a gap: the restart
before it was not heard. Where a broken line may be one of a snapshot's own, the snapshot may lack levels: a
gap comes after it too.

Of a feed without ids that is silent of what leaves its window, nothing tells between a gap and the next
snapshot which messages are missing, nor until when a level stood as it was told: there each message stands
for itself, with a gap after it that is no other loss (`UNPROVEN`).

A clock never steps back: such a message takes the last one's time, and is counted (``clamped``). So does one
more than `FAR` ahead of the last message and of the one that continues it: that clock is wrong. The first of
all then takes the next one's time. Where a feed pauses, the next message is late as well. Two such clocks
in a row, or one in the last message, look like a pause and stay. Far ahead at the end of a batch, a message
waits for the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.schema import AGREED, CONTRADICTED, GAP, NO_CHECKSUM, SNAPSHOT, Messages

SAID, BROKEN_LINE, SEQUENCE, RESTART, CHECKSUM, UNPROVEN = range(1, 7)
"""Why a gap comes before a message: the source says so, a broken line, a step of the ids, ids begin anew, the
book contradicts its checksum; or a gap goes on (neither counted nor listed)."""

REPEATED = -1
"""Instead of such a reason: the message is one of before."""

FAR = 3_600 * 10**9
"""ns; a clock this far ahead of its neighbours is wrong."""

STATE = np.dtype(
    {
        "names": [
            "follows",
            "seq",
            "ts",
            "started",
            "after_gap",
            "broken",
            "gaps",
            "repeats",
            "clamped",
            "kept",
            "by_one",
            "checksums",
            "verified",
            "proven",
            "by_snapshot",
            "alone",
            "anew",
        ],
        "formats": [np.int64] * 17,
    }
)
"""What is known of the messages before.

``follows`` is the id that the next message must follow; ``seq`` and ``ts`` are of the last good message.
``started``: there was one; ``after_gap``: a gap is open; ``broken``: a broken line came since. ``gaps``,
``repeats``, ``clamped``, ``kept`` are counts. ``by_one``: 1 where ids rise by 1, -1 where they do not.
``checksums``: messages that had one, of which ``verified`` agreed. ``proven``: ts of the last snapshot, the
last word on levels that no checksum covers. ``by_snapshot``: 1 where only a snapshot ends a gap; ``alone``:
the last message was an update in such a gap. ``anew``: 1 where ids may begin anew and times are the engine's.
"""


class Heads(NamedTuple):
    """What is judged of M messages: columns of `Messages`, (M,), and how many levels each has."""

    ts: np.ndarray
    seq: np.ndarray
    prev: np.ndarray
    event: np.ndarray
    levels: np.ndarray
    line: np.ndarray
    since: np.ndarray
    checked: np.ndarray

    @classmethod
    def of(cls, messages: Messages) -> Heads:
        since = messages.line if messages.since is None else messages.since
        levels = np.diff(messages.rows)
        checked = messages.checked
        return cls(
            messages.ts, messages.seq, messages.prev, messages.event, levels, messages.line, since,
            np.full(len(levels), NO_CHECKSUM, np.int8) if checked is None else checked,
        )  # fmt: skip


class Verdicts(NamedTuple):
    """What was found of M messages, (M,)."""

    keep: np.ndarray
    """bool: it is new."""
    gap: np.ndarray
    """int8: why a gap comes first; 0 where none does."""
    ts: np.ndarray
    """int64, ns: its time, clamped; unset where it is not kept."""
    last_ts: np.ndarray
    """int64, ns: of the last good message before a gap; unset elsewhere."""
    last_seq: np.ndarray
    """int64: its id."""
    proven: np.ndarray
    """int64, ns: of the last snapshot before it."""

    @classmethod
    def empty(cls, count: int) -> Verdicts:
        """Nothing found of ``count`` messages yet."""
        ts, last_ts, last_seq, proven = np.empty((4, count), np.int64)
        return cls(np.zeros(count, np.bool_), np.zeros(count, np.int8), ts, last_ts, last_seq, proven)


@njit(cache=True, nogil=True)
def _is_far_ahead(heads, i):
    """Whether the clock of a message is wrong by the word of the next one, not of an older one repeated."""
    if heads.ts[i] <= heads.ts[i + 1] + FAR:
        return False
    if heads.prev[i + 1] >= 0:
        return heads.prev[i + 1] == heads.seq[i]
    return heads.seq[i + 1] > heads.seq[i]


@njit(cache=True, nogil=True)
def _gap_before(state, heads, i):
    """Why a gap comes before a message: 0 where it continues the last, `REPEATED` where it is not new."""
    seq, prev, ts = heads.seq[i], heads.prev[i], heads.ts[i]
    new = seq > state["follows"]
    if prev >= 0:
        if prev != state["follows"]:
            unheard = state["anew"] and state["ts"] < ts <= state["ts"] + FAR
            return SEQUENCE if new else RESTART if unheard else REPEATED
        goes_on = heads.event[i] != SNAPSHOT and (seq != prev or heads.levels[i] == 0)
        return 0 if new or goes_on else REPEATED
    if seq == state["follows"] or seq == state["follows"] + 1:
        return 0
    if not new and ts < state["ts"]:
        return REPEATED
    return SEQUENCE if new else RESTART


@njit(cache=True, nogil=True)
def judge(heads, broken, last, states, verdicts):
    """Judge messages, one after the other.

    Parameters
    ----------
    heads, verdicts : the messages, and where to put what is found of them.
    broken : lines that could not be used, ascending.
    last : whether no messages come after these.
    states : (1,) of `STATE`, brought up to date.

    Returns
    -------
    How many messages and broken lines were judged: all but a last message that waits for the next.
    """
    state = states[0]
    ts, seq, prev, event = heads.ts, heads.seq, heads.prev, heads.event
    b, count = 0, len(seq)
    for i in range(count):
        ahead = not state["started"] or ts[i] > state["ts"] + FAR
        if ahead and i + 1 == count and not last:
            return i, b
        wrong = ahead and i + 1 < count and _is_far_ahead(heads, i)
        torn, until = False, heads.since[i] if event[i] == GAP else heads.line[i]
        while b < len(broken) and broken[b] < until:
            state["broken"] = 1
            torn |= event[i] == SNAPSHOT and broken[b] >= heads.since[i]
            b += 1
        says_gap = event[i] == GAP or (event[i] == SNAPSHOT and heads.levels[i] == 0)
        contradicted, stale = heads.checked[i] == CONTRADICTED, False
        if state["started"]:
            reason = SAID if says_gap else _gap_before(state, heads, i)
            if reason == REPEATED:
                state["repeats"] += 1
                continue
            late = event[i] != SNAPSHOT and ts[i] < state["ts"]
            stale = reason == SEQUENCE and late and heads.checked[i] != AGREED
            if contradicted and reason == 0:
                reason = CHECKSUM
            if state["broken"] and reason != SAID:
                reason = BROKEN_LINE
            ended = event[i] == SNAPSHOT and not (says_gap or contradicted)
            if state["alone"] and not state["after_gap"] and (reason == 0 or ended):
                verdicts.gap[i] = UNPROVEN
                verdicts.last_ts[i], verdicts.last_seq[i] = state["ts"], state["seq"]
            elif reason and not state["after_gap"]:
                verdicts.gap[i] = reason
                state["gaps"] += 1
                state["after_gap"] = 1
                verdicts.last_ts[i], verdicts.last_seq[i] = state["ts"], state["seq"]
                verdicts.proven[i] = state["proven"]
        state["broken"] = 1 if torn else 0
        state["follows"] = seq[i]
        state["checksums"] += heads.checked[i] != NO_CHECKSUM
        state["verified"] += heads.checked[i] == AGREED
        if says_gap or contradicted or stale:
            continue
        if prev[i] >= 0 and state["by_one"] >= 0:
            state["by_one"] = 1 if prev[i] == seq[i] - 1 else -1
        if wrong or (state["started"] and ts[i] < state["ts"]):
            state["clamped"] += 1
            if not state["started"]:
                state["ts"] = ts[i + 1]
        else:
            state["ts"] = ts[i]
        verdicts.ts[i] = state["ts"]
        if event[i] == SNAPSHOT:
            state["proven"] = state["ts"]
        state["seq"] = seq[i]
        in_gap = state["by_snapshot"] and (state["after_gap"] or state["alone"])
        state["alone"] = 1 if in_gap and event[i] != SNAPSHOT else 0
        state["started"], state["after_gap"] = 1, 0
        state["kept"] += 1
        verdicts.keep[i] = True
    return count, b
