"""Flow of a day of 2 million trades: footprint, cumulative delta, bubbles and what else flows, beside pandas.

Both begin with columns in memory and end with a frame. The peer of the footprint has its cells, bars,
extremes of delta and points of control; ours imbalances, value areas and naked points besides. Beside its
groupby of the cells alone, ours is shown too.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import liqmap as lm
from liqmap.analytics.flow.trades import Trades
from liqmap.render.marks.overlays import BUBBLES, CELL_PIXELS
from liqmap.render.marks.overlays import Trades as Pictured

from .report import Memory, Result, table
from .sample import best

TRADES = 2_000_000
TICK, HEIGHT = 0.1, 1.0
"""Quote currency, of a tick and of a row."""

PEAK = """
import gc, json, sys
from benchmarks.bench_flow import WORK, day, frame
name, peer = sys.argv[1], sys.argv[2] == "peer"
trades = day()
given = frame(trades) if peer else trades
WORK[name][peer](frame(trades.part(0, 1000)) if peer else trades.part(0, 1000))
gc.collect()
def resident(word):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(word)) / 1024
before = resident("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
WORK[name][peer](given)
print(json.dumps(resident("VmHWM") - before))
"""


def day(count: int = TRADES) -> Trades:
    """A day of trades whose price walks by ticks; sizes have three decimals, as coins do."""
    generator = np.random.default_rng(7)
    time = np.sort(generator.integers(0, 86_400 * 10**9, count)) + 20_000 * 86_400 * 10**9
    walk = np.cumsum(generator.integers(-3, 4, count)) + 650_000
    size = np.round(generator.lognormal(-3, 1.5, count) + 0.001, 3)
    return Trades(time, walk / 10, size, generator.integers(0, 2, count).astype(np.int8))


def frame(trades: Trades) -> pd.DataFrame:
    """The same as pandas holds it."""
    sides = pd.Categorical.from_codes(trades.aggressor, ["buy", "sell"])
    ts = pd.DatetimeIndex(trades.time.view("datetime64[ns]"), tz="UTC")
    return pd.DataFrame({"ts": ts, "price": trades.price, "size": trades.size, "aggressor": sides})


def fresh(trades: Trades) -> Trades:
    """Trades whose sizes nobody has looked at yet."""
    return replace(trades)


def footprint(trades: Trades) -> Any:
    found = lm.footprint(fresh(trades), "1min", HEIGHT, tick_size=TICK)
    return found.cells, found.bars


def peer_cells(rows: pd.DataFrame) -> pd.DataFrame:
    row = (rows["price"] / HEIGHT + 1e-9) // 1
    keys = [rows["ts"].dt.floor("1min"), row, rows["aggressor"]]
    return rows["size"].groupby(keys, observed=True).sum().unstack(fill_value=0.0)


def peer_footprint(rows: pd.DataFrame) -> Any:
    cells, minute = peer_cells(rows), rows["ts"].dt.floor("1min")
    running = signed(rows).groupby(minute).cumsum().groupby(minute)
    bars = peer_minutes(rows).assign(min_delta=running.min().clip(upper=0), max_delta=running.max().clip(0))
    bars["poc"] = cells.sum(axis=1).groupby(level=0).idxmax().str[1] * HEIGHT
    return cells, bars


def delta(trades: Trades) -> Any:
    return lm.cumulative_delta(fresh(trades))


def signed(rows: pd.DataFrame) -> pd.Series:
    return rows["size"].where(rows["aggressor"] == "buy", -rows["size"])


def peer_delta(rows: pd.DataFrame) -> Any:
    return signed(rows).groupby(rows["ts"]).sum().cumsum()


def minutes(trades: Trades) -> Any:
    return lm.bars(fresh(trades))


def peer_minutes(rows: pd.DataFrame) -> Any:
    keyed = rows.assign(delta=signed(rows)).set_index("ts").resample("1min")
    return keyed["price"].ohlc().join(keyed[["size", "delta"]].sum())


def mean(trades: Trades) -> Any:
    return lm.vwap(fresh(trades))


def peer_mean(rows: pd.DataFrame) -> Any:
    """Per time, without deviations."""
    worth = pd.DataFrame({"worth": rows["price"] * rows["size"], "size": rows["size"]})
    sums = worth.groupby(rows["ts"]).sum().cumsum()
    return sums["worth"] / sums["size"]


def developed(trades: Trades) -> Any:
    return lm.developing(fresh(trades), "1min", HEIGHT, tick_size=TICK)


def swept(trades: Trades) -> Any:
    return lm.sweeps(fresh(trades), "1ms")


WIDTH, TALL, SQUARE = 1920, 1080, CELL_PIXELS
"""Pixels of a picture of the whole day, and of the squares in which trades share a bubble."""


def bubbles(trades: Trades) -> Any:
    picture = Pictured(trades.time, trades.price, trades.size, trades.aggressor)
    begin, end = int(trades.time[0]), int(trades.time[-1]) + 1
    prices = float(trades.price.min()), float(trades.price.max())
    return picture.bubbles(begin, end, WIDTH, TICK, BUBBLES, prices, TALL)


def peer_bubbles(rows: pd.DataFrame) -> pd.DataFrame:
    """Largest volumes by square and aggressor: their middle, in time and price, and their trades."""
    ns = rows["ts"].astype("int64")
    begin, end = ns.iloc[0], ns.iloc[-1] + 1
    low, high = rows["price"].min(), rows["price"].max()
    keys = [ns // ((end - begin) * SQUARE // WIDTH), rows["price"] // ((high - low) * SQUARE / TALL)]
    own = {"size": rows["size"], "worth": rows["size"] * rows["price"], "moment": rows["size"] * (ns - begin)}
    squares = pd.DataFrame(own).groupby([*keys, rows["aggressor"]], observed=True, sort=False)
    found = squares.sum().assign(count=squares.size()).nlargest(BUBBLES, "size")
    price, time = found["worth"] / found["size"], begin + found["moment"] / found["size"]
    return found[["size", "count"]].assign(price=price + TICK / 2, time=time)


Work = tuple[Callable[[Any], Any], Callable[[Any], Any] | None]
WORK: dict[str, Work] = {
    "footprint, 1 min x 1.0": (footprint, peer_footprint),
    "footprint, beside cells alone": (footprint, peer_cells),
    "cumulative delta": (delta, peer_delta),
    "bubbles of a picture": (bubbles, peer_bubbles),
    "bars, 1 min": (minutes, peer_minutes),
    "VWAP and deviation": (mean, peer_mean),
    "developing value area, 1 min": (developed, None),
    "sweeps within 1 ms": (swept, None),
}
ASKED = dict.fromkeys(("footprint, 1 min x 1.0", "cumulative delta", "bubbles of a picture"), "at least 10")


def check(trades: Trades, rows: pd.DataFrame) -> None:
    """Both count the same."""
    (cells, bars), (peer, their) = footprint(trades), peer_footprint(rows)
    assert len(cells) == len(peer)
    assert np.allclose(cells[["buys", "sells"]], peer)
    assert np.allclose(bars[["close", "min_delta", "max_delta"]], their[["close", "min_delta", "max_delta"]])
    assert (
        bars["poc"].to_numpy() == their["poc"].to_numpy()
    ).mean() > 0.999  # of equals, by rounding, another
    assert np.allclose(delta(trades)["cumulative_delta"], peer_delta(rows))
    assert np.allclose(mean(trades)["vwap"], peer_mean(rows))
    ours, theirs = bubbles(trades), peer_bubbles(rows)
    for name in theirs:
        assert np.allclose(getattr(ours, name), theirs[name], rtol=1e-9)


def peak(name: str, peer: bool) -> float:
    """MB that a process of its own took more, at most, while it did one thing."""
    command = [sys.executable, "-c", PEAK, name, "peer" if peer else "ours"]
    return float(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def run(count: int = TRADES) -> list[Result | Memory]:
    trades = day(count)
    rows = frame(trades)
    check(trades, rows)
    size, results = f"{count / 1e6:.0f} M trades of a day", []
    cells = best(lambda: peer_cells(rows), 3)
    for name, (ours, peer) in WORK.items():
        gc.collect()
        seconds = best(lambda ours=ours: ours(trades))
        peers = cells if peer in (None, peer_cells) else best(lambda peer=peer: peer(rows), 3)
        said = "pandas' groupby of cells" if peer in (None, peer_cells) else "pandas' groupby"
        results.append(Result(name, size, seconds, said, peers, ASKED.get(name, "")))
    memory = []
    for name in ASKED:
        for peer in (False, True):
            who = "pandas" if peer else "liqmap"
            memory.append(Memory(f"{name.split(',')[0]}, {who}", size, peak(name, peer)))
    return results + memory


if __name__ == "__main__":
    table(run())
