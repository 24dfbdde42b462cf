"""The loop of a notebook for each text format: ``json.loads`` or ``csv``, a tuple per row, nothing checked.

Each returns the rows that the reader gives, by table: depth as (ts, ts_recv, seq, event, side, price, size),
trades as (ts, id, aggressor, price, size), bands as (ts, percentage, depth, notional),
orders as (ts, ts_recv, seq, id, action, side, price, size), times in ns.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import pyarrow as pa

Rows = dict[str, list[tuple[Any, ...]]]

SIDES = {"b": "bid", "a": "ask"}


@contextmanager
def lines_of(path: Path) -> Iterator[TextIO]:
    """The text of a packed file."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", newline="") as text:
            yield text
        return
    if path.suffix == ".zst":
        with pa.input_stream(str(path), compression="zstd") as packed:
            yield io.TextIOWrapper(packed, newline="")
        return
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as packed:
        yield io.TextIOWrapper(packed, newline="")


@contextmanager
def csv_rows(path: Path, header: bool = True) -> Iterator[Any]:
    """The rows below the header."""
    with lines_of(path) as text:
        rows = csv.reader(text)
        if header:
            next(rows)
        yield rows


def bybit_depth(paths: list[Path]) -> Rows:
    depth = []
    with lines_of(paths[0]) as lines:
        for line in lines:
            message = json.loads(line)
            data = message["data"]
            ts, seq = message["cts"] * 1_000_000, data["u"]
            event = "snapshot" if message["type"] == "snapshot" else "update"
            for side, name in SIDES.items():
                for price, size in data[side]:
                    depth.append((ts, None, seq, event, name, float(price), float(size)))
    return {"depth": depth}


