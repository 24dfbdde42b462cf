"""The heatmap as a table of cells, carried or by the original algorithm; and what it amounts to."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field

from liqmap.carry import carry_model
from liqmap.fill import fill_forward, snapshots
from liqmap.render.frames.look import Look
from liqmap.schema import SIDES, STATES, Aggregate, GridError
from liqmap.server.answers.tables import schema_of, text, times
from liqmap.server.answers.tile import tile
from liqmap.server.asked import AtVenue, Carried, InPrices
from liqmap.server.limits import TooMuch
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served
from liqmap.session import Session

CELL = {
    "timestamp": Column("time", "left edge of the cell, ms"),
    "side": Column("text", "bid or ask"),
    "price": Column("number", "lower edge of the cell, quote currency"),
    "size": Column("number", "effective resting size, size units"),
    "state": Column("text", "observed or carried"),
    "age_ms": Column(
        "number", "at the right edge, since the book last confirmed it, ms, by size; null: gone by then", True
    ),
}

ABOUT = {
    "start_ts": Column("integer", "of the first cell, ms"),
    "end_ts": Column("integer", "where the last cell ends, ms"),
    "price_bucket": Column("number", "height of a cell, quote currency"),
    "time_bucket_sec": Column("number", "width of a cell, s"),
    "price_range": Column("numbers", "edges of the lowest and of the highest row, quote currency"),
    "fill_forward": Column("flag", "whether by the original algorithm"),
    "raw_points": Column("integer", "spans in view; of the original algorithm, rows of its snapshots"),
    "data_points": Column("integer", "cells that are lit"),
}

TOTALS = {
    "side": Column("text", "bid or ask"),
    "cells": Column("integer", "cells that are lit"),
    "size": Column("number", "their mean size over the range, size units x rows"),
    "carried_share": Column("number", "of the size, how much is carried, 0 to 1", nullable=True),
    "largest": Column("number", "size of the largest cell, size units", nullable=True),
    "largest_price": Column("number", "its price", nullable=True),
    "largest_timestamp": Column("time", "its left edge, ms", nullable=True),
}

Bucket = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]

Pixels = Annotated[int, Field(ge=1, le=8192)]


class HeatmapAsked(AtVenue, InPrices, Carried):
    """A heatmap of a market."""

    time_bucket_sec: Annotated[float, Field(ge=1e-3, le=86_400, allow_inf_nan=False)] = Field(
        5.0, description="width of a cell, s; edges are its multiples since 1970"
    )
    price_bucket: Bucket = Field(1.0, description="height of a cell, quote currency; edges are its multiples")
    method: Literal["carry", "fill"] = Field(
        "carry",
        description="carry: what left the window is told from what was cancelled; fill: the original",
    )
    agg: Aggregate | None = Field(
        None,
        description="of a cell; default: mean, of a picture peak; fill has only its own, sums of snapshots",
    )
    snapshot_ms: Annotated[int, Field(ge=50, le=60_000)] = Field(
        500, description="fill: distance of snapshots"
    )
    levels: Annotated[int, Field(ge=1, le=1_000)] = Field(
        100, description="fill: levels a side of a snapshot"
    )
    width: Pixels = Field(1200, description="of a picture, pixels")
    height: Pixels = Field(600, description="of a picture, pixels")
    theme: Literal["dark", "light"] = Field("dark", description="of a picture's colours")
    empty: bool = Field(
        False, description="of a picture: a trace of colour where the book is known to be empty"
    )


class Cells(NamedTuple):
    """Lit cells, as `CELL` has them; and what stands beside them."""

    table: pa.Table
    raw: int
    times: tuple[int, int]
    prices: tuple[float, float]


def picture(served: Served, asked: HeatmapAsked) -> bytes:
    """The heatmap as a transparent PNG: exactly the range and the prices, cells as fine as its pixels show.

    Raises
    ------
    TooMuch : more pixels than one answer may hold. GridError : by the original algorithm.
    """
    if asked.method == "fill":
        raise GridError(argument="method", expected="carry, of a picture", got="fill")
    if asked.width * asked.height > served.limits.pixels:
        got = f"{asked.width} x {asked.height}"
        raise TooMuch(
            where="width and height",
            expected=f"at most {served.limits.pixels:,} pixels",
            got=got,
            remedy="Ask for fewer",
        )
    session = served.days(asked)
    times_ms, prices = _range_ms(session, asked), prices_of(session, asked)
    times_ns = (times_ms[0] * 10**6, times_ms[1] * 10**6)
    carry = carry_model(asked.half_life, asked.prune)
    size = (asked.width, asked.height)
    return tile(
        session, times_ns, prices, size, carry, asked.agg or "peak", Look(theme=asked.theme), asked.empty
    )


@endpoint("/api/heatmap/{venue}/depth", CELL, ABOUT, picture)
def heatmap(served: Served, asked: HeatmapAsked) -> Answer:
    """Where liquidity rested: a row per lit cell, sorted by time, side and price.

    Cells that are not in the answer are empty or unknown. `method=carry` is `session.grid` of liqmap.
    `method=fill` is the algorithm that liqmap succeeds, kept to reproduce its results: sizes are sums over
    the snapshots of a bucket, and orders that were cancelled go on being shown.
    """
    cells = cells_of(served, asked)
    served.limits.check_rows(len(cells.table), "Ask for wider buckets, or a shorter range")
    return Answer(cells.table, _about(cells, asked))


def _about(cells: Cells, asked: HeatmapAsked) -> dict[str, Any]:
    return {
        "start_ts": cells.times[0],
        "end_ts": cells.times[1],
        "price_bucket": asked.price_bucket,
        "time_bucket_sec": asked.time_bucket_sec,
        "price_range": list(cells.prices),
        "fill_forward": asked.method == "fill",
        "raw_points": cells.raw,
        "data_points": len(cells.table),
    }


@endpoint("/api/heatmap/{venue}/depth/stats", TOTALS, ABOUT)
def heatmap_stats(served: Served, asked: HeatmapAsked) -> Answer:
    """What a heatmap amounts to: a row per side."""
    cells = cells_of(served, asked)
    frame = cells.table.to_pandas()
    columns = max(round((cells.times[1] - cells.times[0]) / 1000 / asked.time_bucket_sec), 1)
    rows = []
    for side in SIDES:
        mine = frame[frame["side"] == side]
        total = float(mine["size"].sum())
        carried = float(mine.loc[mine["state"] == "carried", "size"].sum())
        top = mine.loc[mine["size"].idxmax()] if len(mine) else None
        rows.append(
            {
                "side": side,
                "cells": len(mine),
                "size": total / columns,
                "carried_share": carried / total if total else None,
                "largest": None if top is None else float(top["size"]),
                "largest_price": None if top is None else float(top["price"]),
                "largest_timestamp": None if top is None else top["timestamp"],
            }
        )
    return Answer(pa.Table.from_pylist(rows, schema_of(TOTALS)), _about(cells, asked))


def cells_of(served: Served, asked: HeatmapAsked) -> Cells:
    """Lit cells of what is asked.

    Raises
    ------
    Missing : no such market, or nothing of it in the range. TooMuch : more cells than one answer may compute.
    GridError : prices in which there is nothing.
    """
    session = served.session(asked)
    low, high = prices_of(session, asked)
    times_ms = _range_ms(session, asked)
    _check_cells(served, asked, times_ms, (low, high))
    if asked.method == "fill":
        return filled(session, asked, times_ms, (low, high))
    # Of the whole days: what is heard after the range tells how long the last levels in it stood.
    return carried(served.days(asked), asked, times_ms, (low, high))


def _range_ms(session: Session, asked: HeatmapAsked) -> tuple[int, int]:
    """The range asked for, or all of the session, ms: [begin, end)."""
    first, last = (int(t.astype("datetime64[ms]").astype(np.int64)) for t in session.time_range)
    return (
        first if asked.start_ts is None else asked.start_ts,
        last + 1 if asked.end_ts is None else asked.end_ts,
    )


def prices_of(session: Session, asked: InPrices) -> tuple[float, float]:
    """The prices asked for, or where the touch went and a window beyond.

    Raises
    ------
    GridError : they do not rise, as one bound was asked for and the other taken from the market.
    """
    own = session.price_range if asked.price_min is None or asked.price_max is None else (0.0, 0.0)
    low = own[0] if asked.price_min is None else asked.price_min
    high = own[1] if asked.price_max is None else asked.price_max
    if not low < high:
        raise GridError(argument="price_range", expected="rising prices", got=f"{low:g} and {high:g}")
    return low, high


def _check_cells(
    served: Served, asked: HeatmapAsked, times: tuple[int, int], prices: tuple[float, float]
) -> None:
    """Refuse a grid that is too large, and say which bucket would do."""
    columns = (times[1] - times[0]) / 1000 / asked.time_bucket_sec + 1
    rows = (prices[1] - prices[0]) / asked.price_bucket + 1
    cells = 2 * columns * rows
    if cells > served.limits.cells:
        wider = asked.time_bucket_sec * cells / served.limits.cells
        raise TooMuch(
            where="time_bucket_sec and price_bucket",
            expected=f"at most {served.limits.cells:,} cells",
            got=f"{cells:,.0f}",
            remedy=f"Ask for a time_bucket_sec of {wider:.3g}, a larger price_bucket, or a shorter range",
        )


def carried(
    session: Session, asked: HeatmapAsked, times_ms: tuple[int, int], prices: tuple[float, float]
) -> Cells:
    """Cells of `session.grid`."""
    begin, end = (np.datetime64(t, "ms") for t in times_ms)
    grid = session.grid(
        time=f"{asked.time_bucket_sec!r}s",
        price=asked.price_bucket,
        half_life=asked.half_life,
        prune=asked.prune,
        agg=asked.agg or "mean",
        price_range=prices,
        time_range=(begin, end),
        parts=True,
    )
    size, state, age = (
        grid[name].transpose("time", "side", "price").values for name in ("liquidity", "state", "age")
    )
    t, side, p = np.nonzero(np.nan_to_num(size) > 0)
    at = t, side, p
    stamps, edges = grid["time_left"].values, grid["price_left"].values
    table = pa.table(
        {
            "timestamp": times(stamps[t]),
            "side": text(SIDES, side),
            "price": edges[p],
            "size": size[at].astype(np.float64),
            "state": text(STATES, state[at]),
            "age_ms": age[at].astype(np.float64) * 1000,
        }
    )
    bounds = grid["time_bounds"].values.astype("datetime64[ms]").astype(np.int64)
    rows = grid["price_bounds"].values
    spans = _spans_in(session, times_ms)
    return Cells(table, spans, (int(bounds.min()), int(bounds.max())), (float(rows.min()), float(rows.max())))


def _spans_in(session: Session, times_ms: tuple[int, int]) -> int:
    begin, end = (t * 10**6 for t in times_ms)
    return int(sum(((s.start < end) & (s.end > begin)).sum() for s in session.spans().sides))


def filled(
    session: Session, asked: HeatmapAsked, times_ms: tuple[int, int], prices: tuple[float, float]
) -> Cells:
    """Cells of `fill_forward` over the sums of snapshots."""
    step, height = round(asked.time_bucket_sec * 10**9), asked.price_bucket
    frame = snapshots(session, f"{asked.snapshot_ms}ms", asked.levels)
    frame = frame[(frame["price"] >= prices[0]) & (frame["price"] < prices[1])]
    stamp = frame["ts"].astype("datetime64[ns, UTC]").astype("int64") // step * step
    row = np.floor(frame["price"] / height + 1e-6)
    summed = frame.assign(time=stamp.to_numpy().view("datetime64[ns]"), price=np.round(row * height, 10))
    summed = summed.groupby(["time", "side", "price"], as_index=False, sort=True, observed=True)["size"].sum()
    out = fill_forward(summed, half_life=asked.half_life, prune=asked.prune)
    age = out["age"].to_numpy() * 1000
    table = pa.table(
        {
            "timestamp": times(out["time"].to_numpy()),
            "side": pa.array(out["side"].astype(str)),
            "price": out["price"].to_numpy(),
            "size": out["size"].to_numpy(),
            "state": text(STATES, np.where(age > 0, 2, 1)),
            "age_ms": age,
        }
    )
    ms = step // 10**6
    last = -(-times_ms[1] // ms) * ms
    return Cells(table, len(frame), (times_ms[0] // ms * ms, last), prices)
