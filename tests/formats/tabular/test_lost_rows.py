"""A row that cannot be used costs the message that it is of, and no other that can be told from it."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import raw
from liqmap.formats.tabular.rows.fast_lines import Depth
from liqmap.formats.tabular.rows.lost_rows import waiting

T0 = 1_767_600_000_000
MARKET = {"venue": "kraken", "symbol": "X"}

SOUND, NO_SIZE, NO_TIME = "1.5", "x", "?"
"""Of a row: all is well, its size cannot be read, neither can its time."""


def write(path: Path, books: list[list[str]], numbered: bool) -> Path:
    """Books of rows, a second apart: what a row says of its size, or `NO_TIME`."""
    lines = ["ts,side,price,size" + (",seq" if numbered else "")]
    for k, book in enumerate(books):
        for i, cell in enumerate(book):
            ts, size = (NO_TIME, SOUND) if cell == NO_TIME else (str(T0 + 1000 * k), cell)
            lines.append(f"{ts},{'bid' if i % 2 else 'ask'},{100 - i if i % 2 else 101 + i},{size}")
            if numbered:
                lines[-1] += f",{'' if cell == NO_TIME else 7 * k}"
    path.write_text("\n".join(lines) + "\n")
    return path


def events(depth: object) -> list[tuple[int, str]]:
    """(second, event) of each message or gap."""
    frame = depth.select(["ts", "event"]).to_pandas()  # type: ignore[attr-defined]
    pairs = zip((frame["ts"].astype("int64") // 10**6 - T0) // 1000, frame["event"])
    return [pair for pair, _ in itertools.groupby(pairs)]


def expected(books: list[list[str]]) -> list[tuple[int, str]]:
    """A book that lacks rows is followed by a gap, one that is lost as a whole leaves one at the last."""
    found: list[tuple[int, str]] = []
    broken = False
    for k, book in enumerate(books):
        if SOUND not in book:
            broken |= bool(found) and bool(book)
            continue
        if broken and found[-1][1] != "gap":
            found.append((found[-1][0], "gap"))
        broken = NO_SIZE in book
        found.append((k, "snapshot"))
    if broken and found:
        found.append((found[-1][0], "gap"))
    return found


@settings(max_examples=60)
@given(
    books=st.lists(
        st.lists(st.sampled_from([SOUND, SOUND, NO_SIZE]), min_size=1, max_size=4), min_size=1, max_size=6
    ),
    numbered=st.booleans(),
    chunk=st.sampled_from([40, 90, 1 << 20]),
)  # fmt: skip
def test_a_lost_row_costs_its_own_book_alone(
    tmp_path_factory: pytest.TempPathFactory, books: list[list[str]], numbered: bool, chunk: int
) -> None:
    books = [[SOUND] * 2, *books]
    path = write(tmp_path_factory.mktemp("lost") / "a.csv", books, numbered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        capture = lm.read(path, mapping={"layout": "snapshots"}, **MARKET)
    assert events(capture.depth) == expected(books)
    assert len(capture.report.rejected) == sum(book.count(NO_SIZE) for book in books)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
def test_the_sound_books_beside_a_torn_one_stand(tmp_path: Path, place: int) -> None:
    """What is seen of a market of which the second book lacks a level."""
    torn = [SOUND] * 4
    torn[(0, 1, 3)[place]] = NO_SIZE
    path = write(tmp_path / "a.csv", [[SOUND] * 4, torn, [SOUND] * 4, [SOUND] * 4, [SOUND] * 4], False)
    spans = lm.replay(lm.read(path, mapping={"layout": "snapshots"}, **MARKET).depth)
    window = spans.window.to_pandas()
    for _, side in window.groupby("side", observed=True):
        known = side.assign(second=(side["start"].astype("int64") // 10**6 - T0) // 1000)
        assert known.drop_duplicates("second", keep="last").set_index("second")["known"].to_dict() == {
            0: True, 1: False, 2: True, 4: False,
        }  # fmt: skip


def test_a_row_of_no_readable_time_may_be_of_either_book(tmp_path: Path) -> None:
    """Between two books: nobody can say which of them lacks it."""
    whole = [SOUND] * 3
    path = write(tmp_path / "a.csv", [whole, [*whole, NO_TIME], whole, whole], False)
    found = events(lm.read(path, mapping={"layout": "snapshots"}, **MARKET).depth)
    assert found == [
        (0, "snapshot"), (1, "snapshot"), (1, "gap"), (2, "snapshot"), (2, "gap"), (3, "snapshot"),
    ]  # fmt: skip


def test_a_long_run_of_lost_rows_takes_no_room(tmp_path: Path) -> None:
    """Of rows that wait for the message they are of, two are kept."""
    n = 1_000
    ts = np.repeat([5, 6, 5, 7], [1, 100, 1, n])
    lost = np.arange(len(ts)) > 0
    same = np.zeros(len(ts), np.int64)
    rows = Depth(ts, same, same, same, np.arange(len(ts)), same, same, same, lost)
    assert waiting(rows, None, False).line.tolist() == [0, 101, 102, 101 + n]
    assert waiting(rows, 101, False).line.tolist() == [102, 101 + n]
