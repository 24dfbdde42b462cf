"""How many carried levels are there, by block of time, size, distance and age: one pass over all rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.held_out import HeldOut, Judged
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS, classes_of
from liqmap.analytics.calibration.presence.counting import Unseen, close_all, count
from liqmap.analytics.calibration.presence.ratios import RATIOS
from liqmap.analytics.calibration.sums import Blocks

BLOCKS = 256
"""Of time, at most."""

GROUP_OF = np.repeat(np.arange(len(GROUPS)), np.diff(np.append(GROUPS, len(AGES))))
"""(A,) the group of each bin of age."""


class Counts(NamedTuple):
    """Rows judged in B blocks of time, S classes of size, D of distance and A bins of age.

    levels : (B, S, D, A) float64, how many. there : how many are still there (true > 0). age : the sum of
    their ages, s.
    """

    levels: np.ndarray
    there: np.ndarray
    age: np.ndarray

    @classmethod
    def zeros(cls, blocks: int, classes: Classes) -> Counts:
        shape = blocks, *classes.shape
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(shape))

    def part(self, blocks: slice | np.ndarray) -> Counts:
        """Of some of the blocks."""
        return Counts(*(c[blocks] for c in self))

    def merged(self, number: int) -> Counts:
        """In at most ``number`` blocks of neighbours, of equal length to one."""
        number = min(number, len(self.levels))
        starts = np.arange(number) * len(self.levels) // number
        return Counts(*(np.add.reduceat(c, starts, axis=0) for c in self))

    def whole(self) -> Counts:
        """Over all of the time, without the axis of blocks."""
        return Counts(*(c.sum(axis=0) for c in self))


class Different(NamedTuple):
    """How the rows of G groups of age are shared out among different levels, (S, D, G) float64 each.

    Of a level that was looked at n times in a group, and was there r times: ``rows`` is the sum of n n,
    ``both`` of n r, ``there`` of r r.
    """

    rows: np.ndarray
    both: np.ndarray
    there: np.ndarray

    def number(self, levels: np.ndarray) -> np.ndarray:
        """As how many levels, all looked at as often, so many rows (S, D, G) count: (sum n)**2 / sum n**2."""
        return np.asarray(levels**2 / np.where(self.rows > 0, self.rows, np.inf))

    def errors(self, levels: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Standard errors of the groups' rates, if different levels are independent (clustered by level)."""
        rate = there / np.maximum(levels, 1)
        squares = self.there - 2 * rate * self.both + rate**2 * self.rows
        number = np.maximum(self.number(levels), 1)
        few = number / np.maximum(number - 1, 0.5)
        return np.asarray(np.sqrt(np.maximum(squares, 0) * few) / np.maximum(levels, 1))


class Counting:
    """Counts levels as they are gone through once.

    Parameters
    ----------
    split : ns, where the second part of the time begins, of which different levels are counted by themselves.

    Attributes
    ----------
    classes, blocks, counts. cut : the block that the second part begins with.
    ratios : (2, S, D, G, Q) float64, rows of each part that are there, by how much of their size is (see
        `ratios`).
    """

    def __init__(self, judged: Judged, classes: Classes | None = None, split: int | None = None) -> None:
        times, step = judged.times[judged.counts > 0], judged.step
        begin, end = (int(times[0]) - step, int(times[-1])) if len(times) else (0, step)
        number = (end - begin) // step
        each = -(-number // BLOCKS)
        self.blocks = Blocks(begin, each * step, -(-number // each))
        self.cut = 0 if split is None else max((split - begin) // self.blocks.length, 0)
        self.classes = classes_of(judged) if classes is None else classes
        self.counts = Counts.zeros(self.blocks.number, self.classes)
        self._alike = np.zeros((2, *self.classes.shape[:2], len(GROUPS), 3))
        self.ratios = np.zeros((*self._alike.shape[:-1], RATIOS))
        self._unseen = Unseen.of(judged)

    def counted(self, portions: Iterable[HeldOut]) -> Iterator[HeldOut]:
        """The portions as they come, each of them counted."""
        alike, ratios = self._alike.reshape(-1, 3), self.ratios.reshape(-1, RATIOS)
        for rows in portions:
            block = self.blocks.of(rows.time)
            count(rows, block, self.cut, self.classes, GROUP_OF, self.counts, alike, ratios, self._unseen)
            yield rows
        close_all(self._unseen, alike)

    def different(self, part: int | None = None) -> Different:
        """Of the first (0) or the second part (1), or of both."""
        alike = self._alike.sum(axis=0) if part is None else self._alike[part]
        return Different(*np.moveaxis(alike, -1, 0))
