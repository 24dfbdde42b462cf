"""Cells in quotes or after blanks: the same file, as a spreadsheet or pandas writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import RawFile
from liqmap.formats.raw.quoting import adorned, plain
from tests.formats.bybit.lines import write_lines
from tests.formats.samples import SAMPLES
from tests.formats.tardis import test_tardis as tardis
from tests.formats.test_bad_input import ingest

CSV = [name for name, sample in SAMPLES.items() if not sample.is_json]


def quoted(lines: list[str]) -> list[str]:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(csv.reader(lines))
    return out.getvalue().splitlines()


def spaced(lines: list[str]) -> list[str]:
    return [line.replace(",", ", ") for line in lines]


@pytest.mark.parametrize("style", [quoted, spaced])
@pytest.mark.parametrize("name", CSV)
def test_read__adorned_cells_mean_the_same(
    tmp_path: Path, name: str, style: Callable[[list[str]], list[str]]
) -> None:
    sample = SAMPLES[name]
    expected = ingest(sample, sample.write(tmp_path / "plain"), tmp_path / "a")
    found = ingest(sample, sample.write(tmp_path / "adorned", style(sample.lines)), tmp_path / "b")
    assert found[1] == expected[1] != {}
    assert found[0].exit_code == 0


def test_read__a_line_that_is_none_costs_itself(tmp_path: Path) -> None:
    rows = [tardis.l2(n, n == 1, "bid", "100", "1") for n in range(1, 5)]
    lines = quoted([tardis.L2, *rows])
    lines[2] = '"a,b'
    report = lm.read(write_lines(tmp_path / "x.csv", lines)).report
    assert ([line for _, line, _ in report.rejected], report.sources[0].messages) == ([3], 3)


def test_read__words_as_pandas_writes_them(tmp_path: Path) -> None:
    rows = [tardis.l2(n, n == 1, "bid", "100", "1") for n in range(1, 4)]
    expected = lm.read(write_lines(tmp_path / "a.csv", [tardis.L2, *rows])).depth.to_pylist()
    rows = [row.replace("true", "True").replace("false", "False") for row in rows]
    for name, more in (("b.csv", []), ("c.csv", [rows[-1].replace("100", "x")])):
        capture = lm.read(write_lines(tmp_path / name, [tardis.L2, *rows, *more]))
        assert capture.depth.to_pylist()[:3] == expected
        assert len(capture.report.rejected) == len(more)


CELL = st.text("ab1. ,;", max_size=3)


@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=3), min_size=1, max_size=4), each=st.booleans())
def test_plain__keeps_the_cells(rows: list[list[str]], each: bool) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["head", "line"], *rows])
    found = plain(out.getvalue().encode(), True, False).decode()
    assert list(csv.reader(io.StringIO(found))) == [["head", "line"], *rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'"a","b"\n', (True, False)), (b"a, b, c\n", (False, True)), (b'"a", "b", "c"\n', (True, True)),
        (b"a,b\n", (False, False)), (b'{"a": 1, "b": 2, "c": 3}\n', (False, False)), (b"", (False, False)),
        (b'[1, "a", 2, "b"]\n', (False, False)), (b"Jan 2, 2024,5\n", (False, False)),
    ],
)  # fmt: skip
def test_adorned__is_told_by_the_first_line(text: bytes, expected: tuple[bool, bool]) -> None:
    assert adorned(text) == expected


def test_head__is_plain_too(tmp_path: Path) -> None:
    assert (
        RawFile(write_lines(tmp_path / "x.csv", ['"a", "b", "c"', '"1", "2", "3"'])).head()
        == b"a,b,c\n1,2,3\n"
    )
