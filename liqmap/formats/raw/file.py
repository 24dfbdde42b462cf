"""A raw file as decompressed lines: in chunks of whole ones, and its first bytes to know it by.

A damaged file gives every byte before the damage; what was wrong is then in ``RawFile.damage``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from liqmap.formats.raw.document import begins_document, message_lines
from liqmap.formats.raw.foreign import foreign, not_read
from liqmap.formats.raw.packed_file import PackedFile
from liqmap.formats.raw.quoting import adorned, plain
from liqmap.schema import FormatError

HEAD = 256 * 1024
CHUNK = 4 * 1024 * 1024
FIRST_CHUNK = 512 * 1024
"""The first is small, so that work on it begins soon; each is twice the one before, up to what is asked."""

BEGINNING = 4 * 1024
"""Bytes that tell a document from lines, unless the first line is longer; a block may be of one byte."""

LONGEST_LINE = 64 * 1024 * 1024
MARK = b"\xef\xbb\xbf"
"""The byte order mark that some programs put before UTF-8."""


class RawFile(PackedFile):
    """One file of an archive, readable once by `chunks`, as often as wanted by `head`.

    Raises
    ------
    FormatError : as `PackedFile`.

    Attributes
    ----------
    unended : the last line has no newline, nor does it close what JSON opened.
    grows : whether it is read while it is written: then a reader gives out at once what it can.
    """

    grows = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self.unended = False

    def head(self, size: int = HEAD) -> bytes:
        """The first ``size`` bytes, decompressed; fewer where there are no more.

        Raises
        ------
        FormatError : nothing inside, damaged before the first byte, or of a kind that is not read.
        """
        blocks, have = [], 0
        for block in self._text():
            blocks.append(block)
            have += len(block)
            if have >= size:
                break
        found = b"".join(blocks)
        damage, self.damage, self.position = self.damage, None, 0
        if not found:
            raise FormatError(
                where=self.path,
                expected="data",
                got=damage or "an empty file inside",
                remedy="Fetch it again",
            )
        if kind := foreign(found):
            raise not_read(self.path, kind.what, kind.remedy)
        return plain(found[:size], *adorned(found))

    def opened(self) -> pa.NativeFile:
        """The raw bytes, for Arrow."""
        return pa.memory_map(str(self.path))

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[bytes, int]]:
        """Chunks of whole lines with the raw bytes read so far; each chunk ends with a newline.

        The last line gets its newline if it has none, unless damage cut it: then it is left out. Quotes
        around cells are left out where the first line has them, and blanks after its commas.
        """
        found = None
        for data, position in self._lines(size):
            found = found or adorned(data)
            yield plain(data, *found) if any(found) else data, position

    def _lines(self, size: int) -> Iterator[tuple[bytes, int]]:
        """The chunks as they are."""
        parts: list[bytes] = []
        have, enough = 0, min(FIRST_CHUNK, size)
        for block in self._text():
            parts.append(block)
            have += len(block)
            if have < enough:
                continue
            enough = min(2 * enough, size)
            if cut := block.rfind(b"\n") + 1:
                yield b"".join([*parts[:-1], memoryview(block)[:cut]]), self.position
                parts = [block[cut:]]
                have = len(parts[0])
                continue
            data = b"".join(parts)
            cut = data.rfind(b"\n") + 1
            if cut == 0 and have > LONGEST_LINE:
                self.damage = f"a line longer than {LONGEST_LINE >> 20} MB"
                return
            if cut:
                yield data[:cut], self.position
            parts = [data[cut:]]
            have = len(parts[0])
            enough = max(enough, 2 * have)  # a line without end is put together no more often than it doubles
        data = b"".join(parts)
        if data and not data.endswith(b"\n"):
            self.unended = not self.damage and not data.endswith((b"}", b"]"))
            data = data[: data.rfind(b"\n") + 1] if self.damage else data + b"\n"
        if data:
            yield data, self.position

    def _text(self) -> Iterator[bytes]:
        """The blocks without a byte order mark; a JSON document over several lines as a message a line."""
        blocks, first, have = self.blocks(), [], 0
        ended = False
        for block in blocks:
            first.append(block)
            have += len(block)
            ended = ended or b"\n" in block
            if have >= (BEGINNING if ended else HEAD):
                break
        start = b"".join(first)
        if start.startswith(MARK):
            start = start.removeprefix(MARK)
            first = [start] if start else []
        text = chain(first, blocks)
        yield from message_lines(text) if begins_document(start) else text
