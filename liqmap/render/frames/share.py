"""What share of the liquidity drawn in a view is carried: one number, however large the picture is."""

from __future__ import annotations

from collections.abc import Sequence

from liqmap.carry import CarryModel
from liqmap.render.frames.frame import Range, draw, instant_ns, price_rows, time_columns
from liqmap.render.frames.front import count_lit
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale
from liqmap.spans import Spans

COLUMNS, ROWS = 300, 150
"""At most so many cells of a view are looked at: the same in every face, whose pixels differ."""


def carried_share(
    spans: Spans,
    view: tuple[Range, Range],
    carry: CarryModel,
    agg: str,
    look: Look,
    scale: Scale,
    others: Sequence[Spans] = (),
) -> float:
    """Share of the liquidity drawn (sizes of the sides that show, `front.Lit`) that is carried, 0 to 1.

    Parameters
    ----------
    view : time range and price range. They are looked at on their lattice of `COLUMNS` x `ROWS` cells, so the
        number is that of the view, not of a picture's pixels; the page does the same.
    """
    begin, end = (instant_ns(t) for t in view[0])
    low, high = map(float, view[1])
    columns, rows = time_columns(begin, end, COLUMNS), price_rows(low, high, ROWS, spans.tick_size)
    return count_lit(draw(spans, columns, rows, carry, agg, others), look, scale).carried_share
