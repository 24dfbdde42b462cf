"""The touch at the times of a grid: to the bin from its cells, exactly from a frame of quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liqmap.grid.cells import Cells
from liqmap.schema import OBSERVED, SIDES, GridError

if TYPE_CHECKING:
    import pandas as pd


def touch(cells: Cells, bbo: pd.DataFrame | None = None) -> np.ndarray:
    """Best bid and best ask, (2, T), quote currency; NaN where there is none, or no such side."""
    if bbo is not None:
        times, quotes = _steps(bbo)
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


def _steps(bbo: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Times (B,) int64 ns and quotes (2, B), each standing until the next."""
    import pandas as pd

    missing = [name for name in ("ts", *SIDES) if name not in bbo]
    if missing or not len(bbo):
        got = f"no {missing[0]}" if missing else "no row"
        raise GridError(argument="bbo", expected="the frame of Session.bbo with ts, bid and ask", got=got)
    times = pd.DatetimeIndex(pd.to_datetime(bbo["ts"], utc=True)).tz_localize(None).as_unit("ns").asi8
    if (np.diff(times) < 0).any():
        raise GridError(
            argument="bbo", expected="times that rise", got="a step back", remedy="Sort the frame by ts"
        )
    return times, bbo[list(SIDES)].to_numpy(np.float64).T


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
