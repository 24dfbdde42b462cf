"""What a frame is drawn on: its columns, its rows, and what a cell says of what is in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from liqmap.raster.columns import LAST, TimeAxis, time_axis
from liqmap.raster.window import nearest_ticks


@dataclass(frozen=True, eq=False)
class Canvas:
    """T columns and P rows of cells.

    times : (T + 1,) int64 ns, rising.
    rows : (P + 1,) int64, first tick of each row, never falling; a row may be of no tick.
    how : the aggregate: `MEAN`, `PEAK` or `LAST`.
    """

    times: np.ndarray
    rows: np.ndarray
    how: int

    @cached_property
    def axis(self) -> TimeAxis:
        """The columns, as kernels take them."""
        return time_axis(self.times)

    @property
    def shape(self) -> tuple[int, int]:
        """(P, T)."""
        return len(self.rows) - 1, len(self.times) - 1

    @property
    def key(self) -> tuple[int, bytes, bytes]:
        """Equal for equal canvases."""
        return self.how, self.times.tobytes(), self.rows.tobytes()

    @property
    def at_right_edges(self) -> Canvas:
        """The same cells in the instant before their right edges."""
        return replace(self, how=LAST)

    def nearest(self, side: int) -> np.ndarray:
        """(P,) int64, the tick of each row that is nearest to the touch, as `window.window_bounds` counts."""
        return nearest_ticks(self.rows, side)
