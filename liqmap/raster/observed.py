"""The observed part of a frame: what no half-life changes, kept for the next slider step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import LAST
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


@dataclass
class Observed:
    """What was observed, and what the window knew; the same for every half-life.

    values : (2, P, T) float32, written only in the rows that are ``lit``, (2, P) bool.
    bounds : (2, T) int64, the outermost tick that the window covers in each column, outward.
    nearest : (2, P) int64, the tick of each row that is nearest to the touch, outward.
    again : whether the frame was asked for before.
    """

    values: np.ndarray
    lit: np.ndarray
    bounds: np.ndarray
    nearest: np.ndarray
    again: bool = False
    split: list[SplitPieces] | None = None

    def side(self, side: int) -> ObservedSide:
        """One side, as kernels take it."""
        return ObservedSide(self.values[side], self.lit[side], self.bounds[side], self.nearest[side])

    def split_pieces(self, spans: Spans, canvas: Canvas) -> list[SplitPieces]:
        """The carried pieces of this frame, the short ones summed up, once."""
        if self.split is None:
            self.split = split(spans, canvas)
        return self.split


def observed(spans: Spans, canvas: Canvas) -> Observed:
    """The observed part of a frame; of the last few frames it is kept for the next half-life."""
    frames = OBSERVED.of(spans)
    if (found := frames.get(canvas.key)) is not None:
        found.again = True
        return found
    made = _observe(spans, canvas)
    if made.values.nbytes <= FRAME_BYTES:
        frames.put(canvas.key, made)
    return made


def _no_frames(spans: Spans) -> Recent[tuple[int, bytes, bytes], Observed]:
    return Recent(FRAMES)


OBSERVED = Derivation("observed frames", _no_frames)


def _observe(spans: Spans, canvas: Canvas) -> Observed:
    how, times, rows, axis = canvas.how, canvas.times, canvas.rows, canvas.axis
    shape = (2, *canvas.shape)
    bounds, nearest = np.empty((2, shape[2]), np.int64), np.stack([canvas.nearest(side) for side in (0, 1)])
    made = Observed(np.zeros(shape, np.float32), np.zeros(shape[:2], bool), bounds, nearest)
    mips = mipmaps(spans)
    plans = [choose(how, mips[k], spans.sides[k], times, rows) for k in (0, 1)]
    arrays = [side_arrays(side) for side in spans.sides]
    first = [np.searchsorted(s.levels, rows) for s in spans.sides]

    def work(task: tuple[int, int, int]) -> None:
        side, begin, stop = task
        if begin == stop:  # the window's own task
            bounds[side] = window_bounds(how == LAST, axis, window_steps(spans, side))
            return
        plan, out = plans[side], ObservedRows(made.values[side], made.lit[side])
        if plan is None:
            observe_rows(how, begin, stop, rows, arrays[side], axis, out)
        else:
            levels = len(arrays[side].levels)
            observe_columns(how, begin, stop, first[side], levels, plan, mips[side], out)

    shares = [
        row_blocks(s.levels, s.first, rows, len(times)) if plan is None else blocks(plan.cost)
        for s, plan in zip(spans.sides, plans)
    ]
    share_out(work, [(side, *cut) for side in (0, 1) for cut in [(0, 0), *shares[side]]])
    return made
