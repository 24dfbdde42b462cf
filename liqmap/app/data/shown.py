"""Numbers about one picture."""

from __future__ import annotations

from liqmap.carry import CarryModel
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import Lit, count_lit
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale, Sizes
from liqmap.schema import Meta


class Shown:
    """What is said of a picture.

    sizes : those that its scale was cut from; unit : of its sizes, with what they are per.
    counts : what is lit; share : what part of the liquidity drawn in the view is carried.
    row, column_s : a cell, quote currency and s.
    carry : how sizes were carried.
    """

    def __init__(
        self,
        frame: Frame,
        scale: Scale,
        look: Look,
        sizes: Sizes,
        share: float,
        meta: Meta,
        carry: CarryModel,
    ) -> None:
        self.carry = carry
        self.scale, self.sizes, self.share, self.per = scale, sizes, share, frame.per
        self.unit = labels.size_unit(meta) + frame.per
        self.counts: Lit = count_lit(frame, look, scale)
        self.row = frame.ticks_a_row * frame.tick_size
        self.column_s = float(frame.times[1] - frame.times[0]) * 1e-9
