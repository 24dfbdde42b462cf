"""The best half-life by how long a level was out of sight: from the sums that all prunes come of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.calibration.answer import TOLERANCE, resampled
from liqmap.analytics.calibration.fitted.gain import LEAST_BLOCKS
from liqmap.schema import OPEN

if TYPE_CHECKING:
    import pandas as pd

    from liqmap.analytics.calibration.score import Choices
    from liqmap.analytics.calibration.sums import Sums

DROPPED = "drop"
"""In the place of a half-life: every one that was tried is worse than to draw nothing."""


ERRORS = "error", "low", "high"


class _Age(NamedTuple):
    """Levels of one age by block of time: |carried - true| under each half-life (B, H), true sizes (B,)."""

    absolute: np.ndarray
    true: np.ndarray

    def errors(self, counts: np.ndarray) -> np.ndarray:
        """(R, H) for R draws of the blocks; NaN where nothing is there to compare with."""
        true = counts @ self.true
        return np.asarray((counts @ self.absolute) / np.where(true > 0, true, np.nan)[:, None])


def by_age(sums: Sums, chosen: Choices, half_life: str, prune: str) -> pd.DataFrame:
    """A row per age between the prunes that were tried.

    Parameters
    ----------
    half_life, prune : the best of all ages together, in words.

    Returns
    -------
    DataFrame : ``age_low``, ``age_high`` (s; a level of just that age is below it), ``rows`` judged,
        ``liquidity``: share of all that is true, ``there``: share of the rows that are, ``half_life`` of the
        least error among these rows alone, ``shortest`` and ``longest`` of those as good (not surely worse by
        more than 0.01), its ``error`` with ``low`` and ``high``, ``overall``: that of the best of all ages,
        and ``hold``: that without decay. ``drop`` stands for a half-life where none is better than nothing;
        errors are of the true size of the same rows. Of an age with liquidity in fewer than five blocks of
        time nothing is said: no half-life, NaN.

    Notes
    -----
    Within a narrow age a half-life is little else than one weight, 2**(-age / half_life): the best is the one
    whose weight is nearest to the median of what is left. So it grows with the age wherever something stays.
    """
    import pandas as pd

    counts = np.vstack([np.ones(len(sums.plain)), resampled(len(sums.plain), chosen.draws, chosen.seed)])
    lives = [chosen.words(h, -1)[0] for h in range(len(chosen.half_lives))]
    edges = [0.0, *(np.inf if p == OPEN else p / 1e9 for p in chosen.prunes)]
    plain = {name: sums.of(name).sum(axis=0) for name in ("count", "present", "true")}
    rows = []
    for a in range(len(edges) - 1):
        age = _Age(sums.of("absolute")[:, a], sums.of("true")[:, a])
        count, total = plain["count"][a], plain["true"].sum()
        row: dict[str, Any] = {"age_low": edges[a], "age_high": edges[a + 1], "rows": int(count)}
        row["liquidity"] = float(plain["true"][a] / total) if total else np.nan
        row["there"] = float(plain["present"][a] / count) if count else np.nan
        row |= _answer(age.errors(counts), lives, chosen.level, int(np.count_nonzero(age.true)))
        row["overall"] = _overall(age, lives, half_life, dropped=_below(prune, chosen) <= a)
        row["hold"] = float(age.errors(counts[:1])[0, -1])
        rows.append(row)
    found = pd.DataFrame(rows)
    return found[found["age_low"] < found["age_high"]].reset_index(drop=True)


def _answer(errors: np.ndarray, lives: list[str], level: float, blocks: int) -> dict[str, Any]:
    """The best half-life, those as good, and its error: of drawn errors (R + 1, H), the first all of them;
    nothing of too few blocks to say."""
    whole = errors[0]
    if blocks < LEAST_BLOCKS:
        nothing = {"half_life": "", "shortest": "", "longest": ""}
        return nothing | dict.fromkeys(ERRORS, np.nan)
    tail, best = (1 - level) / 2, int(np.argmin(whole))
    if whole[best] >= 1:
        return dict.fromkeys(("half_life", "shortest", "longest"), DROPPED) | dict.fromkeys(ERRORS, 1.0)
    drawn = errors[1:][np.isfinite(errors[1:, 0])]
    alike = np.flatnonzero(np.quantile(drawn - drawn[:, best : best + 1], tail, axis=0) <= TOLERANCE)
    low, high = (float(q) for q in np.quantile(drawn[:, best], [tail, 1 - tail]))
    found = {"half_life": lives[best], "shortest": lives[alike[0]], "longest": lives[alike[-1]]}
    return found | {"error": float(whole[best]), "low": low, "high": high}


def _below(prune: str, chosen: Choices) -> int:
    """How many of the ages a prune lets be carried."""
    words = [chosen.words(0, p)[1] for p in range(len(chosen.prunes))]
    return words.index(prune) + 1 if prune in words else 0


def _overall(age: _Age, lives: list[str], half_life: str, dropped: bool) -> float:
    """Error of the best of all ages: 1 where its prune has dropped the level."""
    whole = age.errors(np.ones((1, len(age.true))))[0]
    if not np.isfinite(whole[0]):
        return float("nan")
    return 1.0 if dropped else float(whole[lives.index(half_life)])
