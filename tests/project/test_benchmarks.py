"""The benchmark of text formats in small: every reader against the plain loop over the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench_formats import CASES, Case, check, inflate
from benchmarks.text_files import packed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_format__reader_and_loop_give_the_same_rows(case: Case, tmp_path: Path) -> None:
    paths = case.write(tmp_path, 0.01)
    rows = check(case.title, case.read(paths), case.loop(paths))
    assert rows > 100
    loop = case.loop(paths)
    kind = next(iter(loop))
    loop[kind][rows // 2 % len(loop[kind])] = (*loop[kind][0][:-1], -1.0)
    with pytest.raises(AssertionError):
        check(case.title, case.read(paths), loop)


@pytest.mark.parametrize("name", ["a.csv.zip", "a.csv.gz", "a.csv.zst"])
def test_inflate__gives_all_bytes(tmp_path: Path, name: str) -> None:
    text = b"1,2\n" * 100_000
    assert inflate([packed(tmp_path / name, text)]) == len(text)
