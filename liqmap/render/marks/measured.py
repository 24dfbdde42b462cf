"""A measure of the book through time, at instants that stay where they are while a view moves.

Instants are multiples of a nice step, so that a pan finds what it has and a zoom in shows finer ones. What is
found is kept with the spans, in blocks of instants.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.events.hits import prints_of
from liqmap.analytics.book.registry import MeasureOver, parsed
from liqmap.render.frames.frame import NICE_TIMES, nice_step
from liqmap.render.frames.market import Market
from liqmap.render.marks.overlays import candle_step
from liqmap.render.marks.view import View
from liqmap.session.sampling import needs_trades, sample
from liqmap.spans import Derivation, Spans
from liqmap.spans.kept import Recent

PIXELS = 2
"""Least pixels from one instant to the next."""

BLOCK, BLOCKS = 256, 400
"""Instants that are kept together, and as many of them as are kept with some spans."""


class Series(NamedTuple):
    """A measure at K instants.

    time : (K,) int64 ns, multiples of ``step``; each tells of the moment before it, and is shown until the
        next.
    value : (K,) float64, in the unit of the measure; NaN where it is not known.
    """

    time: np.ndarray
    value: np.ndarray
    step: int

    def ends(self, end: int) -> np.ndarray:
        """(K,) int64 ns, until when each is shown: to the next instant, of the last one to ``end``."""
        if not len(self.time):
            return self.time
        return np.minimum(self.time + self.step, max(end, int(self.time[-1])))


def series_in_view(market: Market, name: str, view: View) -> Series:
    """A measure as a view shows it: one instant for every two pixels, of one over an interval one for a bar.

    Of a session that is played nothing later counts: the last instant is not after the play's time.

    Parameters
    ----------
    name : a measure as people write it, such as ``imbalance@5``.

    Raises
    ------
    SessionError : no such measure.
    """
    found, _ = parsed(name)
    step = (
        candle_step(view.begin, view.end, view.width)
        if is_over_interval(found)
        else nice_step((view.end - view.begin) * PIXELS / max(view.width, 1), NICE_TIMES)
    )
    return series_of(
        market, name, step, view.begin, view.end if view.until is None else min(view.end, view.until)
    )


def series_of(market: Market, name: str, step: int, begin: int, end: int) -> Series:
    """A measure at the multiples of a step from that at or before ``begin`` to ``end``, all ns."""
    # before the book's beginning nothing is known
    first = max(begin // step, -(-market.spans().begin // step))
    count = max(end // step - first + 1, 0)
    return Series((first + np.arange(count)) * step, _values(market, name, step, first, count), step)


def is_over_interval(measure: object) -> bool:
    """Whether a measure is of what happened since the instant before, not of how the book stands."""
    return isinstance(measure, MeasureOver)


def _values(market: Market, name: str, step: int, first: int, count: int) -> np.ndarray:
    """The measure at the multiples ``first`` to ``first + count`` of a step."""
    if not count:
        return np.empty(0)
    spans = market.spans()
    kept, blocks = KEPT.of(spans), range(first // BLOCK, (first + count - 1) // BLOCK + 1)
    there = {block: kept.get((name, step, block)) for block in blocks}
    lacking = [block for block, values in there.items() if values is None]
    prints = prints_of(market.trades(), spans) if lacking and needs_trades([name]) else None
    for run in _runs(lacking):
        times = np.arange(run[0] * BLOCK, (run[-1] + 1) * BLOCK, dtype=np.int64) * step
        found = sample(spans, times, [name], prints, step)[name].to_numpy()
        for block, values in zip(run, np.split(found, len(run))):
            there[block] = values
            kept.put((name, step, block), values)
    together = np.concatenate([there[block] for block in blocks])
    at = first - blocks[0] * BLOCK
    return together[at : at + count]


def _runs(blocks: list[int]) -> list[list[int]]:
    """Blocks that follow on each other, together."""
    cuts = np.flatnonzero(np.diff(blocks) > 1) + 1
    return [run.tolist() for run in np.split(np.array(blocks, int), cuts) if len(run)]


def _none_kept(spans: Spans) -> Recent[tuple[str, int, int], np.ndarray]:
    return Recent(BLOCKS)


KEPT = Derivation("sampled measures", _none_kept)
