"""Kraken's depth messages one after the other: numbered, timed, and held against their checksums."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from liqmap.formats.kraken.book import Decimals, KrakenBook
from liqmap.formats.kraken.exact import Update
from liqmap.formats.streams.gathered import GatheredDepth, Message, last_of_each, local_or_missing
from liqmap.schema import (
    AGREED,
    CONTRADICTED,
    HEARD,
    NO_CHECKSUM,
    NOT_COMPARED,
    SNAPSHOT,
    UPDATE,
    Rejected,
)

REMEMBERED = 1_000
"""Lines that later ones may repeat."""


class _Waiting(NamedTuple):
    """A snapshot that waits for the time of the next update."""

    update: Update
    local: int
    line: int
    key: Hashable
    checked: int = NO_CHECKSUM


class KrakenSequence:
    """Gives messages to ``depth``. ``compared``: whether a checksum was compared with the book."""

    def __init__(self, depth: GatheredDepth) -> None:
        self.compared = False
        self._depth = depth
        self._book: KrakenBook | None = None  # None: it is not known
        self._waiting: _Waiting | None = None
        self._seq, self._ts = -1, 0
        self._told: dict[Hashable, tuple[int, int]] = {}

    def add(
        self, update: Update, local: int, line: int, levels: int, decimals: Decimals | None
    ) -> str | None:
        """Take what a line says of a book of so many ``levels``, or say what is wrong with it."""
        key = (update.snapshot, update.newest, update.checksum, tuple(update.levels))
        if self._waiting is not None and self._waiting.key == key:  # nothing changed meanwhile
            self._waiting = self._waiting._replace(local=local, line=line)
            return None
        if key in self._told and (not update.snapshot or self._book is not None):
            self._repeat(update, self._told[key], local, line)
            return None
        if update.snapshot:
            self._snapshot(_Waiting(update, local, line, key), KrakenBook(levels, decimals))
            return None
        ts = update.ts or self._ts or None
        if ts is None:
            return "expected a level that is not republished before others, got none"
        self._give_waiting(ts)
        checked = self._check(update)
        self._message(update, UPDATE if update.levels else HEARD, ts, local, line, checked)
        self._remember(key)
        return None

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

    def _check(self, update: Update) -> int:
        """What the checksum says of the book, to which the levels are applied."""
        if self._book is None:
            return NO_CHECKSUM if update.checksum is None else NOT_COMPARED
        self._book.apply(update.levels, update.texts)
        if update.checksum is None:
            return NO_CHECKSUM
        self.compared = True
        if self._book.agrees(update.checksum):
            return AGREED
        self._book = None
        return CONTRADICTED

    def _snapshot(self, snapshot: _Waiting, book: KrakenBook) -> None:
        self._give_waiting(snapshot.update.newest)
        self._book = book
        self._waiting = snapshot._replace(checked=self._check(snapshot.update))
        if snapshot.update.ts is not None:
            self._give_waiting(snapshot.update.ts)

    def _give_waiting(self, until: int) -> None:
        """Give out a snapshot that stood until a time, ns."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        update = waiting.update
        ts = until if update.ts is not None else max(update.newest, min(waiting.local or until, until))
        self._message(update, SNAPSHOT, ts, waiting.local, waiting.line, waiting.checked)
        self._remember(waiting.key)

    def _message(self, update: Update, event: int, ts: int, local: int, line: int, checked: int) -> None:
        """Append a message, numbered by its time. The number of a snapshot never follows the last one's:
        what was sent before it is not known."""
        prev, first = self._seq, self._seq < 0
        least = 0 if first else prev + (2 if event == SNAPSHOT else 1)
        self._seq, self._ts = max(ts // 1_000, least), max(ts, self._ts)
        self._depth.append(
            Message(
                ts=ts,
                recv=local_or_missing(local),
                seq=self._seq,
                prev=-1 if event == SNAPSHOT else prev,
                event=event,
                line=line,
                levels=last_of_each(update.levels),
                checked=checked,
            )
        )

    def _remember(self, key: Hashable) -> None:
        self._told.pop(key, None)
        self._told[key] = self._seq, self._ts
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]

    def _repeat(self, update: Update, told: tuple[int, int], local: int, line: int) -> None:
        """A line that was told before, by its number: it is ignored at ingest, and counted; but a snapshot
        after which nothing was told says that nothing changed."""
        seq, ts = told
        last = update.snapshot and seq == self._seq and self._waiting is None
        event = SNAPSHOT if last else UPDATE if update.levels else HEARD
        self._depth.append(
            Message(
                ts=ts,
                recv=local_or_missing(local),
                seq=seq,
                prev=-1 if last else seq - 1,
                event=event,
                line=line,
                levels=last_of_each(update.levels),
            )
        )
