"""bz2 and xz: all streams, what is sound before a damage, bounded memory; and files that are not read."""

from __future__ import annotations

import builtins
import bz2
import gzip
import lzma
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import RawFile, block_streams, pieces
from liqmap.schema import FormatError
from tests.formats.bybit.lines import feed

TEXT = "\n".join(f"{n} {n * n % 997}" for n in range(100_000)).encode() + b"\n"
PACK: dict[str, Callable[[bytes], bytes]] = {"bz2": lambda b: bz2.compress(b, 1), "xz": lzma.compress}
both = pytest.mark.parametrize("kind", PACK)


def unpacked(path: Path) -> tuple[bytes, RawFile]:
    raw = RawFile(path)
    return b"".join(raw.blocks()), raw


@pytest.mark.pure
@both
def test_capture__reads_as_it_does_plain(tmp_path: Path, kind: str) -> None:
    text = "\n".join(feed(20)).encode()
    (tmp_path / "linear.ndjson").write_bytes(text)
    (tmp_path / "linear.data").write_bytes(PACK[kind](text))  # known by its first bytes, not its name
    plain, packed = (lm.read(tmp_path / name) for name in ("linear.ndjson", "linear.data"))
    assert packed.depth.equals(plain.depth)


@both
@given(parts=st.lists(st.binary(max_size=200), max_size=5), zeros=st.integers(0, 3))
def test_streams__one_after_the_other_are_one_file(
    tmp_path_factory: pytest.TempPathFactory, kind: str, parts: list[bytes], zeros: int
) -> None:
    """As pbzip2 and ``cat`` leave them; xz may have zeros between, by fours, and so may bz2 on tapes."""
    path = tmp_path_factory.mktemp("streams") / "x"
    path.write_bytes((b"\0" * 4 * zeros).join([PACK[kind](part) for part in [b"first", *parts]]))
    text, raw = unpacked(path)
    assert text == b"first" + b"".join(parts)
    assert (raw.damage, raw.packing, raw.position) == (None, kind, raw.size)


@pytest.mark.pure
@both
@pytest.mark.parametrize("piece", [1, 7, 4096])
def test_streams__whatever_the_size_of_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, piece: int
) -> None:
    monkeypatch.setattr(pieces, "SMALLEST", piece)
    monkeypatch.setattr(pieces, "LARGEST", piece)
    (tmp_path / "x").write_bytes(PACK[kind](TEXT[:20_000]) + PACK[kind](b"end"))
    assert unpacked(tmp_path / "x")[0] == TEXT[:20_000] + b"end"


@pytest.mark.pure
@both
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda b: b[: len(b) * 3 // 4], "data ends early"),
        (lambda b: b + b"junk" * 5, "damaged"),
        (lambda b: b[:-100] + b"\xff" * 50 + b[-50:], "damaged"),
        (lambda b: b[:12], "data ends early"),
    ],
)
def test_damage__is_told_and_costs_only_what_follows(
    tmp_path: Path, kind: str, harm: Callable[[bytes], bytes], told: str
) -> None:
    (tmp_path / "x").write_bytes(harm(PACK[kind](TEXT)))
    text, raw = unpacked(tmp_path / "x")
    assert TEXT.startswith(text)
    assert told in str(raw.damage)
    if raw.size > 100:
        assert len(text) > len(TEXT) // 4


@pytest.mark.pure
@both
def test_blocks__stay_small_however_much_is_packed(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x").write_bytes(PACK[kind](b"\n" * 30_000_000))
    sizes = [len(block) for block in RawFile(tmp_path / "x").blocks()]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= block_streams.STEP


@pytest.mark.pure
def test_xz__that_takes_too_much_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_streams, "MOST_MEMORY", 1 << 20)
    (tmp_path / "x.xz").write_bytes(lzma.compress(TEXT, preset=6))
    with pytest.raises(FormatError, match=r"more than 1 MB of memory to unpack\. Unpack it first"):
        lm.read(tmp_path / "x.xz")


@pytest.mark.pure
@both
def test_python__without_the_library_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in ("bz2", "lzma"):
            raise ImportError(f"No module named '_{name}'")
        return real(name, *args, **kwargs)

    (tmp_path / "x").write_bytes(PACK[kind](TEXT))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(FormatError, match="which this Python was built without"):
        RawFile(tmp_path / "x")


@pytest.mark.pure
def test_zip__with_a_member_in_bz2(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "linear.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("linear.data", TEXT)
    text, raw = unpacked(tmp_path / "linear.zip")
    assert (text, raw.damage) == (TEXT, None)


# ------------------------------------------------------------------ recognised, not read


def database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table trades (price)")
    connection.commit()
    connection.close()


def array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def arrays(*names: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, **{name: np.zeros(3) for name in names})

    return write


def zipped(*names: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"x")

    return write


CSV = "ts,price,size,side\n1700000000000,5,1,buy\n"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n"
KNOWN: dict[str, tuple[bytes | Callable[[Path], None], str]] = {
    "utf-16": (CSV.encode("utf-16"), "text in UTF-16. Save it as UTF-8"),
    "utf-16 without a mark": (CSV.encode("utf-16-le"), "text in UTF-16"),
    "utf-16, big end first": (CSV.encode("utf-16-be"), "text in UTF-16"),
    "utf-32": (CSV.encode("utf-32"), "text in UTF-32"),
    "utf-32 without a mark": (CSV.encode("utf-32-be"), "text in UTF-32"),
    "npy": (array, "NumPy array"),
    "npz": (arrays("a", "b"), "NumPy arrays"),
    "npz of one": (arrays("a"), "NumPy arrays"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
    "sqlite": (database, "SQLite database. Save its table as CSV or Parquet"),
    "pickle": (b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.", "a pickle of Python"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 50, "an HDF5 file"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
    "rar": (b"Rar!\x1a\x07\x01\0", "a rar archive"),
    "lz4": (b"\x04\x22\x4d\x18d@", "an lz4 file"),
    "html": (b"\n<!DOCTYPE HTML>\n<html>", "a page of HTML. It is what a server said"),
    "html in gzip": (gzip.compress(b"<html><body>404"), "a page of HTML"),
    "xml": (b"<?xml version='1.0'?><Error><Code>AccessDenied", "a document of XML"),
    "lfs": (LFS, "git-lfs. Run git lfs pull"),
    "gzip in bz2": (bz2.compress(gzip.compress(b"x")), "a gzip file inside another"),
    "npy in xz": (lzma.compress(b"\x93NUMPY\x01\0v\0"), "NumPy array"),
}


@pytest.mark.parametrize("what", KNOWN)
def test_foreign__says_what_it_is_and_what_to_do(tmp_path: Path, what: str) -> None:
    data, told = KNOWN[what]
    path = tmp_path / "BTCUSDT"
    if callable(data):
        data(path)
    else:
        path.write_bytes(data)
    report = lm.ingest(path, store=tmp_path / "store")
    assert report.exit_code == 2
    assert told.split(". ")[0] in report.errors[0]
    assert told.split(". ")[-1] in report.errors[0]
