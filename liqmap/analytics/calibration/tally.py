"""The kernel that adds judged levels to their sums."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

GROUPS = 10
"""Groups of levels by weight: tenths."""


@borrowing
def tally(size, age, true, block, weights, prunes, sums):
    """Add N levels (size, age in ns, true, block) to `Sums`, under each of H models.

    A level of the age of a prune is still carried: what is judged is the instant before.
    """
    scale, rate, plain, weighed = weights.scale, weights.rate, sums.plain, sums.weighed
    last = prunes.shape[0]
    for i in range(size.shape[0]):
        a = 0
        while a < last and age[i] > prunes[a]:
            a += 1
        b, t = block[i], true[i]
        there = 1.0 if t > 0.0 else 0.0
        plain[b, a, 0] += 1.0
        plain[b, a, 1] += there
        plain[b, a, 2] += t
        plain[b, a, 3] += t * t
        for h in range(rate.shape[0]):
            w = scale[h] * np.exp2(-age[i] * rate[h])
            c = size[i] * w
            weighed[b, a, h, 0] += abs(c - t)
            weighed[b, a, h, 1] += (c - t) * (c - t)
            weighed[b, a, h, 2] += c
            weighed[b, a, h, 3] += min(c, t)
            weighed[b, a, h, 4] += (w - there) * (w - there)
            g = min(int(w * GROUPS), GROUPS - 1)
            sums.groups[a, h, g, 0] += 1.0
            sums.groups[a, h, g, 1] += w
            sums.groups[a, h, g, 2] += there
