"""Spans x edges -> cells, on bare arrays: what was observed first, then what is carried over it.

What was observed does not depend on half-life and prune. It is kept with the spans for the last few frames,
so that another half-life costs the carried pieces alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.carry import CarryModel, HalfLife
from liqmap.compiling import say_if_compiling
from liqmap.raster.any_model import carry_by_model
from liqmap.raster.canvas import Canvas
from liqmap.raster.half_life import carry_by_half_life, carry_rows
from liqmap.raster.known_and_age import fill_age, fill_known
from liqmap.raster.mixture import as_mixture, carry_by_mixture
from liqmap.raster.observed import observed
from liqmap.schema import AGGREGATES, GridError
from liqmap.spans import Spans


def paint(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: CarryModel,
    agg: str,
    parts: bool = False,
    slider: bool = False,
    known: bool = False,
) -> dict[str, np.ndarray]:
    """`rasterize` on bare arrays: edges in ns and in ticks -> arrays (2, P, T) by name.

    Parameters
    ----------
    slider : take columns from the last few frames, and from the second time that a frame is drawn its short
        pieces from their sums: faster, and the same to 2e-7. Without it equal calls give equal bits.
    known : say what share of each cell is known, without the other parts too.

    Raises
    ------
    GridError : an unknown aggregate.
    """
    if not isinstance(agg, str) or agg not in AGGREGATES:
        raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=f"{agg!r:.60}")
    if slider and spans.parts and (shares := shares_of(spans.parts, times)) is not None:
        how = (rows, carry, agg, parts, slider, known)
        return join([paint(part, times[columns], *how) for part, columns in shares])
    canvas = Canvas(times, rows, AGGREGATES.index(agg))
    shape = (2, *canvas.shape)
    frames: dict[str, np.ndarray] = {
        "liquidity": np.empty(shape, np.float32),
        "state": np.empty(shape, np.uint8),
    }
    if parts:
        frames |= {name: np.empty(shape, np.float32) for name in ("observed", "carried")}
    say_if_compiling(carry_rows)
    seen = observed(spans, canvas, screen=slider)
    if isinstance(carry, HalfLife):
        carry_by_half_life(spans, canvas, carry, seen, frames, slider)
    elif (mixture := as_mixture(carry)) is not None:
        carry_by_mixture(spans, canvas, mixture, seen, frames, slider)
    else:
        carry_by_model(spans, canvas, carry, seen, frames)
    if parts or known:
        frames["known"] = np.empty(shape, np.float32)
        fill_known(spans, canvas, carry, frames["known"])
    if parts:
        frames["age"] = np.empty(shape, np.float32)
        fill_age(spans, canvas, carry, frames["age"])
    return frames


def shares_of(parts: Sequence[Spans], times: np.ndarray) -> list[tuple[Spans, slice]] | None:
    """The column edges that each part draws: of every column the first part that has heard of its end. None
    where that one does not know of its beginning."""
    shares, begin, stop = [], 0, len(times) - 1
    for part in parts:
        heard = int(np.searchsorted(times, part.last, side="right")) - 1 if part is not parts[-1] else stop
        if heard > begin:
            if part.since is not None and part is not parts[0] and times[begin] < part.since:
                return None
            shares.append((part, slice(begin, heard + 1)))
            begin = heard
    return shares


def join(frames: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Frames side by side."""
    if len(frames) == 1:
        return frames[0]
    return {name: np.concatenate([frame[name] for frame in frames], axis=2) for name in frames[0]}
