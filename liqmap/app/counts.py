"""Numbers about a frame, in one pass over its cells: a slider step pays for them each time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.schema import CARRIED, OBSERVED


class Counts(NamedTuple):
    """What a frame holds.

    observed, carried : cells with size above zero whose state is so.
    carried_share : share of the liquidity that is carried, 0 to 1; 0 where there is none. Weighed by cell:
        the same level counts for every column in which it rests.
    """

    observed: int
    carried: int
    carried_share: float

    @property
    def multiplier(self) -> float:
        """Cells with carry by cells without it; NaN where nothing was observed."""
        return (self.observed + self.carried) / self.observed if self.observed else float("nan")


def count(liquidity: np.ndarray, state: np.ndarray) -> Counts:
    """Counts of a frame: ``liquidity`` (2, P, T) float32, ``state`` (2, P, T) uint8."""
    seen, kept, size, of_kept = _count(liquidity.reshape(-1), state.reshape(-1))
    return Counts(int(seen), int(kept), float(of_kept / (size + of_kept)) if size + of_kept > 0 else 0.0)


@njit(cache=True, nogil=True)
def _count(size: np.ndarray, state: np.ndarray) -> tuple[int, int, float, float]:
    """Lit cells observed and carried, and the sums of their sizes."""
    seen = kept = 0
    of_seen = of_kept = 0.0
    for i in range(size.shape[0]):
        s = size[i]
        if s > 0:  # NaN is not
            if state[i] == OBSERVED:
                seen += 1
                of_seen += s
            elif state[i] == CARRIED:
                kept += 1
                of_kept += s
    return seen, kept, of_seen, of_kept
