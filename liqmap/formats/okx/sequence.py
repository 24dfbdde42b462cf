"""OKX's depth messages one after the other: chained by their ids, and held against their checksums."""

from __future__ import annotations

from liqmap.formats.okx.book import OkxBook
from liqmap.formats.okx.exact import Book
from liqmap.formats.streams.checked_book import HeldAgainstChecksums
from liqmap.formats.streams.gathered import GatheredDepth, Message, last_of_each, local_or_missing
from liqmap.schema import HEARD, NO_CHECKSUM, SNAPSHOT, UPDATE


class OkxSequence:
    """Gives messages to ``depth``. ``compared``: whether a checksum was compared with the book; ``has_ids``:
    whether all messages had ids of the venue's own."""

    def __init__(self, depth: GatheredDepth) -> None:
        self._depth = depth
        self._held: HeldAgainstChecksums[OkxBook] = HeldAgainstChecksums()
        self._seq, self._ts = -1, 0
        self.has_ids = True

    @property
    def compared(self) -> bool:
        return self._held.compared

    def add(self, book: Book, snapshot: bool, local: int, line: int) -> str | None:
        """Take what a message says of a book of which updates are sent, or say what is wrong with it."""
        seq, prev = book.seq, book.prev
        if seq is None:  # as before 2022
            self.has_ids = False
            seq, prev = max(book.ts // 1_000, self._seq + (2 if snapshot else 1)), self._seq
        elif not snapshot and prev is None:
            return "expected `prevSeqId` beside `seqId`, got none"
        if snapshot and not book.levels:
            return "expected levels, got an empty snapshot"
        assert prev is not None or snapshot
        again = seq <= self._seq and (book.ts < self._ts if snapshot else prev != self._seq)
        checked = NO_CHECKSUM if again else self._check(book, snapshot, prev)
        if not again:
            self._seq, self._ts = seq, book.ts
        event = SNAPSHOT if snapshot else UPDATE if book.levels else HEARD
        follows = -1 if snapshot or prev is None else prev
        self._append(book, seq, follows, event, local, line, checked)
        return None

    def add_alone(self, book: Book, local: int, line: int) -> str | None:
        """Take a book that replaces the one before, as those of ``books5`` do. None is missing between
        two."""
        if not book.levels or not all(size for _, _, size in book.levels):
            return "expected levels with sizes above 0, got one of 0 or none"
        seq = max(book.ts // 1_000, self._seq + 1) if book.seq is None else book.seq
        prev, self._seq = self._seq, max(seq, self._seq)
        self._append(book, seq, prev, SNAPSHOT, local, line, NO_CHECKSUM)
        return None

    def _check(self, book: Book, snapshot: bool, prev: int | None) -> int:
        """What the checksum says of the book, to which the levels are applied where they follow it."""
        if snapshot:
            self._held.book = OkxBook()
        elif prev != self._seq:
            self._held.book = None
        return self._held.check(book.levels, book.texts, book.checksum)

    def _append(
        self, book: Book, seq: int, prev: int, event: int, local: int, line: int, checked: int
    ) -> None:
        self._depth.append(
            Message(
                ts=book.ts,
                recv=local_or_missing(local),
                seq=seq,
                prev=prev,
                event=event,
                line=line,
                levels=last_of_each(book.levels),
                checked=checked,
            )
        )
