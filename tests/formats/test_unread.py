"""Files that are recognisable but not read: one line says what each is, and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.formats.unread import UNREAD
from liqmap.schema import FormatError
from tests.formats.bybit.lines import feed, write_lines

pytestmark = pytest.mark.filterwarnings("error")

COMMON = "exchange,symbol,timestamp,local_timestamp,"
MARKET = "deribit,BTC-9JUN20-9875-P,1709280000000000,1709280001000000,"
OPTIONS = (
    "type,strike_price,expiration,open_interest,last_price,last_iv,bid_price,bid_amount,bid_iv,ask_price,ask_amount,"
    "ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho"
)
RPI = {"s": "BTCUSDT", "b": [["121975.1", "0.1", "0"]], "a": [], "u": 5, "seq": 9}
FULL = {"s": "BTCUSDT", "b": [["121975.1", "0.1"]], "a": [["121976", "1"]], "u": 5, "seq": 9}

TABLES = {
    "Tardis' derivative_ticker": (
        COMMON + "funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,"
        "mark_price",
        MARKET + ",0.0001,,5,62000,62000,62000",
    ),
    "Tardis' options_chain": (
        COMMON + OPTIONS,
        MARKET + "put,9875,1591689600000000,1,0.03,,0.01,3,20,0.02,4,30,0.015,25,SYN,9700,-0.5,1,1,1,1",
    ),
    "Binance's liquidationSnapshot": (
        "time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,"
        "accumulated_fill_quantity",
        "1709280000000,SELL,LIMIT,IOC,0.5,62000,62001,FILLED,0.5,0.5",
    ),
    "Binance's klines": (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
        "taker_buy_quote_volume,ignore",
        "1709280000000,1,2,1,2,5,1709280059999,5,5,5,5,0",
    ),
    "Binance's metrics": ("create_time,symbol,sum_open_interest", "2024-03-01 00:05:00,BTCUSDT,1"),
    "Binance's funding rates": (
        "calc_time,funding_interval_hours,last_funding_rate",
        "1709280000000,8,0.0001",
    ),
}
LINES = {
    "Bybit's orderbook.rpi": {"topic": "orderbook.rpi.BTCUSDT", "type": "delta", "ts": 1, "data": RPI},
    "Bybit's orderbook.full": {"topic": "orderbook.full.BTCUSDT", "type": "snapshot", "ts": 1, "data": FULL},
    "Bybit's lines without": {"topic": "tickers.BTCUSDT", "type": "delta", "data": {}},
    "an answer of Bybit's REST": {"retCode": 0, "retMsg": "OK", "result": FULL, "time": 1},
    "a capture of Binance's liquidations": {"e": "forceOrder", "E": 1568014460893, "o": {"s": "BTCUSDT"}},
    "a capture of Binance's streams without": {"e": "markPriceUpdate", "E": 1562305380000, "s": "BTCUSDT"},
    "a capture of OKX": {"arg": {"channel": "tickers", "instId": "BTC-USDT"}, "data": []},
    "a capture of Kraken": {"channel": "ticker", "type": "snapshot", "data": [{"symbol": "MATIC/USD"}]},
    "an answer of Kraken's REST": {"error": [], "result": {"AAVEUSD": {"wsname": "AAVE/USD"}}},
    "a capture of Coinbase": {"type": "ticker", "sequence": 5, "product_id": "BTC-USD", "price": "1"},
}
FILES = {what: list(lines) for what, lines in TABLES.items()}
FILES |= {what: [json.dumps(message)] * 2 for what, message in LINES.items()}


@pytest.mark.parametrize("what", FILES)
def test_read__says_what_it_is_and_what_to_do(tmp_path: Path, what: str) -> None:
    path = write_lines(tmp_path / "a.txt", FILES[what])
    with pytest.raises(FormatError) as caught:
        lm.read(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: expected a kind of file that is read, got {what}")
    assert said.count("\n") == 0
    assert any(word in said for word in ("Capture", "Fetch", "Write", "take"))


def test_read__local_times_before_lines_hide_nothing(tmp_path: Path) -> None:
    for what, message in LINES.items():
        path = write_lines(tmp_path / "a.txt", [f"1700000000000 {json.dumps(message)}"])
        with pytest.raises(FormatError, match=f"got {what}"):
            lm.read(path)


def test_ingest__leaves_them_out_of_a_folder(tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "linear_a.ndjson", feed(5))
    write_lines(tmp_path / "in" / "rpi.ndjson", FILES["Bybit's orderbook.rpi"])
    report = lm.ingest(tmp_path / "in", store=tmp_path / "store", progress=False)
    assert [row.status for row in report.sources] == ["ok"]


def test_read__a_kind_that_stands_beside_what_is_read_is_no_reason(tmp_path: Path) -> None:
    lines = [FILES["Bybit's orderbook.rpi"][0], *feed(5)]
    assert lm.read(write_lines(tmp_path / "linear.ndjson", lines)).report.sources[0].messages == 5


def test_kinds__are_told_apart(tmp_path: Path) -> None:
    """Each file is of one kind alone, or of the first of two that say more and less."""
    for what, lines in FILES.items():
        head = ("\n".join(lines) + "\n").encode()
        found = sorted((not kind.always, kind.what) for kind in UNREAD if kind.detect(head))
        assert len([later for later, _ in found if later == found[0][0]]) == 1, what
        assert found[0][1].startswith(what.split(":")[0])
