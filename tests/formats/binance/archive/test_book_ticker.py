"""Binance's bookTicker archives: fast and line by line, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.binance.archive.book_ticker import BinanceBookTickerCsv
from liqmap.schema import FormatError, int64
from tests.formats.bybit.lines import write_lines

HEADER = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time"
T0 = 1_685_577_600_000
LINES = [f"{500 + i},98.{i},{i}.25,101.5,2,{T0 + i},{T0 + i + 2}" for i in range(1, 7)]
NAME = "BTCUSDT-bookTicker-2023-06-01.csv"
EMPTY = f"507,0,0,101.5,3,{T0 + 9},{T0 + 9}"
SIDES = ("bid", "bid_size", "ask", "ask_size")


def plain(lines: list[str]) -> list[tuple[float | None, ...]]:
    """Time in ms, id and both sides, by ``csv``; None for a side of zeros."""
    rows = []
    for name, bid, bid_size, ask, ask_size, time, _ in csv.reader(lines):
        sides = (float(bid) or None, float(bid_size) or None, float(ask) or None, float(ask_size) or None)
        rows.append((int(time), int(name), *sides))
    return rows


def found(capture: lm.Capture) -> list[tuple[float | None, ...]]:
    table = capture.quotes
    times = (int64(table["ts"]) // 10**6).tolist()
    return list(zip(times, *(table[n].to_pylist() for n in ("seq", *SIDES)), strict=True))


@pytest.mark.parametrize("header", [[HEADER], []])
def test_read__is_what_the_file_says(tmp_path: Path, header: list[str]) -> None:
    capture = lm.read(write_lines(tmp_path / NAME, [*header, *LINES, EMPTY]))
    assert found(capture) == plain([*LINES, EMPTY])
    assert capture.quotes["ts_recv"].null_count == len(LINES) + 1
    meta = capture.meta
    assert (meta.venue, meta.symbol, meta.tick_size) == ("binance-futures", "BTCUSDT", 0.1)
    assert capture.depth is None


def test_read__coin_m_counts_contracts(tmp_path: Path) -> None:
    name = NAME.replace("BTCUSDT", "BTCUSD_PERP")
    meta = lm.read(write_lines(tmp_path / name, [HEADER, *LINES])).meta
    assert (meta.venue, meta.size_unit, meta.contract_value) == ("binance-delivery", "contracts", 100.0)


def test_read__numbers_alone_need_the_name(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="expected a header, or bookTicker in the file's name"):
        lm.read(write_lines(tmp_path / "BTCUSDT.csv", LINES), symbol="BTCUSDT")
    assert lm.read(write_lines(tmp_path / "a.csv", [HEADER, *LINES]), symbol="BTCUSDT").quotes.num_rows == 6


def test_read__rows_of_two_times_in_turn_are_refused(tmp_path: Path) -> None:
    late = [f"{9_500 + i},98.{i},1,101.5,1,{T0 + 10**6 + i},{T0 + 10**6 + i}" for i in range(1, 7)]
    mixed = [line for pair in zip(LINES, late, strict=True) for line in pair]
    with pytest.raises(FormatError, match="rows in the order of update_id, got 5 of 12"):
        lm.read(write_lines(tmp_path / NAME, [HEADER, *mixed]))


SPOILT = [
    ("98.", "x98."), ("101.5", "0"), ("101.5", ""), ("101.5", "101.1234567"), ("101.5", "1e2"), ("50", "-50"),
    (str(T0)[:6], "12"), (",", ";"), (",98", ",,98"),
]  # fmt: skip


@given(
    lines=st.lists(
        st.tuples(st.sampled_from([*LINES, EMPTY]), st.sampled_from([None] * 5 + SPOILT)),
        min_size=1,
        max_size=9,
    )
)
def test_read__fast_and_line_by_line_are_one(tmp_path_factory: pytest.TempPathFactory, lines: list) -> None:  # type: ignore[type-arg]
    text = [line if spoil is None else line.replace(*spoil, 1) for line, spoil in lines]
    path = write_lines(tmp_path_factory.mktemp("a") / NAME, [HEADER, *text])

    def outcome() -> object:
        try:
            capture = lm.read(path)
        except FormatError as error:
            return str(error)
        return found(capture), capture.report.rejected, capture.report.notes, capture.meta

    fast = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BinanceBookTickerCsv, "at_once", lambda *args: None)
        assert outcome() == fast
