"""Where the parts of a picture file stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.render.marks.panels import BESIDE, PANELS

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
        sizes = {name: round(BESIDE[name] * unit) for name in BESIDE if name in panels}
        gap = round(GAP * unit)
        left, right = round((74 if "delta" in panels else 28) * unit), round(104 * unit)
        bottom, top = round(52 * unit), round(122 * unit)
        right += sum(sizes.values()) + gap * len(sizes)
        below = round(PANELS["delta"].pixels * unit) if "delta" in panels else 0
        under = below + gap if below else 0
        inner = max(width - left - right, 16), max(height - top - bottom - under, 16)
        boxes, at = {}, left + inner[0] + round(90 * unit)
        for name, size in sizes.items():
            boxes[name] = (at, bottom + under, size, inner[1])
            at += size + gap
        if below:
            boxes["delta"] = (left, bottom, inner[0], below)
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
