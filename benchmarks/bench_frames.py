"""Frames of a whole simulated day, 1920 x 1080, both sides: against a plain loop over the spans.

The peer is one numba loop, as one writes it in an afternoon (`plain_raster`); both run warm, in this process,
on the same spans. What is kept of a frame for its sliders is thrown away before each full frame.
"""

from __future__ import annotations

import time

import datashader as ds
import numpy as np
import xarray as xr

import liqmap as lm
from liqmap.carry import HalfLife, nanoseconds
from liqmap.raster.mipmap import mipmaps
from liqmap.raster.observed import OBSERVED
from liqmap.raster.paint import paint
from liqmap.raster.pieces import carried_pieces

from .plain_raster import plain_frame
from .report import Result, table
from .sample import best, day, lattice_of, tick_range

CARRIES = (("30s", "5min"), ("30s", "1h"), (None, None))
SLIDER = "1/5, or 25 ms"


def run(rows: int = 30_000_000, few: int = 3_000_000) -> list[Result]:
    results = growth(few, rows)
    spans, updates = day(rows)
    size = f"{updates / 1e6:.1f} M updates, {len(spans) / 1e6:.1f} M spans"
    return [*results, *_full(spans, size), *_sliders(spans, size), _zoom(spans, size), _dense(spans, size)]


def growth(few: int, many: int) -> list[Result]:
    """How a frame's own time grows with the updates of the day."""
    seconds = []
    for rows in (few, many):
        spans, _ = day(rows)
        prepare(spans)
        seconds.append(best(lambda s=spans: fresh(s, *lattice_of(s), "mean", "30s", "5min")))
    name = f"frame, {few / 1e6:.0f} to {many / 1e6:.0f} M"
    data, peer = f"a day of {many / 1e6:.0f} M updates", f"itself at {few / 1e6:.0f} M"
    return [Result(name, data, seconds[1], peer, seconds[0], "at least 0.5")]


def prepare(spans: lm.Spans) -> None:
    """What is made once a session."""
    mipmaps(spans)
    carried_pieces(spans)


def fresh(spans: lm.Spans, times: np.ndarray, rows: np.ndarray, agg: str, half_life, prune) -> None:  # type: ignore[no-untyped-def]
    """A full frame of which nothing is kept."""
    OBSERVED.forget(spans)
    paint(spans, times, rows, HalfLife(half_life, prune), agg)


def _full(spans: lm.Spans, size: str) -> list[Result]:
    times, rows = lattice_of(spans)
    results = []
    for half_life, prune in CARRIES:
        ns = [np.inf if (age := nanoseconds(d)) is None else float(age) for d in (half_life, prune)]
        peer = best(lambda h=ns[0], p=ns[1]: plain_frame(spans, times, rows, h, p), 3)
        for agg in ("mean", "peak", "last") if prune == "5min" else ("mean",):
            ours = best(lambda a=agg, h=half_life, p=prune: fresh(spans, times, rows, a, h, p))
            asked = "at least 4" if agg == "mean" else ""
            name = f"day frame, {agg}, prune {prune or 'none'}"
            results.append(Result(name, size, ours, "plain numba loop over the spans, mean", peer, asked))
    begin, last = spans.begin, spans.last
    uneven = np.linspace(begin, last, 1921).astype(np.int64)
    ours = best(lambda: fresh(spans, uneven, rows, "mean", "30s", "5min"))
    return [*results, Result("day frame, edges off the lattice", size, ours, "the same, on the lattice",
                             results[0].ours)]  # fmt: skip


def _sliders(spans: lm.Spans, size: str) -> list[Result]:
    """One step of a slider: another half-life over what is kept of the frame."""
    times, rows = lattice_of(spans)
    results = []
    for agg in ("mean", "peak"):
        full = best(lambda a=agg: fresh(spans, times, rows, a, "30s", "5min"))
        for _, prune in CARRIES:
            steps = iter(range(30, 10_000))

            def step(a=agg, p=prune, s=steps) -> None:  # type: ignore[no-untyped-def]
                paint(spans, times, rows, HalfLife(f"{next(s)}s", p), a, slider=True)

            name = f"slider step, {agg}, prune {prune or 'none'}"
            results.append(Result(name, size, best(step, 9), "the full frame", full, SLIDER))
    return results


def _zoom(spans: lm.Spans, size: str) -> Result:
    """Ten minutes from the middle, at the prices seen then, as a screen draws them."""
    from liqmap.render.frames.frame import price_rows, time_columns

    times, rows = lattice_of(spans)
    middle = (spans.begin + spans.last) // 2
    view = middle, middle + 600 * 10**9
    columns = time_columns(*view, 1920)
    seen = []
    for side in spans.sides:
        there = np.flatnonzero((side.start < view[1]) & (side.seen > view[0]))
        seen += [side.tick[there].min(), side.tick[there].max()]
    zoomed = price_rows(
        *(float(p) for p in spans.prices(np.array([min(seen), max(seen)]))), 1080, spans.tick_size
    )
    full = best(lambda: fresh(spans, times, rows, "mean", "30s", "5min"))
    ours = best(lambda: fresh(spans, columns, zoomed, "mean", "30s", "5min"))
    return Result("10 minutes of the day", size, ours, "the whole day", full, "at least 5")


def _dense(spans: lm.Spans, size: str, share: int = 40) -> Result:
    """For information: a slab of the dense 1 s x tick grid, decayed by numpy, drawn by datashader."""
    low, high = tick_range(spans)
    slab = (high - low) // share
    middle = (low + high) // 2
    seconds = np.arange(spans.begin // 10**9, spans.last // 10**9 + 2)
    ticks = np.arange(middle, middle + slab + 1)
    grid = lm.rasterize(
        spans, seconds.astype("datetime64[s]"), ticks * spans.tick_size, prune="0s", agg="last"
    ).liquidity.values
    canvas = ds.Canvas(plot_width=1920, plot_height=max(1, 1080 // share))
    weight = np.float32(2 ** (-1 / 30))
    begin = time.perf_counter()
    for side in grid:
        carried = np.zeros(side.shape[0], np.float32)
        filled = np.empty_like(side)
        for column in range(side.shape[1]):
            carried = np.where(np.isnan(side[:, column]), carried * weight, side[:, column])
            filled[:, column] = carried
        canvas.raster(xr.DataArray(filled, dims=("price", "time"), coords={
            "price": ticks[:-1].astype(float), "time": seconds[:-1].astype(float)}), agg="mean")  # fmt: skip
    dense = (time.perf_counter() - begin) * (high - low) / slab
    times, rows = lattice_of(spans)
    ours = best(lambda: fresh(spans, times, rows, "mean", "30s", "5min"))
    cells = 2 * len(seconds) * (high - low)
    peer = f"numpy + Canvas.raster on {cells / 1e9:.1f} G dense cells (a slab, scaled up)"
    return Result("day frame", size, ours, peer, dense)


if __name__ == "__main__":
    table(run())
