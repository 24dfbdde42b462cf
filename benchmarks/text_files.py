"""One file of each text format, in the venue's or vendor's own words: a simulated market, written as they do.

All are packed as they are published (zip, gzip or zstd), 20 to 60 MB of text at ``share`` 1.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

import liqmap as lm
from liqmap.schema import SIDES, codes, int64
from liqmap.simulation import write_bybit

from .bench_databento import mbo

DEPTH_MINUTES, TRADES, BOOKS = 40, 500_000, 40_000
"""At share 1: minutes of depth (15,000 updates each), trades, and books of snapshot formats."""

BYBIT_MINUTES = 90
EASTERN_2012 = "AAPL_2012-06-21_34200000_57600000_{}_10"


@cache
def market(minutes: int) -> lm.Capture:
    """A simulated market; its prices are multiples of 0.1, its times whole ms."""
    return lm.simulate(minutes=minutes, seed=1, keep_truth=False)


def packed(path: Path, text: bytes) -> Path:
    """Text as a zip, zstd or gzip file, by the ending of its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.stem, text)
    elif path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as file:
            file.write(text)
    else:
        path.write_bytes(gzip.compress(text, 6, mtime=0))
    return path


def csv_text(columns: dict[str, Any], header: bool = True) -> bytes:
    """Columns as CSV without quotes; a single word or number fills its column, NaN is an empty cell."""
    rows = next(len(c) for c in columns.values() if isinstance(c, np.ndarray | pa.Array))
    arrays = [
        pa.array(c, from_pandas=True) if isinstance(c, np.ndarray) else c
        if isinstance(c, pa.Array) else pa.repeat(c, rows)
        for c in columns.values()
    ]  # fmt: skip
    out = io.BytesIO()
    pacsv.write_csv(
        pa.table(arrays, names=list(columns)),
        out,
        pacsv.WriteOptions(include_header=header, quoting_style="none"),
    )
    return out.getvalue().replace(b'"', b"")


def depth_columns(share: float) -> dict[str, np.ndarray]:
    """Updates of a simulated book: ms, seq, ask (0 or 1), price, size, snapshot."""
    depth = market(max(1, round(DEPTH_MINUTES * share))).depth
    assert depth is not None
    return {
        "ms": int64(depth["ts"]) // 10**6,
        "seq": int64(depth["seq"]),
        "ask": codes(depth["side"], SIDES),
        "price": depth["price"].to_numpy(),
        "size": depth["size"].to_numpy(),
        "snapshot": pc.equal(depth["event"].cast(pa.string()), "snapshot").to_numpy(),
    }


def trade_columns(share: float) -> dict[str, np.ndarray]:
    """Trades of a simulated market, again and again: ms, number, sold, price, size."""
    trades = market(max(1, round(DEPTH_MINUTES * share))).trades
    assert trades is not None
    wanted = max(1, round(TRADES * share))
    at = np.arange(wanted) % trades.num_rows
    ms = int64(trades["ts"]) // 10**6
    again = np.arange(wanted) // trades.num_rows * (ms[-1] - ms[0] + 1)
    return {
        "ms": ms[at] + again,
        "number": 5_000_000_000 + np.arange(wanted),
        "sold": pc.equal(trades["aggressor"].cast(pa.string()), "sell").to_numpy()[at],
        "price": trades["price"].to_numpy()[at],
        "size": trades["size"].to_numpy()[at],
    }


