"""Tables that are known by all of their columns."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap.formats.tabular.meaning.vendors import VENDORS
from liqmap.schema import FormatError

T0 = 1_709_280_000_000
MARKET = {"venue": "v", "symbol": "S"}
CONTAINERS = ["a.csv", "a.parquet", "a.feather"]
Column = list[object]
ISO: Column = ["2024-03-01T08:00:00.0000000Z", "2024-03-01T08:00:00.2000000Z", "2024-03-01T08:00:01.0000000Z"]
MS: Column = [T0, T0 + 200, T0 + 1000]
LATER: Column = [T0 + 5, T0 + 205, T0 + 1005]
PRICES: Column = [100.0, 100.5, 101.0]
SIZES: Column = [1.0, 2.0, 3.0]
QUOTE = [
    ("bid", 99.0, 1.0), ("ask", 101.0, 2.0), ("bid", 99.5, 1.0), ("ask", 101.0, 2.0),
    ("bid", 99.5, 4.0), ("ask", 101.0, 2.0),
]  # fmt: skip
BIDS: list[Column] = [[99.0, 99.5, 99.5], [1.0, 1.0, 4.0], [101.0] * 3, [2.0] * 3]


def save(columns: dict[str, Column], path: Path) -> Path:
    table = pa.table(columns)
    if path.suffix == ".csv":
        pacsv.write_csv(table, path, pacsv.WriteOptions(delimiter=";"))
    else:
        (pq.write_table if path.suffix == ".parquet" else feather.write_feather)(table, path)
    return path


def ccxt(**more: Column) -> dict[str, Column]:
    return {
        "id": ["a", "b", "c"], "timestamp": MS, "datetime": ISO, "symbol": ["S"] * 3, "order": [None] * 3,
        "type": [None] * 3, "side": ["sell", "buy", "sell"], "price": PRICES, "amount": SIZES, "cost": SIZES,
        "takerOrMaker": pa.array([None] * 3, pa.string()), "fee": [None] * 3, **more,
    }  # fmt: skip


COINAPI: dict[str, Column] = {
    "time_exchange": ISO, "time_coinapi": LATER, "guid": ["a", "b", "c"], "price": PRICES,
    "base_amount": SIZES, "taker_side": ["SELL", "BUY", "SELL_ESTIMATED"],
}  # fmt: skip
TRADES: dict[str, tuple[dict[str, Column], list[str | None]]] = {
    "trades of ccxt": (ccxt(), ["sell", "buy", "sell"]),
    "trades of CoinAPI": (COINAPI, ["sell", "buy", None]),
    "trades of Hyperliquid": (
        {
            "coin": ["S"] * 3, "side": ["A", "B", "A"], "px": PRICES, "sz": SIZES, "time": MS,
            "hash": ["0x1", "0x2", "0x3"], "trade_dir_override": ["Na"] * 3,
        },
        ["sell", "buy", "sell"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TRADES)
@pytest.mark.parametrize("name", CONTAINERS)
def test_trades__of_vendors(tmp_path: Path, case: str, name: str) -> None:
    columns, aggressors = TRADES[case]
    capture = lm.read(save(columns, tmp_path / name), **MARKET)
    assert capture.trades is not None
    assert capture.trades["aggressor"].to_pylist() == aggressors
    assert [t.value // 10**6 for t in capture.trades["ts"].to_pylist()] == MS
    assert capture.trades["price"].to_pylist() == PRICES
    assert capture.trades["size"].to_pylist() == SIZES
    if "Hyperliquid" not in case:
        assert capture.trades["id"].to_pylist() == ["a", "b", "c"]
    assert f"read as trades ({case})" in capture.report.notes[0]
    assert ("taken as the aggressor" in capture.report.notes[0]) == ("ccxt" in case)


def test_trades__of_kaiko_say_not_whose_a_sale_is(tmp_path: Path) -> None:
    columns: dict[str, Column] = {
        "id": [1, 2, 3], "exchange": ["qn"] * 3, "symbol": ["btcaud"] * 3, "date": MS, "price": PRICES,
        "amount": SIZES, "sell": [True, False, True],
    }  # fmt: skip
    path = save(columns, tmp_path / "a.csv")
    with pytest.raises(FormatError, match="expected a column for side of trades"):
        lm.read(path)
    trades = lm.read(path, mapping={"buyer_maker": "sell"}).trades
    assert trades is not None
    assert trades["aggressor"].to_pylist() == ["sell", "buy", "sell"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_trades__of_ones_own_orders_are_no_aggressors(tmp_path: Path, name: str) -> None:
    path = save(ccxt(takerOrMaker=["taker", None, "maker"]), tmp_path / name)
    with pytest.raises(FormatError, match="updates, snapshots and trades"):
        lm.read(path, **MARKET)
    capture = lm.read(path, mapping={"layout": "trades"}, **MARKET)
    assert capture.trades is not None
    assert capture.trades["id"].to_pylist() == ["a", "b"]
    assert ["expected takerOrMaker to say taker" in why for *_, why in capture.report.rejected] == [True]


QUOTES: dict[str, dict[str, Column]] = {
    "CoinAPI": {"time_exchange": ISO, "time_coinapi": LATER}
    | dict(zip(("bid_px", "bid_sx", "ask_px", "ask_sx"), BIDS)),
    "CoinAPI's books": {"time_exchange": ISO, "time_coinapi": LATER}
    | dict(zip(("bids[0].price", "bids[0].size", "asks[0].price", "asks[0].size"), BIDS)),
    "ccxt": {"symbol": ["S"] * 3, "timestamp": MS, "datetime": ISO}
    | dict(zip(("bid", "bidVolume", "ask", "askVolume"), BIDS))
    | {"last": PRICES, "baseVolume": SIZES},
    "Binance": {"u": [5, 6, 7], "s": ["S"] * 3, "T": MS, "E": LATER} | dict(zip("bBaA", BIDS)),
    "Binance's archive": {"update_id": [5, 6, 7], "transaction_time": MS, "event_time": LATER}
    | dict(zip(("best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty"), BIDS)),
    "Crypto Lake": {"origin_time": MS, "received_time": LATER, "sequence_number": [5, 6, 7]}
    | dict(zip(("bid_0_price", "bid_0_size", "ask_0_price", "ask_0_size"), BIDS)),
}


@pytest.mark.parametrize("case", QUOTES)
@pytest.mark.parametrize("name", CONTAINERS)
def test_quotes__of_vendors(tmp_path: Path, case: str, name: str) -> None:
    depth = lm.read(save(QUOTES[case], tmp_path / name), **MARKET).depth
    assert depth is not None
    assert [(r["side"], r["price"], r["size"]) for r in depth.to_pylist()] == QUOTE
    assert [t.value // 10**6 for t in depth["ts"].to_pylist()[::2]] == MS
    if "event_time" not in QUOTES[case] and "ccxt" not in case and case != "Binance":
        assert [t.value // 10**6 for t in depth["ts_recv"].to_pylist()[::2]] == LATER


@pytest.mark.parametrize("received", ["received_time", "receipt_timestamp"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_updates__of_crypto_lake(tmp_path: Path, received: str, name: str) -> None:
    columns: dict[str, Column] = {
        "origin_time" if received == "received_time" else "timestamp": [T0, T0, T0 + 1],
        received: [T0 + 5, T0 + 5, T0 + 6], "sequence_number": [1, 1, 2], "side_is_bid": [True, False, True],
        "price": [99.0, 101.0, 99.0], "size": [1.0, 2.0, 0.0],
    }  # fmt: skip
    depth = lm.read(save(columns, tmp_path / name), **MARKET).depth
    assert depth is not None
    assert [(r["seq"], r["event"], r["side"], r["size"]) for r in depth.to_pylist()] == [
        (1, "update", "bid", 1.0), (1, "update", "ask", 2.0), (2, "update", "bid", 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("name", CONTAINERS)
def test_snapshots__of_kaiko(tmp_path: Path, name: str) -> None:
    columns: dict[str, Column] = {
        "date": [T0, T0, T0 + 9, T0 + 9], "type": ["b", "a"] * 2, "price": [99.0, 101.0] * 2,
        "amount": [1.0, 2.0, 3.0, 4.0],
    }  # fmt: skip
    capture = lm.read(save(columns, tmp_path / name), **MARKET)
    assert capture.depth is not None
    assert set(capture.depth["event"].to_pylist()) == {"snapshot"}
    assert capture.meta.window_policy == "snapshots"
    others = save(columns | {"type": ["buy", "sell"] * 2}, tmp_path / name)
    with pytest.raises(FormatError, match="updates, snapshots and trades"):
        lm.read(others, **MARKET)
    trades = lm.read(others, mapping={"layout": "trades"}, **MARKET).trades
    assert trades is not None
    assert trades["aggressor"].to_pylist() == ["buy", "sell"] * 2


REFUSED: dict[str, dict[str, Column]] = {
    "limitbook_full of CoinAPI": {
        "time_exchange": ["08:00:00.0"], "time_coinapi": ["08:00:00.1"], "update_type": ["ADD"],
        "is_buy": [1], "entry_px": [100.0], "entry_sx": [1.0], "order_id": [""],
    },
    "fills of Hyperliquid": {
        "coin": ["S"], "px": [1.0], "sz": [1.0], "side": ["A"], "time": [T0], "hash": ["0x"], "oid": [7],
        "crossed": [True], "tid": [8],
    },
    "order books of ccxt": {
        "symbol": ["S"], "bids": ["[[1,2]]"], "asks": ["[[3,4]]"], "timestamp": [T0], "datetime": ISO[:1],
        "nonce": [1],
    },
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("mapping", [None, {"layout": "updates"}])
@pytest.mark.parametrize("name", CONTAINERS)
def test_refused__by_name(tmp_path: Path, case: str, mapping: dict[str, str] | None, name: str) -> None:
    with pytest.raises(FormatError, match=f"got {case}"):
        lm.read(save(REFUSED[case], tmp_path / name), mapping=mapping, **MARKET)


def test_vendors__none_is_hidden_by_one_before() -> None:
    for at, vendor in enumerate(VENDORS):
        for before in VENDORS[:at]:
            assert before.all or not before.columns <= vendor.columns
