"""Raw files: what is inside whichever wrapping, and threads that end when asked to."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.formats.raw import RawFile, ahead
from liqmap.schema import FormatError
from tests.formats.bybit.lines import feed, write_zip
from tests.interrupts import SIGNALLED, CtrlC

MARK = b"\xef\xbb\xbf"


@SIGNALLED
def test_ahead__ctrl_c_at_its_end_waits_for_the_thread(ctrl_c: CtrlC) -> None:
    begun, waited = threading.Event(), []

    def items() -> Iterator[int]:
        yield 1
        begun.set()
        waited.append(ctrl_c.send("_wait"))
        yield 2

    numbers = ahead(items())
    assert next(numbers) == 1
    begun.wait()
    with pytest.raises(KeyboardInterrupt):
        numbers.close()  # type: ignore[attr-defined]
    assert waited == [True], "the thread was left running"


def packed(path: Path, data: bytes) -> Path:
    """The data in the wrapping that the name asks for."""
    if path.suffix == ".zip":
        return write_zip(path, {"inside.data": data})
    if path.suffix == ".zst":
        data = pa.compress(data, "zstd", asbytes=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.pure
@pytest.mark.parametrize("name", ["linear.ndjson", "linear.gz", "linear.zip", "linear.zst"])
def test_byte_order_mark__is_no_part_of_the_first_line(tmp_path: Path, name: str) -> None:
    text = "\n".join(feed(4)).encode()
    plain = lm.read(packed(tmp_path / name, text))
    marked = lm.read(packed(tmp_path / name, MARK + text))
    assert [(r.status, r.rejected) for r in marked.report.sources] == [("ok", 0)]
    assert marked.depth.equals(plain.depth)


@pytest.mark.pure
@pytest.mark.parametrize(
    "harm", [lambda b: b[: len(b) // 2], lambda b: b + b"xx", lambda b: b[:-1] + b"\xff"]
)
def test_zstd__gives_what_is_sound_and_says_what_is_not(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    """Two frames, as when files are joined; then cut, followed by junk, or with a wrong checksum."""
    text = "\n".join(f"{n} {n * n % 997}" for n in range(200_000)).encode() + b"\n"
    path = tmp_path / "x.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as out:
        out.write(text)
    frame = path.read_bytes()
    path.write_bytes(frame + frame)
    whole = RawFile(path)
    assert b"".join(chunk for chunk, _ in whole.chunks()) == text + text
    assert (whole.damage, whole.position) == (None, 2 * len(frame))
    path.write_bytes(harm(frame))
    broken = RawFile(path)
    found = b"".join(chunk for chunk, _ in broken.chunks())
    assert text.startswith(found)
    assert len(found) > len(text) // 4
    assert "damaged data" in str(broken.damage)


@pytest.mark.pure
@pytest.mark.parametrize("size", [1, 100, 1000, 10**6])
def test_chunks__begin_small_and_double_up_to_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("liqmap.formats.raw.packed_file.READ", 10)
    monkeypatch.setattr("liqmap.formats.raw.file.FIRST_CHUNK", 100)
    text = "".join(f"{n:09}\n" for n in range(1_000)).encode()
    chunks = [chunk for chunk, _ in RawFile(packed(tmp_path / "x", text)).chunks(size)]
    assert b"".join(chunks) == text
    wanted = [min(100 << k, max(size, 10)) for k in range(len(chunks))]
    assert [len(chunk) for chunk in chunks[:-1]] == wanted[:-1]


@pytest.mark.pure
def test_byte_order_mark__of_a_trade_archive(tmp_path: Path) -> None:
    text = b"id,timestamp,price,volume,side\n7,1704067200123,42000.5,0.1,sell\n"
    capture = lm.read(packed(tmp_path / "BTCUSDT_2024-01-01.csv.gz", MARK + text))
    assert capture.trades["id"].to_pylist() == ["7"]


@pytest.mark.pure
@pytest.mark.parametrize("text", [MARK[:2], MARK[:1] + b"\n", b"a", MARK + b"\n"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_byte_order_mark__short_files_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, size: int
) -> None:
    monkeypatch.setattr("liqmap.formats.raw.packed_file.READ", size)
    raw = RawFile(packed(tmp_path / "x", text))
    told = text.removeprefix(MARK)
    assert raw.head() == told
    assert b"".join(chunk for chunk, _ in raw.chunks()) == told.rstrip(b"\n") + b"\n"


@pytest.mark.pure
def test_byte_order_mark__alone_is_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="empty file inside"):
        RawFile(packed(tmp_path / "x.gz", MARK)).head()


BESIDE = [
    "README.txt", "readme", "docs/ReadMe.MD", "LICENSE", "LICENCE.txt", "CHECKSUM", "x.data.CHECKSUM",
    "SHA256SUMS", "x.data.sha256", "notes.md", "paper.pdf", ".DS_Store", "in/.DS_Store",
    "__MACOSX/._x.data", "Thumbs.db",
]  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize("beside", [*[[b] for b in BESIDE], BESIDE], ids=lambda b: ",".join(b)[:20])
def test_zip__what_only_accompanies_the_data_is_passed_over(tmp_path: Path, beside: list[str]) -> None:
    data = "\n".join(feed(4)).encode()
    path = write_zip(
        tmp_path / "linear.zip", {beside[0]: b"x", "./in/x.data": data, **dict.fromkeys(beside, b"x")}
    )
    (row,) = lm.read(path).report.sources
    assert (row.status, row.messages) == ("ok", 4)


@pytest.mark.pure
def test_zip__two_files_of_data_are_refused_and_one_is_taken_whatever_its_name(tmp_path: Path) -> None:
    data = "\n".join(feed(4)).encode()
    members = {"a.data": data, "README.txt": b"x", "b.txt": data}
    with pytest.raises(FormatError, match=r"expected one file .*got 2 \(a.data, b.txt\)"):
        RawFile(write_zip(tmp_path / "linear.zip", members))
    assert lm.read(write_zip(tmp_path / "linear2.zip", {"README.txt": data})).depth is not None


def tarred(data: bytes) -> bytes:
    """A tar archive of one file."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        member = tarfile.TarInfo("linear.ndjson")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return held.getvalue()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "wrap", "what"),
    [
        ("linear.tar", tarred, "a tar archive"),
        ("linear.tar.gz", lambda data: gzip.compress(tarred(data)), "a tar archive"),
        ("linear.tar.bz2", lambda data: bz2.compress(tarred(data)), "a tar archive"),
        ("linear.tar.xz", lambda data: lzma.compress(tarred(data)), "a tar archive"),
    ],
)
def test_packings__of_other_kinds_are_to_be_unpacked(
    tmp_path: Path, name: str, wrap: Callable[[bytes], bytes], what: str
) -> None:
    (tmp_path / name).write_bytes(wrap("\n".join(feed(20)).encode()))
    with pytest.raises(FormatError, match=f"{what}. Unpack it first"):
        lm.read(tmp_path / name)


@pytest.mark.pure
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_pipes__cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "linear.ndjson")
    report = lm.ingest(tmp_path / "linear.ndjson", store=tmp_path / "s")
    assert report.exit_code == 2
    assert "expected a file that can be read twice, got a pipe or device" in report.errors[0]
