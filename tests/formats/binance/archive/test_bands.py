"""Binance's bookDepth archives: rows, frozen stretches against counting by hand, bad input."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.binance.archive.bands import FROZEN, BinanceBands, Frozen
from liqmap.formats.text.csv_reader import Part, by_line
from liqmap.formats.text.decimals import Tick
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_lines

HEADER = "timestamp,percentage,depth,notional"
READER = object.__new__(BinanceBands)
"""For what it makes of lines, whatever their file."""


def row(minute: int, percent: int, depth: float) -> str:
    return f"2023-01-01 {minute // 60:02d}:{minute % 60:02d}:07,{percent},{depth},{depth * 100}"


def at_once(text: bytes) -> pa.RecordBatch | None:
    read = BinanceBands.lines.read(text, Tick(), text.count(b"\n"))
    return READER.at_once(read, 1)


def one_by_one(text: bytes) -> pa.RecordBatch:
    return READER.gather(by_line(Part(text, 1, text.count(b"\n"), 0), READER.exact, []))


@given(values=st.lists(st.integers(1, 2), min_size=1, max_size=60), cut=st.integers(0, 60))
@example(values=[1] * 6 + [2] + [1] * 6, cut=0)
@example(values=[1] * 6 + [2] + [1] * 16, cut=13)
def test_frozen__is_what_counting_says(values: list[int], cut: int) -> None:
    frozen = Frozen()
    for part in (values[:cut], values[cut:]):
        base = 0 if part is values[:cut] else cut
        text = "".join(row(base + i, -1, v) + "\n" + row(i, 1, i) + "\n" for i, v in enumerate(part))
        if part:
            frozen.push(at_once(text.encode()))
    frozen.sentences()
    runs = [len(list(run)) for _, run in groupby(values)]
    assert sorted(f[2] for f in frozen.found if f[3] == -1) == sorted(r for r in runs if r >= FROZEN)


def test_read__bands_and_their_frozen_stretch(tmp_path: Path) -> None:
    rows = [row(m, p, 5 if m >= 20 and p == -1 else m + 1) for m in range(40) for p in (-1, 1)]
    capture = lm.read(write_lines(tmp_path / "um" / "BTCUSDT-bookDepth-2023-01-01.csv", [HEADER, *rows]))
    assert capture.depth is None
    assert capture.bands.num_rows == 80
    first = capture.bands.to_pylist()[0]
    assert str(first["ts"]) == "2023-01-01 00:00:07+00:00"
    assert (first["percentage"], first["depth"], first["notional"]) == (-1.0, 1.0, 100.0)
    assert "20 values at -1 %" in capture.report.notes[0]
    assert "from 2023-01-01T00:20:07 to 2023-01-01T00:39:07" in capture.report.notes[0]


def test_slow__means_what_fast_does() -> None:
    text = "".join(row(m, p, m) + "\n" for m in range(5) for p in (-2, 2)).encode()
    assert at_once(text).equals(one_by_one(text))


@pytest.mark.parametrize(
    "bad", ["1672531567,1,5,5", "2023-13-01 00:00:07,1,5,5", "2023-01-01 00:00:07,0,5,5", row(1, 1, 5)[:20],
            "2023-01-01 00:00:07,1,-5,5", "2023-01-01 00:00:07,1,nan,5"],
)  # fmt: skip
def test_read__bad_line_is_lost_with_its_number(tmp_path: Path, bad: str) -> None:
    path = write_lines(tmp_path / "BTCUSDT-bookDepth-2023-01-01.csv", [HEADER, row(0, 1, 5), bad])
    report = lm.read(path, venue="binance-futures").report
    assert report.table["rejected"].tolist() == [1]
    write_lines(path, [HEADER, bad])
    with pytest.raises(FormatError, match=r"line 2: expected") as told:
        lm.read(path)
    assert "\n" not in str(told.value)
