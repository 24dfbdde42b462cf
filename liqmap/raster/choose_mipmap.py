"""Which mipmap to draw a frame from: the one that takes the fewest steps."""

from __future__ import annotations

import numpy as np

from liqmap.raster.columns import LAST, PEAK
from liqmap.raster.mipmap import Scale
from liqmap.spans.spans import SideSpans

SPAN, CELL, CUT, LEVEL = 5.0, 1.5, 30.0, 200.0
"""Cost, about in ns, of a span, a cell, a cell that a column edge cuts (for each of its ticks), a level."""

INSTANT, PASSED, LISTED = 100.0, 10.0, 20.0
"""For ``last``, of a level at an edge where it rests, and of one where it may not; for ``peak``, of a cell
that is cut, before it is known whether it shows."""

SOON = 1e6
"""ns: a view that the spans draw sooner is not worth the choice."""


def choose(
    how: int,
    scales: list[Scale],
    side: SideSpans,
    extent: tuple[int, int],
    edges: np.ndarray,
    rows: np.ndarray,
) -> Scale | None:
    """The scale to draw one side from; None draws from the spans.

    Parameters
    ----------
    how : the aggregate: `MEAN`, `PEAK` or `LAST`.
    extent : from the first span to the last message, ns.
    edges : (T + 1,) int64 ns; rows : (P + 1,) int64 ticks.
    """
    if not scales:
        return None
    low, high = np.searchsorted(side.levels, rows[[0, -1]])
    inside = _overlap(extent, edges)
    spans = SPAN * (side.first[high] - side.first[low]) * inside
    look_up = LEVEL * (high - low)
    if how == LAST:
        spans = min(spans, INSTANT * _resting(scales[0], extent) * inside * len(edges))
    best, least = None, spans + look_up
    if least < SOON:
        return None
    for scale in scales:
        a, b = np.searchsorted(scale.blocks, -(-rows[[0, -1]] // scale.block))
        cells = float(scale.first[b] - scale.first[a]) * inside
        cut, beside = _share_cut(edges, scale.bucket), _share_beside(rows, scale.block)
        from_spans = cut * (CUT * max(cells, float(b - a)) * scale.block + spans)
        if how == PEAK:
            from_spans = from_spans * _share_in_sight(edges, rows, scale) + cut * LISTED * cells
        elif how == LAST:
            from_spans = PASSED * np.count_nonzero(edges % scale.bucket) * (high - low)
        steps = CELL * cells + LEVEL * (b - a) + from_spans + (look_up if cut > 0 else 0.0)
        cost = (1 - beside) * steps + beside * (spans + look_up)
        if cost < least:
            best, least = scale, cost
    return best


def _overlap(extent: tuple[int, int], edges: np.ndarray) -> float:
    """Share of the side's time that the columns show."""
    begin, last = extent
    shown = min(int(edges[-1]), last) - max(int(edges[0]), begin)
    return float(np.clip(shown / max(last - begin, 1), 0.0, 1.0))


def _resting(scale: Scale, extent: tuple[int, int]) -> float:
    """How many levels rest at a time, at most: the cells of an average bucket."""
    return scale.cells * scale.block / max((extent[1] - extent[0]) / scale.bucket, 1.0)


def _share_cut(edges: np.ndarray, bucket: int) -> float:
    """Share of the buckets that a column edge cuts."""
    cut = np.count_nonzero(edges % bucket)
    return min(1.0, cut / max((int(edges[-1]) - int(edges[0])) / bucket, 1.0))


def _share_in_sight(edges: np.ndarray, rows: np.ndarray, scale: Scale) -> float:
    """Share of the cut cells of a ``peak`` that hold more than their columns do already, about."""
    width, height = (float(e[-1] - e[0]) / (len(e) - 1) for e in (edges, rows))
    whole = max(width / scale.bucket - 1.0, 0.0) * max(height / scale.block, 1.0)
    return 1.5 / np.sqrt(max(whole, 2.25))  # all of them where none is whole


def _share_beside(rows: np.ndarray, block: int) -> float:
    """Share of the ticks that lie in blocks which a row edge cuts."""
    if block == 1:
        return 0.0
    cut = np.count_nonzero(rows % block)
    return min(1.0, cut * block / max(int(rows[-1] - rows[0]), 1))
