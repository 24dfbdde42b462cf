"""Readers of vendors' CSV files against the plain loop: simulated books and trades as Tardis writes them.

The peer is ``csv.reader``, a tuple per line and a DataFrame. Both read the same plain file; neither writes.
"""

from __future__ import annotations

import csv
import tempfile
import time
from pathlib import Path

import pandas as pd
import pyarrow.csv as pacsv

import liqmap as lm

from .report import Result, table


def tardis_file(folder: Path, minutes: int) -> Path:
    """The depth of a simulated market as ``incremental_book_L2``."""
    frame = lm.simulate(minutes=minutes, seed=1, keep_truth=False).depth.to_pandas()
    micros = frame["ts"].astype("int64") // 1000
    out = pd.DataFrame(
        {
            "exchange": "bybit",
            "symbol": "BTCUSDT",
            "timestamp": micros,
            "local_timestamp": micros + 900,
            "is_snapshot": (frame["event"] == "snapshot").map({True: "true", False: "false"}),
            "side": frame["side"].astype(str),
            "price": frame["price"],
            "amount": frame["size"],
        }
    )[frame["side"].notna()]
    path = folder / f"bybit_incremental_book_L2_{minutes}.csv"
    out.to_csv(path, index=False)
    return path


def plain_loop(path: Path) -> int:
    """The peer; returns the number of rows."""
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        taken = [
            (int(ts), int(local), snapshot == "true", side, float(price), float(amount))
            for _, _, ts, local, snapshot, side, price, amount in rows
        ]
    frame = pd.DataFrame(taken, columns=["ts", "local", "snapshot", "side", "price", "size"])
    frame["ts"] = pd.to_datetime(frame["ts"], unit="us", utc=True)
    return len(frame)


def timed(work) -> float:  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run(minutes: int = 120) -> list[Result]:
    """120 minutes are 1.9 million rows."""
    with tempfile.TemporaryDirectory() as scratch:
        path = tardis_file(Path(scratch), minutes)
        lm.read(tardis_file(Path(scratch), 1))
        rows: list[int] = []
        peer = min(timed(lambda: rows.append(plain_loop(path))) for _ in range(2))
        ours = min(timed(lambda: lm.read(path)) for _ in range(3))
        parse = min(timed(lambda: pacsv.read_csv(path)) for _ in range(3))
        size = f"{rows[0] / 1e6:.1f} M rows, {path.stat().st_size / 1e6:.0f} MB of CSV"
    return [
        Result(
            "read Tardis incremental_book_L2", size, ours, "csv.reader, tuples, DataFrame", peer, "at least 6"
        ),
        Result("the same", size, ours, "pyarrow.csv alone, all cores", parse, ""),
    ]


if __name__ == "__main__":
    table(run())
