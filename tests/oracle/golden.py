"""The golden files: real messages with the spans and grids that the rules give, found by brute force."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

SEQUENCES = ("whole", "lost_messages", "no_snapshot")
AGGREGATES = ("mean", "last", "peak")
CARRIES = {"30s_5min": (30, 300), "none_none": (None, None), "2s_10s": (2, 10)}  # half-life, prune in s
TICK_SIZE, LEVELS = 0.1, 200
MS = 1_000_000  # ns


def messages_file(real_data: Path, sequence: str) -> Path:
    if sequence == "whole":
        return real_data / "bybit" / "linear_BTCUSDT_ob200.ndjson"
    return real_data / "golden" / f"{sequence}.ndjson"


def golden_messages(real_data: Path, sequence: str) -> list:
    """``(event, ts in ns, rows)``; where `u` does not rise by 1, a gap at the last good message."""
    messages, last_u, last_ts = [], None, None
    for line in messages_file(real_data, sequence).read_text().splitlines():
        raw = json.loads(line)
        data, ts, snapshot = raw["data"], raw["cts"] * MS, raw["type"] == "snapshot"
        if last_u is not None and data["u"] != last_u + 1 and not snapshot:
            messages.append(("gap", last_ts, []))
        rows = [
            (side, round(float(price) / TICK_SIZE), float(size))
            for side, key in (("bid", "b"), ("ask", "a"))
            for price, size in data[key]
        ]
        event = "snapshot" if snapshot else "update" if rows else "heard"
        messages.append((event, ts, rows))
        last_u, last_ts = data["u"], ts
    return messages


def golden_spans(real_data: Path, sequence: str) -> list:
    """``(side, tick, start, seen, end, size)`` in ns, bids first, ``end`` None where open."""
    spans = []
    with (real_data / "golden" / f"{sequence}_spans.csv").open() as lines:
        for row in csv.DictReader(lines):
            start, seen, end = (int(row[f"{name}_ms"]) for name in ("start", "seen", "end"))
            end = None if end == -1 else end * MS
            spans.append((row["side"], int(row["tick"]), start * MS, seen * MS, end, float(row["size"])))
    return sorted(spans, key=lambda span: (span[0] == "ask", span[1], span[2]))


def golden_grids(real_data: Path, sequence: str) -> dict:
    """``time_edges`` (ns), ``price_edges``, and ``{agg}_{carry}_liquidity`` and ``..._state``."""
    with np.load(real_data / "golden" / f"{sequence}_grids.npz") as arrays:
        grids = {name: arrays[name] for name in arrays.files}
    grids["time_edges"] = grids.pop("time_edges_ms") * MS
    return grids


def seconds(value: float | None) -> int | None:
    """Seconds as ns."""
    return None if value is None else value * 1_000_000_000
