"""How many carried levels are there, by block of time, size, distance and age: one pass over all rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.held_out import HeldOut, Judged
from liqmap.analytics.calibration.presence.classes import classes_of
from liqmap.analytics.calibration.presence.counting import count
from liqmap.analytics.calibration.sums import Blocks

BLOCKS = 256
"""Of time, at most."""


class Counts(NamedTuple):
    """Levels judged in B blocks of time, S classes of size, D of distance and A bins of age.

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


class Counting:
    """Counts levels as they are gone through once.

    Attributes
    ----------
    classes, blocks, counts.
    """

    def __init__(self, judged: Judged, classes: Classes | None = None) -> None:
        times, step = judged.times[judged.counts > 0], judged.step
        begin, end = (int(times[0]) - step, int(times[-1])) if len(times) else (0, step)
        number = (end - begin) // step
        each = -(-number // BLOCKS)
        self.blocks = Blocks(begin, each * step, -(-number // each))
        self.classes = classes_of(judged) if classes is None else classes
        self.counts = Counts.zeros(self.blocks.number, self.classes)

    def counted(self, portions: Iterable[HeldOut]) -> Iterator[HeldOut]:
        """The portions as they come, each of them counted."""
        for rows in portions:
            block = self.blocks.of(rows.time)
            count(rows.size, rows.distance, rows.age, rows.true, block, self.classes, self.counts)
            yield rows
