"""A raw file as decompressed bytes: plain, gzip, zip or zstd, in chunks of whole lines.

A damaged archive gives every byte before the damage; what was wrong is then in ``RawFile.damage``.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from liqmap.formats.raw.document import begins_document, message_lines
from liqmap.formats.raw.quoting import adorned, plain
from liqmap.formats.raw.read_ahead import ahead as ahead
from liqmap.schema import FormatError

HEAD = 256 * 1024
READ = 256 * 1024
CHUNK = 4 * 1024 * 1024
FIRST_CHUNK = 512 * 1024
"""The first is small, so that work on it begins soon; each is twice the one before, up to what is asked."""

LONGEST_LINE = 64 * 1024 * 1024
MARK = b"\xef\xbb\xbf"
"""The byte order mark that some programs put before UTF-8."""

_PACKINGS = ((b"PK", "zip"), (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_FOREIGN = ((re.compile(rb"BZh[1-9]1A"), "a bz2 file"), (re.compile(b"\xfd7zXZ\0"), "an xz file"))
_TAR = slice(257, 262), b"ustar"
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_BESIDE = re.compile(
    r"(^|/)(readme|licen[cs]e|copying|notice|changelog|checksums?|(md5|sha\d+)(sums?)?)(\.[^/]*)?$"
    r"|\.(md|pdf|checksum|md5|sha\d+|asc|sig)$",
    re.IGNORECASE,
)
"""Members of an archive that are never data, and those that only accompany it."""


class RawFile:
    """One file of an archive, readable once by `chunks`, as often as wanted by `head`.

    Raises
    ------
    FormatError : no such file, a directory, a pipe, empty, unreadable, a zip without exactly one file of
        data, or packed otherwise (tar, bz2, xz).
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if os.fspath(path) == "":
            raise FormatError("expected a file, got an empty path. Name one")
        self.damage: str | None = None
        self.unended = False  # the last line has no newline, nor does it close what JSON opened
        self.position = 0
        _check_file(self.path)
        self.size = self.path.stat().st_size
        with self.path.open("rb") as file:
            magic = file.read(6)
        self.packing = next((name for start, name in _PACKINGS if magic.startswith(start)), "plain")
        if foreign := next((what for start, what in _FOREIGN if start.match(magic)), None):
            raise self._unpack(foreign)
        self._member = _only_member(self.path) if self.packing == "zip" else None

    def __repr__(self) -> str:
        return f"RawFile({str(self.path)!r}, {self.packing}, {self.size:,} bytes)"

    def head(self, size: int = HEAD) -> bytes:
        """The first ``size`` bytes, decompressed; fewer where there are no more.

        Raises
        ------
        FormatError : nothing inside, or damaged before the first byte.
        """
        found = b""
        for block in self._text():
            found += block
            if len(found) >= size:
                break
        damage, self.damage, self.position = self.damage, None, 0
        if not found:
            raise FormatError(
                f"{self.path}: expected data, got {damage or 'an empty file inside'}. Fetch it again"
            )
        if found[_TAR[0]] == _TAR[1]:
            raise self._unpack("a tar archive")
        return plain(found[:size], *adorned(found))

    def _unpack(self, what: str) -> FormatError:
        return FormatError(
            f"{self.path}: expected a file, plain or in gzip, zip or zstd, got {what}. Unpack it first"
        )

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
        held, enough = 0, min(FIRST_CHUNK, size)
        for block in self._text():
            parts.append(block)
            held += len(block)
            if held < enough:
                continue
            enough = min(2 * enough, size)
            if cut := block.rfind(b"\n") + 1:
                yield b"".join([*parts[:-1], memoryview(block)[:cut]]), self.position
                parts = [block[cut:]]
                held = len(parts[0])
                continue
            data = b"".join(parts)
            cut = data.rfind(b"\n") + 1
            if cut == 0 and held > LONGEST_LINE:
                self.damage = f"a line longer than {LONGEST_LINE >> 20} MB"
                return
            if cut:
                yield data[:cut], self.position
            parts = [data[cut:]]
            held = len(parts[0])
        data = b"".join(parts)
        if data and not data.endswith(b"\n"):
            self.unended = not self.damage and not data.endswith((b"}", b"]"))
            data = data[: data.rfind(b"\n") + 1] if self.damage else data + b"\n"
        if data:
            yield data, self.position

    def blocks(self) -> Iterator[bytes]:
        """The decompressed bytes as they come, for formats that are no text."""
        return self._blocks()

    def _text(self) -> Iterator[bytes]:
        """The blocks without a byte order mark; a JSON document over several lines as a message a line."""
        blocks, start = self._blocks(), b""
        for block in blocks:
            start += block
            if len(start) >= len(MARK):
                break
        start = start.removeprefix(MARK)
        text = chain([start] if start else [], blocks)
        yield from message_lines(text) if begins_document(start) else text

    def _blocks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            if self.packing == "plain":
                yield from self._plain(file, self.size)
            elif self.packing == "gzip":
                yield from self._gzip(file)
            elif self.packing == "zstd":
                yield from self._zstd()
            else:
                yield from self._zip(file)

    def _plain(self, file: BinaryIO, length: int) -> Iterator[bytes]:
        while length > 0 and (block := file.read(min(READ, length))):
            length -= len(block)
            self.position = file.tell()
            yield block
        if length > 0:
            self.damage = f"the file ends {length:,} bytes early"

    def _gzip(self, file: BinaryIO) -> Iterator[bytes]:
        """All members of a gzip file; zlib itself checks each member's CRC."""
        unpack = zlib.decompressobj(31)
        rest = b""
        begun = False
        while block := rest or file.read(READ):
            self.position = file.tell()
            begun = True
            yield from self._inflate(unpack, block)
            if self.damage:
                return
            rest = b""
            if unpack.eof:
                rest = unpack.unused_data.lstrip(b"\0")
                unpack, begun = zlib.decompressobj(31), False
                if rest and rest[:2] != b"\x1f\x8b"[: len(rest)]:
                    self.damage = "bytes after the end of the gzip data"
                    return
        if begun:
            self.damage = "the gzip data ends early"

    def _zstd(self) -> Iterator[bytes]:
        """All frames of a zstd file, in small steps: what is sound before a damage is kept."""
        with pa.OSFile(str(self.path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
            try:
                while block := stream.read(1 << 16):
                    self.position = file.tell()
                    yield block
            except (OSError, pa.ArrowInvalid) as error:
                self.damage = f"damaged data ({str(error)[:100]})"

    def _zip(self, file: BinaryIO) -> Iterator[bytes]:
        """The one member. Not through zipfile.open, which drops the last block when the CRC is wrong."""
        member = self._member
        assert member is not None
        file.seek(member.header_offset)
        header = file.read(30)
        if header[:4] != b"PK\3\4":
            self.damage = "no file header where the zip directory says"
            return
        file.seek(
            int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), os.SEEK_CUR
        )
        packed = self._plain(file, member.compress_size)
        crc = 0
        for block in packed if member.compress_type == zipfile.ZIP_STORED else self._deflated(packed):
            crc = zlib.crc32(block, crc)
            yield block
        if not self.damage and crc != member.CRC:
            self.damage = "the zip checksum does not match"

    def _deflated(self, packed: Iterator[bytes]) -> Iterator[bytes]:
        unpack = zlib.decompressobj(-15)
        for block in packed:
            yield from self._inflate(unpack, block)
            if self.damage or unpack.eof:
                return
        self.damage = self.damage or "the zip data ends early"

    def _inflate(self, unpack: zlib._Decompress, block: bytes) -> Iterator[bytes]:
        """One packed block; on an error also what its sound beginning holds."""
        full = False
        while (block or full) and not unpack.eof:
            before = unpack.copy()
            try:
                data = unpack.decompress(block, CHUNK)
            except zlib.error as error:
                yield _before_error(before, block)
                self.damage = f"damaged data ({error})"
                return
            if data:
                yield data
            block, full = unpack.unconsumed_tail, len(data) == CHUNK


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FormatError(f"{path}: expected a file, got nothing there. Check the path")
    if path.is_dir():
        raise FormatError(f"{path}: expected a file, got a directory. Pass the files in it")
    if not path.is_file():
        raise FormatError(
            f"{path}: expected a file that can be read twice, got a pipe or device. Write it to a file first"
        )
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except OSError as error:
        raise FormatError(
            f"{path}: expected a readable file, got {error.strerror}. Check its permissions"
        ) from error
    if not first:
        raise FormatError(f"{path}: expected data, got an empty file. Fetch it again")


def _only_member(path: Path) -> zipfile.ZipInfo:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not _JUNK.search(m.filename)]
        if any(m.header_offset < 0 for m in members):
            raise zipfile.BadZipFile("a file that begins before the archive")
    except (  # all that a damaged directory makes of zipfile
        zipfile.BadZipFile, OSError, EOFError, ValueError, LookupError, OverflowError, NotImplementedError,
        struct.error,
    ) as error:  # fmt: skip
        raise FormatError(
            f"{path}: expected a whole zip archive, got a damaged one ({error}). Fetch it again"
        ) from error
    if len(members) > 1:
        members = [m for m in members if not _BESIDE.search(m.filename)] or members
    if len(members) != 1:
        names = ", ".join(m.filename for m in members[:4]) or "none"
        raise FormatError(
            f"{path}: expected one file in the archive, got {len(members)} ({names}). Unpack it first"
        )
    member = members[0]
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
        raise FormatError(
            f"{path}: expected deflated, unencrypted data, got method {member.compress_type}. Unpack it first"
        )
    return member


def _before_error(unpack: zlib._Decompress, block: bytes) -> bytes:
    """What a packed block holds before its first bad byte."""
    found = []
    for step in (4096, 64, 1):
        position = 0
        while position < len(block):
            before = unpack.copy()
            try:
                found.append(unpack.decompress(block[position : position + step]))
            except zlib.error:
                unpack = before
                break
            position += step
        block = block[position : position + step]
    return b"".join(found)
