"""Databento's lines as records against decimal and datetime: the same records, or the same lines refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.formats.databento.csv_scan import (
    DATE,
    DECIMAL,
    LETTER,
    SKIP,
    TIME,
    UNITS,
    WHOLE,
    Fields,
    Market,
    Output,
    scan,
)

NO_PRICE, NO_TIME = 2**63 - 1, 2**64 - 1
FIELDS = {  # place and width as in a record without padding
    "skipped": (SKIP, 0, 0), "letter": (LETTER, 0, 1), "small": (WHOLE, 1, 1), "size": (WHOLE, 2, 4),
    "id": (WHOLE, 6, 8), "time": (TIME, 14, 8), "date": (DATE, 22, 8), "units": (UNITS, 30, 8),
    "price": (DECIMAL, 38, 8),
}  # fmt: skip
TYPES = {1: "u1", 4: "<u4", 8: "<u8"}
ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d)(?::?(\d\d))?)", re.ASCII
)

st_cell = {
    "skipped": st.text("é1 a\"", max_size=4), "letter": st.sampled_from("ABNTC1"),
    "small": st.integers(0, 255).map(str), "size": st.integers(0, 2**32 - 1).map(str),
    "id": st.integers(0, 2**64 - 1).map(str),
    "time": st.integers(0, NO_TIME).map(str) | st.just(""),
    "date": st.one_of(
        st.just(""),
        st.builds(
            "{:%Y-%m-%d %H:%M:%S}.{}{}".format, st.datetimes(datetime(1970, 1, 1), datetime(2261, 1, 1)),
            st.sampled_from(["5", "123456789"]), st.sampled_from(["Z", "+00:00", "-0530", "+01"]),
        ),
        st.builds(
            "{}-{:02}-{:02}{}{:02}:{:02}:{:02}{}{}".format, st.integers(1969, 2263), st.integers(0, 13),
            st.integers(0, 32), st.sampled_from("T t"), st.integers(0, 24), st.integers(0, 60),
            st.integers(0, 60), st.sampled_from(["", ".5", ".123456789", ".1234567890", "."]),
            st.sampled_from(["Z", "+00:00", "-0530", "+01", "", "+1", "+00:60", "Z "]),
        ),
    ),
    "units": st.integers(-NO_PRICE, NO_PRICE).map(str) | st.just(""),
    "price": st.one_of(
        st.decimals(-8_999_999_999, 8_999_999_999, places=9).map("{:f}".format),
        st.sampled_from(["", "100.25", "-99.5", "0.5", "1000000.5", "100", "-130", "51", "1", "999999"]),
    ),
}  # fmt: skip
st_odd = st.sampled_from(
    ["", "-", "-1", "+1", "00", "256", "4294967296", "18446744073709551616", "99999999999999999999",
     "100000000000000000000", "9223372036854775808", "0x1", " 1", "1 ", "1e5", "1.", ".5", "-0", "-0.0",
     "1..2", "0.1234567891", "9000000000.0", "8999999999.999999999", "AB", "é", "nan", "2024-02-30T00:00:00Z",
     "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "1970-01-01T00:00:00+01:00"]
)  # fmt: skip


def unsigned(cell: str, width: int) -> int | None:
    found = int(cell) if re.fullmatch(r"\d{1,20}", cell, re.ASCII) else None
    return found if found is not None and found < 1 << 8 * width else None


def units(cell: str, form: str, scale: int) -> int | None:
    if not re.fullmatch(form, cell, re.ASCII):
        return None
    found = int(Decimal(cell) * scale)
    within = abs(found) <= NO_PRICE if scale == 1 else abs(found) < 9 * 10**18
    return found % (1 << 64) if within else None


def moment(cell: str) -> int | None:
    match = ISO.fullmatch(cell)
    try:
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00") if match else None
    except ValueError:
        return None
    hour, minute = (int(match[n] or 0) for n in (5, 6)) if match else (0, 0)
    if at is None or match is None or not 1970 <= at.year <= 2261 or hour > 23 or minute > 59:
        return None
    at -= timedelta(hours=hour, minutes=minute) * (-1 if match[4] == "-" else 1)
    seconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return seconds * 10**9 + int((match[3] or ".0")[1:].ljust(9, "0")) if seconds >= 0 else None


def value(name: str, cell: str, near: list[Decimal]) -> int | None:
    """What a cell holds; None if it is none. ``near``: the last price with a point that is not 0."""
    kind, _, width = FIELDS[name]
    if kind == LETTER:
        return ord(cell) if len(cell) == 1 and cell.isascii() else None
    if kind == WHOLE:
        return unsigned(cell, width)
    if cell == "":
        return NO_PRICE if kind in (UNITS, DECIMAL) else NO_TIME
    if kind == UNITS:
        return units(cell, r"-?\d{1,20}", 1)
    if kind == DECIMAL:
        found = units(cell, r"-?(?:\d{1,10}\.\d{1,9}|0{1,20})", 10**9)
        if found and "." in cell:
            near[0] = abs(Decimal(cell))
        elif found is None and re.fullmatch(r"-?\d{1,20}", cell, re.ASCII):
            far = max(abs(Decimal(cell)), near[0]) > 2 * min(abs(Decimal(cell)), near[0])
            return None if far or abs(int(cell)) >= 10**6 else int(cell) * 10**9 % (1 << 64)
        return found
    return unsigned(cell, 8) if kind == TIME else moment(cell)


def read(names: list[str], text: bytes, market: int, own: bytes) -> tuple[list, list, list]:
    """By the kernel: records by name, whether they are ours, and the lines that are none."""
    rows, at, line = 0, 0, 0
    count = text.count(b"\n")
    out = Output.room(count, 46)
    fields = Fields(
        *np.array([FIELDS[n] for n in names], np.int64).reshape(-1, 3).T.copy(), np.zeros(1, np.uint64)
    )
    letters, wanted = np.frombuffer(text, np.uint8), np.frombuffer(own, np.uint8)
    bad = []
    while at < len(text):
        begun = rows
        rows, at = scan(letters, at, fields, Market(market, wanted), rows, out)
        line += rows - begun
        if at < len(text):
            line += 1
            bad.append(line)
            at = text.index(b"\n", at) + 1
    kept = [(n, FIELDS[n]) for n in names if FIELDS[n][2]]
    found = [
        {n: int(out.records[r, p : p + w].copy().view(TYPES[w])[0]) for n, (_, p, w) in kept}
        for r in range(rows)
    ]
    cells = [text[a:b] for a, b in zip(out.begin[:rows], out.end[:rows])] if market >= 0 else []
    assert [c == own for c in cells] == (out.mine[:rows].tolist() if market >= 0 else [])
    return found, cells, bad


@pytest.mark.pure
@given(data=st.data())
def test_scan__lines_are_records_or_refused(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(list(FIELDS)), min_size=1, max_size=6, unique=True))
    rows = data.draw(st.lists(st.tuples(*(st_cell[n] for n in names)).map(list), min_size=1, max_size=6))
    for _ in range(data.draw(st.integers(0, 2))):
        data.draw(st.sampled_from(rows))[data.draw(st.integers(0, len(names) - 1))] = data.draw(st_odd)
    market = data.draw(st.integers(-1, len(names) - 1))
    own = data.draw(st.sampled_from(rows))[market].encode()
    ending = data.draw(st.sampled_from(["\n", "\r\n"]))
    found, cells, bad = read(names, "".join(",".join(r) + ending for r in rows).encode(), market, own)
    wanted, markets, wrong, near = [], [], [], [Decimal(0)]
    for line, row in enumerate(rows, 1):
        values: dict[str, int | None] = {}
        for name, cell in zip(names, row):
            if name != "skipped":
                values[name] = value(name, cell, near)
                if values[name] is None:
                    break  # what follows is not read
        if None in values.values():
            wrong.append(line)
        else:
            wanted.append(values)
            markets += [row[market].encode()] * (market >= 0)
    assert (found, cells, bad) == (wanted, markets, wrong)


@pytest.mark.parametrize("name", ["id", "units", "price", "small", "size"])
@pytest.mark.parametrize("cell", [
    *(str((1 << n) + k) for n in (8, 32, 63, 64) for k in (-1, 0, 1)), "8999999999.999999999", "9000000000",
    "-9223372036854775807", "-8999999999.999999999",
])  # fmt: skip
def test_scan__the_largest_numbers(name: str, cell: str) -> None:
    found, wanted = read([name], cell.encode() + b"\n", -1, b"")[0], value(name, cell, [Decimal(0)])
    assert found == ([] if wanted is None else [{name: wanted}])


def test_scan__every_day() -> None:
    """Of the years around those that are leap or not by other rules than the fourth."""
    days = [np.datetime64("1970-01-01"), *(np.datetime64(f"{y}-12-01") for y in (1999, 2099, 2199)),
            np.datetime64("2261-01-01")]  # fmt: skip
    several = np.concatenate([d + np.arange(365 if d == days[-1] else 900) for d in days])
    text = "".join(f"{d}T00:00:00Z\n" for d in several).encode()
    found, _, bad = read(["date"], text, -1, b"")
    assert bad == []
    assert [r["date"] for r in found] == several.astype("datetime64[ns]").astype(np.int64).tolist()


@pytest.mark.parametrize("text", [b"1\n", b"1,2,3\n", b"1,2,\n", b"\n", b"1,2\r3\n", b"1,2\r\r\n"])
def test_scan__other_numbers_of_cells_are_refused(text: bytes) -> None:
    assert read(["small", "size"], b"1,2\n" + text + b"3,4\n", -1, b"") == (
        [{"small": 1, "size": 2}, {"small": 3, "size": 4}], [], [2]
    )  # fmt: skip


@pytest.mark.parametrize(("cells", "lost"), [
    (["100.25", "100", "-51", "50", "200", "201"], [4, 6]),
    (["100", "100.25", "101"], [1]),
    (["100.25", "0", "0.000", "150"], []),
    (["999999.5", "999999", "1000000"], [3]),
])  # fmt: skip
def test_scan__whole_prices_near_one_with_a_point(cells: list[str], lost: list[int]) -> None:
    found, _, bad = read(["price"], "".join(f"{cell}\n" for cell in cells).encode(), -1, b"")
    assert bad == lost
    kept = [cell for line, cell in enumerate(cells, 1) if line not in lost]
    assert [r["price"] for r in found] == [int(Decimal(cell) * 10**9) % (1 << 64) for cell in kept]
