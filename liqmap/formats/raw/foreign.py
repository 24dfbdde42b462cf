"""Files that are recognisable but not read: what each is, and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from liqmap.schema import FormatError


class Foreign(NamedTuple):
    """How a kind of file begins, what it is, and what to do with it."""

    begins: re.Pattern[bytes]
    what: str
    remedy: str


_UNPACK = "Unpack it first"
_TABLE = "Save its table as CSV or Parquet"
_AGAIN = "It is what a server said instead of the file: fetch it again"

FOREIGN = tuple(
    Foreign(re.compile(begins, re.DOTALL), what, remedy)
    for begins, what, remedy in (
        (rb"\xff\xfe\0\0|\0\0\xfe\xff", "text in UTF-32", "Save it as UTF-8"),
        (rb"\xff\xfe|\xfe\xff", "text in UTF-16", "Save it as UTF-8"),
        (rb"(?:[\t\n\r -~]\0\0\0){4}|(?:\0\0\0[\t\n\r -~]){4}", "text in UTF-32", "Save it as UTF-8"),
        (rb"(?:[\t\n\r -~]\0){8}|(?:\0[\t\n\r -~]){8}", "text in UTF-16", "Save it as UTF-8"),
        (rb"\x1f\x8b", "a gzip file inside another", _UNPACK),
        (rb"PK\x03\x04", "a zip archive inside another", _UNPACK),
        (rb"\x28\xb5\x2f\xfd", "a zstd file inside another", _UNPACK),
        (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "a bz2 file inside another", _UNPACK),
        (rb"\xfd7zXZ\0", "an xz file inside another", _UNPACK),
        (rb".{257}ustar", "a tar archive", _UNPACK),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
        (rb"Rar!\x1a\x07", "a rar archive", _UNPACK),
        (rb"\x04\x22\x4d\x18|\x02\x21\x4c\x18", "an lz4 file", _UNPACK),
        (rb"\xff\x06\0\0sNaPpY", "a snappy file", _UNPACK),
        (rb"\x1f\x9d", "a file of compress (.Z)", _UNPACK),
        (rb"\x5d\0\0[\x01\x02\x04\x08\x10\x20\x40\x80]\0[\0\xff]{8}", "an lzma file", _UNPACK),
        (rb"\x93NUMPY", "a NumPy array (.npy)", _TABLE),
        (rb"\x80[\x02-\x05][^\0-\x09]", "a pickle of Python, which could run anything", _TABLE),
        (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _TABLE),
        (rb"SQLite format 3\0", "an SQLite database", _TABLE),
        (rb".{8}DUCK", "a DuckDB database", _TABLE),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls)", _TABLE),
        (rb"ORC", "an ORC file", _TABLE),
        (rb"Obj\x01", "an Avro file", _TABLE),
        (rb"MATLAB [57]\.", "a MATLAB file", _TABLE),
        (rb"%PDF-", "a PDF", "Find the data that it describes"),
        (rb"version https://git-lfs\.github\.com/", "a pointer of git-lfs", "Run git lfs pull for the file"),
        (rb"\s{0,200}<(?i:!doctype\s+html|html|head|body)\b", "a page of HTML", _AGAIN),
        (rb"\s{0,200}<\?xml\b", "a document of XML", _AGAIN),
    )
)  # fmt: skip
"""Longer beginnings stand before those that they begin with."""


def foreign(head: bytes) -> Foreign | None:
    """What a file is that begins so and is not read; None where that is not known."""
    return next((kind for kind in FOREIGN if kind.begins.match(head)), None)


def foreign_members(names: list[str]) -> tuple[str, str] | None:
    """What a zip archive with these members is, and what to do, where it is a file of another kind."""
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "an Excel workbook (.xlsx)", _TABLE
    if names and all(name.endswith(".npy") for name in names):
        return "NumPy arrays (.npz)", _TABLE
    return None


def not_read(path: Path, what: str, remedy: str) -> FormatError:
    """That a file is of a kind that is not read."""
    return FormatError(
        where=path,
        expected="text or a table, plain or in gzip, zip, zstd, bz2 or xz",
        got=what,
        remedy=remedy,
    )
