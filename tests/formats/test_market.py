"""What a path and a symbol say of a market."""

from __future__ import annotations

from pathlib import Path

import pytest

import liqmap as lm
from liqmap.formats.market import binance_venue, bybit_venue, named, spelled
from liqmap.schema import FormatError

ROW = "1,100.5,2,201,1700000000000,true\n"


@pytest.mark.parametrize(
    ("path", "symbol", "venue"),
    [
        ("cm/spot/a.csv", "BTCUSDT", "binance"),
        ("futures/spot/a.csv", "BTCUSDT", "binance"),
        ("spot/futures/um/a.csv", "BTCUSDT", "binance-futures"),
        ("spot/futures-spot/um/x/a.csv", "BTCUSDT", "binance-futures"),
        ("cm/a.csv", "BTCUSDT", "binance-futures"),
        ("spot/a.csv", "BTCUSD_PERP", "binance-delivery"),
        ("um/a.csv", "BTCUSDT_240628", "binance-futures"),
    ],
)
def test_binance_venue__nearest_folder_first_and_coin_m_by_its_symbols_alone(
    path: str, symbol: str, venue: str
) -> None:
    assert binance_venue(Path(path), None, symbol, None)[0] == venue


def test_bybit_venue__nearest_folder_first() -> None:
    assert bybit_venue(Path("spot/linear/a.csv"), None)[0] == "bybit"
    assert bybit_venue(Path("linear/spot/a.csv"), None)[0] == "bybit-spot"


def test_spelled__prefers_the_very_name() -> None:
    assert spelled("kPEPE", ["KPEPE", "kPEPE"]) == "kPEPE"
    assert spelled("btcusdt", ["ETHUSDT", "BTCUSDT"]) == "BTCUSDT"
    assert spelled("X", ["Y"]) is None


def test_named__one_that_contradicts_is_one_line() -> None:
    assert named(Path("a.csv"), None, None) is None
    assert named(Path("a.csv"), None, "X") == "X"
    assert named(Path("a.csv"), "BTC", "btc") == "BTC"
    assert named(Path("a.csv"), "BTCUSDT", "btc-usdt") == "BTCUSDT"
    assert named(Path("a.csv"), "TRADES", "BTCUSDT") == "BTCUSDT"  # no name of a market
    with pytest.raises(FormatError, match=r"a\.csv: expected symbol ETHUSDT, got .* BTCUSDT\. Leave out"):
        named(Path("a.csv"), "BTCUSDT", "ETHUSDT")
    with pytest.raises(FormatError, match="whose name says AAPL"):
        named(Path("a.csv"), "AAPL", "MSFT", sure=True)


def test_folder__of_two_symbols_never_mixes_them(tmp_path: Path) -> None:
    """The file of the other symbol fails, and leaves the one asked for alone."""
    for symbol in ("BTCUSDT", "ETHUSDT"):
        (tmp_path / "um").mkdir(exist_ok=True)
        (tmp_path / "um" / f"{symbol}-trades-2023-11-14.csv").write_text(ROW)
    report = lm.ingest(tmp_path / "um", store=tmp_path / "store", symbol="BTCUSDT")
    assert [(row.symbol, row.status) for row in report.sources] == [("BTCUSDT", "ok"), (None, "failed")]
    assert report.exit_code == 1
    assert "ETHUSDT" in report.errors[0]
