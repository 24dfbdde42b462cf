"""The kernel that counts levels, and those still there, by class."""

from __future__ import annotations

from liqmap.analytics.calibration.fitted.counting import class_of
from liqmap.compiling import borrowing


@borrowing
def count(size, distance, age, true, block, classes, counts):
    """Add N levels (size, distance, age in ns, true, block) to `Counts`."""
    for i in range(size.shape[0]):
        s, d = class_of(classes.sizes, size[i]), class_of(classes.distances, distance[i])
        b, a = block[i], class_of(classes.ages, age[i])
        counts.levels[b, s, d, a] += 1.0
        counts.age[b, s, d, a] += age[i] * 1e-9
        if true[i] > 0.0:
            counts.there[b, s, d, a] += 1.0
