"""Means over the time for which a book is known, instead of over the whole bin, where unknown counts as 0."""

from __future__ import annotations

import numpy as np

from liqmap.carry import CarryModel
from liqmap.raster.paint import paint
from liqmap.spans import Spans

BLOCK = 1 << 23
"""Cells of one tick that are painted at a time."""


def mean_over_known(spans: Spans, times: np.ndarray, rows: np.ndarray, carry: CarryModel) -> np.ndarray:
    """Sum over the ticks of each bin of their mean effective size over the time for which they are known.

    Parameters
    ----------
    times : (T + 1,) int64 ns; rows : (P + 1,) ticks that the bins begin at.

    Returns
    -------
    (2, P, T) float32, size units; 0 where no tick is known for any time.

    Notes
    -----
    m_k = (integral of the size of tick k over the time for which it is known) / (that time); a bin has the
    sum of the m_k. Each tick has a time of its own: sums over price stay sums, means over time do not.
    """
    out = np.zeros((2, len(rows) - 1, len(times) - 1), np.float32)
    most = max(1, BLOCK // (2 * (len(times) - 1)))
    for p in np.flatnonzero(np.diff(rows)):
        for low in range(int(rows[p]), int(rows[p + 1]), most):
            ticks = np.arange(low, min(low + most, int(rows[p + 1])) + 1)
            painted = paint(spans, times, ticks, carry, "mean", known=True)
            size, known = np.nan_to_num(painted["liquidity"]).astype(np.float64), painted["known"]
            out[:, p] += np.divide(size, known, out=np.zeros_like(size), where=known > 0).sum(axis=1)
    return out
