"""What books tell that their columns do not: swapped sides, and empty cells that mean unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.formats.tabular.rows.fast_lines import FastLines
from liqmap.schema import FormatError

T0 = 1_700_000_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
QUOTE = ("bid_price", "bid_size", "ask_price", "ask_size")
DEEP = tuple(f"{side}{n}_{what}" for side in ("bid", "ask") for n in (1, 2) for what in ("price", "size"))
Cell = float | None
Book = tuple[Cell, ...]
GOOD: Book = (99.5, 1.0, 100.5, 2.0)
CROSSED: Book = (100.5, 1.0, 99.5, 2.0)
LOCKED: Book = (99.5, 1.0, 99.5, 2.0)
NO_BID: Book = (None, None, 100.5, 2.0)
NO_ASK: Book = (99.5, 1.0, None, None)


def wide(path: Path, books: list[Book], names: tuple[str, ...] = QUOTE) -> Path:
    columns: dict[str, list[Any]] = {"ts": [T0 + n for n in range(len(books))]}
    columns |= {name: [book[i] for book in books] for i, name in enumerate(names)}
    return saved(path, columns)


def long(path: Path, books: list[Book]) -> Path:
    """A row for each level that there is."""
    columns: dict[str, list[Any]] = {"ts": [], "side": [], "price": [], "size": []}
    for n, book in enumerate(books):
        for side, price, size in (("bid", *book[:2]), ("ask", *book[2:])):
            if price is not None:
                for name, cell in zip(columns, (T0 + n, side, price, size)):
                    columns[name].append(cell)
    return saved(path, columns)


def saved(path: Path, columns: dict[str, list[Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.table(columns), path)
    else:
        rows = [",".join("" if cell is None else str(cell) for cell in row) for row in zip(*columns.values())]
        path.write_text("\n".join([",".join(columns), *rows, ""]))
    return path


def read(path: Path, told: bool = True) -> Any:
    layout = {"wide": "wide", "long": "snapshots"}[path.stem]
    return lm.read(path, mapping={"layout": layout} if told else None, **MARKET)


def notes(capture: Any) -> str:
    return " ".join(capture.report.notes)


WAYS = [(wide, "wide.csv"), (wide, "wide.parquet"), (long, "long.csv"), (long, "long.parquet")]


NAMES = ["wide.csv", "wide.parquet"]


@pytest.mark.parametrize("name", NAMES)
def test_crossed__in_all_of_many_books_is_refused(tmp_path: Path, name: str) -> None:
    """A book of one side says nothing of it."""
    path = wide(tmp_path / name, [*[CROSSED] * 20, NO_BID, NO_ASK])
    with pytest.raises(FormatError, match="bids below asks, got 20 of 22 with a bid above an ask") as why:
        read(path, told=False)
    assert "as in an auction: mapping={'layout': 'wide'}" in str(why.value)
    report = lm.ingest(path, store=tmp_path / "s", **MARKET)
    assert report.exit_code == 2
    assert not list((tmp_path / "s").rglob("*.parquet")), "nothing half written"


@pytest.mark.parametrize(("build", "name"), WAYS)
def test_crossed__in_all_is_believed_where_the_user_says_the_layout(
    tmp_path: Path, build: Any, name: str
) -> None:
    capture = read(build(tmp_path / name, [CROSSED] * 30))
    assert capture.report.sources[0].messages == 30
    assert "30 are crossed" in notes(capture)
    assert "Are bids and asks swapped?" in notes(capture)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("books", [[CROSSED] * 19, [*[CROSSED] * 30, GOOD]])
def test_crossed__in_few_or_not_all_is_told(tmp_path: Path, name: str, books: list[Book]) -> None:
    """An auction is crossed until it ends."""
    capture = read(wide(tmp_path / name, books), told=False)
    assert capture.report.sources[0].messages == len(books)
    assert f"{books.count(CROSSED)} are crossed" in notes(capture)


@pytest.mark.parametrize(("build", "name"), WAYS)
def test_crossed__in_a_few_books_is_told(tmp_path: Path, build: Any, name: str) -> None:
    capture = read(build(tmp_path / name, [*[GOOD] * 5, CROSSED, LOCKED, LOCKED]))
    (note,) = [n for n in capture.report.notes if "crossed" in n]
    assert "of 8 books 1 are crossed (bid above ask) and 2 locked (bid equal to ask)" in note
    assert capture.report.sources[0].messages == 8


def test_crossed__swapped_columns_can_be_mapped(tmp_path: Path) -> None:
    path = wide(tmp_path / "wide.csv", [CROSSED] * 8)
    other = {name: name.replace("bid", "x").replace("ask", "bid").replace("x", "ask") for name in QUOTE}
    capture = lm.read(path, mapping={"layout": "wide", **other}, **MARKET)
    assert sorted(set(capture.depth["price"].to_pylist())) == [99.5, 100.5]
    assert {(r["side"], r["price"]) for r in capture.depth.to_pylist()} == {("bid", 99.5), ("ask", 100.5)}


@pytest.mark.parametrize("swapped", [True, False])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_crossed__updates_are_told(tmp_path: Path, name: str, swapped: bool) -> None:
    """A level that was not told to be gone may stand there, so it is no proof."""
    columns: dict[str, list[Any]] = {"ts": [], "event": [], "side": [], "price": [], "size": []}
    for n in range(20):
        for side, price in (("bid", 99.5 - n % 3), ("ask", 100.5 + n % 3)):
            side = {"bid": "ask", "ask": "bid"}[side] if swapped else side
            for key, cell in zip(columns, (T0 + n, "update", side, price, 1.0)):
                columns[key].append(cell)
    capture = lm.read(saved(tmp_path / name, columns), **MARKET)
    told = any("after 20 of its first 20 messages a bid is above" in n for n in capture.report.notes)
    assert told == swapped


@pytest.mark.parametrize("name", NAMES)
def test_one_side__now_this_and_now_that_and_never_both_is_refused(tmp_path: Path, name: str) -> None:
    """A recorder that leaves cells empty where nothing changed."""
    path = wide(tmp_path / name, [NO_BID, NO_ASK] * 4)
    with pytest.raises(FormatError, match="of 8 4 without bids and 4 without asks, as where nothing") as why:
        read(path, told=False)
    assert "a side is empty: mapping={'layout': 'wide'}" in str(why.value)
    assert read(path).report.sources[0].messages == 8


@pytest.mark.parametrize(("build", "name"), WAYS)
@pytest.mark.parametrize("whole", [0, 1])
def test_one_side__now_this_and_now_that_is_told(tmp_path: Path, build: Any, name: str, whole: int) -> None:
    capture = read(build(tmp_path / name, [*[GOOD] * whole, *[NO_BID, NO_ASK] * 4]), told=True)
    assert f"4 of {8 + whole} books tell no bids" in notes(capture)
    assert f"4 of {8 + whole} books tell no asks" in notes(capture)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fast", [True, False])
def test_one_side__of_zeros_tells_that_it_is_empty(
    tmp_path: Path, name: str, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not fast:
        monkeypatch.setattr(FastLines, "depth", lambda *_: None)
    books: list[Book] = [(0.0, 0.0, 100.5, 2.0), (99.5, 1.0, 0.0, 0.0)] * 8
    capture = read(wide(tmp_path / name, books), told=False)
    assert capture.report.sources[0].messages == 16
    assert "books tell no" not in notes(capture)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("torn", "left"), [
    ((99.5, None, 100.5, 2.0), "ask"),
    ((99.5, 1.0, 100.5, None), "bid"),
])  # fmt: skip
def test_quote__without_a_size_keeps_its_other_side(tmp_path: Path, name: str, torn: Book, left: str) -> None:
    capture = read(wide(tmp_path / name, [GOOD, torn, GOOD]))
    assert not capture.report.rejected
    assert f"1 of 3 books tell no {'asks' if left == 'bid' else 'bids'}" in notes(capture)
    assert capture.report.sources[0].messages == 3


@pytest.mark.parametrize("name", NAMES)
def test_levels__after_columns_of_nothing_are_read(tmp_path: Path, name: str) -> None:
    """Padded in front, by blanks and by zeros."""
    books: list[Book] = [(None, None, 99.0, 2.0, 0.0, 0.0, 101.0, 4.0)] * 3
    capture = read(wide(tmp_path / name, books, DEEP))
    assert not capture.report.rejected
    assert set(capture.depth["price"].drop_null().to_pylist()) == {99.0, 101.0}
    assert "bid1_price tell nothing: bid2_price is the best" in notes(capture)


@pytest.mark.parametrize("name", NAMES)
def test_levels__numbered_from_the_worst_are_read(tmp_path: Path, name: str) -> None:
    books: list[Book] = [
        (99.0, 2.0, 99.5, 1.0, 101.0, 4.0, 100.5, 3.0),
        (None, None, 99.5, 1.0, None, None, 100.5, 3.0),
    ]
    capture = read(wide(tmp_path / name, books, DEEP))
    assert not capture.report.rejected
    assert "levels are numbered from the worst on: bid2_price is the best" in notes(capture)
    assert capture.report.sources[0].messages == 2


@pytest.mark.parametrize("name", NAMES)
def test_levels__after_nothing_and_in_no_order_are_not(tmp_path: Path, name: str) -> None:
    names = tuple(
        f"{side}{n}_{what}" for side in ("bid", "ask") for n in (1, 2, 3) for what in ("price", "size")
    )
    bids = [(None, None, 99.0, 2.0, 98.0, 1.0), (None, None, 98.0, 2.0, 99.0, 1.0)]
    books = [(*bid, 101.0, 1.0, 102.0, 1.0, 103.0, 1.0) for bid in bids * 2]
    books[0] = (100.0, 1.0, *books[0][2:])
    capture = read(wide(tmp_path / name, books, names))
    assert capture.report.sources[0].messages == 1
    assert "numbered from the worst on, or padded" in capture.report.rejected[0][2]


@pytest.mark.parametrize(("build", "name"), WAYS)
def test_one_side__of_a_few_books_is_told(tmp_path: Path, build: Any, name: str) -> None:
    capture = read(build(tmp_path / name, [*[GOOD] * 7, NO_BID, NO_ASK, NO_ASK]))
    notes = " ".join(capture.report.notes)
    assert "1 of 10 books tell no bids: taken for books without any" in notes
    assert "2 of 10 books tell no asks" in notes
    assert capture.report.sources[0].messages == 10


def test_one_side__alone_is_a_book_of_one_side(tmp_path: Path) -> None:
    capture = read(wide(tmp_path / "wide.csv", [NO_ASK] * 8))
    assert any("8 of 8 books tell no asks" in note for note in capture.report.notes)


@pytest.mark.parametrize("name", ["wide.csv", "wide.parquet"])
@pytest.mark.parametrize(("book", "why"), [
    ((None, 1.0, 100.5, 2.0), "a price and a size of each level"),
    ((None, 1.0, 100.5, None), "a price and a size of each level"),
    ((99.5, None, 100.5, None), "a book, got no level"),
    ((None, None, None, None), "a book, got no level"),
])  # fmt: skip
def test_half_a_level__costs_its_row(tmp_path: Path, name: str, book: Book, why: str) -> None:
    capture = read(wide(tmp_path / name, [GOOD, book, GOOD]))
    (lost,) = capture.report.rejected
    assert why in lost[2]
    assert set(capture.depth["price"].drop_null().to_pylist()) == {99.5, 100.5}


@pytest.mark.parametrize("name", ["wide.csv", "wide.parquet"])
def test_level__after_one_that_is_missing_costs_its_row(tmp_path: Path, name: str) -> None:
    """What stood there is not known, and a book says that nothing did."""
    whole: Book = (99.5, 1.0, 99.0, 2.0, 100.5, 3.0, 101.0, 4.0)
    shallow: Book = (99.5, 1.0, None, None, 100.5, 3.0, 0.0, 0.0)
    torn: Book = (None, None, 99.0, 2.0, 100.5, 3.0, 101.0, 4.0)
    hidden: Book = (99.5, 1.0, 99.0, 2.0, 0.0, 0.0, 101.0, 4.0)
    capture = read(wide(tmp_path / name, [whole, torn, shallow, hidden], DEEP))
    first = 2 if name.endswith("csv") else 1
    assert [line for _, line, _ in capture.report.rejected] == [first + 1, first + 3]
    assert "no level after one without a price" in capture.report.rejected[0][2]
    assert capture.report.sources[0].messages >= 2


SOUND = ("99.5", "1", "99", "2", "100.5", "1", "101", "2")
st_cell = st.sampled_from(["", "0", "sound", "nan"])


@given(
    books=st.lists(st.tuples(*[st_cell] * 8), min_size=1, max_size=4),
    fast=st.booleans(),
    chunk=st.sampled_from([80, 1 << 20]),
)
@settings(deadline=None, max_examples=150)
def test_cells__mean_what_a_plain_reading_says(
    tmp_path_factory: pytest.TempPathFactory, books: list[tuple[str, ...]], fast: bool, chunk: int
) -> None:
    rows = [SOUND, *(tuple(s if c == "sound" else c for c, s in zip(book, SOUND)) for book in books)]
    lost, kept = [], []
    for line, cells in enumerate(rows, 2):
        book = [float(cell) if cell not in ("", "nan") else None for cell in cells]
        levels: list[tuple[str, float]] = []
        wrong = False
        for side, begin in (("bid", 0), ("ask", 4)):
            ended = False
            for at in (begin, begin + 2):
                price, size = book[at : at + 2]
                if price and size:
                    wrong |= ended
                    levels.append((side, price))
                elif (price and size is None) or (size and not price):
                    wrong = True
                elif not price:
                    ended = True
        if wrong or not levels:
            lost.append(line)
        else:
            kept += levels
    folder = tmp_path_factory.mktemp("cells")
    path = folder / "wide.csv"
    lines = [",".join((str(T0 + n), *row)) for n, row in enumerate(rows)]
    path.write_text("\n".join([",".join(("ts", *DEEP)), *lines, ""]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        if not fast:
            patch.setattr(FastLines, "depth", lambda *_: None)
        capture = read(path)
    assert [line for _, line, _ in capture.report.rejected] == lost
    found = [(r["side"], r["price"]) for r in capture.depth.to_pylist() if r["price"] is not None]
    assert sorted(set(found)) == sorted(set(kept))
