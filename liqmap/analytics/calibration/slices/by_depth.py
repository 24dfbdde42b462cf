"""The answer of one number of levels, as a row beside those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.answer import best_point, intervals
from liqmap.analytics.calibration.surface import Surface

if TYPE_CHECKING:
    import pandas as pd

    from liqmap.analytics.calibration.fitted.gain import Gain
    from liqmap.analytics.calibration.score import Choices, Score

OF_BEST = "half_life", "prune", "shortest", "longest", "error", "low", "high"
"""Columns of the best half-life and prune over all of the time."""

OUT_OF_SAMPLE = (
    "rival", "rival_low", "rival_high", "fitted", "fitted_low", "fitted_high",
    "gain", "gain_low", "gain_high", "recommended",
)  # fmt: skip
"""Columns of what was chosen on the first part of the time and judged on the second: the best half-life
(`rival`), the fitted model, and by how much that is better."""


def row_of(scored: Score, chosen: Choices, view: int | None, depth: int | None) -> pd.DataFrame:
    """A frame of one row.

    Returns
    -------
    DataFrame : ``view``, ``depth`` (levels a side shown, and of the truth), ``levels`` judged; `OF_BEST`;
        ``out_of_sample`` and the baselines ``drop``, ``hold``, ``occupancy``, errors of `Best`; ``unpruned``,
        the half-life of least error without a prune, with ``unpruned_shortest`` and ``unpruned_longest``,
        those as good; `OUT_OF_SAMPLE`, in the measure that the model is fitted to (``error``, or ``l2`` for
        the mean), NaN where too little is known to fit one.
    """
    import pandas as pd

    best = scored.best
    row: dict[str, Any] = {"view": view, "depth": depth, "levels": scored.levels}
    found = best.half_life, best.prune, *best.interval, best.error, *best.error_interval
    row |= dict(zip(OF_BEST, found))
    row |= {name: getattr(best, name) for name in ("out_of_sample", "drop", "hold", "occupancy")}
    row |= unpruned(scored.surface, chosen)
    row |= dict(zip(OUT_OF_SAMPLE, _second_part(None if scored.fit is None else scored.fit.gain)))
    return pd.DataFrame([row])


def tables_of(views: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same in tables that fit on a page, by their titles: the best point, and what beats it."""
    late = [name for name in ("unpruned", *OUT_OF_SAMPLE) if name in views]
    rest = ["unpruned_shortest", "unpruned_longest"]
    found = {"by number of levels": views.drop(columns=[*late, *rest], errors="ignore")}
    if late and views["fitted"].notna().any():
        found["best half-life and fitted model on the second part"] = views[["view", *late]]
    return found


def unpruned(surface: Surface, chosen: Choices) -> dict[str, str]:
    """The half-life of least error without a prune, and those that are as good: how long levels last, in one
    number, which half-life and prune together are not."""
    alone = surface._replace(sums={name: sums[:, :, -1:] for name, sums in surface.sums.items()})
    at = best_point(alone.measures()["error"])
    flat = intervals(alone, at, chosen.draws, chosen.level, chosen.seed).flat[:, 0]
    alike = np.flatnonzero(flat)
    found = {"unpruned": at[0], "unpruned_shortest": alike[0], "unpruned_longest": alike[-1]}
    return {name: chosen.words(int(h), -1)[0] for name, h in found.items()}


def _second_part(gain: Gain | None) -> tuple[Any, ...]:
    if gain is None:
        return (*(np.nan for _ in OUT_OF_SAMPLE[:-1]), False)
    return (
        gain.half_life, *gain.half_life_interval, gain.fitted, *gain.fitted_interval,
        gain.gain, *gain.interval, gain.recommended,
    )  # fmt: skip
