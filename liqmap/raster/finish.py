"""Values of a row -> its cells: liquidity and state."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.raster.columns import NOTHING, PEAK
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN


@borrowing
def finish_plain(reach, bound, observed, lit, liquidity, state):
    """Cells of a row without anything carried."""
    if lit:
        for c in range(liquidity.shape[0]):
            known = (bound[c] >= reach) | (observed[c] > 0.0)
            state[c] = OBSERVED if known else UNKNOWN
            liquidity[c] = observed[c] if known else np.nan
    else:
        for c in range(liquidity.shape[0]):
            known = bound[c] >= reach
            state[c] = OBSERVED if known else UNKNOWN
            liquidity[c] = 0.0 if known else np.nan


@borrowing
def finish_carried(agg, reach, bound, observed, lit, partial, carried, liquidity, state):
    """Cells of a row from its values. The window knows a column if its ``bound`` is at or past ``reach``.

    Selections instead of branches: the loops run on vector registers.
    """
    for c in range(liquidity.shape[0]):
        seen = observed[c] if lit else np.float32(0.0)
        known = (bound[c] >= reach) | (seen > 0.0)
        state[c] = OBSERVED if known else CARRIED * carried[c]
        value = max(np.float64(seen), partial[c]) if agg == PEAK else seen + partial[c]
        liquidity[c] = np.nan if (not known) & (carried[c] == 0) else value


@borrowing
def write_parts(state, observed, lit, partial, used, out_observed, out_carried):
    for c in range(state.shape[0]):
        seen = observed[c] if lit else np.float32(0.0)
        held = partial[c] if used else 0.0
        out_observed[c] = np.nan if state[c] == UNKNOWN else seen
        out_carried[c] = np.nan if state[c] == UNKNOWN else held


@borrowing
def reach_of(side, low, high):
    """The row's tick that is nearest to the other side, as `bound` counts; without ticks never known."""
    if low >= high:
        return NOTHING + 1
    return 1 - high if side == 0 else low
