"""Spans x edges -> cells, on bare arrays: what was observed first, then what is carried over it.

What was observed does not depend on half-life and prune. It is kept with the spans for the last few frames,
so that another half-life costs the carried pieces alone.
"""

from __future__ import annotations

import numpy as np

from liqmap.carry import CarryModel, HalfLife
from liqmap.compiling import say_if_compiling
from liqmap.raster.carried import carry_rows
from liqmap.raster.columns import Columns
from liqmap.raster.direct import carry_directly
from liqmap.raster.observed import Observed, observed
from liqmap.raster.parts import known_and_age
from liqmap.raster.pieces import carried_pieces
from liqmap.raster.settled import holds_for, nothing_settled
from liqmap.raster.threads import row_blocks, share_out
from liqmap.schema import AGGREGATES, GridError
from liqmap.spans import Spans

NO_PART = np.empty((0, 0), np.float32)


def paint(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: CarryModel,
    agg: str,
    parts: bool = False,
    slider: bool = False,
) -> dict[str, np.ndarray]:
    """`rasterize` on bare arrays: edges in ns and in ticks -> arrays (2, P, T) by name.

    Parameters
    ----------
    slider : from the second time that a frame is drawn, draw its short pieces from what was settled of them:
        faster, and the same to 2e-7. Without it equal calls give equal bits.

    Raises
    ------
    GridError : an unknown aggregate.
    """
    if agg not in AGGREGATES:
        raise GridError(f"agg: expected one of {AGGREGATES}, got {agg!r}")
    how = AGGREGATES.index(agg)
    shape = (2, len(rows) - 1, len(times) - 1)
    frames: dict[str, np.ndarray] = {
        "liquidity": np.empty(shape, np.float32),
        "state": np.empty(shape, np.uint8),
    }
    if parts:
        frames |= {name: np.empty(shape, np.float32) for name in ("observed", "carried", "known", "age")}
    say_if_compiling(carry_rows)
    seen = observed(spans, times, rows, how)
    if isinstance(carry, HalfLife):
        _carry(spans, times, rows, carry, how, seen, frames, slider)
    else:
        carry_directly(spans, times, rows, carry, how, seen, frames)
    if parts:
        known_and_age(spans, times, rows, carry, frames)
    return frames


def _carry(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: HalfLife,
    how: int,
    seen: Observed,
    frames: dict[str, np.ndarray],
    slider: bool,
) -> None:
    """Carried pieces under a half-life over the observed part: liquidity, state, and the parts if wanted."""
    columns = (*Columns.of(times, carry.rate, how).layout, carry.rate)
    if slider and seen.again and holds_for(carry):
        settled = seen.settle(spans, times, rows, how)
    else:
        settled = [nothing_settled(len(rows) - 1, p) for p in carried_pieces(spans)]
    parts = "observed" in frames

    def work(task: tuple[int, int, int]) -> None:
        side, begin, stop = task
        s, p, f = settled[side], settled[side].rest, settled[side].far
        carry_rows(
            how, side, begin, stop, rows, spans.sides[side].levels, p.first, (p.seen, p.end, p.size),
            (f.first, (f.seen, f.end, f.size)), (s.first, s.column, s.moments), columns, seen.bounds[side],
            carry.prune_ns, seen.values[side], seen.lit[side],
            (frames["liquidity"][side], frames["state"][side]),
            (frames["observed"][side], frames["carried"][side]) if parts else (NO_PART, NO_PART),
        )  # fmt: skip

    firsts = [s.rest.first for s in settled]
    blocks = [row_blocks(spans.sides[k].levels, firsts[k], rows, len(times)) for k in (0, 1)]
    share_out(work, [(side, *cut) for side in (0, 1) for cut in blocks[side]])
