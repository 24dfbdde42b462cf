"""The markets that are served, and the faults of each."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

import liqmap as lm
from liqmap.live.market import Market
from liqmap.live.play import Fault, random_faults
from liqmap.schema import Capture
from tests.live.faults.rehearsal import Served
from tests.live.faults.truth import SIDES, apply, best_of, changes

MESSAGES = 800
"""Of the simulated market: 4 s at `SPEED`."""

LAST = 330
"""Faults begin before this message: a silence of 1 s that begins with it ends 1.3 s before the market does,
which is more than a machine may stand still, so there is always time to recover."""

ALONE = (
    "drop@100",
    "lose@100..101",
    "double@100..103",
    "reorder@100..102",
    "late@100",
    "restart@100",
    "restart-empty@100",
    "malformed@100..101",
    "silence@100:0.3s",
    "silence@40:3s",
    "drip@100",
)
"""Each kind of fault; the checksum of Kraken alone."""


NEAR = 12
"""Levels a side of which the first of two messages tells, where messages are parted."""


@cache
def market() -> Capture:
    """A market of 200 levels whose price moves."""
    return lm.simulate(minutes=MESSAGES / 600, seed=5, keep_truth=False, volatility=3.0)


@cache
def parted() -> Capture:
    """The same, each message as two: of the best levels, and 50 ms later of those beyond, which no checksum
    of Kraken covers."""
    whole, tick_size = market(), market().meta.tick_size or 0.0
    book: dict[str, dict[int, float]] = {side: {} for side in SIDES}
    far: list[bool] = []
    for change in changes(whole.depth, tick_size):
        before = _bounds(book)
        apply(book, change)
        after = _bounds(book)
        for side, tick, _ in change.rows:
            bounds = (before[side], after[side])
            beyond = tick < min(bounds) if side == "bid" else tick > max(bounds)
            far.append(beyond and not change.snapshot)
    late = np.array(far)
    ts, seq = whole.depth["ts"].cast(pa.int64()).to_numpy(), whole.depth["seq"].to_numpy()
    order = np.argsort(2 * seq + late, kind="stable")
    columns = {"ts": pa.array(ts + 50_000_000 * late).cast(whole.depth.schema.field("ts").type),
               "seq": pa.array(2 * seq + late)}  # fmt: skip
    depth = whole.depth
    for name, column in columns.items():
        depth = depth.set_column(depth.schema.get_field_index(name), depth.schema.field(name), column)
    return Capture(depth.take(pa.array(order)), whole.trades, meta=whole.meta)


def _bounds(book: dict[str, dict[int, float]]) -> dict[str, int]:
    """The worst of the best levels of each side."""
    found = {side: list(best_of(sizes, side, NEAR)) for side, sizes in book.items()}
    return {side: ticks[-1] if ticks else 0 for side, ticks in found.items()}


def served(name: str) -> Served:
    """A market as one of the venues serves it."""
    return {
        "bybit": Served(market(), "bybit", Market("bybit", "SIMUSDT", "ob200"), 200),
        "bybit, 50 of 200 levels": Served(market(), "bybit", Market("bybit", "SIMUSDT", "ob50"), 50),
        "binance": Served(market(), "binance", Market("binance-futures", "SIMUSDT"), None),
        "kraken": Served(parted(), "kraken", Market("kraken", "SIM/USDT", "ob100"), 100),
        "kraken, 10 levels": Served(market(), "kraken", Market("kraken", "SIM/USDT", "ob10"), 10),
    }[name]


NAMES = ("bybit", "bybit, 50 of 200 levels", "binance", "kraken", "kraken, 10 levels")


def alone(name: str) -> list[list[str]]:
    """A script for each kind of fault that a venue has."""
    return [[fault] for fault in (*ALONE, *(["checksum@100..101"] if "kraken" in name else []))]


def drawn(name: str, seeds: range) -> list[list[Fault]]:
    """Random scripts."""
    last = 2 * LAST if name == "kraken" else LAST
    return [random_faults(seed, last, checksums="kraken" in name) for seed in seeds]
