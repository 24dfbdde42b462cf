"""Hostile files of every format: what a reader does grows with their bytes, what it keeps does not.

Measured by counting, never by the clock.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from liqmap.formats import Hints, open_file
from liqmap.formats.raw import RawFile, packed_file, pieces
from liqmap.formats.text import rejected_lines
from liqmap.formats.text.json_reader import JsonLinesReader
from liqmap.formats.text.rejected_lines import RejectedLines, RejectedList
from liqmap.formats.text.skipped_lines import DISTINCT, OTHERS, SkippedLines
from liqmap.schema import FormatError, Rejected
from tests.formats.samples import SAMPLES

KEPT = 20
"""Lines that are kept one by one, here."""

HOSTILE = {
    "braces": (b"{}",),
    "brackets": (b"[",),
    "commas": (b",,,,",),
    "nul": (b"\0\0",),
    "open quote": (b'"never closed',),
    "blank between": (b"{}", b""),
    "spaces between": (b"[", b"  \t"),
    "two by turns": (b"{}", b"[]"),
    "many": (b"{}", b",,", b"[", b"x", b"", b'{"a":', b"1"),
}


def read(path: Path, hints: dict[str, object]) -> tuple[int, int, int]:
    """Lines that were rejected, entries that were kept of them, and rows; -1 of a file that was refused."""
    allowed = {"venue", "symbol", "feed", "tick_size", "mapping"}
    own = {name: value for name, value in hints.items() if name in allowed}
    lost = kept = rows = 0
    try:
        _, _, reader = open_file(str(path), Hints(**own), hints.get("format"))  # type: ignore[arg-type]
        for batch in reader.batches():
            lost += sum(line.count for line in batch.rejected)
            kept += len(batch.rejected)
            rows += 0 if batch.depth is None else len(batch.depth.seq)
            rows += 0 if batch.quotes is None else len(batch.quotes.ts)
            rows += sum(t.num_rows for t in (batch.trades, batch.bands) if t is not None)
    except FormatError:
        return -1, kept, rows
    return lost, kept, rows


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_readers__keep_few_of_the_lines_they_reject_and_count_all(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejected_lines, "DETAILED", KEPT)
    asked = [0]
    scan = JsonLinesReader._exactly

    def counted(self, *args):  # type: ignore[no-untyped-def]
        asked[0] += 1
        return scan(self, *args)

    monkeypatch.setattr(JsonLinesReader, "_exactly", counted)
    sample = SAMPLES[name]
    path = sample.write(tmp_path)
    good = "\n".join(sample.lines).encode() + b"\n"
    found = {}
    for times in (1, 20, 2_000):
        path.write_bytes(good + b"\n".join(HOSTILE[kind] * times) + b"\n")
        asked[0] = 0
        found[times] = read(path, sample.hints)
    lines = 2_000 * len(HOSTILE[kind])
    if found[20][0] < 0:  # it is refused, however many there are
        assert found[2_000][0] < 0
        return
    assert asked[0] <= lines / 100 + 50
    each = (found[20][0] - found[1][0]) / 19
    assert found[2_000][0] == found[1][0] + 1_999 * each
    assert found[2_000][1] <= KEPT + 30
    assert found[2_000][2] == found[1][2]


@pytest.mark.parametrize("end", ["gz", "bz2", "xz"])
def test_packed__what_follows_short_streams_is_not_copied_again_and_again(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[pieces.Pieces] = []

    class Counted(pieces.Pieces):
        def __init__(self, blocks) -> None:  # type: ignore[no-untyped-def]
            super().__init__(blocks)
            made.append(self)

    for module in (packed_file, __import__("liqmap.formats.raw.block_streams", fromlist=["x"])):
        monkeypatch.setattr(module, "Pieces", Counted)
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[end]
    streams = [pack(b"%d\n" % (i % 10)) for i in range(10)] * 300
    path = tmp_path / f"file.{end}"
    path.write_bytes(b"".join(streams))
    text = b"".join(block for block in RawFile(path).blocks())
    assert text == b"".join(b"%d\n" % (i % 10) for i in range(3_000))
    (one,) = made
    assert one.copied <= path.stat().st_size + len(streams) * pieces.SMALLEST


def test_rejected_list__counts_all_and_never_crosses_a_message() -> None:
    found = RejectedList()
    for line in range(1, 3_001):
        if line % 500 == 0:
            continue  # a message
        if line % 3 == 0:
            found.passed(line, line)
            continue
        found.lose(line, f"reason {line}")
    lost = [line for line in range(1, 3_001) if line % 500 and line % 3]
    assert sum(one.count for one in found) == len(lost)
    assert [one.line for one in found[:1_000]] == lost[:1_000]
    assert len(found) < 1_010
    for one in found:
        assert not any(one.line <= message <= one.end for message in range(500, 3_001, 500))


def test_rejected_list__foreign_lines_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected_lines, "DETAILED", 2)
    found = RejectedList(Rejected(line, "x", foreign=line > 5) for line in range(1, 11))
    assert [(one.line, one.end, one.count, one.foreign) for one in found] == [
        (1, 1, 1, False), (2, 5, 4, False), (6, 10, 5, True)
    ]  # fmt: skip
    waiting = RejectedLines()
    waiting.add(found)
    assert sum(one.count for one in waiting.before(6)) == 5
    assert sum(one.count for one in waiting.before(None)) == 5


def test_skipped_lines__kinds_are_few_and_lines_are_all() -> None:
    found = SkippedLines()
    for number in range(5_000):
        found[f"symbol {number}"] += 1
    found.update(["symbol 1", "another", "x" * 10_000])
    assert len(found) <= DISTINCT + 1
    assert found["symbol 1"] == 2
    assert found[OTHERS] == 5_000 - DISTINCT + 2
    assert sum(found.values()) == found.total_lines == 5_003
    assert len(found.notes("file")) <= 60
