"""`fill_forward`: the kernel against the algorithm written down word by word, on the same frames."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import liqmap as lm

from .report import Result, table


def plain_fill(
    frame: pd.DataFrame, half_life: float = 30_000, prune: float = 300_000, floor: float = 1e-3
) -> pd.DataFrame:
    """The frame of `fill_forward`, times and ages in ms, by one dict: the loop that it replaces."""
    state: dict[tuple, tuple] = {}
    emitted: list[tuple] = []
    columns = [frame[name].tolist() for name in ("time", "side", "price", "size")]
    rows = list(zip(*columns, strict=True))
    i = 0
    while i < len(rows):
        now = rows[i][0]
        while i < len(rows) and rows[i][0] == now:
            _, side, price, size = rows[i]
            state[side, price] = (size, now)
            i += 1
        some = []
        for (side, price), (size, since) in state.items():
            age = now - since
            decayed = size * 2.0 ** (-age / half_life)
            if decayed > floor * size:
                some.append((now, side, price, decayed, age))
        some.sort()
        emitted += some
        state = {key: kept for key, kept in state.items() if now - kept[1] <= prune}
    return pd.DataFrame(emitted, columns=["time", "side", "price", "size", "age"])


def run(minutes: float = 30) -> list[Result]:
    spans = lm.replay(lm.simulate(minutes=minutes, seed=7, keep_truth=False).depth)
    raw = lm.snapshots(spans, every="500ms", levels=100)
    raw = raw.assign(time=raw["ts"].astype("datetime64[ms, UTC]").astype("int64"))
    buckets = raw.assign(time=raw["time"] // 5_000 * 5_000, price=np.floor(raw["price"]))
    cells = buckets.groupby(["time", "side", "price"], as_index=False)["size"].sum()
    lm.fill_forward(cells.head(100))  # compile
    return [_compare("fill_forward, 5 s x 1", cells), _compare("fill_forward, 500 ms x tick", raw)]


def _compare(name: str, frame: pd.DataFrame) -> Result:
    filled, best = _best(lm.fill_forward, frame, 7)
    peer, plain = _best(plain_fill, frame, 2)
    sizes = ["price", "size"]
    if len(peer) != len(filled) or not np.allclose(peer[sizes], filled[sizes], rtol=1e-12, atol=0):
        raise AssertionError(f"the peer emitted {len(peer):,} rows, fill_forward {len(filled):,}")
    size = f"{_rows(len(frame))} rows -> {_rows(len(filled))} rows"
    return Result(name, size, best, "one dict in Python, same frame", plain, "at least 20")


def _best(fill: Callable[[pd.DataFrame], pd.DataFrame], frame: pd.DataFrame, times: int) -> tuple:
    """What it fills, and the least seconds that it took."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        filled = fill(frame)
        seconds.append(time.perf_counter() - begin)
    return filled, min(seconds)


def _rows(n: int) -> str:
    return f"{n / 1e6:.1f} M" if n >= 1e6 else f"{n / 1e3:.0f} k"


if __name__ == "__main__":
    table(run())
