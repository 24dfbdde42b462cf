"""Messages of made-up markets, as their venues send them."""

from __future__ import annotations

import json
import random

import numpy as np
import pyarrow as pa

import liqmap as lm
from liqmap import store as st
from liqmap.schema import Meta

BEGIN = 1_760_000_000_000_000_000
"""ns; local time of the first message, some minutes before a UTC midnight."""

Heard = list[tuple[int, bytes]]


def bybit(
    count: int, seed: int = 0, first: int = 1, snapshots: tuple[int, ...] = (0,), symbol: str = "BTCUSDT"
) -> Heard:
    """A book of 50 levels a side, some trades; the messages with these numbers are snapshots. Sizes of an
    inverse market such as BTCUSD are whole."""
    part = "" if symbol.endswith("USD") else ".5"
    traded = "0.5" if part else "7"
    chance = random.Random(seed)
    heard: Heard = []
    for number in range(count):
        ns = BEGIN + (first + number) * 20_000_000
        ms = ns // 1_000_000 - 3
        price = 100 + chance.randint(-40, 40) / 10
        whole = number in snapshots
        levels = range(1, 51) if whole else range(chance.randint(1, 4))
        bids = [
            [f"{99 - k / 10 if whole else min(price, 99.9):.1f}", f"{chance.randint(1, 9)}{part}"]
            for k in levels
        ]
        asks = [[f"{101 + k / 10:.1f}", f"{chance.randint(1, 9)}"] for k in levels]
        data = {"s": symbol, "b": bids, "a": asks, "u": 100 + first + number, "seq": 5 * number}
        kind = "snapshot" if whole else "delta"
        message = {"topic": f"orderbook.50.{symbol}", "type": kind, "ts": ms + 1, "data": data, "cts": ms}
        heard.append((ns, json.dumps(message, separators=(",", ":")).encode()))
        if chance.random() < 0.3:
            trades = [
                {"T": ms, "s": symbol, "S": "Buy", "v": traded, "p": f"{price:.1f}", "L": "PlusTick",
                 "i": f"{first + number}-{k}", "BT": False}
                for k in range(chance.randint(1, 3))
            ]  # fmt: skip
            message = {"topic": f"publicTrade.{symbol}", "type": "snapshot", "ts": ms + 1, "data": trades}
            heard.append((ns + 1_000_000, json.dumps(message, separators=(",", ":")).encode()))
    return heard


def binance(
    count: int,
    seed: int = 0,
    snapshot_at: int = 5,
    lost: tuple[int, ...] = (),
    symbol: str = "BTCUSDT",
    spot: bool = False,
) -> Heard:
    """Diffs of futures, or ``spot``, with a REST snapshot among them, again after every one that is lost.
    Trades are whole where sizes are contracts."""
    stream, traded = symbol.lower(), "3" if "_" in symbol else "0.25"
    chance = random.Random(seed)
    heard: Heard = []
    wanted = snapshot_at
    for number in range(count):
        ns = BEGIN + number * 20_000_000
        ms = ns // 1_000_000 - 3
        last = 1_000 + 10 * number
        if number in lost:
            wanted = number + 4
            continue
        event = {
            "e": "depthUpdate", "E": ms + 1, "T": ms, "s": symbol,
            "U": last - 9, "u": last, "pu": last - 10,
            "b": [[f"{100 - chance.randint(1, 30) / 10:.1f}", f"{chance.randint(0, 5)}"]],
            "a": [[f"{101 + chance.randint(1, 30) / 10:.1f}", f"{chance.randint(0, 5)}"]],
        }  # fmt: skip
        if spot:
            del event["T"], event["pu"]
        heard.append((ns, json.dumps({"stream": f"{stream}@depth@100ms", "data": event}).encode()))
        if number == wanted:
            book = {
                "lastUpdateId": last - 15, "E": ms, "T": ms - 40,
                "bids": [[f"{100 - k / 10:.1f}", "2"] for k in range(1, 40)],
                "asks": [[f"{101 + k / 10:.1f}", "3"] for k in range(1, 40)],
            }  # fmt: skip
            if spot:
                del book["E"], book["T"]
            heard.append((ns + 1_000, json.dumps(book).encode()))
        if chance.random() < 0.4:
            event = {"e": "aggTrade", "E": ms + 1, "T": ms, "s": symbol, "a": 7 * number + 1, "p": "100.5",
                     "q": traded, "f": 1, "l": 2, "m": bool(number % 2)}  # fmt: skip
            heard.append((ns + 2_000, json.dumps({"stream": f"{stream}@aggTrade", "data": event}).encode()))
    return heard


def tables_of(store: object, venue: str, symbol: str = "BTCUSDT") -> dict[str, pa.Table]:
    """Depth and trades of a market in a store, as they are read."""
    feeds = {row.feed for row in st.sessions(store, venue).itertuples() if row.kind == "depth"}
    found = {"trades": st.read_trades(store, venue, symbol)}
    for feed in feeds:
        found["depth"] = st.read_depth(store, venue, symbol, feed)
    return {kind: plain(table) for kind, table in found.items() if table.num_rows}


def tables_in(*paths: object, **hints: str) -> dict[str, pa.Table]:
    """Of a single raw file, as `liqmap.read` gives them."""
    (path,) = paths
    capture = lm.read(path, **hints)
    tables = {"depth": capture.depth, "trades": capture.trades}
    return {kind: plain(table) for kind, table in tables.items() if table is not None}


def plain(table: pa.Table) -> pa.Table:
    """Rows, and what the metadata says of the market but for names of sources."""
    meta = Meta.from_metadata(table.schema.metadata)
    said = {"tick": str(meta.tick_size), "unit": meta.size_unit, "policy": str(meta.window_policy)}
    return table.unify_dictionaries().combine_chunks().replace_schema_metadata(said)


def kraken(count: int, seed: int = 0, begin: int = 0) -> Heard:
    """A book of Kraken's version 2 of 10 levels; heard from message ``begin`` on, a snapshot."""
    chance = random.Random(seed)
    sides: dict[str, dict[float, float]] = {
        "bids": {99 - k / 10: 1.0 for k in range(10)},
        "asks": {101 + k / 10: 1.0 for k in range(10)},
    }
    heard: Heard = []
    answer = {"method": "subscribe", "success": True}
    answer |= {"result": {"channel": "book", "symbol": "BTC/USD", "depth": 10}}
    for number in range(count):
        ns = BEGIN + number * 20_000_000
        side = chance.choice(("bids", "asks"))
        price = chance.choice(sorted(sides[side]))
        sides[side][price] = float(chance.randint(1, 9))
        changed = {"bids": [], "asks": [], side: [{"price": price, "qty": sides[side][price]}]}
        data = {"symbol": "BTC/USD", "timestamp": _iso(ns - 4_000_000)}
        if number == begin:
            heard.append((ns - 10_000_000, json.dumps(answer).encode()))
            changed = {s: [{"price": p, "qty": q} for p, q in sides[s].items()] for s in sides}
            del data["timestamp"]
        kind = "snapshot" if number == begin else "update"
        message = {"channel": "book", "type": kind, "data": [data | changed]}
        if number >= begin:
            heard.append((ns, json.dumps(message).encode()))
    return heard


def _iso(ns: int) -> str:
    return f"{np.datetime64(ns, 'ns').astype('datetime64[us]')}Z"
