"""Short carried pieces of one frame, summed up once for every prune of one model.

A piece that is back within `short_pieces.SHORT`, in the column in which it was last seen, adds the same to
its cell under any prune that is not shorter: its integral for ``mean``, its size as it begins for ``peak``.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from liqmap.carry import Mixture
from liqmap.compiling import borrowing
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import MEAN, PEAK
from liqmap.raster.mixture.classes import classes
from liqmap.raster.mixture.mean_weights import integral_of
from liqmap.raster.mixture.parts import Parts
from liqmap.raster.observed import Observed
from liqmap.raster.pieces import Pieces, carried_pieces
from liqmap.raster.short_pieces import SHORT, ShortPieces, no_short, sum_short, which_short
from liqmap.spans import Spans
from liqmap.spans.rows import both


class MixturePieces(NamedTuple):
    """The carried pieces of one side: those summed up, and the others, which are drawn one by one.

    short : its moments are (n, 1), size x ns in units of `SHORT` for ``mean``, the largest size for ``peak``.
    classes : (C,) uint16, of each of the rest.
    """

    short: ShortPieces
    rest: Pieces
    classes: np.ndarray


def all_pieces(spans: Spans, canvas: Canvas, model: Mixture) -> list[MixturePieces]:
    """Every piece of both sides to be drawn by itself."""
    short = no_short(canvas.shape[0])
    return [
        MixturePieces(short, *side) for side in zip(carried_pieces(spans), classes(spans, model), strict=True)
    ]


def exact_for(model: Mixture) -> bool:
    """Whether prune cuts none of the short pieces."""
    return model.prune is None or model.prune >= SHORT


def split_pieces(
    spans: Spans, canvas: Canvas, model: Mixture, parts: Parts, seen: Observed
) -> list[MixturePieces]:
    """The pieces of both sides, the short ones summed up, once for a frame and a model."""
    of = (model.rates, model.shares, model.sizes, model.distances)
    key = b"|".join(array.tobytes() for array in of)
    found = seen.summed.get(key)
    if found is None:
        found = both(partial(_split, spans, canvas, model, parts), (0, 1), len(spans))
        seen.summed.put(key, found)
    return found


def _split(spans: Spans, canvas: Canvas, model: Mixture, parts: Parts, side: int) -> MixturePieces:
    pieces, of = carried_pieces(spans)[side], classes(spans, model)[side]
    short = which_short(pieces, canvas)
    weighed = np.empty(pieces.number)
    _weigh(canvas.how, pieces, short, of, parts, weighed)
    summed = sum_short(pieces._replace(size=weighed), short, canvas)
    return MixturePieces(summed, pieces.chosen(~short), of[~short])


@borrowing
def _weigh(agg, pieces, short, classes, parts, out):
    """What a size of age 0 for as long as the piece would have to be, of the short ones: (C,) float64.

    A class without shares shows nothing: its pieces are no short ones.
    """
    for i in range(out.shape[0]):
        m = np.int64(classes[i])
        short[i] = short[i] and parts.reach[m] > 0
        if short[i]:
            length = pieces.end[i] - pieces.seen[i]
            out[i] = pieces.size[i] * parts.whole[m]
            if agg == MEAN:
                out[i] = pieces.size[i] * integral_of(m, np.int64(0), length, parts.means) / length


@borrowing
def add_summed(agg, r, short, row):
    """Add the short pieces of row ``r`` to its sums; ``row`` is a `across.MixtureRow`."""
    for n in range(short.first[r], short.first[r + 1]):
        j, value = short.column[n], np.float64(short.moments[n, 0])
        row.carried[j] = 1
        row.partial[j] = max(row.partial[j], value) if agg == PEAK else row.partial[j] + value * SHORT
