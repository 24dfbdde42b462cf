"""Each text format against the plain loop: ``lm.read`` beside ``json.loads`` or ``csv`` into a DataFrame.

The files are made here, in the venue's own words; both sides read the same file. Compilation is not timed.
"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import liqmap as lm

from .report import Result, table

AT = 1_700_000_000_000
RUNS = 3


def stream_lines(count: int) -> Iterator[str]:
    """A Binance capture: a snapshot, then of ten lines four diffs of 40 levels, four tickers, two trades."""
    random = np.random.default_rng(0)
    yield json.dumps(
        {"lastUpdateId": 1, "T": AT, "E": AT, "bids": [["59000.0", "1"]], "asks": [["61000.0", "1"]]}
    )
    u = 1
    for i in range(count):
        local = f"{(AT + i) * 1_000_000} "
        if i % 10 < 4:
            levels = [
                [[f"{60000 + sign * t / 10:.1f}", f"{q / 1000:.3f}"]
                 for t, q in zip(random.integers(1, 9_000, 20), random.integers(0, 9_999, 20))]
                for sign in (-1, 1)
            ]  # fmt: skip
            event = {
                "e": "depthUpdate",
                "E": AT + i,
                "T": AT + i,
                "s": "BTCUSDT",
                "U": u + 1,
                "u": u + 50,
                "pu": u,
            }
            yield local + json.dumps(
                {"stream": "btcusdt@depth@0ms", "data": event | {"b": levels[0], "a": levels[1]}},
                separators=(",", ":"),
            )
            u += 50
        elif i % 10 < 8:
            event = {
                "e": "bookTicker",
                "u": u,
                "s": "BTCUSDT",
                "b": "59999.9",
                "B": "3",
                "a": "60000.1",
                "A": "6",
                "T": AT + i,
                "E": AT + i,
            }
            yield local + json.dumps({"stream": "btcusdt@bookTicker", "data": event}, separators=(",", ":"))
        else:
            event = {
                "e": "trade",
                "E": AT + i,
                "T": AT + i,
                "s": "BTCUSDT",
                "t": i,
                "p": "60000.1",
                "q": "0.5",
                "X": "MARKET",
                "m": True,
            }
            yield local + json.dumps({"stream": "btcusdt@trade", "data": event}, separators=(",", ":"))


def trade_lines(count: int) -> Iterator[str]:
    """A USD-M trades archive."""
    yield "id,price,qty,quote_qty,time,is_buyer_maker"
    for i in range(count):
        price = 60000 + i % 977 / 10
        size, sold = i % 91 / 1000 + 0.001, "true" if i % 3 else "false"
        yield f"{5_000_000_000 + i},{price:.1f},{size:.3f},60.5,{AT + i},{sold}"


def band_lines(count: int) -> Iterator[str]:
    """A bookDepth archive."""
    yield "timestamp,percentage,depth,notional"
    for i in range(count // 10):
        when = pd.Timestamp(AT + 30_000 * i, unit="ms").strftime("%Y-%m-%d %H:%M:%S")
        for band in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5):
            yield f"{when},{band},{5000 + i % 777}.125,{300_000_000 + i}.5"


def history_lines(count: int) -> Iterator[str]:
    """A T_DEPTH update file, 50 rows a message."""
    yield "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu"
    for i in range(count):
        u = 100 + i // 50 * 10
        side = "ba"[i % 50 // 25]
        price, size = 60000 + i % 991 / 10, i % 77 / 1000
        yield f"BTCUSDT,{AT + u},{u - 9},{u},{side},set,{price:.1f},{size:.3f},{u - 10}"


def plain_stream(path: Path) -> None:
    """The loop of a notebook, tickers passed over before they are parsed."""
    depth, trades = [], []
    with path.open() as lines:
        for line in lines:
            if "@bookTicker" in line:
                continue
            event = json.loads(line[line.index("{") :])
            event = event.get("data", event)
            if "lastUpdateId" in event:
                continue
            if event["e"] == "trade":
                trades.append((event["T"], event["t"], event["m"], float(event["p"]), float(event["q"])))
                continue
            for side in "ba":
                for price, size in event[side]:
                    depth.append((event["T"], event["u"], side, float(price), float(size)))
    pd.DataFrame(depth)
    pd.DataFrame(trades)


def plain_csv(path: Path) -> None:
    """The loop of a notebook: every number parsed, a DataFrame."""
    rows: list[list[Any]] = []
    with path.open() as lines:
        for row in csv.DictReader(lines):
            rows += [[_number(v) for v in row.values()]]
    pd.DataFrame(rows)


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


CASES: dict[str, tuple[str, Callable[[int], Iterator[str]], Callable[[Path], None], int]] = {
    "binance stream": ("capture.ndjson", stream_lines, plain_stream, 60_000),
    "binance trades": ("BTCUSDT-trades-2023-11-14.csv", trade_lines, plain_csv, 600_000),
    "binance bookDepth": ("BTCUSDT-bookDepth-2023-11-14.csv", band_lines, plain_csv, 300_000),
    "binance T_DEPTH": ("depth-update.csv", history_lines, plain_csv, 600_000),
}


def best(work: Callable[[], object]) -> float:
    """The fastest of some runs, s."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def run(share: float = 1.0) -> list[Result]:
    """``share`` scales the files."""
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, (file, lines, plain, count) in CASES.items():
            path = Path(scratch) / "um" / file
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(lines(int(count * share))) + "\n")
            lm.read(path)
            size = f"{count * share / 1e3:,.0f} k lines, {path.stat().st_size / 1e6:.0f} MB of text"
            peer = "json.loads, tuples, DataFrame" if plain is plain_stream else "csv, float, DataFrame"
            ours = best(lambda path=path: lm.read(path))  # type: ignore[misc]
            results.append(
                Result(name, size, ours, peer, best(lambda plain=plain, path=path: plain(path)), "at least 6")  # type: ignore[misc]
            )
    return results


if __name__ == "__main__":
    table(run())
