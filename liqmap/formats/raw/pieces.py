"""Packed bytes in pieces that grow as a stream goes on.

What an unpacker leaves of a piece behind the end of its stream is copied. Pieces that begin small with each
stream keep that copy below twice the stream's own size, so that a file of very many short streams costs no
more than its length.
"""

from __future__ import annotations

from collections.abc import Iterator

SMALLEST = 256
LARGEST = 256 * 1024


class Pieces:
    """Blocks cut into pieces; ``copied`` counts the bytes of all pieces, for tests."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block, self._at, self._size = b"", 0, SMALLEST
        self.copied = 0

    def take(self) -> bytes:
        """The next piece; empty at the end."""
        while self._at >= len(self._block):
            if not (block := next(self._blocks, b"")):
                return b""
            self._block, self._at = block, 0
        piece = self._block[self._at : self._at + self._size]
        self._at += len(piece)
        self._size = min(2 * self._size, LARGEST)
        self.copied += len(piece)
        return piece

    def begin(self, unused: int) -> None:
        """A new stream begins with the last ``unused`` bytes of the last piece."""
        self._at -= unused
        self._size = SMALLEST
