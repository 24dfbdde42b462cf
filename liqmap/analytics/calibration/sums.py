"""Sums over judged levels: by block of time, by age between prunes, and by half-life.

A prune only says up to which age a level counts as carried, so all prunes come of one pass: what is younger
is carried, what is older is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.held_out import HeldOut
from liqmap.analytics.calibration.tally import GROUPS, tally

PLAIN = ("count", "present", "true", "true2")
WEIGHED = ("absolute", "squared", "carried", "recovered", "brier")


class Weights(NamedTuple):
    """H carry models of one exponential each: w(age) = scale 2**(-age rate) up to the prune.

    scale : (H,) 0 to 1; rate : (H,) 1 / ns, 0 without decay.
    """

    scale: np.ndarray
    rate: np.ndarray


class Sums(NamedTuple):
    """Sums over the levels judged in B blocks of time, A ages between prunes, under H models.

    plain : (B, A, 4): how many levels, how many are there (true > 0), the sum of true sizes, and of their
        squares. Named by `PLAIN`.
    weighed : (B, A, H, 5), with c = size x weight and q = weight as the probability that a level is there:
        sums of |c - true|, (c - true)**2, c, min(c, true), (q - there)**2. Named by `WEIGHED`.
    groups : (A, H, GROUPS, 3), levels by their weight in tenths: how many, sum of weights, how many there.
    """

    plain: np.ndarray
    weighed: np.ndarray
    groups: np.ndarray

    @classmethod
    def zeros(cls, blocks: int, ages: int, models: int) -> Sums:
        return cls(
            np.zeros((blocks, ages, len(PLAIN))),
            np.zeros((blocks, ages, models, len(WEIGHED))),
            np.zeros((ages, models, GROUPS, 3)),
        )

    def of(self, name: str) -> np.ndarray:
        """The sums of a name: (B, A), or (B, A, H)."""
        if name in PLAIN:
            return self.plain[:, :, PLAIN.index(name)]
        return self.weighed[:, :, :, WEIGHED.index(name)]


class Blocks(NamedTuple):
    """B blocks of time of equal length from ``begin`` on, ns."""

    begin: int
    length: int
    number: int

    def of(self, time: np.ndarray) -> np.ndarray:
        """The block of each time, int64; an instant belongs to the block that it ends."""
        return np.clip((time - 1 - self.begin) // self.length, 0, self.number - 1)


class Sample(NamedTuple):
    """Some of the levels judged, each as likely as any other, (n,): size, age (ns), true, distance (bps)."""

    size: np.ndarray
    age: np.ndarray
    true: np.ndarray
    distance: np.ndarray


def sum_up(
    portions: Iterable[HeldOut], weights: Weights, prunes: np.ndarray, blocks: Blocks, share: float, seed: int
) -> tuple[Sums, Sample]:
    """The sums of all levels judged, in one pass, and a random ``share`` of the levels.

    Parameters
    ----------
    prunes : (P,) int64 ns, rising; they divide P + 1 ages.
    """
    sums = Sums.zeros(blocks.number, len(prunes) + 1, len(weights.rate))
    chance = np.random.default_rng(seed)
    kept: list[Sample] = []
    for rows in portions:
        tally(rows.size, rows.age, rows.true, blocks.of(rows.time), weights, prunes, sums)
        some = chance.random(len(rows.time)) < share
        kept.append(Sample(rows.size[some], rows.age[some], rows.true[some], rows.distance[some]))
    if not kept:
        return sums, Sample(np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0))
    return sums, Sample(*(np.concatenate(columns) for columns in zip(*kept)))
