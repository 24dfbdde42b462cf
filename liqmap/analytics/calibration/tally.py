"""The kernel that adds judged levels to their sums."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

GROUPS = 10
"""Groups of levels by weight: tenths."""


@borrowing
def add_weighed(sums, groups, size, weight, true):
    """Add a level that a model carries by a weight to that model's sums (5,) and groups (GROUPS, 3)."""
    there = 1.0 if true > 0.0 else 0.0
    carried = size * weight
    sums[0] += abs(carried - true)
    sums[1] += (carried - true) * (carried - true)
    sums[2] += carried
    sums[3] += min(carried, true)
    sums[4] += (weight - there) * (weight - there)
    g = min(int(weight * GROUPS), GROUPS - 1)
    groups[g, 0] += 1.0
    groups[g, 1] += weight
    groups[g, 2] += there


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
            add_weighed(weighed[b, a, h], sums.groups[a, h], size[i], w, t)
