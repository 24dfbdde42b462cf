"""The class of every carried piece, found once for all models of the same edges and kept with the spans."""

from __future__ import annotations

from functools import partial

import numpy as np

from liqmap.carry import Mixture
from liqmap.raster.pieces import carried_pieces, distances
from liqmap.spans import Derivation, Recent, Spans
from liqmap.spans.rows import both

MODELS = 2
"""Sets of edges of which the classes are kept."""

MOST = 1 << 16
"""Classes that can be told apart."""

PORTION = 1 << 20
"""Pieces looked up at once."""


def classes(spans: Spans, model: Mixture) -> list[np.ndarray]:
    """The row of ``model.shares.reshape(-1, K)`` of every carried piece of either side: (C,) uint16."""
    kept, edges = CLASSES.of(spans), (model.sizes.tobytes(), model.distances.tobytes())
    found = kept.get(edges)
    if found is None:
        found = both(partial(_classes, spans, model), (0, 1), len(spans))
        kept.put(edges, found)
    return found


def _none(spans: Spans) -> Recent[tuple[bytes, bytes], list[np.ndarray]]:
    return Recent(MODELS)


CLASSES = Derivation("classes of pieces", _none)


def _classes(spans: Spans, model: Mixture, side: int) -> np.ndarray:
    size = carried_pieces(spans)[side].size
    far = distances(spans)[side] if model.by_distance else None
    out = np.zeros(len(size), np.uint16)
    if model.shares.shape[0] * model.shares.shape[1] > 1:
        for begin in range(0, len(size), PORTION):
            cut = slice(begin, begin + PORTION)
            out[cut] = model.class_of(None if far is None else far[cut], size[cut])
    return out
