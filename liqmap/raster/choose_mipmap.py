"""Which mipmap to draw a frame from: the one that takes the fewest steps."""

from __future__ import annotations

import numpy as np

from liqmap.raster.mipmap import Scale
from liqmap.spans.spans import SideSpans

SPAN, CELL, CUT, LEVEL = 5.0, 1.5, 30.0, 200.0
"""Cost, about in ns, of a span, a cell, a cell that a column edge cuts (for each of its ticks), a level."""

SOON = 1e6
"""ns: a view that the spans draw sooner is not worth the choice."""


def choose(
    scales: list[Scale], side: SideSpans, extent: tuple[int, int], edges: np.ndarray, rows: np.ndarray
) -> Scale | None:
    """The scale to draw one side from; None draws from the spans.

    Parameters
    ----------
    extent : from the first span to the last message, ns.
    edges : (T + 1,) int64 ns; rows : (P + 1,) int64 ticks.
    """
    if not scales:
        return None
    low, high = np.searchsorted(side.levels, rows[[0, -1]])
    inside = _overlap(extent, edges)
    spans = SPAN * (side.first[high] - side.first[low]) * inside
    look_up = LEVEL * (high - low)
    best, least = None, spans + look_up
    if least < SOON:
        return None
    for scale in scales:
        a, b = np.searchsorted(scale.blocks, -(-rows[[0, -1]] // scale.block))
        cells = float(scale.first[b] - scale.first[a]) * inside
        cut, beside = _share_cut(edges, scale.bucket), _share_beside(rows, scale.block)
        from_spans = CUT * max(cells, float(b - a)) * scale.block + spans
        steps = CELL * cells + LEVEL * (b - a) + cut * from_spans + (look_up if cut > 0 else 0.0)
        cost = (1 - beside) * steps + beside * (spans + look_up)
        if cost < least:
            best, least = scale, cost
    return best


def _overlap(extent: tuple[int, int], edges: np.ndarray) -> float:
    """Share of the side's time that the columns show."""
    begin, last = extent
    shown = min(int(edges[-1]), last) - max(int(edges[0]), begin)
    return float(np.clip(shown / max(last - begin, 1), 0.0, 1.0))


def _share_cut(edges: np.ndarray, bucket: int) -> float:
    """Share of the buckets that a column edge cuts."""
    cut = np.count_nonzero(edges % bucket)
    return min(1.0, cut / max((int(edges[-1]) - int(edges[0])) / bucket, 1.0))


def _share_beside(rows: np.ndarray, block: int) -> float:
    """Share of the ticks that lie in blocks which a row edge cuts."""
    if block == 1:
        return 0.0
    cut = np.count_nonzero(rows % block)
    return min(1.0, cut * block / max(int(rows[-1] - rows[0]), 1))
