"""A whole-session 1920 x 1080 frame: straight from the spans, against datashader on a dense 1 s x tick grid.

The peer's grid is built beforehand and not counted, and it knows neither decay nor what is unknown. Ours is
exact at any resolution: nothing is lost between 1 s and the feed's 100 ms.
"""

from __future__ import annotations

import datashader as ds
import numpy as np
import xarray as xr

import liqmap as lm

from .report import Result, table
from .sample import best, capture, tick_range

WIDTH, HEIGHT = 1920, 1080


def dense(spans: lm.Spans) -> xr.Dataset:
    """The session at 1 s x 1 tick, both sides, as a plain grid (peak memory about 10 bytes a cell)."""
    low, high = tick_range(spans)
    seconds = np.arange(spans.begin // 10**9, spans.last // 10**9 + 2)
    ticks = np.arange(low, high + 2)
    grid = lm.rasterize(spans, seconds.astype("datetime64[s]"), ticks * spans.tick_size, agg="last")
    grid["time"] = seconds[:-1].astype(np.float64)
    return grid[["liquidity"]].reset_coords(drop=True).fillna(0.0)


def run(rows: int = 5_000_000) -> list[Result]:
    depth = capture(rows).depth
    assert depth is not None
    spans = lm.replay(depth)
    low, high = tick_range(spans)
    times = np.linspace(spans.begin, spans.last, WIDTH + 1).astype(np.int64).view("datetime64[ns]")
    prices = np.linspace(low, high + 1, HEIGHT + 1) * spans.tick_size
    grid = dense(spans)
    cells = grid.liquidity.size
    canvas = ds.Canvas(plot_width=WIDTH, plot_height=HEIGHT)
    size = f"{depth.num_rows / 1e6:.1f} M updates, {len(spans) / 1e6:.1f} M spans"
    results = []
    for agg, peer_agg in (("mean", "mean"), ("peak", "max")):
        peer = best(lambda a=peer_agg: [canvas.raster(grid.liquidity[s], agg=a) for s in (0, 1)])
        for half_life, prune in (("30s", "5min"), (None, None)):
            ours = best(lambda a=agg, h=half_life, p=prune: lm.rasterize(spans, times, prices, h, p, a))
            name = f"frame, {agg}, {half_life or 'no decay'}"
            peer_name = f"Canvas.raster on {cells / 1e6:.0f} M dense cells"
            results.append(Result(name, size, ours, peer_name, peer, "at least 5"))
    return results


if __name__ == "__main__":
    table(run())
