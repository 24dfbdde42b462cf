"""Classes of true / last size: 32 a decade from 1/1000 to 1000, open at both ends, and one for no change.

0 ... CHANGED - 1      smaller, the first from 0 on
CHANGED                the same size, to 1e-9
CHANGED + 1 ...        larger, the last without an end
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

A_DECADE, DECADES = 32, 3

SAME = A_DECADE * DECADES + 1
"""The class of what has not changed."""

RATIOS = 2 * SAME + 1
"""Q, the number of classes."""

ROUNDING = 1e-9

_STEPS = 10.0 ** (np.arange(1, SAME) / A_DECADE)

LOW_ENDS = np.concatenate([[0.0], 1 / _STEPS[::-1], [1.0, 1.0], _STEPS])
"""(Q,) the least ratio of each class."""

HIGH_ENDS = np.concatenate([1 / _STEPS[::-1], [1.0, 1.0], _STEPS, [np.inf]])
"""(Q,) the largest."""


@borrowing
def ratio_of(size, true):
    """The class of what is there of a size; ``true`` above 0."""
    ratio = true / size
    if abs(ratio - 1.0) <= ROUNDING:
        return SAME
    steps = np.log10(ratio) * A_DECADE
    if ratio < 1.0:
        return SAME - 1 - min(int(-steps), SAME - 1)
    return SAME + 1 + min(int(steps), SAME - 1)
