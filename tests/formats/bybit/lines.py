"""Bybit lines for tests, and their plainest reading."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

START_MS = 1_700_000_000_000

Levels = list[tuple[str, str]]


def depth_line(
    u: int,
    bids: Levels,
    asks: Levels = [],  # noqa: B006
    *,
    kind: str = "delta",
    ts: int | None = None,
    symbol: str = "BTCUSDT",
    limit: int = 50,
) -> str:
    """One orderbook message; a message each 100 ms if no time is given."""
    at = START_MS + 100 * u if ts is None else ts
    data = {"s": symbol, "b": [list(b) for b in bids], "a": [list(a) for a in asks], "u": u, "seq": 7 * u}
    return json.dumps(
        {"topic": f"orderbook.{limit}.{symbol}", "type": kind, "ts": at + 2, "data": data, "cts": at},
        separators=(",", ":"),
    )


def feed(count: int, first: int = 1_000, symbol: str = "BTCUSDT") -> list[str]:
    """A snapshot and updates, ids without a hole, every message different."""
    lines = [depth_line(first, [("99.9", "1.5")], [("100.1", "2")], kind="snapshot", symbol=symbol)]
    return lines + [
        depth_line(u, [("99.9", f"{u}.25")], [(f"100.{1 + u % 7}", "0")], symbol=symbol)
        for u in range(first + 1, first + count)
    ]


def write_lines(path: Path, lines: list[str], *, end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines) + end).encode())
    return path


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def plain_rows(lines: list[str]) -> list[tuple[int, int, str, float, float]]:
    """(ms, u, side, price, size) of every level, by json alone."""
    rows = []
    for line in lines:
        message = json.loads(line)
        data = message["data"]
        for side, name in (("b", "bid"), ("a", "ask")):
            rows += [(message["cts"], data["u"], name, float(p), float(s)) for p, s in data[side]]
    return rows


def table_rows(depth) -> list[tuple[int, int, str, float, float]]:  # type: ignore[no-untyped-def]
    """The same of a depth table, without gap and heard rows."""
    return [
        (r["ts"].value // 1_000_000, r["seq"], r["side"], r["price"], r["size"])
        for r in depth.to_pylist()
        if r["event"] in ("update", "snapshot")
    ]
