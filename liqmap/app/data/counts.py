"""Numbers about a frame, in one pass over its cells: a slider step pays for them each time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.render.frames.colour import Look, Scale
from liqmap.render.frames.frame import Frame
from liqmap.schema import CARRIED, OBSERVED


class Counts(NamedTuple):
    """What is lit of a frame, of either side.

    observed, carried : lit cells whose state is so.
    carried_share : share of the liquidity in them that is carried, 0 to 1; 0 where there is none. Weighed by
        cell: the same level counts for every column in which it rests.
    """

    observed: int
    carried: int
    carried_share: float

    @property
    def multiplier(self) -> float:
        """Cells with carry by cells without it; NaN where nothing was observed."""
        return (self.observed + self.carried) / self.observed if self.observed else float("nan")


def count_lit(frame: Frame, look: Look, scale: Scale) -> Counts:
    """Counts of what a look lights: of the sides drawn, above the lower cut-off, not below the smallest size,
    and carried only where it is not hidden."""
    a_row = frame.ticks_a_row if frame.per else 1
    return count(
        frame.liquidity,
        frame.state,
        (look.bids, look.asks),
        look.strength > 0,
        scale.low * a_row,
        look.min_size,
    )


def count(
    liquidity: np.ndarray,
    state: np.ndarray,
    drawn: tuple[bool, bool] = (True, True),
    carried: bool = True,
    above: float = 0.0,
    least: float = 0.0,
) -> Counts:
    """Counts of cells: ``liquidity`` (2, P, T) float32, ``state`` (2, P, T) uint8.

    Parameters
    ----------
    drawn : whether bids and asks count.
    carried : whether what is carried counts.
    above, least : sizes not above the one, or below the other, do not count; base units.
    """
    seen = kept = 0
    size = of_kept = 0.0
    for side in (0, 1):
        if drawn[side]:
            found = _count(liquidity[side].reshape(-1), state[side].reshape(-1), above, np.float32(least))
            seen, size = seen + int(found[0]), size + found[2]
            if carried:
                kept, of_kept = kept + int(found[1]), of_kept + found[3]
    return Counts(seen, kept, float(of_kept / (size + of_kept)) if size + of_kept > 0 else 0.0)


@njit(cache=True, nogil=True)
def _count(size: np.ndarray, state: np.ndarray, above: float, least: float) -> tuple[int, int, float, float]:
    """Lit cells observed and carried, and the sums of their sizes."""
    seen = kept = 0
    of_seen = of_kept = 0.0
    for i in range(size.shape[0]):
        s = size[i]
        if s > above and s >= least:  # NaN is not
            if state[i] == OBSERVED:
                seen += 1
                of_seen += s
            elif state[i] == CARRIED:
                kept += 1
                of_kept += s
    return seen, kept, of_seen, of_kept
