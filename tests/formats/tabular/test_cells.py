"""Tables of odd cells against a plain reading of each, by the rules as they are written here."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.formats.tabular.rows.fast_lines import FastLines
from liqmap.schema import FormatError

T0 = 1_700_000_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
Trade = tuple[int, str | None, float, float]
NOTHING = {"", "nan", "none", "null", "na", "n/a", "<na>", "nat"}

st_time = st.sampled_from([None, None, None, "{}.0", "{}.5", "1.7E+12", "nan", "1_700"])
st_price = st.sampled_from(["99.5", "99.75", "100", "1e2", "nan", "N/A", "1_0.5", "-3", "0", "x", "100.50"])
st_size = st.sampled_from(["1", "2.5", "0", "NaN", "None", "1_0", "-1", "0.125"])
st_name = st.sampled_from(["{}", "{}", "{}.0", "{}.00", "null", "", "1.5E+12", "9007199254740994.0", "a{}"])
st_row = st.tuples(st_time, st_price, st_size, st_name)


def decimal(text: str) -> Fraction | None:
    """A number, or nothing."""
    plain = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text.strip(), re.ASCII)
    return Fraction(text.strip()) if plain else None


def whole_id(text: str) -> tuple[bool, str | None]:
    """Whether an id may be used, and as what."""
    if text.strip().lower() in NOTHING:
        return True, None
    if not re.fullmatch(r"\d+\.?\d*([eE][+-]\d+)?", text) or text.isdigit():
        return True, text
    exponent = Decimal(text).as_tuple().exponent
    if Decimal(text) >= 1 << 53 or ("E" in text and int(exponent) > 0):
        return False, None
    return True, str(int(Decimal(text))) if Decimal(text) == int(Decimal(text)) else text


def expected(rows: list[tuple[str, str, str, str]]) -> tuple[list[Trade], list[int]]:
    """Trades, and the lines that are none."""
    found, rejected = [], []
    for line, (time, price, size, name) in enumerate(rows, 2):
        at, p, s = decimal(time), decimal(price), decimal(size)
        sound, known = whole_id(name)
        if "E" in time or at is None or p is None or p <= 0 or s is None or s <= 0 or not sound:
            rejected.append(line)
        else:
            found.append((int(at * 1000) * 1000, known, float(p), float(s)))
    return found, rejected


@given(st.lists(st_row, min_size=1, max_size=6), st.booleans(), st.sampled_from([120, 1 << 20]))
@settings(deadline=None, max_examples=150)
def test_trades__are_those_of_a_plain_reading(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[str | None, str, str, str]],
    fast: bool,
    chunk: int,
) -> None:
    """A sound row stands first: the unit of times is that of the first."""
    rows = [(str(T0), "99.5", "1", "1000")]
    for i, (time, price, size, name) in enumerate(cells, 1):
        rows.append(((time or "{}").format(T0 + i), price, size, name.format(1000 + i)))
    path = tmp_path_factory.mktemp("cells") / "a.csv"
    lines = [f"{time},buy,{price},{size},{name}" for time, price, size, name in rows]
    path.write_text("\n".join(["ts,taker_side,price,size,id", *lines, ""]))
    times = [time for time, *_ in rows if time != "nan"]
    found, rejected = expected(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        if not fast:
            patch.setattr(FastLines, "trades", lambda *_: None)
        if 2 * times.count("1.7E+12") > len(times):
            with pytest.raises(FormatError, match="2 digits"):
                lm.read(path, **MARKET)
            return
        capture = lm.read(path, **MARKET)
    told = [(r["ts"].value, r["id"], r["price"], r["size"]) for r in capture.trades.to_pylist()]
    assert sorted(told, key=repr) == sorted(dict.fromkeys(found), key=repr)
    assert [line for _, line, _ in capture.report.rejected] == rejected


def test_wide__odd_levels_are_those_of_a_plain_reading(tmp_path: Path) -> None:
    odd = ["99.25", "nan", "NaN", "None", "N/A", "", "1_0.5", "x"]
    rows = [
        (T0 + i, "99.5", "1", cell, "nan" if decimal(cell) is None else "2") for i, cell in enumerate(odd)
    ]
    path = tmp_path / "a.csv"
    path.write_text(
        "\n".join(
            ["ts,bid1_price,bid1_size,ask1_price,ask1_size", f"{T0 - 1},99.5,1,100.5,1"]
            + [",".join(map(str, row)) for row in rows]
            + [""]
        )
    )
    capture = lm.read(path, **MARKET)
    prices = [r["price"] for r in capture.depth.to_pylist() if r["side"] == "ask"]
    assert prices == [100.5, 99.25]
    assert [line for _, line, _ in capture.report.rejected] == [9, 10], "a price that is none, no size"
