"""What a fitted model learnt, class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liqmap.analytics.calibration.fitted.counting import RATIOS
from liqmap.analytics.calibration.fitted.counts import Counts
from liqmap.analytics.calibration.fitted.plan import Plan
from liqmap.carry import Mixture

if TYPE_CHECKING:
    import pandas as pd

AGES = {"weight_10s": 10, "weight_1min": 60, "weight_10min": 600}
"""Seconds by column."""

BEYOND = 1.5
"""How far a class without an end is shown."""


def learnt(counts: Counts, plan: Plan, mixture: Mixture) -> pd.DataFrame:
    """A row per class of size and distance, by size and then distance.

    Returns
    -------
    DataFrame : ``size_low``, ``size_high`` (base units), ``distance_low``, ``distance_high`` (bps; infinite
        includes levels without a touch), ``rows`` judged, ``share`` of all true liquidity, ``kept``: sum of
        min(true, size) over the sum of sizes, ``weight_10s``, ``weight_1min``, ``weight_10min``.
    """
    import pandas as pd

    rows = plan.sums(counts.rows.sum(axis=0))
    size, true = (plan.sums(each.sum(axis=(0, 3))) for each in (counts.size, counts.true))
    whole, total = size.sum(axis=-1), true.sum(axis=-1)
    smaller = np.concatenate([true[..., : RATIOS + 1], size[..., RATIOS + 1 :]], axis=-1).sum(axis=-1)
    sizes, distances = (np.concatenate([[0.0], e, [np.inf]]) for e in (mixture.sizes, mixture.distances))
    s, d = (index.ravel() for index in np.indices(rows.shape))
    ages = np.array(list(AGES.values())) * 1e9
    weights = mixture.shares @ np.exp2(-mixture.rates[:, None] * ages)
    with np.errstate(invalid="ignore"):
        kept = smaller / whole
    found = {
        "size_low": sizes[s], "size_high": sizes[s + 1],
        "distance_low": distances[d], "distance_high": distances[d + 1],
        "rows": rows.ravel().astype(np.int64), "share": (total / total.sum()).ravel(), "kept": kept.ravel(),
    }  # fmt: skip
    found |= {name: weights[..., k].ravel() for k, name in enumerate(AGES)}
    return pd.DataFrame(found)


def weight_steps(table: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Weights by size as steps, for a picture: for each age in words, sizes and weights, (2 S,) each.

    Classes of distance are taken together by how many levels are in each. The first and the last class, which
    have no end, are shown half as wide again as what they begin or end with.
    """
    edges = np.unique(np.append(table["size_low"], table["size_high"]))
    inner = edges[1:-1]
    ends = (inner[:1] / BEYOND, inner[-1:] * BEYOND) if len(inner) else ([1.0], [BEYOND])
    shown = np.concatenate([ends[0], inner, ends[1]])
    found = {}
    for name in AGES:
        by_size = table.groupby("size_low")[[name, "rows"]]
        weights = [np.average(mine[name], weights=mine["rows"] + 1e-9) for _, mine in by_size]
        words = name.removeprefix("weight_").replace("10s", "10 s").replace("min", " min")
        found[f"after {words}"] = np.repeat(shown, 2)[1:-1], np.repeat(weights, 2)
    return found
