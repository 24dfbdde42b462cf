"""Values of a row -> its cells: liquidity and state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.raster.columns import PEAK
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN


class ObservedSide(NamedTuple):
    """What was observed of one side, and what its window knew.

    values : (P, T) float32, written only in the rows that are ``lit``, (P,) bool.
    bound : (T,) int64, the outermost tick that the window covers in each column, outward.
    nearest : (P,) int64, the tick of each row that is nearest to the touch, outward (see `window`).
    """

    values: np.ndarray
    lit: np.ndarray
    bound: np.ndarray
    nearest: np.ndarray


class CellArrays(NamedTuple):
    """The cells of one side to be written.

    liquidity : (P, T) float32; state : (P, T) uint8.
    observed, carried : the two parts of liquidity, (P, T) float32, or both (0, 0) where nobody asks.
    """

    liquidity: np.ndarray
    state: np.ndarray
    observed: np.ndarray
    carried: np.ndarray


def cell_arrays(frames: Mapping[str, np.ndarray], side: int) -> CellArrays:
    """The cells of one side among arrays (2, P, T) by name."""
    nobody = np.empty((2, 0, 0), np.float32)
    parts = (frames.get(name, nobody)[side] for name in ("observed", "carried"))
    return CellArrays(frames["liquidity"][side], frames["state"][side], *parts)


@borrowing
def write_row(agg, r, seen, values, carried, used, out):
    """Write the cells of row ``r``: known where bound >= nearest, so that the window covers it, or something
    was seen.

        liquidity = observed + carried, for ``peak`` the larger; NaN where neither is known

    Parameters
    ----------
    seen : `ObservedSide`; out : `CellArrays`.
    values : (T,) float64, carried sizes; carried : (T,) uint8, 1 where anything is carried.
    used : whether anything is carried in this row.
    """
    if used:
        _write_carried(agg, r, seen, values, carried, out)
    else:
        _write_observed(r, seen, out)
    if out.observed.shape[0] > 0:
        _write_parts(r, seen, values, used, out)


@borrowing
def _write_observed(r, seen, out):
    """Cells of a row without anything carried."""
    bound, nearest, observed = seen.bound, seen.nearest[r], seen.values[r]
    liquidity, state = out.liquidity[r], out.state[r]
    if seen.lit[r]:
        for c in range(liquidity.shape[0]):
            known = (bound[c] >= nearest) | (observed[c] > 0.0)
            state[c] = OBSERVED if known else UNKNOWN
            liquidity[c] = observed[c] if known else np.nan
    else:
        for c in range(liquidity.shape[0]):
            known = bound[c] >= nearest
            state[c] = OBSERVED if known else UNKNOWN
            liquidity[c] = 0.0 if known else np.nan


@borrowing
def _write_carried(agg, r, seen, values, carried, out):
    """Cells of a row with something carried; selections, not branches, so that the loop is vectorized."""
    bound, nearest, observed, lit = seen.bound, seen.nearest[r], seen.values[r], seen.lit[r]
    liquidity, state = out.liquidity[r], out.state[r]
    for c in range(liquidity.shape[0]):
        size = observed[c] if lit else np.float32(0.0)
        known = (bound[c] >= nearest) | (size > 0.0)
        state[c] = OBSERVED if known else CARRIED * carried[c]
        value = max(np.float64(size), values[c]) if agg == PEAK else size + values[c]
        liquidity[c] = np.nan if (not known) & (carried[c] == 0) else value


@borrowing
def _write_parts(r, seen, values, used, out):
    """Observed and carried sizes of a row whose states are written; NaN where unknown."""
    state, observed, lit = out.state[r], seen.values[r], seen.lit[r]
    out_observed, out_carried = out.observed[r], out.carried[r]
    for c in range(state.shape[0]):
        size = observed[c] if lit else np.float32(0.0)
        carried = values[c] if used else 0.0
        out_observed[c] = np.nan if state[c] == UNKNOWN else size
        out_carried[c] = np.nan if state[c] == UNKNOWN else carried
