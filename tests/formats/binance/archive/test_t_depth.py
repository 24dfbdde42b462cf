"""Binance's T_DEPTH history: messages across chunks, real files, bad input."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.formats import Hints
from liqmap.formats.binance.archive.t_depth import BinanceTDepth
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_lines
from tests.formats.bybit.test_stream import Text

HEADER = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu"


def row(last: int, prev: int, side: str, price: str, qty: str, kind: str = "set") -> str:
    return f"BTCUSDT,{1_700_000_000_000 + last},{last - 5},{last},{side},{kind},{price},{qty},{prev}"


LINES = [
    HEADER,
    row(100, -1, "b", "99.90", "1.5", "snap"),
    row(100, -1, "a", "100.10", "2", "snap"),
    row(110, 100, "b", "99.80", "3"),
    row(110, 100, "a", "100.10", "0.000"),
    row(110, 100, "a", "100.20", "7"),
    row(130, 120, "b", "99.70", "1"),
]


def messages(cut: int, lines: list[str] = LINES) -> list[tuple]:
    reader = BinanceTDepth(Text([x.encode() for x in lines], [cut]), Hints())  # type: ignore[arg-type]
    return [
        (int(m.ts[i]), int(m.seq[i]), int(m.prev[i]), int(m.event[i]), int(m.line[i]),
         m.price[m.rows[i] : m.rows[i + 1]].tolist(), m.size[m.rows[i] : m.rows[i + 1]].tolist())
        for m in (b.depth for b in reader.batches()) if m is not None for i in range(len(m.seq))
    ]  # fmt: skip


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("cut", range(1, 7))
def test_batches__keep_messages_whole(monkeypatch: pytest.MonkeyPatch, cut: int, slow: bool) -> None:
    if slow:
        monkeypatch.setattr(BinanceTDepth, "at_once", lambda self, read, line: None)
    found = messages(cut)
    assert [m[1:5] for m in found] == [(100, -1, 1, 2), (110, 100, 0, 4), (130, 120, 0, 7)]
    assert found[1][5:] == ([99.8, 100.1, 100.2], [3.0, 0.0, 7.0])


def test_read__diffs_that_do_not_follow_are_a_gap(tmp_path: Path) -> None:
    capture = lm.read(write_lines(tmp_path / "x.csv", LINES))
    assert capture.report.table["gaps"].tolist() == [1]
    assert (capture.meta.venue, capture.meta.window_policy) == ("binance-futures", "full")
    assert capture.meta.tick_size == 0.1


def test_read__files_of_one_market_join_where_ids_chain(tmp_path: Path) -> None:
    files = [
        write_lines(tmp_path / "snap.csv", LINES[:3]),
        write_lines(tmp_path / "update.csv", [HEADER, *LINES[3:6]]),
    ]
    lm.ingest(files, store=tmp_path / "store")
    assert lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT").gaps().empty


@pytest.mark.parametrize("kind", ["snap", "update"])
def test_real__rows_equal_plain_csv(real_data: Path, kind: str) -> None:
    path = real_data / "binance-t-depth" / f"btcusdt-depth-{kind}.csv"
    with path.open() as file:
        plain = [
            (int(r["timestamp"]), int(r["last_update_id"]), {"a": "ask", "b": "bid"}[r["side"]],
             float(r["price"]), float(r["qty"]))
            for r in csv.DictReader(file)
        ]  # fmt: skip
    capture = lm.read(path)
    rows = capture.depth.to_pylist()
    found = [(r["ts"].value // 1_000_000, r["seq"], r["side"], r["price"], r["size"]) for r in rows]
    assert found == plain
    assert {r["event"] for r in rows} == {"snapshot" if kind == "snap" else "update"}


@pytest.mark.parametrize(
    "bad",
    [row(1, -1, "b", "0", "1", "snap"), row(1, 0, "x", "5", "1"), row(1, -1, "b", "5", "1"),
     row(9, 1, "b", "5", "1")[:30],
     row(9, 1, "b", "5", "x"), row(9, 1, "b", "5", "1").replace("17000", "17", 1).replace("00000009", "009")],
)  # fmt: skip
def test_read__nothing_usable_is_one_line(tmp_path: Path, bad: str) -> None:
    path = write_lines(tmp_path / "x.csv", [HEADER, bad])
    with pytest.raises(FormatError, match=r"x\.csv.*expected.*got") as told:
        lm.read(path, symbol="BTCUSDT")
    assert "\n" not in str(told.value)


def test_read__other_symbol_is_lost(tmp_path: Path) -> None:
    lines = [*LINES[:6], row(115, 110, "b", "5", "1").replace("BTC", "ETH")]
    report = lm.read(write_lines(tmp_path / "x.csv", lines)).report
    assert report.table["rejected"].tolist() == [1]
