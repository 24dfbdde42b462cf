"""Random damage to binary and text files of Databento: no crash, and no price that the file does not hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import Capture, LiqmapError

pytest.importorskip("databento_dbn")
from tests.formats.databento.written import csv_bytes, dbn_bytes, order, shown, trade, write

BIDS, ASKS = [(100.0, 4), (99.75, 5)], [(100.25, 6), (100.5, 7)]
RECORDS = {
    "mbo": [
        *(order(n, "A", "BA"[n % 2], 100.0 + n % 2, 1 + n, 1 + n) for n in range(6)),
        order(6, "C", "B", 100.0, 1, 1),
        order(7, "T", "B", 101.0, 1),
    ],
    "mbp-10": [shown(n, BIDS, [(price + n, size) for price, size in ASKS], levels=10) for n in range(3)],
    "trades": [trade(n, "BA"[n % 2], 100.0 + n, 1 + n) for n in range(4)],
}
BINARY = {schema: dbn_bytes(schema, records) for schema, records in RECORDS.items()}
TEXT = {schema: csv_bytes(data, map_symbols=True) for schema, data in BINARY.items()}
BYTES = st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 8, b"\0" * 8, b"\n", b","]))


@st.composite
def st_damage(draw: st.DrawFn, good: bytes) -> bytes:
    """The file with bytes flipped, put in, written over or cut out, or its end cut off."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        what = draw(st.sampled_from(["flip", "put", "over", "over", "cut", "end"]))
        if what == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "put":
            data[at:at] = draw(BYTES)
        elif what == "over":
            piece = draw(BYTES)
            data[at : at + len(piece)] = piece
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 80))]
        else:
            del data[at:]
    return bytes(data)


def read_or_refused(path: Path) -> list[float]:
    """Every price of a file; none if it is refused, in one line."""
    try:
        capture = lm.read(path, symbol="ESH4")
    except LiqmapError as error:
        capture, said = None, [str(error)]
    else:
        said = [*capture.report.notes, *(reason for _, _, reason in capture.report.rejected)]
    assert all(str(sentence).isprintable() for sentence in said), said
    return prices_of(capture) if capture else []


def prices_of(capture: Capture) -> list[float]:
    tables = (capture.depth, capture.trades, capture.orders)
    return [p for t in tables if t is not None for p in t["price"].to_pylist() if p is not None]


def assert_among(found: list[float], allowed: list[float]) -> None:
    for price in found:
        assert np.isclose(price, allowed, rtol=1e-12, atol=0).any(), price


@pytest.mark.parametrize("schema", RECORDS)
@given(data=st.data())
def test_read__a_damaged_binary_file_makes_nothing_up(
    tmp_path_factory: Any, schema: str, data: st.DataObject
) -> None:
    damaged = data.draw(st_damage(BINARY[schema]))
    found = read_or_refused(write(tmp_path_factory.mktemp("dbn") / "x.dbn", damaged))
    assert_among(found, [np.frombuffer(damaged, "<i8", 1, at)[0] / 1e9 for at in range(len(damaged) - 7)])


@pytest.mark.parametrize("schema", RECORDS)
@given(data=st.data())
def test_read__a_damaged_text_file_makes_nothing_up(
    tmp_path_factory: Any, schema: str, data: st.DataObject
) -> None:
    damaged = data.draw(st_damage(TEXT[schema]))
    found = read_or_refused(write(tmp_path_factory.mktemp("csv") / "x.csv", damaged))
    numbers = [float(word) for word in re.findall(r"-?\d+\.?\d*", damaged.decode("utf-8", "replace"))]
    assert_among(found, [*numbers, *(n / 1e9 for n in numbers)])
