"""Where the parts of a picture file stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.render.marks.panels import below as heights_below
from liqmap.render.marks.panels import beside as widths_beside

DPI = 100


Box = tuple[int, int, int, int]
"""left, bottom, width, height; whole pixels from the lower left of the figure."""

GAP = 14
"""Pixels at 1600 x 900 between panels."""


@dataclass(frozen=True)
class Layout:
    """Where things stand, in whole pixels from the lower left; ``unit`` scales fonts and lines.

    left, bottom, width, height : of the heatmap. panels : the boxes of its panels, by name.
    """

    figure: tuple[int, int]
    left: int
    bottom: int
    width: int
    height: int
    unit: float
    panels: dict[str, Box]

    @classmethod
    def of(cls, width: int, height: int, panels: Sequence[str] = ()) -> Layout:
        unit = float(np.clip(min(width / 1600, height / 900), 0.45, 4.0))
        sizes, heights = (
            {name: round(pixels * unit) for name, pixels in there.items() if name in panels}
            for there in (widths_beside(), heights_below(panels))
        )
        gap = round(GAP * unit)
        left, right = round((74 if heights else 28) * unit), round(104 * unit)
        bottom, top = round(52 * unit), round(122 * unit)
        right += sum(sizes.values()) + gap * len(sizes)
        under = sum(heights.values()) + gap * len(heights)
        inner = max(width - left - right, 16), max(height - top - bottom - under, 16)
        boxes, at = {}, left + inner[0] + round(90 * unit)
        for name, size in sizes.items():
            boxes[name] = (at, bottom + under, size, inner[1])
            at += size + gap
        upper = bottom + under
        for name, size in heights.items():
            upper -= gap + size
            boxes[name] = (left, upper, inner[0], size)
        return cls((width, height), left, bottom + under, *inner, unit, boxes)

    @property
    def foot(self) -> int:
        """The lowest edge of anything drawn."""
        return min([self.bottom, *(box[1] for box in self.panels.values())])

    def points(self, pixels: Any) -> Any:
        """So many pixels at 1600 x 900, in points of this figure."""
        return pixels * self.unit * 72 / DPI

    def box(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Pixels as fractions of the figure."""
        w, h = self.figure
        return left / w, bottom / h, width / w, height / h
