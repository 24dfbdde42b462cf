"""Random damage to a good file of every format: no crash, and no row that no line of the file tells."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_zip
from tests.formats.samples import SAMPLES
from tests.formats.spoiling import read_or_refused

pytestmark = pytest.mark.filterwarnings("error")

GOOD = {name: ("\n".join(s.lines) + "\n").encode() for name, s in SAMPLES.items()}
PIECES = [
    *(c.encode() for c in "\n\r\x00\"',;\t -+.019{}[]:\x85\u0661\u2028\ufeff"),
    *(b"\r\n", b"e9", b"nan", b"inf", b"null", b"true", b"0x1", b"1e400", b"\\u0000", b"\\ud800", b"\xff"),
    b"9" * 20,
    b"0." + b"0" * 30 + b"1",
]


@st.composite
def st_damage(draw: st.DrawFn, name: str) -> bytes:
    """The file with bytes flipped, put in or cut out, lines swapped, doubled or of another file, or its end
    cut off."""
    data = bytearray(GOOD[name])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        what = draw(st.sampled_from(["flip", "put", "put", "over", "cut", "swap", "double", "other", "end"]))
        if what == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "put":
            data[at:at] = draw(st.sampled_from(PIECES))
        elif what == "over":
            piece = draw(st.sampled_from(PIECES))
            data[at : at + len(piece)] = piece
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif what == "end":
            del data[at:]
        else:
            data = bytearray(b"\n".join(draw(st_lines(bytes(data).split(b"\n"), what))))
    return bytes(data)


@st.composite
def st_lines(draw: st.DrawFn, lines: list[bytes], what: str) -> list[bytes]:
    i, j = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    if what == "swap":
        lines[i], lines[j] = lines[j], lines[i]
    elif what == "double":
        lines.insert(i, lines[j])
    else:
        other = GOOD[draw(st.sampled_from(sorted(GOOD)))].split(b"\n")
        lines[i:i] = other[draw(st.integers(0, len(other) - 1)) :]
    return lines


def spoilt(name: str, old: str, new: bytes) -> bytes:
    return GOOD[name].replace(old.encode(), new)


FOUND = {
    "an orderbook of odd columns": ("lobster-book", True, b"5859400,200,5853300,18,5859500,5,-99"),
    "a date of the year 1": ("tabular-wide", True, spoilt("tabular-wide", "1700000000001", b"0001")),
    "updates without a side": (
        "tabular-updates",
        False,
        b"ts,price,qty,is_buyer_maker\n1700000000,5,6,true\n",
    ),
    "a symbol that is no JSON": ("binance-stream", False, spoilt("binance-stream", "BTC", b"\x01BTC")),
    "a topic that is no JSON": ("bybit-depth", False, spoilt("bybit-depth", "BTC", b"\x01BTC")),
    "a topic of many levels": ("bybit-depth", False, spoilt("bybit-depth", "50", b"5" * 5_000)),
    "a name in two lines": ("tardis-trades", False, spoilt("tardis-trades", "BTC", b"B\xe2\x80\xa8\x85")),
    "a deep document": ("bybit-depth", True, b"[\n" + b"[" * 300 + b"]" * 300 + b"\n]\n"),
    "a date after 2262": ("binance-bands", False, spoilt("binance-bands", "2023-", b"9023-")),
    "a time beyond floats": ("lobster-messages", False, spoilt("lobster-messages", "34203", b"9" * 400)),
    "a line that no message quotes": ("tabular-updates", False, b"\n\xf4" + GOOD["tabular-updates"]),
    "an empty line for a header": ("tabular-wide", True, b"\n1,2,3\r4,5,6\n7,8,9\n"),
    "a header with a column more": (
        "tardis-trades",
        True,
        spoilt("tardis-trades", ",id,", b",more,id,").replace(b",a", b",5,a"),
    ),
    "a header with a column twice": ("tardis-trades", True, spoilt("tardis-trades", ",id,", b",id,symbol,")),
    "a carriage return in a cell": ("tabular-wide", False, spoilt("tabular-wide", "99.3", b"99\r.3\xff")),
}
"""What once was a traceback, several lines, or a row that no line told."""


@pytest.mark.parametrize("what", FOUND)
def test_read__what_was_found(tmp_path: Path, what: str) -> None:
    name, told, data = FOUND[what]
    path = SAMPLES[name].write(tmp_path)
    path.write_bytes(data)
    read_or_refused(path, SAMPLES[name], told=told)


@pytest.mark.parametrize(
    ("name", "columns", "others"),
    [
        ("binance-t-depth", "price,qty", b"qty,price"),
        ("binance-bands", "depth,notional", b"notional,depth"),
        ("tardis-trades", ",id,", b",id,symbol,"),
        ("bybit-trades", "size,price", b"price,price"),
    ],
)
def test_read__a_header_that_would_mix_up_columns_is_refused(
    tmp_path: Path, name: str, columns: str, others: bytes
) -> None:
    path = SAMPLES[name].write(tmp_path)
    path.write_bytes(spoilt(name, columns, others))
    with pytest.raises(FormatError, match=f"expected the columns of (?i:{name.split('-')[0]})"):
        lm.read(path, **SAMPLES[name].hints, format=SAMPLES[name].format)


@pytest.mark.parametrize(
    ("at", "value"),
    [(6, b"\xff"), (28, b"\0\0"), (42, b"\xff\xff\xff\x7f"), (10, b"\x63"), (8, b"\x01")],
)
def test_zip__of_a_damaged_directory_is_refused_in_one_line(tmp_path: Path, at: int, value: bytes) -> None:
    """Version, length of the name, offset, method and encryption of its only member."""
    data = bytearray(write_zip(tmp_path / "x.zip", {"x.csv": GOOD["bybit-trades"]}).read_bytes())
    begin = data.rindex(b"PK\x01\x02") + at
    data[begin : begin + len(value)] = value
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(FormatError, match=r"x\.zip: expected .*, got") as told:
        lm.read(tmp_path / "x.zip")
    assert str(told.value).isprintable()


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data(), told=st.booleans())
@settings(max_examples=60)
def test_read__damage_makes_nothing_up(name: str, data: st.DataObject, told: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = SAMPLES[name].write(Path(folder))
        path.write_bytes(data.draw(st_damage(name)))
        read_or_refused(path, SAMPLES[name], told=told)
