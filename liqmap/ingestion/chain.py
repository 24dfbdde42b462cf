"""One feed's sequence across batches: its messages judged, as rows, and the gaps between them.

The first `REMEMBERED` gaps are kept one by one, for the report; all are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from liqmap.ingestion.agreed import Agreed
from liqmap.ingestion.depth_rows import expanded
from liqmap.ingestion.judging import (
    BROKEN_LINE,
    CHECKSUM,
    RESTART,
    SEQUENCE,
    STATE,
    UNPROVEN,
    Heads,
    Verdicts,
    judge,
)
from liqmap.schema import GAP, MISSING, Messages, Rejected, depth_rows
from liqmap.schema.messages import join, part

_REASONS = {BROKEN_LINE: "broken line", SEQUENCE: "sequence", RESTART: "restart", CHECKSUM: "checksum"}

CHECKSUM_GAP = _REASONS[CHECKSUM]

REMEMBERED = 1_000


@dataclass(frozen=True)
class Gap:
    """Between two messages others were lost. What comes after is None where the source ends with the gap.

    line : of the first message after it. after, until : ts of the messages before and after it, ns.
    seq_after, seq_until : their ids. missing : how many ids lie between, where ids rise by 1.
    reason : ``sequence``, ``broken line``, ``restart`` (the ids begin anew), ``checksum`` (that of the
    message after it, which is left out, is not the book's), ``end of file`` (its last lines are lost), or
    what the source says, such as ``resync``.
    proven : of a ``checksum``, ts of the last snapshot before it, ns. A checksum covers the best levels
    alone: of those beyond, what is wrong may have been so since.
    """

    line: int | None
    after: int
    until: int | None
    seq_after: int
    seq_until: int | None
    missing: int | None
    reason: str
    proven: int | None = None


class Chain:
    """The state of one feed's sequence, across batches. Turns messages into rows of DEPTH."""

    def __init__(self) -> None:
        self._states = np.zeros(1, STATE)
        self._follows = -1
        self._lost: list[Gap] = []
        self.agreed = Agreed()
        self._waiting: Messages | None = None  # one message, far ahead of the last
        self._broken = np.empty(0, np.int64)  # lines after it; or before the first of the next batch

    @property
    def gaps(self) -> int:
        return int(self._states[0]["gaps"])

    @property
    def lost(self) -> list[Gap]:
        """The first gaps, one by one."""

        def missing(gap: Gap) -> int | None:
            if self._states[0]["by_one"] != 1 or gap.seq_until is None or gap.seq_until <= gap.seq_after:
                return None
            return gap.seq_until - gap.seq_after - 1 if gap.reason in ("sequence", "broken line") else None

        return [replace(gap, missing=missing(gap)) for gap in self._lost]

    @property
    def repeats(self) -> int:
        """Messages ignored because their ``seq`` was not new."""
        return int(self._states[0]["repeats"])

    @property
    def clamped(self) -> int:
        """Messages whose clock stepped back, or stood far ahead alone, and was set to the last one's time."""
        return int(self._states[0]["clamped"])

    def end_gaps_by_snapshots(self) -> None:
        """Let only a snapshot end a gap: the feed has no ids, and is silent of what leaves its window."""
        self._states[0]["by_snapshot"] = 1

    def let_ids_begin_anew(self) -> None:
        """Take an old id at a later time for one after a restart unheard; times are the engine's."""
        self._states[0]["anew"] = 1

    @property
    def follows(self) -> int:
        """``seq`` that the first message says it follows; -1 for a snapshot."""
        return self._follows

    @property
    def messages(self) -> int:
        return int(self._states[0]["kept"])

    @property
    def verified(self) -> int | None:
        """Messages after which the book agreed with the venue's checksum; None where there was none."""
        return int(self._states[0]["verified"]) if self._states[0]["checksums"] else None

    def rows(self, messages: Messages | None, rejected: Sequence[Rejected] = ()) -> pa.RecordBatch | None:
        """The rows that these messages become, gap rows included; None if there are none."""
        ends = {line: None for lost in rejected for line in (lost.line, lost.end)}  # no message lies between
        self._broken = np.append(self._broken, np.array([*ends], np.int64))
        if messages is None:
            self._broken = _few(self._broken, int(self._waiting.line[0]) if self._waiting is not None else 0)
            return None
        if self._waiting is not None:
            messages = join([self._waiting, messages]) or messages
        return self._judged(messages, last=False)

    def _judged(self, messages: Messages, last: bool) -> pa.RecordBatch | None:
        """The rows of all of these, but for one that waits for the next unless it is the ``last``."""
        begun = bool(self._states[0]["started"])
        count = len(messages.seq)
        verdicts = Verdicts.empty(count)
        done, known = judge(Heads.of(messages), self._broken, last, self._states, verdicts)
        self._waiting = part(messages, done, count) if done < count else None
        self._broken = self._broken[known:]
        self._list(messages, verdicts)
        self.agreed.add(messages, verdicts)
        if not begun and verdicts.keep.any():
            self._follows = int(messages.prev[np.argmax(verdicts.keep)])
        return expanded(messages, verdicts)

    def _list(self, messages: Messages, verdicts: Verdicts) -> None:
        """Keep the gaps found, each with the message that ends it, which may come in a later batch."""
        kept = np.flatnonzero(verdicts.keep)
        if len(kept) and self._lost and self._lost[-1].until is None:
            self._lost[-1] = _ended(self._lost[-1], messages, kept[0], verdicts.ts)
        new = (verdicts.gap > 0) & (verdicts.gap != UNPROVEN)
        for i in np.flatnonzero(new)[: REMEMBERED - len(self._lost)]:
            reason = _REASONS.get(int(verdicts.gap[i]), messages.gap_reason)
            last_ts, last_seq = int(verdicts.last_ts[i]), int(verdicts.last_seq[i])
            found = Gap(None, last_ts, None, last_seq, None, None, reason)
            if reason == CHECKSUM_GAP:
                found = replace(found, proven=int(verdicts.proven[i]))
                self._lost.append(_ended(found, messages, i, np.maximum(messages.ts, last_ts)))
                continue
            k = np.searchsorted(kept, i)
            self._lost.append(_ended(found, messages, kept[k], verdicts.ts) if k < len(kept) else found)

    def finish(self) -> pa.RecordBatch | None:
        """The message that still waits, and the gap row that closes a source whose last lines were lost; None
        if there is neither."""
        waiting, self._waiting = self._waiting, None
        rows = [self._judged(waiting, last=True) if waiting is not None else None, self._closing_gap()]
        found = [r for r in rows if r is not None]
        return pa.concat_batches(found) if found else None

    def _closing_gap(self) -> pa.RecordBatch | None:
        """The gap row of the last lines; None if they are sound."""
        state = self._states[0]
        broken = state["broken"] or len(self._broken)
        if not (state["started"] and broken) or state["after_gap"]:
            return None
        state["gaps"] += 1
        state["after_gap"] = 1
        if len(self._lost) < REMEMBERED:
            self._lost.append(Gap(None, int(state["ts"]), None, int(state["seq"]), None, None, "end of file"))
        one, nothing = np.ones(1, np.int64), np.zeros(1)
        return depth_rows(
            one * state["ts"], one * MISSING, one * state["seq"], one * GAP, -one, nothing, nothing
        )


def _few(lines: np.ndarray, at: int) -> np.ndarray:
    """The first and the last of the lines before one, and of those from there on: as much as is asked."""
    cut = np.searchsorted(lines, at)
    return np.concatenate([p[[0, -1]] if len(p) > 2 else p for p in (lines[:cut], lines[cut:])])


def _ended(gap: Gap, messages: Messages, i: int, ts: np.ndarray) -> Gap:
    """The gap, with the message that comes after it."""
    return replace(gap, line=int(messages.line[i]), until=int(ts[i]), seq_until=int(messages.seq[i]))
