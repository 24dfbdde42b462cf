"""Lines read at once against csv, float and fractions: the same columns and tick, or none at all."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.formats.text.csv_columns import NUMBER, PLAIN, PRICE, SKIP, TEXT, WHOLE, WORD, Column, Lines
from liqmap.formats.text.decimals import MOST_TICKS, Tick, common
from liqmap.formats.text.wide_books import unfold

WORDS = ("a", "ab", "", "snapshot", "snapshots")
COLUMNS = [
    Column(WHOLE), Column(NUMBER), Column(PLAIN), Column(PRICE), Column(PRICE, empty=True),
    Column(NUMBER, empty=True), Column(WORD, WORDS), Column(TEXT), Column(SKIP),
]  # fmt: skip

DECIMAL = r"\d+(\.\d+)?"
FORMS = {
    WHOLE: r"0|-?[1-9]\d{0,17}",
    NUMBER: DECIMAL + r"([eE][+-]?\d{1,3})?",
    PLAIN: DECIMAL,
    PRICE: DECIMAL + r"([eE][+-]?\d{1,3})?",
    TEXT: r"[\x00-\x09\x0b-\x0c\x0e-\x2b\x2d-\x7f]*",
    SKIP: r"[^,\n]*",
}

st_cell = {
    WHOLE: st.integers(-(10**18) + 1, 10**18 - 1).map(str),
    NUMBER: st.floats(0, 1e15).map(repr) | st.decimals(0, 10**6, places=4).map(str),
    PLAIN: st.decimals(0, 10**9, places=9).map(str),
    PRICE: st.decimals("0.01", 9_999, places=2).map(str) | st.integers(1, 99_999).map(str),
    WORD: st.sampled_from(WORDS),
    TEXT: st.text("abc-019 ", max_size=9),
    SKIP: st.text("é1a", max_size=9),
}
st_odd = st.sampled_from(
    ["", "-", "0", "00", "07", "-0", "-5", "+5", "1.", ".5", "1..2", "1e", "1e5", "2E-3", "1e400", "1e-400",
     "nan", "inf", "0x1", " 1", "1 ", "1_0", "é", "\r", "a\rb", "9" * 18, "9" * 19, "0." + "3" * 18,
     "12345678901234567.5", "9007199254740993", "0.1234567890123", "snapsho", "abc", "1,2"]
)  # fmt: skip


@st.composite
def st_lines(draw: st.DrawFn) -> tuple[list[Column], str]:
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6))
    rows = draw(st.lists(st.tuples(*(st_cell[c.kind] for c in columns)).map(list), min_size=1, max_size=6))
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(columns) - 1))] = draw(st_odd)
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return columns, "".join(",".join(row) + ending for row in rows)


def plainly(columns: list[Column], text: str) -> list[list] | None:
    """The cells of each line by the docstrings alone; None if one is of another kind."""
    rows = []
    for line in text.split("\n")[:-1]:
        cells = line.removesuffix("\r").split(",")
        if len(cells) != len(columns):
            return None
        row: list = []
        for column, cell in zip(columns, cells):
            if column.kind == WORD:
                if cell not in column.words:
                    return None
                row.append(column.words.index(cell))
            elif column.empty and cell == "":
                row.append(None)
            elif not re.fullmatch(FORMS[column.kind], cell):
                return None
            elif column.kind in (TEXT, SKIP):
                row.append(cell)
            elif column.kind == WHOLE:
                row.append(int(cell))
            else:
                exact = Fraction(cell)
                if exact and not 1e-300 < exact < 1e300:
                    return None
                if column.kind == PRICE and exact == 0 and not column.empty:
                    return None
                row.append(exact)
        rows.append(row)
    return rows


@given(lines=st_lines())
def test_read__is_the_plain_reading_or_none(lines: tuple[list[Column], str]) -> None:
    columns, text = lines
    tick = Tick()
    found = Lines(columns).read(text.encode(), tick, text.count("\n"))
    rows = plainly(columns, text)
    if rows is None:
        assert found is None
        assert tick.size is None
        return
    prices = [row[i] for row in rows for i, c in enumerate(columns) if c.kind == PRICE and row[i]]
    size = Fraction(0)
    for price in prices:
        size = common(size, price)
    if found is None:  # only what is said to need a closer look: carriage returns, and prices of many digits
        assert "\r" in text.replace("\r\n", "") or (prices and _is_long(columns, rows, size))
        return
    assert tick.size == (float(size) or None)
    for i, column in enumerate(columns):
        if column.kind == SKIP:
            continue
        got = found.column(i)
        values = got.to_pylist() if column.kind == TEXT else got.tolist()
        wanted = [row[i] for row in rows]
        if column.kind in (NUMBER, PLAIN, PRICE):
            wanted = [float("nan") if w is None else float(w) for w in wanted]
        np.testing.assert_array_equal(values, wanted)


def _is_long(columns: list[Column], rows: list[list], size: Fraction) -> bool:
    prices = [row[i] for row in rows for i, c in enumerate(columns) if c.kind == PRICE and row[i]]
    return (
        any(p >= 10**12 or p * 10**12 % 1 for p in prices)
        or max(prices) >= MOST_TICKS * size
        or any(p * 10**k % 1 == 0 and p * 10**k >= 1 << 53 for p in prices for k in range(13))
    )


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n\n",
        "\n",
        "1,2\n3\n",
        "1,2\n3,4,5\n",
        "1;2\n",
        "1,2,\n",
        "1,\n",
        ",2\n",
        "1,2\n3,4\r5\n",
        "1,2\n3,4",
        "",
    ],
)
def test_read__refuses_lines_of_other_shapes(text: str) -> None:
    lines = Lines([Column(WHOLE), Column(NUMBER)])
    assert lines.read(text.encode(), Tick(), text.count("\n")) is None
    assert lines.read(b"1,2\r\n3,4.5\n", Tick(), 2) is not None


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_read__separators(separator: str) -> None:
    text = f"1{separator}2.5\n".encode()
    found = Lines([Column(WHOLE), Column(NUMBER)], separator).read(text, Tick(), 1)
    assert found is not None
    assert (found.whole.tolist(), found.number.tolist()) == ([[1]], [[2.5]])


def test_read__tick_takes_all_prices_or_none() -> None:
    tick = Tick()
    lines = Lines([Column(PRICE)])
    assert lines.read(b"0.5\n0.75\n", tick, 2) is not None
    assert lines.read(b"0.001\nx\n", tick, 2) is None
    assert tick.size == 0.25


st_level = st.sampled_from(["", "0", "1.5", "7"])


st_book = st.lists(st.tuples(st_level, st_level), min_size=3, max_size=3)


@given(books=st.lists(st_book, min_size=1, max_size=4), zeros=st.booleans())
def test_unfold__levels_in_order_or_none(books: list[list[tuple[str, str]]], zeros: bool) -> None:
    text = "".join(",".join(cell for level in book for cell in level) + "\n" for book in books)
    columns = [Column(PRICE, empty=True), Column(NUMBER, empty=True)] * 3
    read = Lines(columns).read(text.encode(), Tick(), len(books))
    assert read is not None
    found = unfold(read, [0, 2, 4], [1, 3, 5], bids=2, zeros=zeros)
    missing = ("", "0") if zeros else ("",)
    levels = [[(i >= 2, float(p), float(s)) for i, (p, s) in enumerate(csv_row(book))
               if p not in missing and s not in missing] for book in books]  # fmt: skip
    sound = all(
        levels[n]
        and all((p in missing) == (s in missing) and "0" not in {p, s} - set(missing) for p, s in book)
        and not (book[0][0] in missing and book[1][0] not in missing)  # the two bids
        for n, book in enumerate(books)
    )
    if not sound:
        assert found is None
        return
    assert found is not None
    rows, (side, price, size) = found
    assert rows.tolist() == [0, *np.cumsum([len(book) for book in levels])]
    assert list(zip(side.tolist(), price.tolist(), size.tolist())) == [lv for book in levels for lv in book]
    assert all(isfinite(p) for p in price)


def csv_row(book: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """A book as csv gives it back."""
    (cells,) = csv.reader([",".join(cell for level in book for cell in level)])
    return list(zip(cells[::2], cells[1::2]))
