"""A packed file as the bytes inside it: plain, gzip, zip, zstd, bz2 or xz, block by block.

A damaged file gives every byte before the damage, and then what was wrong.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from liqmap.formats.raw.block_streams import BlockStreams, Unreadable, unpacker
from liqmap.formats.raw.foreign import foreign_members, not_read
from liqmap.formats.raw.pieces import Pieces
from liqmap.schema import FormatError

READ = 256 * 1024
"""Raw bytes that are read at a time."""

MOST = 4 * 1024 * 1024
"""Bytes that a block may have, inflated."""

_PACKINGS = (
    (re.compile(rb"PK"), "zip"),
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "zstd"),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), "bz2"),  # a block, or the end of none
    (re.compile(rb"\xfd7zXZ\0"), "xz"),
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_BESIDE = re.compile(
    r"(^|/)(readme|licen[cs]e|copying|notice|changelog|checksums?|(md5|sha\d+)(sums?)?)(\.[^/]*)?$"
    r"|\.(md|pdf|checksum|md5|sha\d+|asc|sig)$",
    re.IGNORECASE,
)
"""Members of an archive that are never data, and those that only accompany it."""


class PackedFile:
    """The bytes inside one file, by `blocks`.

    Raises
    ------
    FormatError : no such file, a directory, a pipe, empty, unreadable, a zip without exactly one file of
        data, or packed in what this Python cannot unpack.

    Attributes
    ----------
    packing : plain, gzip, zip, zstd, bz2 or xz. size : raw bytes. position : raw bytes read so far.
    damage : what was wrong, once it was met.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if os.fspath(path) == "":
            raise FormatError(expected="a file", got="an empty path", remedy="Name one")
        self.damage: str | None = None
        self.position = 0
        _check_file(self.path)
        self.size = self.path.stat().st_size
        with self.path.open("rb") as file:
            magic = file.read(10)
        self.packing = next((name for start, name in _PACKINGS if start.match(magic)), "plain")
        if self.packing in ("bz2", "xz"):
            self._check_unpacker(self.packing)
        self._member = _only_member(self.path) if self.packing == "zip" else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r}, {self.packing}, {self.size:,} bytes)"

    def blocks(self) -> Iterator[bytes]:
        """The decompressed bytes, from the first on, as they come."""
        with self.path.open("rb") as file:
            if self.packing == "plain":
                yield from self._plain(file, self.size)
            elif self.packing == "gzip":
                yield from self._gzip(file)
            elif self.packing == "zstd":
                yield from self._zstd()
            elif self.packing in ("bz2", "xz"):
                yield from self._streams(self.packing, self._plain(file, self.size))
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
        pieces = Pieces(self._plain(file, self.size))
        unpack, begun, ended = zlib.decompressobj(31), False, False
        while block := pieces.take():
            if not begun and ended:
                if not (block := block.lstrip(b"\0")):
                    continue
                if not b"\x1f\x8b".startswith(block[:2]):
                    self.damage = "bytes after the end of the gzip data"
                    return
            begun = True
            yield from self._inflate(unpack, block)
            if self.damage:
                return
            if unpack.eof:
                pieces.begin(len(unpack.unused_data))
                unpack, begun, ended = zlib.decompressobj(31), False, True
        if begun:
            self.damage = "the gzip data ends early"

    def _zstd(self) -> Iterator[bytes]:
        """All frames of a zstd file, in steps: what is sound before a damage is kept. Arrow gives nothing
        of a step that meets one: then smaller steps go on from where it began."""
        done = 0
        for step in (1 << 16, 1 << 10, 1 << 5, 1):
            self.damage = None
            with pa.OSFile(str(self.path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
                try:
                    _skip(stream, done)
                    while block := stream.read(step):
                        self.position = file.tell()
                        done += len(block)
                        yield block
                    return
                except (OSError, pa.ArrowInvalid) as error:
                    self.damage = f"damaged data ({str(error)[:100]})"

    def _check_unpacker(self, packing: str) -> None:
        try:
            unpacker(packing)
        except Unreadable as error:
            raise not_read(self.path, error.got, error.remedy) from None

    def _streams(self, packing: str, packed: Iterator[bytes]) -> Iterator[bytes]:
        """All streams of bz2 or xz.

        Raises
        ------
        FormatError : they take too much memory.
        """
        streams = BlockStreams(packing, packed)
        try:
            yield from streams
        except Unreadable as error:
            raise not_read(self.path, error.got, error.remedy) from None
        self.damage = self.damage or streams.damage

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
        for block in self._unzipped(member.compress_type, packed):
            crc = zlib.crc32(block, crc)
            yield block
        if not self.damage and crc != member.CRC:
            self.damage = "the zip checksum does not match"

    def _unzipped(self, method: int, packed: Iterator[bytes]) -> Iterator[bytes]:
        if method == zipfile.ZIP_STORED:
            return packed
        return self._streams("bz2", packed) if method == zipfile.ZIP_BZIP2 else self._deflated(packed)

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
                data = unpack.decompress(block, MOST)
            except zlib.error as error:
                yield _before_error(before, block)
                self.damage = f"damaged data ({error})"
                return
            if data:
                yield data
            block, full = unpack.unconsumed_tail, len(data) == MOST


def _skip(stream: pa.NativeFile, count: int) -> None:
    """Read so many bytes, which can be read."""
    while count and (block := stream.read(min(count, 1 << 16))):
        count -= len(block)


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FormatError(where=path, expected="a file", got="nothing there", remedy="Check the path")
    if path.is_dir():
        raise FormatError(where=path, expected="a file", got="a directory", remedy="Pass the files in it")
    if not path.is_file():
        raise FormatError(
            where=path,
            expected="a file that can be read twice",
            got="a pipe or device",
            remedy="Write it to a file first",
        )
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except OSError as error:
        raise FormatError(
            where=path,
            expected="a readable file",
            got=str(error.strerror),
            remedy="Check its permissions",
        ) from error
    if not first:
        raise FormatError(where=path, expected="data", got="an empty file", remedy="Fetch it again")


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
            where=path,
            expected="a whole zip archive",
            got=f"a damaged one ({error})",
            remedy="Fetch it again",
        ) from error
    if known := foreign_members([m.filename for m in members]):
        raise not_read(path, *known)
    if len(members) > 1:
        members = [m for m in members if not _BESIDE.search(m.filename)] or members
    if len(members) != 1:
        names = ", ".join(m.filename for m in members[:4]) or "none"
        raise FormatError(
            where=path,
            expected="one file in the archive",
            got=f"{len(members)} ({names})",
            remedy="Unpack it first",
        )
    member = members[0]
    if member.compress_type not in _METHODS or member.flag_bits & 1:
        raise FormatError(
            where=path,
            expected="deflated, unencrypted data",
            got="encrypted data" if member.flag_bits & 1 else f"method {member.compress_type}",
            remedy="Unpack it first",
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
