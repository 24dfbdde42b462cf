"""Depth messages of a venue that sends no ids, one after the other: numbered by their times, lines that come
again known by what they say, snapshots given the time until which they stood.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from liqmap.formats.streams.gathered import (
    GatheredDepth,
    Level,
    Message,
    last_of_each,
    local_or_missing,
)
from liqmap.schema import GAP, HEARD, NO_CHECKSUM, SNAPSHOT, UPDATE, Rejected

REMEMBERED = 1_000
"""Lines that later ones may repeat."""


class Told(NamedTuple):
    """What a line says of the book, but for its place in the file.

    ts : ns, None where it does not say. newest : of a snapshot without a time, when a level of it changed
    last, 0 where that is not known. key : what two lines have in common that say the same. continues :
    whether a snapshot is known to follow the message before it.
    """

    snapshot: bool
    ts: int | None
    newest: int
    levels: list[Level]
    key: Hashable
    continues: bool = False


class _Waiting(NamedTuple):
    """A snapshot that waits for the time of the next update."""

    told: Told
    local: int
    line: int
    checked: int


class TimedSequence:
    """Gives messages to ``depth``.

    Notes
    -----
    ``seq`` is the time in us (of a snapshot one less), one more than the last where that does not rise. That
    of a snapshot never follows the last one's: what was sent before it is not known. A snapshot without a
    time takes that of its arrival, or of the next update if that is earlier or no arrival is known: the book
    stood as it was until then.
    """

    def __init__(self, depth: GatheredDepth) -> None:
        self._depth = depth
        self._waiting: _Waiting | None = None
        self._seq, self._ts = -1, 0
        self._told: dict[Hashable, tuple[int, int]] = {}

    @property
    def started(self) -> bool:
        """Whether there was a message with a time."""
        return self._ts > 0

    def repeats(self, told: Told, local: int, line: int, *, known: bool = True) -> bool:
        """Whether a line was told before: then it is given out by its number, which ingest ignores and
        counts. ``known``: whether the book is, so that a snapshot need not be told again.

        Notes
        -----
        A level may change and change back within the grain of the clock: a line of the time of the last one
        repeats nothing but that one.
        """
        if self._waiting is not None and self._waiting.told.key == told.key:  # nothing changed meanwhile
            self._waiting = self._waiting._replace(local=local, line=line)
            return True
        before = self._told.get(told.key)
        if before is None or (told.snapshot and not known) or (told.ts is None and not told.snapshot):
            return False
        seq, ts = before
        if ts >= self._ts and seq != self._seq:
            return False
        last = told.snapshot and seq == self._seq and self._waiting is None
        event = SNAPSHOT if last else UPDATE if told.levels else HEARD
        prev = -1 if last else seq - 1
        self._append(told, event, ts, seq, prev, local, line, NO_CHECKSUM)
        return True

    def give(self, told: Told, local: int, line: int, checked: int = NO_CHECKSUM) -> None:
        """Add a message. An update without a time takes that of the last message."""
        if told.snapshot:
            self._give_waiting(told.newest if told.ts is None else told.ts)
            self._waiting = _Waiting(told, local, line, checked)
            if told.ts is not None:
                self._give_waiting(told.ts)
            return
        ts = told.ts or self._ts
        self._give_waiting(ts)
        self._number(told, UPDATE if told.levels else HEARD, ts, local, line, checked)

    def break_off(self, ts: int, line: int) -> None:
        """What was sent before a line is lost, as something else tells than ids of the book."""
        self._give_waiting(ts)
        self._number(Told(False, ts, 0, [], None), GAP, ts, 0, line, NO_CHECKSUM)

    def finish(self) -> list[Rejected]:
        """Give out the last snapshot, if it waits; the line of one whose time nothing tells."""
        waiting = self._waiting
        if waiting is None:
            return []
        if waiting.local == 0:
            self._waiting = None
            why = "expected a time with the snapshot, or an update after it, got neither"
            return [Rejected(waiting.line, why)]
        self._give_waiting(waiting.local)
        return []

    def _give_waiting(self, until: int) -> None:
        """Give out a snapshot that stood until a time, ns."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        told = waiting.told
        ts = until if told.ts is not None else max(told.newest, min(waiting.local or until, until))
        self._number(told, SNAPSHOT, ts, waiting.local, waiting.line, waiting.checked)

    def _number(self, told: Told, event: int, ts: int, local: int, line: int, checked: int) -> None:
        """Append a message with the next number. A snapshot leaves that of its time to the update that it
        may have the time of, so that this has the same number in every file."""
        prev, wanted = self._seq, ts // 1_000 - (event == SNAPSHOT)
        least = 0 if prev < 0 else prev + (2 if event == SNAPSHOT else 1)
        self._seq, self._ts = max(wanted, least), max(ts, self._ts)
        follows = prev if event in (UPDATE, HEARD) or told.continues else -1
        self._append(told, event, ts, self._seq, follows, local, line, checked)
        if told.key is not None:
            self._told.pop(told.key, None)
            self._told[told.key] = self._seq, ts
            if len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]

    def _append(
        self, told: Told, event: int, ts: int, seq: int, prev: int, local: int, line: int, checked: int
    ) -> None:
        self._depth.append(
            Message(
                ts=ts,
                recv=local_or_missing(local),
                seq=seq,
                prev=prev,
                event=event,
                line=line,
                levels=last_of_each(told.levels),
                checked=checked,
            )
        )
