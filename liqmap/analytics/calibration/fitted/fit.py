"""A mixture fitted to what was held out: to the first part of the time, judged on the second, and to all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.calibration.answer import resampled
from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.fitted.counts import Counts
from liqmap.analytics.calibration.fitted.gain import LEAST_BLOCKS, MEASURED, Gain, gain_of
from liqmap.analytics.calibration.fitted.learnt import learnt
from liqmap.analytics.calibration.fitted.plan import Plan, choose
from liqmap.analytics.calibration.fitted.weighing import weigh
from liqmap.analytics.calibration.held_out import HeldOut
from liqmap.analytics.calibration.sums import Blocks, Sample, Sums
from liqmap.analytics.calibration.surface import Surface, rank_correlation
from liqmap.carry import Duration, Mixture, nanoseconds
from liqmap.schema import OPEN

if TYPE_CHECKING:
    import pandas as pd

PARTS: tuple[Duration, ...] = ("3s", "20s", "2min", "15min", None)
"""Of the parts: some orders are gone within seconds, some stay."""

FOLDS = 5
"""Stretches of the first part of the time, each of which judges what is fitted to the others."""


class Mixtures(NamedTuple):
    """M mixtures of the same parts and classes, as kernels take them.

    sizes, distances : edges. rates : (K,). shares : (M, S, D, K). powers : (K,), room.
    """

    sizes: np.ndarray
    distances: np.ndarray
    rates: np.ndarray
    shares: np.ndarray
    powers: np.ndarray


class Fit(NamedTuple):
    """What was fitted, and what it is worth.

    mixture : fitted to all of the time. gain : beside the best half-life. learnt : DataFrame, a row a class.
    row : measures, as in the table of a calibration.
    """

    mixture: Mixture
    gain: Gain
    learnt: pd.DataFrame
    row: dict[str, Any]


class Fitting:
    """Counts levels as they are gone through once, fits, and judges as they are gone through again.

    Parameters
    ----------
    classes : of `classes_of`. cut : blocks of the first part of the time. target : ``median`` or ``mean``.
    """

    def __init__(self, classes: Classes, blocks: Blocks, cut: int, target: str = "median") -> None:
        self.classes, self.blocks, self.cut, self.target = classes, blocks, cut, target
        self.folds = min(FOLDS, cut)
        block = np.arange(blocks.number)
        self._fold = np.where(block < cut, block * self.folds // cut, self.folds)
        self.counts = Counts.zeros(self.folds + 1, self.classes)
        self.mixtures: list[Mixture] = []

    def counted(self, portions: Iterable[HeldOut]) -> Iterator[HeldOut]:
        """The portions as they come, each of them counted."""
        for rows in portions:
            self.counts.add(rows, self._fold[self.blocks.of(rows.time)], self.classes)
            yield rows

    def fit(self, surface: Surface, half_lives: Sequence[int]) -> None:
        """A mixture for the first part of the time and one for all of it, of the same classes and parts.

        Parameters
        ----------
        surface : of half-lives and prunes, the last of both none. half_lives : ns, its own.
        """
        parts = self._parts(surface, half_lives)
        rates = Mixture(parts, np.zeros((1, len(parts)))).rates
        powers = self.counts.powers(rates)
        self.plan: Plan = choose(self.counts, self.folds, powers, self.target)
        sizes, distances = self.plan.edges(self.classes.sizes, self.classes.distances)
        for folds in (self.folds, self.folds + 1):
            shares = self.plan.shares(self.plan.folds(self.counts, folds), powers, self.target)
            self.mixtures.append(Mixture(parts, shares, sizes.tolist(), distances.tolist()))
        self.sums = Sums.zeros(self.blocks.number, 1, 2)

    def _parts(self, surface: Surface, half_lives: Sequence[int]) -> list[Duration]:
        """The half-life that is best on the first part of the time in the place of the one that is nearest to
        it: where all leave by it, the fitted model is no worse."""
        measure = MEASURED[self.target][2]
        unpruned = surface.part(slice(None, self.cut)).measures()[measure][:, -1]
        if not np.isfinite(unpruned).any() or (best := half_lives[int(np.nanargmin(unpruned))]) == OPEN:
            return list(PARTS)
        own = [nanoseconds(part) for part in PARTS]
        far = [np.inf if part is None else abs(np.log(part / best)) for part in own]
        nearest = int(np.argmin(far))
        return [np.timedelta64(best, "ns") if k == nearest else part for k, part in enumerate(PARTS)]

    def weighed(self, portions: Iterable[HeldOut]) -> Iterator[HeldOut]:
        """The portions as they come, each of them judged."""
        one = self.mixtures[0]
        shares = np.stack([m.shares for m in self.mixtures])
        mixtures = Mixtures(one.sizes, one.distances, one.rates, shares, np.empty(len(one.rates)))
        for rows in portions:
            block = self.blocks.of(rows.time)
            weigh(rows.size, rows.age, rows.distance, rows.true, block, mixtures, self.sums)
            yield rows

    def result(self, surface: Surface, sample: Sample, draws: int, level: float, seed: int) -> Fit | None:
        """What came of it beside a surface of half-lives and prunes; None where a part of the time has too
        few blocks to say."""
        first, second = surface.true[: self.cut], surface.true[self.cut :]
        if min(np.count_nonzero(first), np.count_nonzero(second)) < LEAST_BLOCKS:
            return None
        fitted = Surface.of(self.sums)
        gain = gain_of(surface, fitted, self.cut, self.target, draws, level, seed)
        measures = {name: float(values[1, 0]) for name, values in fitted.measures().items()}
        drawn = fitted.drawn(resampled(self.blocks.number, draws, seed))
        tail = (1 - level) / 2
        low, high = (float(q) for q in np.nanquantile(drawn[:, 1, 0], [tail, 1 - tail]))
        late = float(fitted.part(slice(self.cut, None)).measures()["error"][0, 0])
        mixture = self.mixtures[1]
        row = measures | {"low": low, "high": high, "out_of_sample": late}
        row["rank"] = rank_correlation(sample, mixture)
        return Fit(mixture, gain, learnt(self.counts, self.plan, mixture), row)
