"""The observed part of a frame: what no half-life changes, kept for the next slider step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.raster.columns import LAST, MEAN, Columns, window_bounds
from liqmap.raster.mipmap import Scale, mipmaps
from liqmap.raster.observe import observe_rows
from liqmap.raster.observe_blocks import observe_blocks
from liqmap.raster.plan import choose
from liqmap.raster.settled import Settled, settle
from liqmap.raster.threads import row_blocks, share_out
from liqmap.spans import Derivation, Recent, Spans

FRAMES, FRAME_BYTES = 4, 64 << 20
"""Frames whose observed part is kept with the spans, and what one may take."""


@dataclass
class Observed:
    """What was observed, and what the window knew; the same for every half-life.

    values : (2, P, T) float32, written only in the rows that are ``lit``, (2, P) bool.
    bounds : (2, T) int64, the outermost tick that the window knows in each column, outward positive.
    again : whether the frame was asked for before.
    """

    values: np.ndarray
    lit: np.ndarray
    bounds: np.ndarray
    again: bool = False
    settled: list[Settled] | None = None

    def settle(self, spans: Spans, times: np.ndarray, rows: np.ndarray, how: int) -> list[Settled]:
        """The settled pieces of this frame, found once."""
        if self.settled is None:
            self.settled = settle(spans, times, rows, how)
        return self.settled


def observed(spans: Spans, times: np.ndarray, rows: np.ndarray, how: int) -> Observed:
    """The observed part of a frame; of the last few frames it is kept for the next half-life."""
    frames = OBSERVED.of(spans)
    key = (how, times.tobytes(), rows.tobytes())
    if (found := frames.get(key)) is not None:
        found.again = True
        return found
    made = _observe(spans, times, rows, how)
    if made.values.nbytes <= FRAME_BYTES:
        frames.put(key, made)
    return made


def _no_frames(spans: Spans) -> Recent[tuple[int, bytes, bytes], Observed]:
    return Recent(FRAMES)


OBSERVED = Derivation("observed frames", _no_frames)


def _observe(spans: Spans, times: np.ndarray, rows: np.ndarray, how: int) -> Observed:
    shape = (2, len(rows) - 1, len(times) - 1)
    slope = Columns.even(times)
    bounds = np.empty((2, len(times) - 1), np.int64)
    made = Observed(np.empty(shape, np.float32), np.zeros(shape[:2], bool), bounds)
    scales = mipmaps(spans) if how != LAST else [[], []]
    per = 1.0 / np.diff(times) if how == MEAN else np.ones(len(times) - 1)
    reach = spans.begin, spans.last
    plans = [choose(scales[k], spans.sides[k], reach, times, rows) for k in (0, 1)]

    def work(task: tuple[int, int, int]) -> None:
        side, begin, stop = task
        s, w = spans.sides[side], spans.windows[side]
        if begin == stop:  # the window's own task
            bound = window_bounds(side, how == LAST, times, slope, w.start, w.kind, w.worst)
            bounds[side] = -bound if side == 0 else bound
            return
        table, scale = (s.levels, s.first, (s.start, s.seen, s.size)), plans[side]
        out = (times, slope, per, made.values[side], made.lit[side])
        if scale is None:
            observe_rows(how, begin, stop, rows, *table, *out)
        else:
            observe_blocks(how, begin, stop, rows, *table, _columns(scale), *out)

    shares = [row_blocks(s.levels, s.first, rows, len(times)) for s in spans.sides]
    share_out(work, [(side, *cut) for side in (0, 1) for cut in [(0, 0), *shares[side]]])
    return made


def _columns(scale: Scale) -> tuple[Any, ...]:
    """A mipmap as kernels take it."""
    return scale.block, scale.bucket, scale.blocks, scale.first, scale.at, scale.total, scale.peak
