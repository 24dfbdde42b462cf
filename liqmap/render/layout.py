"""Where the parts of a picture file stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

DPI = 100


@dataclass(frozen=True)
class Layout:
    """Where things stand, in whole pixels from the lower left; ``unit`` scales fonts and lines."""

    figure: tuple[int, int]
    left: int
    bottom: int
    width: int
    height: int
    unit: float

    @classmethod
    def of(cls, width: int, height: int) -> Layout:
        unit = float(np.clip(min(width / 1600, height / 900), 0.45, 4.0))
        left, right = round(28 * unit), round(104 * unit)
        bottom, top = round(52 * unit), round(122 * unit)
        inner = max(width - left - right, 16), max(height - top - bottom, 16)
        return cls((width, height), left, bottom, *inner, unit)

    def points(self, pixels: Any) -> Any:
        """So many pixels at 1600 x 900, in points of this figure."""
        return pixels * self.unit * 72 / DPI

    def box(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """Pixels as fractions of the figure."""
        w, h = self.figure
        return left / w, bottom / h, width / w, height / h
