"""Numbers about one picture."""

from __future__ import annotations

from dataclasses import dataclass

from liqmap.carry import CarryModel
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import Lit, count_lit
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale, Sizes
from liqmap.schema import Meta


@dataclass(frozen=True)
class Shown:
    """What is said of a picture.

    sizes : those that its scale was cut from; unit : of its sizes, with what they are ``per``.
    counts : what is lit; share : what part of the liquidity drawn in the view is carried.
    row, column_s : a cell, quote currency and s.
    carry : how sizes were carried.
    """

    scale: Scale
    sizes: Sizes
    share: float
    counts: Lit
    per: str
    unit: str
    row: float
    column_s: float
    carry: CarryModel

    @classmethod
    def of(
        cls,
        frame: Frame,
        scale: Scale,
        look: Look,
        sizes: Sizes,
        share: float,
        meta: Meta,
        carry: CarryModel,
    ) -> Shown:
        """Of a picture that was drawn here."""
        return cls(
            scale, sizes, share, count_lit(frame, look, scale), frame.per, labels.size_unit(meta) + frame.per,
            frame.ticks_a_row * frame.tick_size, float(frame.times[1] - frame.times[0]) * 1e-9, carry,
        )  # fmt: skip
