"""Kraken's depth messages one after the other, held against their checksums."""

from __future__ import annotations

from liqmap.formats.kraken.book import Decimals, KrakenBook
from liqmap.formats.kraken.exact import Update
from liqmap.formats.streams.checked_book import HeldAgainstChecksums
from liqmap.formats.streams.gathered import GatheredDepth
from liqmap.formats.streams.timed_sequence import TimedSequence, Told


class KrakenSequence(TimedSequence):
    """``compared``: whether a checksum was compared with the book. A snapshot of exactly the book that is
    known, as after a planned change of the connection, continues it."""

    def __init__(self, depth: GatheredDepth) -> None:
        super().__init__(depth)
        self._held: HeldAgainstChecksums[KrakenBook] = HeldAgainstChecksums()

    @property
    def compared(self) -> bool:
        return self._held.compared

    def add(
        self, update: Update, local: int, line: int, levels: int, decimals: Decimals | None
    ) -> str | None:
        """Take what a line says of a book of so many ``levels``, or say what is wrong with it."""
        key = (update.snapshot, update.newest, update.checksum, tuple(update.levels))
        told = Told(update.snapshot, update.ts, update.newest, update.levels, key)
        if self.repeats(told, local, line, known=self._held.book is not None):
            return None
        if update.snapshot:
            book = self._held.book
            told = told._replace(continues=book is not None and book.has_only(update.levels))
            self._held.book = KrakenBook(levels, decimals)
        elif update.ts is None and not self.started:
            return "expected a level that is not republished before others, got none"
        checked = self._held.check(update.levels, update.texts, update.checksum)
        self.give(told, local, line, checked)
        return None