def books(share: float, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times (ms), prices in steps of 0.01 and sizes (rows, 2, levels) of a walking book; bids are first."""
    random = np.random.default_rng(0)
    rows = max(2, round(BOOKS * share))
    middle = 58_000 + np.cumsum(random.integers(-2, 3, rows))
    away = 1 + np.cumsum(random.integers(1, 4, (rows, 2, levels)), axis=2)
    price = middle[:, None, None] + away * np.array([-1, 1])[:, None]
    ms = 1_767_571_200_000 + np.cumsum(random.integers(1, 90, rows))
    return ms, price, random.integers(1, 5_000, (rows, 2, levels))


def word(flags: np.ndarray, yes: str, no: str) -> pa.Array:
    """A column of two words."""
    return pc.if_else(pa.array(flags.astype(bool)), yes, no)


def bybit_depth(folder: Path, share: float) -> list[Path]:
    capture = market(max(1, round(BYBIT_MINUTES * share)))
    return [p for p in write_bybit(capture, folder) if p.name.endswith(".data.zip")]


def bybit_trades(folder: Path, share: float) -> list[Path]:
    t = trade_columns(share)
    columns = {
        "timestamp": t["ms"] / 1000, "symbol": "BTCUSDT", "side": word(t["sold"], "Sell", "Buy"),
        "size": t["size"], "price": t["price"], "tickDirection": "ZeroMinusTick",
        "trdMatchID": pc.binary_join_element_wise(
            pa.array(t["number"]).cast(pa.string()), "4000-8000-000000000001", "-"
        ),
        "grossValue": t["number"], "homeNotional": t["size"], "foreignNotional": t["number"], "RPI": 0,
    }  # fmt: skip
    return [packed(folder / "BTCUSDT2026-01-05.csv.gz", csv_text(columns))]


def binance_stream(folder: Path, share: float) -> list[Path]:
    """A snapshot, then of ten lines four diffs of 40 levels, four tickers, two trades."""
    random = np.random.default_rng(0)
    at = 1_700_000_000_000
    levels = {"bids": [["59000.0", "1"]], "asks": [["61000.0", "1"]]}
    lines = [json.dumps({"lastUpdateId": 1, "T": at, "E": at} | levels)]
    for i in range(round(60_000 * share)):
        common = {"E": at + i, "T": at + i, "s": "BTCUSDT"}
        if i % 10 < 4:
            name, u = "depth@0ms", len(lines) * 50
            level = [
                [[f"{60000 + sign * t / 10:.1f}", f"{q / 1000:.3f}"]
                 for t, q in zip(random.integers(1, 9_000, 20).tolist(), random.integers(0, 9_999, 20))]
                for sign in (-1, 1)
            ]  # fmt: skip
            before = 1 if len(lines) == 1 else (len(lines) - (1 if i % 10 else 7)) * 50
            event = {"e": "depthUpdate", "U": before + 1, "u": u, "pu": before, "b": level[0], "a": level[1]}
        elif i % 10 < 8:
            name = "bookTicker"
            event = {"e": "bookTicker", "u": i, "b": "59999.9", "B": "3", "a": "60000.1", "A": "6"}
        else:
            name = "trade"
            event = {"e": "trade", "t": i, "p": "60000.1", "q": "0.5", "X": "MARKET", "m": i % 20 == 8}
        message = {"stream": f"btcusdt@{name}", "data": event | common}
        lines.append(f"{(at + i) * 1_000_000} " + json.dumps(message, separators=(",", ":")))
    return [packed(folder / "capture.ndjson.gz", "\n".join(lines).encode() + b"\n")]


def binance_trades(folder: Path, share: float) -> list[Path]:
    t = trade_columns(share)
    columns = {
        "id": t["number"], "price": t["price"], "qty": t["size"], "quote_qty": t["price"],
        "time": t["ms"], "is_buyer_maker": word(t["sold"], "true", "false"),
    }  # fmt: skip
    return [packed(folder / "um" / "BTCUSDT-trades-2026-01-05.csv.zip", csv_text(columns))]


def binance_bands(folder: Path, share: float) -> list[Path]:
    rows = round(600_000 * share) // 10 * 10
    i = np.arange(rows)
    times = (np.datetime64("2024-01-01", "s") + i // 10 * 30).astype("datetime64[s]")
    columns = {
        "timestamp": pc.strftime(pa.array(times), "%Y-%m-%d %H:%M:%S"),
        "percentage": np.array([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5])[i % 10],
        "depth": 5_000.125 + i % 7_777, "notional": 300_000_000.5 + i,
    }  # fmt: skip
    return [packed(folder / "um" / "BTCUSDT-bookDepth-2024-01-01.csv.zip", csv_text(columns))]


def binance_t_depth(folder: Path, share: float) -> list[Path]:
    d = depth_columns(share)
    d = {name: column[~d["snapshot"]] for name, column in d.items()}
    columns = {
        "symbol": "BTCUSDT", "timestamp": d["ms"], "first_update_id": d["seq"] * 10 - 9,
        "last_update_id": d["seq"] * 10, "side": word(d["ask"], "a", "b"), "update_type": "set",
        "price": d["price"], "qty": d["size"], "pu": d["seq"] * 10 - 10,
    }  # fmt: skip
    return [packed(folder / "um" / "BTCUSDT_T_DEPTH_2026-01-05_depth_update.csv.gz", csv_text(columns))]


def _tardis(ms: np.ndarray) -> dict[str, Any]:
    return {
        "exchange": "bybit", "symbol": "BTCUSDT", "timestamp": ms * 1000, "local_timestamp": ms * 1000 + 900,
    }  # fmt: skip


def tardis_incremental(folder: Path, share: float) -> list[Path]:
    d = depth_columns(share)
    columns = _tardis(d["ms"]) | {
        "is_snapshot": word(d["snapshot"], "true", "false"), "side": word(d["ask"], "ask", "bid"),
        "price": d["price"], "amount": d["size"],
    }  # fmt: skip
    return [packed(folder / "bybit_incremental_book_L2_BTCUSDT.csv.gz", csv_text(columns))]


def tardis_snapshots(folder: Path, share: float) -> list[Path]:
    ms, price, size = books(share, 25)
    columns = _tardis(ms)
    for i in range(25):
        for s, side in ((1, "asks"), (0, "bids")):
            columns[f"{side}[{i}].price"] = price[:, s, i] / 100
            columns[f"{side}[{i}].amount"] = size[:, s, i] / 1000
    return [packed(folder / "bybit_book_snapshot_25_BTCUSDT.csv.gz", csv_text(columns))]


def tardis_trades(folder: Path, share: float) -> list[Path]:
    t = trade_columns(share)
    columns = _tardis(t["ms"]) | {
        "id": t["number"], "side": word(t["sold"], "sell", "buy"), "price": t["price"], "amount": t["size"],
    }  # fmt: skip
    return [packed(folder / "bybit_trades_BTCUSDT.csv.gz", csv_text(columns))]


def lobster(folder: Path, share: float) -> list[Path]:
    """The book, then the messages: of ten, one is an execution."""
    _, price, size = books(2 * share, 10)
    i = np.arange(len(price))
    book = {
        str((level, s, w)): (price[:, s, level] * 100, size[:, s, level])[w]
        for level in range(10) for s in (1, 0) for w in (0, 1)
    }  # fmt: skip
    messages = {
        "time": np.round(34_200 + i * 0.012_345_679, 9), "type": np.where(i % 10, 1 + i % 3, 4),
        "id": 16_000_000 + i, "size": size[:, 0, 0], "price": price[:, 0, 0] * 100,
        "direction": np.where(i % 2, 1, -1),
    }  # fmt: skip
    return [
        packed(folder / f"{EASTERN_2012.format(kind)}.csv.gz", csv_text(columns, header=False))
        for kind, columns in (("orderbook", book), ("message", messages))
    ]


def databento_mbo(folder: Path, share: float) -> list[Path]:
    """An order a line, prices in units of 1e-9 and times in ns."""
    r = mbo(round(500_000 * share))
    columns = {
        **{n: r[n] for n in ("ts_recv", "ts_event", "rtype", "publisher_id", "instrument_id")},
        "action": word(r["action"] == ord("A"), "A", "C"), "side": word(r["side"] == ord("B"), "B", "A"),
        **{n: r[n] for n in ("price", "size", "channel_id", "order_id", "flags", "ts_in_delta", "sequence")},
        "symbol": "ESH4",
    }  # fmt: skip
    return [packed(folder / "glbx-mdp3-20231225.mbo.csv.zst", csv_text(columns))]


def table_updates(folder: Path, share: float) -> list[Path]:
    d = depth_columns(share)
    columns = {
        "ts": d["ms"], "seq": d["seq"], "event": word(d["snapshot"], "snapshot", "update"),
        "side": word(d["ask"], "ask", "bid"), "price": d["price"], "size": d["size"],
    }  # fmt: skip
    return [packed(folder / "updates.csv.gz", csv_text(columns))]


def table_wide(folder: Path, share: float) -> list[Path]:
    ms, price, size = books(2 * share, 10)
    columns: dict[str, Any] = {"ts": ms}
    for s, side in enumerate(("bid", "ask")):
        for i in range(10):
            columns[f"{side}{i + 1}_price"] = price[:, s, i] / 100
            columns[f"{side}{i + 1}_size"] = size[:, s, i] / 1000
    return [packed(folder / "books.csv.gz", csv_text(columns))]


def table_trades(folder: Path, share: float) -> list[Path]:
    t = trade_columns(share)
    columns = {
        "time": t["ms"], "trade_id": t["number"], "side": word(t["sold"], "sell", "buy"),
        "price": t["price"], "qty": t["size"],
    }  # fmt: skip
    return [packed(folder / "trades.csv.gz", csv_text(columns))]
