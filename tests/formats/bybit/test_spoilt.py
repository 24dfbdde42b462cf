"""Spoiled Bybit lines through `lm.read`: no crash, and no row that a plain parser would not give."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import LiqmapError
from tests.formats.bybit.lines import feed, table_rows

LINES = [line.encode() for line in feed(8)]
st_byte = st.one_of(st.sampled_from(b'"{}[],:.-+eE0123456789 \\\n\r\t\x00'), st.integers(0, 255))


@st.composite
def st_spoiled(draw) -> tuple[list[bytes], int]:  # type: ignore[no-untyped-def]
    """A feed one line of which has bytes changed, put in, cut out or doubled; and which one."""
    at = draw(st.integers(1, len(LINES) - 1))
    line = bytearray(LINES[at])
    for _ in range(draw(st.integers(1, 3))):
        i = draw(st.integers(0, len(line) - 1))
        what = draw(st.sampled_from(["change", "insert", "cut", "double", "end"]))
        j = draw(st.integers(i, min(len(line), i + 9)))
        if what == "change":
            line[i] = draw(st_byte)
        elif what == "insert":
            line[i:i] = bytes(draw(st.lists(st_byte, min_size=1, max_size=4)))
        elif what == "double":
            line[j:j] = line[i:j]
        else:
            del line[i : None if what == "end" else j]
        line = line or bytearray(b" ")
    return [*LINES[:at], bytes(line), *LINES[at + 1 :]], at


def plain(text: bytes) -> set[tuple] | None:
    """The rows of one good line by json alone; None if it is not one."""
    try:
        message = json.loads(text)
        data = message["data"]
        if message["topic"] != "orderbook.50.BTCUSDT" or data["s"] != "BTCUSDT":
            return None
        at = message["cts"] if "cts" in message else message["ts"]
        levels = [(name, p, s) for key, name in (("b", "bid"), ("a", "ask")) for p, s in data[key]]
        return {(at, data["u"], name, float(p), float(s)) for name, p, s in levels}
    except (ValueError, KeyError, TypeError):
        return None


@given(st_spoiled())
@settings(max_examples=60)
def test_read__a_spoiled_line_gives_its_own_rows_or_none(spoiled: tuple[list[bytes], int]) -> None:
    lines, at = spoiled
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "linear.ndjson"
        path.write_bytes(b"\n".join(lines) + b"\n")
        try:
            capture = lm.read(path, venue="bybit")
        except LiqmapError as error:
            pytest.fail(f"the other lines are good: {error}")
    found = {row[1:] for row in table_rows(capture.depth)}  # times may be clamped to the one before
    text = [line for line in lines[at].replace(b"\r", b"\n").split(b"\n") if line.strip()]
    good = [plain(line) for line in (*LINES[:at], *text, lines[at], *LINES[at + 1 :])]
    allowed = {row[1:] for rows in good if rows for row in rows}
    assert found <= allowed, "a row that no line tells"
    untouched = {row[1:] for line in (*LINES[:at], *LINES[at + 1 :]) for row in plain(line) or ()}
    said = {row[0] for row in allowed - untouched}
    if said <= {row[0] for row in untouched} | {1_000 + at}:  # no id that makes others repeats
        assert untouched <= found, "a good line was lost"
