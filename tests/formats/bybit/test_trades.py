"""Bybit's trade archives: whole chunks at once against line by line."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap import store
from liqmap.formats import Hints
from liqmap.formats.bybit.trades import BybitTradesCsv
from liqmap.schema import FormatError
from tests.formats.bybit.test_stream import Text

HEADER = "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional"
ROW = "1723161256.6240,BTCUSDT,Buy,0.003,61800.30,ZeroPlusTick,id-1,1,0.003,185.4"

CELLS = {
    0: ["1723161256.6240", "1723161257", "1723161258.123456", "0", "x", "-1", ""],
    1: ["BTCUSDT", "BTCUSDT", "BTCUSDT", "ETHUSDT"],
    2: ["Buy", "Sell", "buy", "None"],
    3: ["0.003", "1e-05", "12", "0", "NaN", "-1", "1.", ""],
    4: ["61800.30", "61800.2", "100", "0.00", "inf", "12345678901.5"],
    6: ["id-1", "", "é"],
    10: ["true", "false", "", "1", "maybe"],
}


@st.composite
def st_row(draw: st.DrawFn) -> bytes:
    cells = [*ROW.split(","), "false"]
    for column in draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=2)):
        cells[column] = draw(st.sampled_from(CELLS[column]))
    return ",".join(cells[: draw(st.sampled_from([11, 11, 11, 10]))]).encode()


def outcome(lines: list[bytes]) -> tuple:
    reader = BybitTradesCsv(Text(lines, [len(lines) // 2]), Hints(symbol="BTCUSDT"))  # type: ignore[arg-type]
    try:
        batches = list(reader.batches())
    except FormatError as error:
        return (str(error),)
    rows = [r for b in batches if b.trades is not None for r in b.trades.to_pylist()]
    return rows, [r for b in batches for r in b.rejected], reader.meta


@given(rows=st.lists(st_row(), min_size=1, max_size=6))
def test_csv__at_once_means_what_line_by_line_says(rows: list[bytes]) -> None:
    lines = [f"{HEADER},RPI".encode(), *rows]
    fast = outcome(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BybitTradesCsv, "_fast", lambda self, part: None)
        slow = outcome(lines)
    assert fast == slow


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.pure
def test_csv__columns_of_a_derivative_archive(tmp_path: Path) -> None:
    path = write(
        tmp_path / "BTCUSDT2024-08-08.csv",
        f"{HEADER},RPI",
        f"{ROW},true",
        f"{ROW.replace('Buy', 'Sell').replace('800.30', '800.20').replace('id-1', 'id-2')},false",
    )
    capture = lm.read(path, venue="bybit")
    first, second = capture.trades.to_pylist()
    assert first["ts"].value == 1723161256624000000
    assert (first["id"], first["aggressor"], first["price"], first["size"], first["flags"]) == (
        "id-1",
        "buy",
        61800.3,
        0.003,
        "rpi",
    )
    assert (second["aggressor"], second["flags"]) == ("sell", None)
    assert (capture.meta.tick_size, capture.meta.symbol) == (0.1, "BTCUSDT")


@pytest.mark.pure
def test_csv__layout_says_the_market_whatever_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "spot-research" / "BTCUSDT2025-01-01.csv"
    path.parent.mkdir()
    path.write_text(f"{HEADER}\n1700000000.1,BTCUSDT,Buy,0.5,100.5,PlusTick,a,1,1,1\n")
    capture = lm.read(path)
    assert (capture.meta.venue, capture.report.notes) == ("bybit", [])


def test_csv__symbol_that_the_file_does_not_have(tmp_path: Path) -> None:
    linear = tmp_path / "BTCUSDT2025-01-01.csv"
    linear.write_text(f"{HEADER}\n1700000000.1,BTCUSDT,Buy,0.5,100.5,PlusTick,a,1,1,1\n")
    with pytest.raises(FormatError, match=r"expected .*SOLUSDT, got symbol BTCUSDT \(1 lines\).*symbol="):
        lm.read(linear, symbol="SOLUSDT")
    assert lm.read(linear, symbol="btcusdt").meta.symbol == "BTCUSDT"
    spot = tmp_path / "BTCUSDT_2025-01-01.csv"
    spot.write_text("id,timestamp,price,volume,side\n1,1700000000000,100.5,2,buy\n")
    with pytest.raises(
        FormatError, match=r"expected symbol SOLUSDT, got .*name says BTCUSDT.*symbol=.*rename"
    ):
        lm.read(spot, symbol="SOLUSDT")
    assert lm.read(spot, symbol="btcusdt").meta.symbol == "BTCUSDT"
    other = spot.rename(tmp_path / "mine.csv")
    assert lm.read(other, symbol="SOLUSDT").meta.symbol == "SOLUSDT"


def test_csv__spot_archive_has_ms_and_its_symbol_in_the_name(tmp_path: Path) -> None:
    path = write(
        tmp_path / "BTCUSDT_2024-01-01.csv",
        "id,timestamp,price,volume,side",
        "7,1704067200123,42000.5,0.1,sell",
    )
    capture = lm.read(path)
    (row,) = capture.trades.to_pylist()
    assert (row["ts"].value, row["aggressor"], row["id"]) == (1704067200123000000, "sell", "7")
    assert (capture.meta.venue, capture.meta.symbol) == ("bybit-spot", "BTCUSDT")
    with pytest.raises(FormatError, match="symbol="):
        lm.read(path.rename(tmp_path / "trades.csv"))


@pytest.mark.pure
def test_csv__bad_lines_are_rejected_with_their_numbers(tmp_path: Path) -> None:
    bad = [ROW.replace("0.003", "-1", 1), ROW.replace("BTCUSDT", "ETHUSDT"), ROW[:30]]
    good = [ROW.replace("id-1", f"id-{n}") for n in range(3)]
    path = write(
        tmp_path / "BTCUSDT2024-08-08.csv", HEADER, good[0], bad[0], good[1], bad[1], bad[2], good[2]
    )
    capture = lm.read(path)
    (row,) = capture.report.sources
    assert (row.status, row.rows, row.rejected) == ("partial", 3, 3)
    assert [line for _, line, _ in capture.report.rejected] == [3, 5, 6]


@pytest.mark.pure
def test_csv__newest_first_is_stored_in_time_order(tmp_path: Path) -> None:
    rows = [ROW.replace("256.6240", f"{256 - i}.5").replace("id-1", f"id-{i}") for i in range(5)]
    lm.ingest(write(tmp_path / "BTCUSDT2024-08-08.csv", HEADER, *rows), store=tmp_path / "s")
    assert (
        store.read_trades(tmp_path / "s", "bybit", "BTCUSDT")["id"].to_pylist()
        == [f"id-{i}" for i in range(5)][::-1]
    )


def test_csv__real_archive_equals_plain_csv(real_data: Path) -> None:
    path = real_data / "derived-usdm-btc/BTCUSDT2024-08-08.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    trades = lm.read(path).trades
    assert trades["price"].to_pylist() == [float(r["price"]) for r in rows]
    assert trades["size"].to_pylist() == [float(r["size"]) for r in rows]
    assert trades["id"].to_pylist() == [r["trdMatchID"] for r in rows]
    assert trades["aggressor"].to_pylist() == [r["side"].lower() for r in rows]
    ms = [round(float(r["timestamp"]) * 1000) for r in rows]
    assert [t.value // 1_000_000 for t in trades["ts"].to_pylist()] == ms


@pytest.mark.pure
@pytest.mark.parametrize("slow", [False, True])
def test_csv__an_empty_id_is_none(tmp_path: Path, slow: bool) -> None:
    rows = [ROW.replace("id-1", ""), ROW, *(["broken"] if slow else [])]
    capture = lm.read(write(tmp_path / "BTCUSDT2024-08-08.csv", HEADER, *rows), venue="bybit")
    assert capture.trades["id"].to_pylist() == [None, "id-1"]


@pytest.mark.pure
def test_stream__an_empty_id_is_none(tmp_path: Path) -> None:
    trade = {"T": 1_700_000_000_000, "s": "X", "S": "Buy", "v": "1", "p": "2.5", "i": ""}
    lines = [json.dumps({"topic": "publicTrade.X", "type": "snapshot", "ts": trade["T"], "data": [trade]})]
    capture = lm.read(write(tmp_path / "x.ndjson", *lines), venue="bybit")
    assert capture.trades["id"].to_pylist() == [None]
