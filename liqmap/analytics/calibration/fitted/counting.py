"""The kernel that counts judged levels by class."""

from __future__ import annotations

from liqmap.compiling import borrowing

RATIOS = 10
"""Classes of true / size between 0 and 1."""

KEPT = RATIOS + 3
"""R: gone, between, the same size, larger."""


@borrowing
def class_of(edges, value):
    """How many edges are at or below a value; all of them for NaN, as `numpy.searchsorted` has it."""
    low, high = 0, edges.shape[0]
    while low < high:
        middle = (low + high) // 2
        if value < edges[middle]:
            high = middle
        else:
            low = middle + 1
    return low


@borrowing
def _kept(size, true):
    """The class of what is left of a size: 0 gone, the last but one the same, the last larger."""
    if true <= 0.0:
        return 0
    if true >= size:
        return RATIOS + 1 if true == size else RATIOS + 2
    return 1 + min(int(true / size * RATIOS), RATIOS - 1)


@borrowing
def count(size, age, distance, true, fold, classes, counts):
    """Add N levels (size, age in ns, distance, true, fold) to `Counts`."""
    for i in range(size.shape[0]):
        f, s = fold[i], class_of(classes.sizes, size[i])
        d, a = class_of(classes.distances, distance[i]), class_of(classes.ages, age[i])
        r = _kept(size[i], true[i])
        counts.rows[f, s, d] += 1.0
        counts.size[f, s, d, a, r] += size[i]
        counts.true[f, s, d, a, r] += true[i]
        counts.age[a] += size[i] * age[i]
