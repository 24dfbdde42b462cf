"""`rasterize`: the grid of any edges, as an xarray Dataset."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from liqmap.carry import Carry, Duration, spell
from liqmap.replay import Spans
from liqmap.schema import AGGREGATES, SIDES, STATES, GridError

from . import accessor as accessor  # registered here: whoever has a grid has `grid.liqmap`
from .columns import LAST, Columns, window_bounds
from .edges import price_edges as check_prices
from .edges import row_ticks
from .edges import time_edges as check_times
from .paint import paint_rows
from .parts import ages, known_by_spans, known_by_window

NO_PART = np.empty((0, 0), np.float32)

CELL_METHODS = {
    "mean": "price: sum time: mean",
    "peak": "price: time: maximum",
    "last": "price: sum time: point",
}
"""What a cell tells of its levels and instants, as CF says it."""


def rasterize(
    spans: Spans,
    time_edges: Any,
    price_edges: Any,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: str = "mean",
    parts: bool = False,
) -> xr.Dataset:
    """Effective resting size in each cell of a grid.

    Parameters
    ----------
    time_edges : (T + 1,) increasing, UTC.
    price_edges : (P + 1,) increasing, quote currency; bins are [left, right), and an edge e begins at
        tick ceil(e / tick_size - 1e-6).
    half_life : age at which a carried size weighs 1/2; None carries without decay.
    prune : age at which a carried size is dropped; None never, 0 carries nothing.
    agg : ``mean`` (time-weighted mean of the summed size), ``peak`` (largest size of a single level),
        ``last`` (summed size in the instant before the right edge).
    parts : add ``observed`` and ``carried`` (the parts of ``liquidity``), ``known`` (share of the cell's
        ticks x time, 0 to 1) and ``age`` (s, at the right edge, weighted by effective size).

    Returns
    -------
    Dataset, dims (side, price, time): ``liquidity`` float32, size units, NaN where unknown and 0 where the
    book is known to be empty; ``state`` uint8, CF flags. ``price`` and ``time`` are left edges, with bounds.
    ``grid.liqmap`` measures, coarsens and draws it (see `accessor.GridAccessor`).

    Raises
    ------
    GridError : edges that do not increase, an unknown aggregate, half-life or prune out of range.

    Notes
    -----
    w(a) = 2**(-a / half_life) for a < prune, integrated in closed form over each cell.
    """
    carry = Carry.of(half_life, prune)
    times, prices = check_times(time_edges), check_prices(price_edges)
    frames = paint(spans, times, row_ticks(prices, spans.tick_size), carry, agg, parts)
    return _dataset(spans, frames, times, prices, carry, agg)


def paint(
    spans: Spans, times: np.ndarray, rows: np.ndarray, carry: Carry, agg: str, parts: bool = False
) -> dict[str, np.ndarray]:
    """`rasterize` on bare arrays: edges in ns and in ticks -> arrays (2, P, T) by name."""
    if agg not in AGGREGATES:
        raise GridError(f"agg: expected one of {AGGREGATES}, got {agg!r}")
    how = AGGREGATES.index(agg)
    shape = (2, len(rows) - 1, len(times) - 1)
    frames: dict[str, np.ndarray] = {
        "liquidity": np.empty(shape, np.float32),
        "state": np.empty(shape, np.uint8),
    }
    if parts:
        frames |= {name: np.empty(shape, np.float32) for name in ("observed", "carried", "known", "age")}
    columns = Columns.of(times, carry.rate, how)
    layout = (columns.edges, columns.slope, columns.anchor, columns.segment_end, columns.factor)

    def work(task: tuple[int, int, int, np.ndarray]) -> None:
        side, begin, stop, bound = task
        s = spans.sides[side]
        paint_rows(
            how, side, begin, stop, rows, s.levels, s.first, (s.start, s.seen, s.end, s.size),
            layout, bound, carry.rate, carry.prune_ns,
            (frames["liquidity"][side], frames["state"][side]),
            (frames["observed"][side], frames["carried"][side]) if parts else (NO_PART, NO_PART),
        )  # fmt: skip

    list(_workers().map(work, _tasks(spans, rows, columns, how)))
    if parts:
        for side in (0, 1):
            _known_and_age(spans, side, rows, columns, carry, frames)
    return frames


@cache
def _workers() -> ThreadPoolExecutor:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ThreadPoolExecutor(cores, thread_name_prefix="liqmap-raster")


if hasattr(os, "register_at_fork"):  # a forked process inherits the pool, but none of its threads
    os.register_at_fork(after_in_child=_workers.cache_clear)


def _tasks(
    spans: Spans, rows: np.ndarray, columns: Columns, how: int
) -> Iterator[tuple[int, int, int, np.ndarray]]:
    """Row blocks of about equal work: (side, first row, last row + 1, window bounds)."""
    count = len(rows) - 1
    for side, (s, w) in enumerate(zip(spans.sides, spans.windows, strict=True)):
        bound = window_bounds(side, how == LAST, columns.edges, columns.slope, w.start, w.kind, w.worst)
        work = s.first[np.searchsorted(s.levels, rows)] + np.arange(count + 1) * (
            64 + len(columns.edges) // 8
        )
        blocks = 4 if work[-1] - work[0] > 100_000 else 1
        cuts = np.searchsorted(work, np.linspace(work[0], work[-1], blocks + 1)[1:-1])
        edges = np.unique(np.concatenate([[0], cuts, [count]]))
        for begin, stop in zip(edges[:-1], edges[1:], strict=True):
            yield side, int(begin), int(stop), bound


def _known_and_age(
    spans: Spans, side: int, rows: np.ndarray, columns: Columns, carry: Carry, frames: dict[str, np.ndarray]
) -> None:
    s, w = spans.sides[side], spans.windows[side]
    table = (s.start, s.seen, s.end, s.size)
    edges, slope, prune = columns.edges, columns.slope, carry.prune_ns
    known = known_by_window(side, edges, slope, rows, w.start, w.kind, w.worst)
    window = (w.start, w.kind, w.worst)
    known_by_spans(side, rows, s.levels, s.first, table, edges, slope, prune, *window, known)
    frames["known"][side] = np.where(np.diff(rows)[:, None] > 0, known / np.diff(edges), 0.0)
    bound = window_bounds(side, True, edges, slope, w.start, w.kind, w.worst)
    ages(side, rows, s.levels, s.first, table, edges, slope, carry.rate, prune, bound, frames["age"][side])


def _dataset(
    spans: Spans,
    frames: dict[str, np.ndarray],
    times: np.ndarray,
    prices: np.ndarray,
    carry: Carry,
    agg: str,
) -> xr.Dataset:
    meta = spans.meta
    dims = ("side", "price", "time")
    instants = times.astype("datetime64[ns]")
    size = {"units": meta.size_unit, "cell_methods": CELL_METHODS[agg]}
    described = {
        "liquidity": {"long_name": "effective resting size"} | size,
        "state": {
            "long_name": "what is known of the cell",
            "flag_values": np.arange(len(STATES), dtype=np.uint8),
            "flag_meanings": " ".join(STATES),
        },
        "observed": {"long_name": "observed part of the liquidity"} | size,
        "carried": {"long_name": "carried part of the liquidity"} | size,
        "known": {"long_name": "known share of the cell", "units": "1"},
        "age": {"long_name": "time since the book confirmed the size", "units": "s"},
    }
    attrs = {
        "Conventions": "CF-1.12",
        "venue": meta.venue,
        "symbol": meta.symbol,
        "tick_size": spans.tick_size,
        "size_unit": meta.size_unit,
        "contract_value": meta.contract_value,
        "half_life": spell(carry.half_life),
        "prune": spell(carry.prune),
        "agg": agg,
        "source_digest": hashlib.sha256("".join(s.sha256 for s in meta.sources).encode()).hexdigest()[:16],
    }
    grid = xr.Dataset(
        {name: (dims, values, described[name]) for name, values in frames.items()},
        coords={
            "side": ("side", np.array(SIDES)),
            "price": ("price", prices[:-1], {"long_name": "price", "bounds": "price_bounds"}),
            "time": ("time", instants[:-1], {"long_name": "time, UTC", "bounds": "time_bounds"}),
            "price_bounds": (("price", "bounds"), np.stack([prices[:-1], prices[1:]], axis=1)),
            "time_bounds": (("time", "bounds"), np.stack([instants[:-1], instants[1:]], axis=1)),
        },
        attrs=attrs,
    )
    for name in ("time", "time_bounds"):  # CF: the bounds are written in the units of what they bound
        grid[name].encoding = {"units": "nanoseconds since 1970-01-01", "dtype": "int64"}
    grid["side"].encoding = {"dtype": object}  # of variable length: the only words that Zarr 3 specifies
    return grid
