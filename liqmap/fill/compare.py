"""`compare_fill`: the original algorithm on the user's own data, judged against the spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from liqmap.carry import CarryModel, Duration, carry_model, spell
from liqmap.fill.comparison import FillComparison
from liqmap.fill.fill_forward import fill_forward
from liqmap.fill.measures import (
    GHOST,
    NOT_DRAWN,
    RESTING,
    UNDECIDED,
    VERDICTS,
    appearances,
    levels_of,
    summary,
)
from liqmap.fill.snapshots import books, instants, reach, step_of
from liqmap.grid import lattice, rasterize
from liqmap.grid.edges import row_ticks
from liqmap.schema import OBSERVED, SIDES, GridError, decimals
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd

MAX_CELLS = 16_000_000
"""Cells of both sides that are compared at most: about 1 GB while at work."""
BLOCK = 20_000
"""Instants whose books are held at a time."""


def compare_fill(
    source: Spans | Any,
    every: Duration = "500ms",
    levels: int = 100,
    time: Duration = "5s",
    price: float = 1.0,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    floor: float = 1e-3,
    carry: CarryModel | None = None,
) -> FillComparison:
    """What the original algorithm makes of a market, beside what the spans know of it.

    The original is fed as it was: `snapshots` of the best levels, SUMmed per bucket of time and price, then
    `fill_forward`. The truth is `rasterize` on the same cells: the time-weighted mean, carried with the same
    half-life and prune. Cells are those of the prices that the snapshots ever showed.

    Parameters
    ----------
    source : Spans, or a Session (its range; its spans remember the look-back, the original does not).
    every, levels : of the snapshots (see `snapshots`).
    time, price : width of a bucket, and its height in quote currency; buckets are multiples from the epoch
        and from 0.
    half_life, prune, carry : of both; floor : of the original (see `fill_forward`).

    Returns
    -------
    A `FillComparison`: ``summary``, ``appearances``, ``levels`` and ``cells``.

    Raises
    ------
    GridError : a duration, bin, floor or number of levels out of range, a book that no snapshot shows,
        more than 16 million cells.

    Notes
    -----
    A drawn cell is a *ghost* where the book is known to have been empty: the side is inside the window for
    the cell's whole time and at all of its ticks (``known`` is 1), and nothing rested there for any of it. A
    cell where a level rested for a moment is no ghost, nor is one that the window covers in part: the share
    errs on the low side. It is of all drawn liquidity; also given are its share of what was carried, and of
    that the part from the lowest bid to the highest ask of the bucket (the rest is where the price has left:
    bids above the market are as empty as bids within it). *Inflation* compares drawn sizes with true means in
    the cells that the bucket's own snapshots show, so that neither decay nor ghosts are in it. On 5.7 minutes
    of BTCUSDT with the defaults: coverage 4.8, ghosts 12 % of what is drawn, 24 % of what is carried (9 % in
    sight), inflation 6.3.
    """
    spans, begin, end = reach(source)
    step, distance = step_of(time, "time"), step_of(every, "every")
    if not (isinstance(price, (int, float, np.number)) and np.isfinite(price) and price > 0):
        raise GridError(f"price: expected a bin height above zero, got {price!r}")
    fed = _fed(spans, begin, end, distance, levels, step, float(price))
    low, high = (round(p / price) for p in (fed["price"].min(), fed["price"].max()))
    size = 2 * (high + 1 - low) * (max(end, begin + 1) // step - begin // step + 1)
    if size > MAX_CELLS:
        raise GridError(
            f"compare_fill: expected at most {MAX_CELLS:,} cells, got {size:,} of {spell(step)} x {price:g}. "
            "Take wider buckets, or a shorter session"
        )
    filled = fill_forward(fed, half_life, prune, floor, carry)
    times, prices = lattice(begin, max(end, begin + 1), step), _edges(low, high + 1, price)
    model = carry_model(half_life, prune, carry)
    cells = rasterize(spans, times.view("datetime64[ns]"), prices, parts=True, carry=model)
    _draw(cells, times, prices, fed, filled)
    settings = {"every": spell(distance), "levels": levels, "bucket": spell(step), "bin": float(price)}
    cells.attrs |= settings | {"floor": floor}
    series = levels_of(cells)
    first = rasterize(spans, _instant(begin), prices, agg="last", parts=True, carry=model)
    rests = float(np.nansum(first["liquidity"].values, dtype=float))
    remembered = float(np.nansum(first["carried"].values, dtype=float)) / rests if rests else np.nan
    return FillComparison(summary(cells, series, remembered), appearances(series), series, cells, spans.meta)


def _instant(t: int) -> np.ndarray:
    """Time edges of the one nanosecond from ``t``."""
    return np.array([t, t + 1]).view("datetime64[ns]")


def _edges(first: int, last: int, price: float) -> np.ndarray:
    """Price edges of rows ``first`` to ``last``, as decimals; a row is a multiple of the bin from 0."""
    return np.round(np.arange(first, last + 1) * price, decimals(price))


def _fed(
    spans: Spans, begin: int, end: int, distance: int, levels: int, step: int, price: float
) -> pd.DataFrame:
    """What the original was fed: time, side, price, size of the snapshots, SUMmed per bucket."""
    import pandas as pd

    times = instants(begin, end, distance)
    bucket = times // step
    frames = []
    cut = 0
    while cut < len(times):  # whole buckets, of about so many instants
        stop = int(np.searchsorted(bucket, bucket[min(cut + BLOCK, len(times)) - 1], side="right"))
        at, side, tick, size = books(spans, times[cut:stop], levels)
        frame = {"time": bucket[cut:stop][at], "side": side, "price": _rows(tick, price, spans.tick_size)}
        frames.append(pd.DataFrame(frame | {"size": size}).groupby(["time", "side", "price"])["size"].sum())
        cut = stop
    fed = pd.concat(frames).reset_index() if frames else pd.DataFrame()
    if not len(fed):
        raise GridError(
            f"compare_fill: expected a book at some multiple of {spell(distance)}, got none in {spans!r}. "
            "Take a smaller every="
        )
    low, high = int(fed["price"].min()), int(fed["price"].max())
    return fed.assign(
        time=(fed["time"].to_numpy() * step).view("datetime64[ns]"),
        side=pd.Index(SIDES, dtype="str").take(fed["side"]),
        price=_edges(low, high, price)[fed["price"].to_numpy() - low],
    )


def _rows(tick: np.ndarray, price: float, tick_size: float) -> np.ndarray:
    """The row of each tick, by the edges that `rasterize` goes by; int64."""
    if not len(tick):
        return np.empty(0, np.int64)
    low, high = (int(t * tick_size // price) for t in (tick.min(), tick.max()))
    if high - low > MAX_CELLS:
        raise GridError(f"compare_fill: expected at most {MAX_CELLS:,} cells, got more. Take a higher price=")
    begins = row_ticks(_edges(low - 1, high + 2, price), tick_size)
    return low - 1 + np.searchsorted(begins, tick, side="right") - 1


def _draw(
    cells: xr.Dataset, times: np.ndarray, prices: np.ndarray, fed: pd.DataFrame, filled: pd.DataFrame
) -> None:
    """Add what the original was fed and what it draws to the cells, and the verdict on it."""
    shape = cells["liquidity"].shape
    raw, drawn = np.full(shape, np.nan), np.full(shape, np.nan)
    since = np.full(shape, np.nan, np.float32)
    raw[_places(fed, times, prices)] = fed["size"]
    place = _places(filled, times, prices)
    drawn[place] = filled["size"]
    since[place] = filled["age"]
    liquidity, known = cells["liquidity"].values, cells["known"].values > 1 - 1e-6
    empty = (cells["state"].values == OBSERVED) & (liquidity == 0) & known
    there = ~np.isnan(drawn)
    verdict = np.full(shape, NOT_DRAWN, np.uint8)
    verdict[there] = UNDECIDED
    verdict[there & (liquidity > 0)] = RESTING
    verdict[there & empty] = GHOST
    unit = cells["liquidity"].attrs["units"]
    dims = cells["liquidity"].dims
    flags = {"flag_values": np.arange(len(VERDICTS), dtype=np.uint8), "flag_meanings": " ".join(VERDICTS)}
    cells["raw"] = dims, raw, {"long_name": "summed size of the bucket's snapshots", "units": unit}
    cells["filled"] = dims, drawn, {"long_name": "size that the original draws", "units": unit}
    cells["filled_age"] = dims, since, {"long_name": "age of what the original draws", "units": "s"}
    cells["verdict"] = dims, verdict, {"long_name": "what the book says of what is drawn", **flags}


def _places(frame: pd.DataFrame, times: np.ndarray, prices: np.ndarray) -> tuple[np.ndarray, ...]:
    """Indices (side, row, column) of a frame's rows."""
    column = np.searchsorted(times, frame["time"].to_numpy("datetime64[ns]").astype(np.int64))
    row = np.searchsorted(prices, frame["price"].to_numpy())
    return (frame["side"] == SIDES[1]).to_numpy(np.int64), row, column
