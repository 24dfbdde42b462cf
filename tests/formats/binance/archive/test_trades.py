"""Binance's trade archives: whole chunks at once against line by line, every market's columns, bad input."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import Hints
from liqmap.formats.binance.archive.trades import BinanceTradesCsv
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_lines, write_zip
from tests.formats.bybit.test_stream import Text

TRADE = "5266583935,61800.30,0.006,370.80,1723161256322,true"
AGGREGATE = "2300000001,61800.30,0.006,5266583935,5266583936,1723161256322,true"
HEADERS = {
    "trade": "id,price,qty,quote_qty,time,is_buyer_maker",
    "agg": "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
}
CELLS = {
    0: ["1", "x", "", "-1"],
    1: ["61800.2", "0", "0.0", "nan", "", "1e5", "100"],
    2: ["5", "0", "-1", "1.", "0.00000001"],
    4: ["1723161256322123", "1723161256", "1723161256322000000", "99999999999999999", ""],
    5: ["True", "False", "1", "0", "maybe", ""],
}


@st.composite
def st_row(draw: st.DrawFn) -> bytes:
    cells = TRADE.split(",")
    for column in draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=2)):
        cells[column] = draw(st.sampled_from(CELLS[column]))
    return ",".join(cells[: draw(st.sampled_from([6, 6, 6, 5]))]).encode()


def outcome(lines: list[bytes]) -> tuple:
    reader = BinanceTradesCsv(Text(lines, [len(lines) // 2]), Hints(symbol="BTCUSDT"))  # type: ignore[arg-type]
    batches = list(reader.batches())
    rows = [r for b in batches if b.trades is not None for r in b.trades.to_pylist()]
    return rows, [r for b in batches for r in b.rejected], reader.meta, reader.notes


@given(rows=st.lists(st_row(), min_size=1, max_size=6))
@settings(max_examples=60)
@example(rows=[b"5266583935,61800.30,0.006,370.80,99999999999999999,true"])  # after 2262
def test_csv__at_once_means_what_line_by_line_says(rows: list[bytes]) -> None:
    lines = [HEADERS["trade"].encode(), *rows]
    fast = outcome(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BinanceTradesCsv, "_fast", lambda self, part: None)
        slow = outcome(lines)
    assert fast == slow


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    ("name", "row", "venue", "number", "unit"),
    [
        ("um/BTCUSDT-trades-2024-08-08", TRADE, "binance-futures", "5266583935", "coins"),
        ("um/BTCUSDT-aggTrades-2024-08-08", AGGREGATE, "binance-futures", "2300000001", "coins"),
        ("cm/BTCUSD_PERP-trades-2024-08-08", TRADE, "binance-delivery", "5266583935", "contracts"),
        ("x/BTCUSDT-trades-2024-08-08", TRADE + ",True", "binance", "5266583935", "coins"),
        ("x/BTCUSDT-aggTrades-2024-08-08", AGGREGATE + ",True", "binance", "2300000001", "coins"),
    ],
)
def test_read__every_market(
    tmp_path: Path, header: bool, name: str, row: str, venue: str, number: str, unit: str
) -> None:
    names = HEADERS["agg" if "agg" in name else "trade"] + (",is_best_match" if row.endswith("True") else "")
    other = row.replace("true", "False").replace("61800.30", "61800.20").replace(number, f"{number}7")
    lines = [names] * header + [row, other]
    path = tmp_path / f"{name}.zip"
    path.parent.mkdir()
    write_zip(path, {path.stem + ".csv": ("\n".join(lines) + "\n").encode()})
    capture = lm.read(path)
    first, second = capture.trades.to_pylist()
    assert (first["id"], first["ts"].value) == (number, 1723161256322 * 1_000_000)
    assert (first["aggressor"], second["aggressor"]) == ("sell", "buy")
    assert (first["price"], first["size"], first["flags"]) == (61800.3, 0.006, None)
    assert (capture.meta.venue, capture.meta.size_unit, capture.meta.tick_size) == (venue, unit, 0.1)
    assert capture.report.notes == [f"{path.name}: times are in ms"]


def test_read__microseconds_of_spot_are_told(tmp_path: Path) -> None:
    row = TRADE.replace("1723161256322", "1735689600000123") + ",True"
    capture = lm.read(write_lines(tmp_path / "BTCUSDT-trades-2025-01-01.csv", [row]))
    assert capture.trades["ts"][0].value == 1735689600000123000
    assert capture.report.notes == ["BTCUSDT-trades-2025-01-01.csv: times are in us"]


def test_read__unknown_market_is_assumed_and_told(tmp_path: Path) -> None:
    capture = lm.read(write_lines(tmp_path / "BTCUSDT-trades-x.csv", [TRADE]))
    assert capture.meta.venue == "binance-futures"
    assert "does not say its market" in capture.report.notes[0]


@pytest.mark.parametrize(
    "lines",
    [
        [TRADE.replace("1723161256322", "1723161256")],
        [TRADE.replace("61800.30", "0")],
        [HEADERS["trade"].replace("price", "prize"), TRADE],
        [HEADERS["trade"]],
        [HEADERS["trade"], TRADE[:20]],
        ["\x00\x01\x02"],
    ],
)
def test_read__nothing_usable_is_one_line(tmp_path: Path, lines: list[str]) -> None:
    path = write_lines(tmp_path / "BTCUSDT-trades-2024-08-08.csv", lines)
    with pytest.raises(FormatError, match=r"BTCUSDT-trades-2024-08-08\.csv.*expected.*got") as told:
        lm.read(path)
    assert "\n" not in str(told.value)
