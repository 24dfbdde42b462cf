"""A frame under a mixture: its parts, its columns and its pieces, shared out by rows."""

from __future__ import annotations

import numpy as np

from liqmap.carry import CarryModel, Exponentials, Mixture
from liqmap.raster.canvas import Canvas
from liqmap.raster.mixture.classes import MOST
from liqmap.raster.mixture.parts import mixture_columns, parts_of
from liqmap.raster.mixture.rows import mixture_rows
from liqmap.raster.mixture.summed import all_pieces, exact_for, split_pieces
from liqmap.raster.observed import Observed
from liqmap.raster.threads import row_blocks, share_out
from liqmap.raster.write_cells import cell_arrays
from liqmap.spans import Spans


def as_mixture(carry: CarryModel) -> Mixture | None:
    """The model as a mixture, if it is one or a sum of exponentials, which is one of a single class.

    One that is derived from them may weigh otherwise: it goes the way of any model.
    """
    if type(carry) is Exponentials:
        lives = [None if h is None else np.timedelta64(h, "ns") for h in carry.half_lives]
        prune = None if carry.prune is None else np.timedelta64(carry.prune, "ns")
        return Mixture(lives, carry.shares[None], prune=prune)
    if type(carry) is Mixture and carry.shares.shape[0] * carry.shares.shape[1] <= MOST:
        return carry
    return None


def carry_by_mixture(
    spans: Spans,
    canvas: Canvas,
    model: Mixture,
    seen: Observed,
    frames: dict[str, np.ndarray],
    slider: bool,
) -> None:
    """Fill liquidity, state and, if they are there, observed and carried, (2, P, T) each.

    Parameters
    ----------
    slider : draw the short pieces of a frame that was asked for before from their sums.
    """
    parts, columns = parts_of(model), mixture_columns(canvas.axis, model, canvas.how)
    if slider and seen.again and exact_for(model):
        pieces = split_pieces(spans, canvas, model, parts, seen)
    else:
        pieces = all_pieces(spans, canvas, model)
    sides = [(pieces[k], columns, parts, seen.side(k), cell_arrays(frames, k)) for k in (0, 1)]

    def work(task: tuple[int, int, int]) -> None:
        side, begin, stop = task
        mixture_rows(canvas.how, begin, stop, canvas.rows, *sides[side])

    blocks = [row_blocks(p.rest.levels, p.rest.first, canvas.rows, len(canvas.times)) for p in pieces]
    share_out(work, [(side, *cut) for side in (0, 1) for cut in blocks[side]])
