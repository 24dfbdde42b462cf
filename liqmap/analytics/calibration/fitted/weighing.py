"""The kernel that judges mixtures level by level, exactly: classes of what is left only serve to fit them."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.fitted.counting import class_of
from liqmap.analytics.calibration.tally import add_weighed
from liqmap.compiling import borrowing


@borrowing
def weigh(size, age, distance, true, block, mixtures, sums):
    """Add N levels (size, age in ns, distance, true, block) to `Sums` of one age, under M mixtures."""
    rates, shares = mixtures.rates, mixtures.shares
    for i in range(size.shape[0]):
        s, d = class_of(mixtures.sizes, size[i]), class_of(mixtures.distances, distance[i])
        b, t = block[i], true[i]
        sums.plain[b, 0, 0] += 1.0
        sums.plain[b, 0, 1] += 1.0 if t > 0.0 else 0.0
        sums.plain[b, 0, 2] += t
        sums.plain[b, 0, 3] += t * t
        for k in range(rates.shape[0]):
            mixtures.powers[k] = np.exp2(-age[i] * rates[k])
        for m in range(shares.shape[0]):
            w = 0.0
            for k in range(rates.shape[0]):
                w += shares[m, s, d, k] * mixtures.powers[k]
            add_weighed(sums.weighed[b, 0, m], sums.groups[0, m], size[i], min(w, 1.0), t)
