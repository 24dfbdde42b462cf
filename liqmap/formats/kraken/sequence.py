"""Kraken's depth messages one after the other, held against their checksums."""

from __future__ import annotations

from liqmap.formats.kraken.book import Decimals, KrakenBook
from liqmap.formats.kraken.exact import Update
from liqmap.formats.streams.gathered import GatheredDepth
from liqmap.formats.streams.timed_sequence import TimedSequence, Told
from liqmap.schema import AGREED, CONTRADICTED, NO_CHECKSUM, NOT_COMPARED


class KrakenSequence(TimedSequence):
    """``compared``: whether a checksum was compared with the book. A snapshot of exactly the book that is
    known, as after a planned change of the connection, continues it."""

    def __init__(self, depth: GatheredDepth) -> None:
        super().__init__(depth)
        self.compared = False
        self._book: KrakenBook | None = None  # None: it is not known

    def add(
        self, update: Update, local: int, line: int, levels: int, decimals: Decimals | None
    ) -> str | None:
        """Take what a line says of a book of so many ``levels``, or say what is wrong with it."""
        key = (update.snapshot, update.newest, update.checksum, tuple(update.levels))
        told = Told(update.snapshot, update.ts, update.newest, update.levels, key)
        if self.repeats(told, local, line, known=self._book is not None):
            return None
        if update.snapshot:
            told = told._replace(continues=self._book is not None and self._book.has_only(update.levels))
            self._book = KrakenBook(levels, decimals)
        elif update.ts is None and not self.started:
            return "expected a level that is not republished before others, got none"
        self.give(told, local, line, self._check(update))
        return None

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
