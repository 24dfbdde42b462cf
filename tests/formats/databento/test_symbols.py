"""A live session's own messages say which instrument is whose."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.schema import FormatError
from tests.formats.databento.written import T, header, order, write

ES, NQ = 101, 202


def mapping(instrument: int, name: str, size: int = 71) -> bytes:
    """A SymbolMappingMsg, of DBN 1 (22 characters) or later (71)."""
    asked, own = b"ALL.FUT".ljust(size, b"\0"), name.encode().ljust(size, b"\0")
    body = asked + own + bytes(4) if size == 22 else b"\x01" + asked + b"\x00" + own
    body += struct.pack("<QQ", T, T)
    return struct.pack("<BBHIQ", (16 + len(body)) // 4, 0x16, 1, instrument, T) + body


def add(n: int, instrument: int, price: float) -> bytes:
    return bytes(order(n, "A", "B", price, 1, 1000 + n, instrument=instrument))


def live(path: Path, *records: bytes) -> Path:
    return write(path / "live.dbn", header(None, {}) + b"".join(records))


def prices(path: Path, symbol: str | None) -> list[float]:
    return lm.read(path, symbol=symbol).depth["price"].to_pylist()


@pytest.mark.parametrize("size", [22, 71])
def test_live__the_symbol_asked_for_is_taken(tmp_path: Path, size: int) -> None:
    said = mapping(ES, "ESM4", size), mapping(NQ, "NQM4", size)
    path = live(tmp_path, *said, add(1, ES, 5100.0), add(2, NQ, 18000.0))
    assert prices(path, "NQM4") == [18000.0]
    assert prices(path, "ESM4") == [5100.0]
    for asked in (None, "CLM4"):
        with pytest.raises(FormatError, match="expected one symbol of ESM4, NQM4"):
            lm.read(path, symbol=asked)


def test_live__mappings_after_the_first_records(tmp_path: Path) -> None:
    said = mapping(ES, "ESM4"), mapping(NQ, "NQM4")
    path = live(tmp_path, add(1, ES, 5100.0), add(2, NQ, 18000.0), *said, add(3, NQ, 18001.0))
    assert prices(path, "NQM4") == [18000.0, 18001.0]


def test_live__an_id_that_changes_hands(tmp_path: Path) -> None:
    path = live(tmp_path, mapping(7, "ESM4"), add(1, 7, 5100.0), mapping(7, "NQM4"), add(2, 7, 18000.0))
    assert prices(path, "ESM4") == [5100.0]
    assert prices(path, "NQM4") == [18000.0]


def test_live__several_instruments_without_names_are_refused(tmp_path: Path) -> None:
    path = live(tmp_path, add(1, ES, 5100.0), add(2, NQ, 18000.0))
    with pytest.raises(FormatError, match="expected one symbol of 101, 202"):
        lm.read(path)
    assert prices(path, "202") == [18000.0]


def test_metadata__a_message_that_contradicts_it_is_honoured(tmp_path: Path) -> None:
    records = add(1, ES, 5100.0), mapping(ES, "NQM4"), add(2, ES, 18000.0)
    path = write(tmp_path / "day.dbn", header("mbo", {"ESM4": [ES]}) + b"".join(records))
    capture = lm.read(path)
    assert capture.depth["price"].to_pylist() == [5100.0]
    assert any("changed 1 times" in note for note in capture.report.notes)
