"""Errors of every half-life and prune, from the sums."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.sums import Sample, Sums
from liqmap.carry import CarryModel, asked

DROPPED = {"absolute": "true", "squared": "true2", "carried": "", "recovered": "", "brier": "present"}
"""What a level adds to a sum where it is dropped: |0 - true| = true, and so on."""


class Surface(NamedTuple):
    """Per block of time, what each half-life and prune sums up to.

    sums : by name of `WEIGHED`, (B, H, P). levels, present, true, true2 : (B,).
    """

    sums: dict[str, np.ndarray]
    levels: np.ndarray
    present: np.ndarray
    true: np.ndarray
    true2: np.ndarray

    @classmethod
    def of(cls, sums: Sums) -> Surface:
        """The last prune is none: everything judged is carried."""
        found = {}
        for name, dropped in DROPPED.items():
            inside = np.cumsum(sums.of(name), axis=1)  # (B, A, H)
            whole = sums.of(dropped) if dropped else np.zeros(sums.plain.shape[:2])
            outside = np.zeros_like(whole)  # of the ages beyond
            outside[:, :-1] = np.cumsum(whole[:, :0:-1], axis=1)[:, ::-1]
            found[name] = (inside + outside[:, :, None]).transpose(0, 2, 1)
        plain = (sums.of(name).sum(axis=1) for name in ("count", "present", "true", "true2"))
        return cls(found, *plain)

    def part(self, blocks: slice) -> Surface:
        """Of some of the blocks."""
        return Surface({name: s[blocks] for name, s in self.sums.items()}, *(c[blocks] for c in self[1:]))

    def measures(self) -> dict[str, np.ndarray]:
        """Each (H, P), over all blocks: see `MEASURES`; NaN where nothing is there to compare with."""
        total = {name: s.sum(axis=0) for name, s in self.sums.items()}
        levels, true, true2 = self.levels.sum(), self.true.sum(), self.true2.sum()
        true, true2 = true or np.nan, true2 or np.nan
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "error": total["absolute"] / true,
                "l2": np.sqrt(total["squared"] / true2),
                "bias": (total["carried"] - true) / true,
                "recovered": total["recovered"] / true,
                "brier": total["brier"] / levels,
            }

    def drawn(self, draws: np.ndarray) -> np.ndarray:
        """Errors (R, H, P) of R draws of the blocks: (R, B) how often each was drawn."""
        blocks, *shape = self.sums["absolute"].shape
        absolute = draws @ self.sums["absolute"].reshape(blocks, -1)
        true = draws @ self.true
        return (absolute / np.where(true > 0, true, np.nan)[:, None]).reshape(len(draws), *shape)


MEASURES = {
    "error": "sum of |carried - true| over the sum of true sizes; 1 when dropped",
    "l2": "root of the sum of (carried - true)**2 over that of true**2; 1 when dropped",
    "bias": "sum of carried - true over the sum of true sizes",
    "recovered": "share of the true liquidity that is drawn: sum of min(carried, true)",
    "brier": "mean of (weight - there)**2, the weight taken for the probability that the level is there",
    "rank": "rank correlation (Spearman) of carried and true sizes, over a random sample",
}


def rank_correlations(sample: Sample, rates: np.ndarray, prunes: np.ndarray) -> np.ndarray:
    """Spearman's correlation of carried and true sizes under each half-life and prune: (H, P).

    Parameters
    ----------
    rates : (H,) 1 / half-life, 1 / ns; prunes : (P,) int64 ns.
    """
    true = ranks(sample.true)
    out = np.empty((len(rates), len(prunes)))
    for h, rate in enumerate(rates):
        weighed = sample.size * np.exp2(-sample.age * rate)
        for p, prune in enumerate(prunes):
            out[h, p] = _correlation(ranks(np.where(sample.age <= prune, weighed, 0.0)), true)
    return out


def rank_correlation(sample: Sample, carry: CarryModel) -> float:
    """Spearman's correlation of carried and true sizes under a model."""
    weight = carry.weight(sample.age, *asked(carry, sample.distance, sample.size))
    return _correlation(ranks(sample.size * weight), ranks(sample.true))


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, those of equal values their mean; float64."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    return (first + (counts - 1) / 2)[place]


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's; NaN where one of them does not vary."""
    if len(a) < 2:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float((a @ b) / scale) if scale > 0 else float("nan")