def bybit_trades(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        trades = [
            (round(float(ts) * 1e6) * 1000, name, side.lower(), float(price), float(size))
            for ts, _, side, size, price, _, name, _, _, _, _ in rows
        ]
    return {"trades": trades}


def binance_stream(paths: list[Path]) -> Rows:
    """Tickers are passed over before they are parsed."""
    depth: list[tuple[Any, ...]] = []
    trades = []
    with lines_of(paths[0]) as lines:
        for line in lines:
            if "@bookTicker" in line:
                continue
            begin = line.index("{")
            event = json.loads(line[begin:])
            event = event.get("data", event)
            ts = event["T"] * 1_000_000
            if "lastUpdateId" in event:
                seq, kind, sides = event["lastUpdateId"], "snapshot", (event["bids"], event["asks"])
                recv = None
            elif event["e"] == "trade":
                aggressor = "sell" if event["m"] else "buy"
                trades.append((ts, str(event["t"]), aggressor, float(event["p"]), float(event["q"])))
                continue
            else:
                seq, kind, sides, recv = event["u"], "update", (event["b"], event["a"]), int(line[:begin])
            for name, levels in zip(("bid", "ask"), sides):
                for price, size in levels:
                    depth.append((ts, recv, seq, kind, name, float(price), float(size)))
    return {"depth": depth, "trades": trades}


def binance_trades(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        trades = [
            (int(ts) * 1_000_000, name, "sell" if maker == "true" else "buy", float(price), float(size))
            for name, price, size, _, ts, maker in rows
        ]
    return {"trades": trades}


def binance_bands(paths: list[Path]) -> Rows:
    epoch, second = datetime(1970, 1, 1), timedelta(seconds=1)
    with csv_rows(paths[0]) as rows:
        bands = [
            ((datetime.fromisoformat(ts) - epoch) // second * 10**9, float(p), float(depth), float(notional))
            for ts, p, depth, notional in rows
        ]
    return {"bands": bands}


def binance_t_depth(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        depth = [
            (int(ts) * 1_000_000, None, int(u), "update", SIDES[side], float(price), float(size))
            for _, ts, _, u, side, _, price, size, _ in rows
        ]
    return {"depth": depth}


def tardis_incremental(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        depth = [
            (
                int(ts) * 1000, (recv := int(local)) * 1000, recv,
                "snapshot" if snapshot == "true" else "update", side, float(price), float(amount),
            )
            for _, _, ts, local, snapshot, side, price, amount in rows
        ]  # fmt: skip
    return {"depth": depth}


def tardis_snapshots(paths: list[Path]) -> Rows:
    depth = []
    with lines_of(paths[0]) as text:
        rows = csv.reader(text)
        names = next(rows)
        at = [
            (side[:-1], names.index(f"{side}[{i}].price"), names.index(f"{side}[{i}].amount"))
            for side in ("bids", "asks") for i in range((len(names) - 4) // 4)
        ]  # fmt: skip
        for row in rows:
            ts, recv = int(row[2]) * 1000, int(row[3])
            for side, p, s in at:
                if row[p]:
                    depth.append((ts, recv * 1000, recv, "snapshot", side, float(row[p]), float(row[s])))
    return {"depth": depth}


def tardis_trades(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        trades = [
            (int(ts) * 1000, name, side, float(price), float(amount))
            for _, _, ts, _, name, side, price, amount in rows
        ]
    return {"trades": trades}


def lobster(paths: list[Path]) -> Rows:
    depth, trades = [], []
    day = datetime.fromisoformat(paths[0].name.split("_")[1]).replace(tzinfo=ZoneInfo("America/New_York"))
    midnight = int(day.astimezone(UTC).timestamp()) * 10**9
    with csv_rows(paths[0], header=False) as books, csv_rows(paths[1], header=False) as messages:
        for seq, (book, (time, kind, _, volume, paid, direction)) in enumerate(zip(books, messages), 1):
            ts = midnight + round(float(time) * 1e9)
            if kind in "456":
                aggressor = "sell" if direction == "1" else "buy"
                trades.append((ts, str(seq), aggressor, int(paid) / 10_000, float(volume)))
            for at in range(0, len(book), 2):
                size = float(book[at + 1])
                if size:
                    side = "bid" if at % 4 else "ask"
                    depth.append((ts, None, seq, "snapshot", side, int(book[at]) / 10_000, size))
    return {"depth": depth, "trades": trades}


def databento_mbo(paths: list[Path]) -> Rows:
    """The size of the level after each order's act, and the acts."""
    orders: dict[int, tuple[str, float, int]] = {}
    levels: Counter[tuple[str, float]] = Counter()
    depth, acts = [], []
    with csv_rows(paths[0]) as rows:
        for received, ts, _, _, _, action, side, price, size, _, number, _, _, seq, _ in rows:
            order = int(number)
            acts.append(
                (int(ts), int(received), int(seq), order, action, side, int(price) / 1e9, float(size))
            )
            if action == "A":
                name, at, amount = SIDES[side.lower()], int(price) / 1e9, int(size)
                orders[order] = name, at, amount
                levels[name, at] += amount
            elif order in orders:
                name, at, amount = orders.pop(order)
                left = max(amount - int(size), 0)
                levels[name, at] += left - amount
                if left:
                    orders[order] = name, at, left
            else:
                continue
            depth.append((int(ts), int(received), int(seq), "update", name, at, float(levels[name, at])))
    return {"depth": depth, "orders": acts}


def table_updates(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        depth = [
            (int(ts) * 1_000_000, None, int(seq), event, side, float(price), float(size))
            for ts, seq, event, side, price, size in rows
        ]
    return {"depth": depth}


def table_wide(paths: list[Path]) -> Rows:
    depth = []
    with csv_rows(paths[0]) as rows:
        for row in rows:
            ts = int(row[0]) * 1_000_000
            half = (len(row) + 1) // 2
            for at in range(1, len(row), 2):
                side = "bid" if at < half else "ask"
                depth.append((ts, None, ts, "snapshot", side, float(row[at]), float(row[at + 1])))
    return {"depth": depth}


def table_trades(paths: list[Path]) -> Rows:
    with csv_rows(paths[0]) as rows:
        trades = [
            (int(ts) * 1_000_000, name, side, float(price), float(size))
            for ts, name, side, price, size in rows
        ]
    return {"trades": trades}
