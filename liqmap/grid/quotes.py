"""The touch at the times of a grid: to the bin from its cells, exactly from a frame of quotes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.frames import frame_kind, to_arrow
from liqmap.grid.cells import Cells
from liqmap.schema import OBSERVED, SIDES, TIMESTAMP, FormatError, GridError, int64
from liqmap.schema.times import instants, spell

EXPECTED = "the frame of Session.bbo with ts, bid and ask"


def touch(cells: Cells, bbo: Any = None) -> np.ndarray:
    """Best bid and best ask, (2, T), quote currency; NaN where there is none, or no such side."""
    if bbo is not None:
        times, quotes = _steps(bbo)
        _check_met(times, cells.times)
        if cells.attribute("agg") == "last":
            return _before(cells.times[:, 1], times, quotes)
        return _mean(cells.times, times, quotes)
    best = np.full((2, len(cells.grid["time"])), np.nan)
    size = cells.values("observed") if "observed" in cells.grid else cells.liquidity
    for s, side in enumerate(cells.sides):
        lit = (cells.state[s] == OBSERVED) & (size[s] > 0)
        bins = len(lit) - 1 - lit[::-1].argmax(axis=0) if side == "bid" else lit.argmax(axis=0)
        best[SIDES.index(side)] = np.where(lit.any(axis=0), cells.middles[bins], np.nan)
    return best


def _steps(bbo: Any) -> tuple[np.ndarray, np.ndarray]:
    """Times (B,) int64 ns and quotes (2, B), each standing until the next; of a frame of any library."""
    if frame_kind(bbo) is None:
        raise GridError(argument="bbo", expected=EXPECTED, got=f"a {type(bbo).__name__}")
    try:
        table = to_arrow(bbo, "bbo")
    except FormatError as error:
        raise GridError.wrapping(error) from None
    missing = [name for name in ("ts", *SIDES) if name not in table.column_names]
    if missing or not table.num_rows:
        got = f"no {missing[0]}" if missing else "no row"
        raise GridError(argument="bbo", expected=EXPECTED, got=got)
    times = _times(table["ts"])
    if (np.diff(times) < 0).any():
        raise GridError(
            argument="bbo", expected="times that rise", got="a step back", remedy="Sort the frame by ts"
        )
    return times, np.stack([_prices(table[side], side) for side in SIDES])


def _times(column: pa.ChunkedArray) -> np.ndarray:
    """(B,) int64 ns; as everywhere, numbers are ms or ns since 1970 by their size."""
    if column.null_count:
        got = f"{column.null_count:,} without"
        raise GridError(argument="bbo", expected="a time in every row", got=got)
    if not pa.types.is_timestamp(column.type):
        return instants(column.to_numpy(), "bbo.ts")
    try:
        return int64(column.cast(TIMESTAMP))
    except pa.ArrowInvalid:
        raise GridError(argument="bbo", expected="times that nanoseconds can hold", got="others") from None


def _prices(column: pa.ChunkedArray, name: str) -> np.ndarray:
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
        raise GridError(argument="bbo", expected=f"numbers in {name}", got=str(kind))
    return column.cast(pa.float64()).to_numpy().astype(np.float64)


def _check_met(times: np.ndarray, bins: np.ndarray) -> None:
    """Refuse quotes of another time than the grid's: the last would stand on through all of it."""
    begin, end = int(bins.min()), int(bins.max())
    if times[-1] < begin or times[0] >= end:
        raise GridError(
            argument="bbo",
            expected=f"quotes of the grid's time ({spell(begin)} to {spell(end)})",
            got=f"{spell(int(times[0]))} to {spell(int(times[-1]))}",
            remedy="Pass session.bbo() of its session",
        )


def _before(instants: np.ndarray, times: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """The quotes in the instant before each of ``instants``."""
    k = np.searchsorted(times, instants, side="left") - 1
    return np.where(k >= 0, quotes[:, k], np.nan)


def _mean(bins: np.ndarray, times: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """Time-weighted mean of the quotes over each bin (T, 2), of the time that both sides are quoted."""
    cuts = np.unique(np.concatenate([times, bins.ravel()]))
    k = np.searchsorted(times, cuts, side="right") - 1
    quoted = (k >= 0) & np.isfinite(quotes[:, k]).all(axis=0)
    width = np.where(quoted, np.append(np.diff(cuts), 0), 0).astype(np.float64)
    places = np.searchsorted(
        cuts, bins.ravel()
    )  # begin and stop of a bin in turn: every second sum is between bins
    time = np.add.reduceat(width, places)[::2]
    weighed = np.add.reduceat(np.where(quoted, quotes[:, k], 0.0) * width, places, axis=1)[:, ::2]
    return np.divide(weighed, time, out=np.full(weighed.shape, np.nan), where=time > 0)
