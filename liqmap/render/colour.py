"""From sizes to colours: a scale with cut-offs, and one RGBA image of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from liqmap.schema import CARRIED, UNKNOWN, GridError

from .frame import Frame
from .palettes import EMPTY, css, palette, toward_background

if TYPE_CHECKING:
    from datashader.transfer_functions import Image

SHADES = 256

SPREAD = 100.0
"""A log scale spans at most this factor, so that one giant wall does not leave all else in the dark."""


@dataclass(frozen=True)
class Look:
    """How sizes become colours.

    cutoffs : percentiles of the lit cells at which colour begins and saturates.
    carried : strength of carried liquidity beside observed, 0 to 1.
    limits : the two sizes themselves, instead of percentiles of what is in view.
    """

    cutoffs: tuple[float, float] = (40.0, 99.7)
    log: bool = True
    carried: float = 0.72
    opacity: float = 1.0
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        low, high = self.cutoffs
        if not 0 <= low < high <= 100:
            raise GridError(f"cutoffs: expected percentiles with 0 <= low < high <= 100, got {self.cutoffs}")
        for name in ("carried", "opacity"):
            if not 0 <= getattr(self, name) <= 1:
                raise GridError(f"{name}: expected a strength from 0 to 1, got {getattr(self, name)!r}")


@dataclass(frozen=True)
class Scale:
    """Sizes at which colour begins and saturates."""

    low: float
    high: float
    log: bool = True

    def place(self, size: Any) -> np.ndarray:
        """Place of sizes on the scale, clipped to 0 to 1; 0 for a size of zero."""
        size = np.asarray(size, float)
        if not self.log:
            return np.clip((size - self.low) / (self.high - self.low), 0.0, 1.0)
        with np.errstate(divide="ignore"):
            return np.clip(np.log(size / self.low) / np.log(self.high / self.low), 0.0, 1.0)

    def size(self, place: Any) -> np.ndarray:
        """The inverse of `place` within the cut-offs."""
        place = np.asarray(place, float)
        if not self.log:
            return self.low + place * (self.high - self.low)
        return self.low * (self.high / self.low) ** place


def scale_of(frame: Frame, look: Look = Look()) -> Scale:
    """The scale of a frame: percentiles of its lit cells.

    Observed cells decide where there are enough of them. They do not depend on half-life and prune, so
    a faster decay looks fainter; were the carried cells counted, the scale would follow them down.
    """
    if look.limits is not None:
        low, high = look.limits
    else:
        lit = frame.observed_lit
        if len(lit) < 64:
            values = frame.intensity
            lit = values[values > 0]
        if len(lit) == 0:
            return Scale(1.0, 2.0, look.log)
        low, high = (float(v) for v in np.percentile(lit[:: max(1, len(lit) // 400_000)], look.cutoffs))
    if look.log and look.limits is None:
        high = min(high, low * SPREAD)
    if look.log:
        low = max(low, high * 1e-6, 1e-300)
    # Sizes closer than this are as good as one: decay alone must not send it to the dark end.
    least = 1.05 if look.limits is None else 1 + 1e-9
    return Scale(low, high, look.log) if high > low * least else Scale(low * 0.5, low * 1.5, look.log)


def shades(look: Look) -> np.ndarray:
    """RGBA by side, by whether carried, by place on the scale: (2, 2, SHADES) uint32, little-endian RGBA."""
    table = np.empty((2, 2, SHADES), np.uint32)
    for side in (0, 1):
        colours = palette(side, SHADES)
        table[side, 0] = pack(colours, look.opacity)
        table[side, 1] = pack(toward_background(colours, look.carried), look.opacity)
    return table


def css_gradient(look: Look, side: int, carried: bool) -> str:
    """The colours of a side from left to right, as CSS for a legend."""
    table = shades(look)[side, int(carried)].view(np.uint8).reshape(-1, 4)
    stops = table[np.linspace(0, len(table) - 1, 12).astype(int), :3]
    return f"linear-gradient(90deg, {', '.join(css(c) for c in stops)})"


def pack(colours: np.ndarray, opacity: float = 1.0) -> np.ndarray:
    """RGB (..., 3) as uint32 in datashader's order: red lowest, alpha highest."""
    r, g, b = (np.asarray(colours)[..., i].astype(np.uint32) for i in range(3))
    return r | g << 8 | b << 16 | np.uint32(round(255 * opacity)) << 24


def shade(frame: Frame, look: Look = Look(), scale: Scale | None = None) -> Image:
    """One image of both sides; where both rest in a cell the brighter one shows.

    Returns
    -------
    A datashader image (price, time), lowest price first: transparent where a side is unknown and nothing is
    lit, a trace of colour where the book is known to be empty. datashader's ``set_background``, ``spread``
    and ``stack`` take it on.
    """
    from datashader.transfer_functions import Image

    scale = scale_of(frame, look) if scale is None else scale
    empty = pack(np.array(EMPTY), look.opacity)
    pixels = _shade(
        frame.intensity, frame.state, scale.low, scale.high, scale.log, look.carried, shades(look), empty
    )
    prices = (frame.prices[:-1] + frame.prices[1:]) / 2
    times = (frame.times[:-1] + np.diff(frame.times) // 2).astype("datetime64[ns]")
    return Image(pixels, coords={"price": prices, "time": times}, dims=["price", "time"])


@njit(cache=True, nogil=True)
def _shade(intensity, state, low, high, log, carried, table, empty):  # type: ignore[no-untyped-def]
    """Per cell, the side with the greater place x strength; place is taken on a log or linear scale."""
    rows, columns = state.shape[1:]
    out = np.zeros((rows, columns), np.uint32)
    if log:
        offset, factor = np.log2(low), 1.0 / (np.log2(high) - np.log2(low))
    else:
        offset, factor = low, 1.0 / (high - low)
    for i in range(rows):
        for j in range(columns):
            best = 0.0
            for side in range(2):
                what = state[side, i, j]
                if what == UNKNOWN:
                    continue
                if out[i, j] == 0 and state[1 - side, i, j] != UNKNOWN:
                    out[i, j] = empty
                size = np.float64(intensity[side, i, j])
                if size <= low:
                    continue
                place = min(((np.log2(size) if log else size) - offset) * factor, 1.0)
                strong = place * (carried if what == CARRIED else 1.0)
                if strong > best:
                    best = strong
                    shade = np.int64(place * (table.shape[2] - 1) + 0.5)
                    out[i, j] = table[side, 1 if what == CARRIED else 0, shade]
    return out
