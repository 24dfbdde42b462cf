"""The observed part of a frame: what no half-life changes, kept for the next slider step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import LAST, time_axis
from liqmap.raster.mipmap import mipmaps
from liqmap.raster.mipmap_plan import choose
from liqmap.raster.observe_mipmap import observe_columns
from liqmap.raster.observe_spans import ObservedRows, observe_rows, side_arrays
from liqmap.raster.short_pieces import SplitPieces, split
from liqmap.raster.threads import blocks, row_blocks, share_out
from liqmap.raster.window import window_bounds, window_steps
from liqmap.raster.write_cells import ObservedSide
from liqmap.spans import Derivation, Recent, Spans

FRAMES, FRAME_BYTES = 4, 64 << 20
"""Frames whose observed part is kept with the spans, and what one may take."""

MODELS = 2
"""Mixtures for which a frame's short pieces are kept."""

ONE_CELL = 8
"""Bytes of both sides of a cell: a cursor asks for one after the other, and frames are not to make way."""


@dataclass
class Observed:
    """What was observed, and what the window knew; the same for every half-life.

    values : (2, P, T) float32, written only in the rows that are ``lit``, (2, P) bool.
    bounds : (2, T) int64, the outermost tick that the window covers in each column, outward.
    nearest : (2, P) int64, the tick of each row that is nearest to the touch, outward.
    by_column : of each side, whether it was drawn column by column, from a mipmap.
    taken : whether some columns are those of another frame.
    again : whether the frame was asked for before.
    split : its carried pieces for half-lives; summed : those for mixtures, by model.
    """

    canvas: Canvas
    values: np.ndarray
    lit: np.ndarray
    bounds: np.ndarray
    nearest: np.ndarray
    by_column: tuple[bool, ...] = (False, False)
    taken: bool = False
    again: bool = False
    split: list[SplitPieces] | None = None
    summed: Recent[bytes, Any] = field(default_factory=partial(Recent, MODELS))

    def side(self, side: int) -> ObservedSide:
        """One side, as kernels take it."""
        return ObservedSide(self.values[side], self.lit[side], self.bounds[side], self.nearest[side])

    def split_pieces(self, spans: Spans, canvas: Canvas) -> list[SplitPieces]:
        """The carried pieces of this frame, the short ones summed up, once."""
        if self.split is None:
            self.split = split(spans, canvas)
        return self.split


def observed(spans: Spans, canvas: Canvas, screen: bool = False) -> Observed:
    """The observed part of a frame; of the last few frames it is kept for the next half-life.

    Parameters
    ----------
    screen : take columns that one of them has too, as after a pan: faster, and the same but for the order of
        sums. Without it equal calls give equal bits.
    """
    frames = OBSERVED.of(spans)
    if (found := frames.get(canvas.key)) is not None and (screen or not found.taken):
        found.again = True
        return found
    made = _observe(spans, canvas, _most_like(canvas, frames) if screen else None)
    if ONE_CELL < made.values.nbytes <= FRAME_BYTES:
        frames.put(canvas.key, made)
    return made


class _Same(NamedTuple):
    """Columns of a frame that another has too: which of its own, and which of the other."""

    other: Observed
    here: slice
    there: slice


def _most_like(canvas: Canvas, frames: Iterable[Observed]) -> _Same | None:
    """The frame that has the most columns of a canvas, and no fewer than half of them."""
    found = [same for other in frames if (same := _same(canvas, other)) is not None]
    return max(found, key=lambda same: same.here.stop - same.here.start, default=None)


def _same(canvas: Canvas, other: Observed) -> _Same | None:
    mine, its = canvas.times, other.canvas.times
    if canvas.how != other.canvas.how or not np.array_equal(canvas.rows, other.canvas.rows):
        return None
    begin = max(mine[0], its[0])
    a, b = int(np.searchsorted(mine, begin)), int(np.searchsorted(its, begin))
    number = min(len(mine) - a, len(its) - b) - 1
    if 2 * number < len(mine) - 1 or not np.array_equal(mine[a : a + number + 1], its[b : b + number + 1]):
        return None
    return _Same(other, slice(a, a + number), slice(b, b + number))


def _no_frames(spans: Spans) -> Recent[tuple[int, bytes, bytes], Observed]:
    return Recent(FRAMES)


OBSERVED = Derivation("observed frames", _no_frames)


def _observe(spans: Spans, canvas: Canvas, same: _Same | None = None) -> Observed:
    how, times, rows = canvas.how, canvas.times, canvas.rows
    shape = (2, *canvas.shape)
    bounds, nearest = np.empty((2, shape[2]), np.int64), np.stack([canvas.nearest(side) for side in (0, 1)])
    mips = mipmaps(spans)
    plans = [choose(how, mips[k], spans.sides[k], times, rows) for k in (0, 1)]
    made = Observed(
        canvas, np.zeros(shape, np.float32), np.zeros(shape[:2], bool), bounds, nearest,
        tuple(plan is not None for plan in plans),
    )  # fmt: skip
    arrays = [side_arrays(side) for side in spans.sides]
    first = [np.searchsorted(s.levels, rows) for s in spans.sides]
    missing = _missing(made, same)

    def bound(side: int, begin: int, stop: int) -> None:
        axis = canvas.axis if stop - begin == shape[2] else time_axis(times[begin : stop + 1])
        bounds[side, begin:stop] = window_bounds(how == LAST, axis, window_steps(spans, side))

    def draw(side: int, begin: int, stop: int) -> None:
        plan, out = plans[side], ObservedRows(made.values[side], made.lit[side])
        if plan is None:
            observe_rows(how, begin, stop, rows, arrays[side], canvas.axis, out)
        else:
            levels = len(arrays[side].levels)
            observe_columns(how, begin, stop, first[side], levels, plan, mips[side], out)

    tasks: list[tuple[Callable[[int, int, int], None], int, int, int]] = []
    for side, (s, plan) in enumerate(zip(spans.sides, plans)):
        tasks += [(bound, side, *columns) for columns in missing[side]]
        if plan is None:
            tasks += [(draw, side, *block) for block in row_blocks(s.levels, s.first, rows, len(times))]
        else:
            tasks += [
                (draw, side, a + begin, b + begin)
                for begin, stop in missing[side]
                for a, b in blocks(plan.cost[begin:stop])
            ]
    share_out(lambda task: task[0](*task[1:]), tasks)
    return made


def _missing(made: Observed, same: _Same | None) -> list[list[tuple[int, int]]]:
    """The columns that are to be drawn, of each side; those that another frame has are taken from there."""
    columns = made.values.shape[2]
    missing = [[(0, columns)], [(0, columns)]]
    for side in (0, 1):
        if same is not None and made.by_column[side] and same.other.by_column[side]:
            other, here, there = same
            made.taken = True
            made.lit[side] = other.lit[side]
            made.values[side][:, here] = other.values[side][:, there]
            made.bounds[side, here] = other.bounds[side, there]
            ends = (0, here.start), (here.stop, columns)
            missing[side] = [(begin, stop) for begin, stop in ends if begin < stop]
    return missing
