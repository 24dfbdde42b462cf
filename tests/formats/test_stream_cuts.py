"""Captured streams: where a file is cut into chunks changes nothing, and no local time is needed twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.formats.raw import packed_file
from tests.formats.samples import SAMPLES

STREAMS = [name for name in SAMPLES if name.split("-")[0] in ("kraken", "okx", "coinbase", "bitmex")]


def told(path: Path) -> list[Any]:
    capture = lm.read(path)
    tables = [t.to_pylist() for t in (capture.depth, capture.trades) if t is not None]
    report = capture.report
    return [tables, report.lost, report.rejected, [(s.messages, s.verified) for s in report.sources]]


@pytest.mark.parametrize("name", STREAMS)
def test_cuts__anywhere_give_the_same(tmp_path: Path, name: str) -> None:
    sample = SAMPLES[name]
    lines = [*sample.lines[:2], "broken", *sample.lines[2:5], "{}", *sample.lines[5:]]
    path = sample.write(tmp_path, lines)
    whole = told(path)
    for chunk in (20, 150, 700):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packed_file, "READ", 10)
            patch.setattr(raw, "FIRST_CHUNK", chunk)
            patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
            assert told(path) == whole


@pytest.mark.parametrize("name", [name for name in STREAMS if SAMPLES[name].kinds == ("depth",)])
@pytest.mark.parametrize(
    "local", ["1750000000000 ", "1750000000000000 ", "1750000000.5: ", "2025-06-15T15:06:40.1234567Z "]
)
def test_local_time__of_any_form_is_when_a_line_arrived(tmp_path: Path, name: str, local: str) -> None:
    sample = SAMPLES[name]
    plain = [line if line[0] in "[{" else line.split(" ", 1)[1] for line in sample.lines]
    capture = lm.read(sample.write(tmp_path, [local + line for line in plain]))
    seconds = {row["ts_recv"].value // 10**9 for row in capture.depth.to_pylist()}
    assert seconds == {1_750_000_000}
    assert capture.report.table.rejected.tolist() == [0]
