"""Small raw files for the scenarios: few rows, every one of them another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.formats.bybit.lines import depth_line, write_lines

FIRST_MS = 1_700_006_400_000
"""A UTC midnight."""

DAY_MS = 86_400_000
STEP_MS = 14_400_000
PER_DAY = DAY_MS // STEP_MS
"""Messages of a day: few, so that a day is soon over."""

HEADER = "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional"


def depth(path: Path, first: int, last: int, symbol: str = "BTCUSDT") -> Path:
    """Messages ``first`` to ``last`` of a market that has `PER_DAY` a day, from message 1 on."""
    lines = [
        depth_line(
            u, [("99.9", f"{u}.5")], [("100.1", f"{u}.25")], symbol=symbol,
            kind="snapshot" if u == 1 else "delta", ts=FIRST_MS + (u - 1) * STEP_MS + 1_000,
        )
        for u in range(first, last + 1)
    ]  # fmt: skip
    return write_lines(path, lines)


def depth_days(path: Path, first: int, last: int, symbol: str = "BTCUSDT") -> Path:
    """All messages of some days, counted from 0."""
    return depth(path, first * PER_DAY + 1, (last + 1) * PER_DAY, symbol)


def trades(path: Path, first: int, last: int, symbol: str = "BTCUSDT") -> Path:
    """Trades ``first`` to ``last`` of a market, as many a day as there are messages."""
    lines = [HEADER]
    for n in range(first, last + 1):
        time = (FIRST_MS + (n - 1) * STEP_MS + 2_000) / 1_000
        side = ("Buy", "Sell")[n % 2]
        lines.append(f"{time:.4f},{symbol},{side},{n}.001,100.1,PlusTick,id-{symbol}-{n:08d},1,1,1")
    return write_lines(path, lines)


def in_pieces(folder: Path, pieces: Sequence[tuple[int, int]], symbol: str = "BTCUSDT") -> list[Path]:
    """A file of depth and one of trades for each range of messages."""
    paths = []
    for n, (first, last) in enumerate(pieces):
        paths.append(depth(folder / f"{symbol}-{n}-depth.ndjson", first, last, symbol))
        paths.append(trades(folder / f"{symbol}-{n}-trades.csv", first, last, symbol))
    return paths
