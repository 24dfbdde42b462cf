"""From sizes to colours: one RGBA image of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from liqmap.render.frames.frame import Frame
from liqmap.render.frames.look import DEFAULT
from liqmap.render.frames.look import Look as Look
from liqmap.render.frames.palettes import css, ramp, toward_background
from liqmap.render.frames.scale import SPREAD as SPREAD
from liqmap.render.frames.scale import Scale as Scale
from liqmap.render.frames.scale import scale_of as scale_of
from liqmap.render.frames.scale import scale_of_session as scale_of_session
from liqmap.schema import CARRIED, UNKNOWN

if TYPE_CHECKING:
    from datashader.transfer_functions import Image

SHADES = 256

FAINT_TONE = 0.55
"""Of carried liquidity shown in one tone, the strength of the smallest sizes beside the largest."""


def shades(look: Look) -> np.ndarray:
    """RGBA by side, by whether carried, by place on the scale: (2, 2, SHADES) uint32, little-endian RGBA."""
    table = np.empty((2, 2, SHADES), np.uint32)
    theme = look.colours
    for side, tone in enumerate((theme.bid_tone, theme.ask_tone)):
        colours = ramp(side, look.palette, theme, SHADES)
        table[side, 0] = pack(colours, look.opacity)
        if look.carried_shown == "outline":
            strength = np.linspace(FAINT_TONE, 1.0, SHADES)[:, None]
            weak = np.array(theme.background) * (1 - strength) + np.array(tone) * strength
        else:
            weak = toward_background(colours, look.carried, theme)
        table[side, 1] = pack(np.rint(weak), look.opacity)
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


def shade(frame: Frame, look: Look = DEFAULT, scale: Scale | None = None) -> Image:
    """One image of both sides; where both rest in a cell the brighter one shows.

    Returns
    -------
    A datashader image (price, time), lowest price first: transparent where a side is unknown and nothing is
    lit, a trace of colour where the book is known to be empty. datashader's ``set_background``, ``spread``
    and ``stack`` take it on.
    """
    from datashader.transfer_functions import Image

    scale = scale_of(frame, look) if scale is None else scale
    empty = pack(np.array(look.colours.empty), look.opacity)
    least = look.min_size / (frame.ticks_a_row if frame.per else 1)
    pixels = _shade(
        frame.intensity, frame.state, (look.bids, look.asks), np.float32(least), scale.low, scale.high,
        scale.scaling != "linear", np.array(scale.curve), look.strength, shades(look), empty,
    )  # fmt: skip
    prices = (frame.prices[:-1] + frame.prices[1:]) / 2
    times = (frame.times[:-1] + np.diff(frame.times) // 2).astype("datetime64[ns]")
    return Image(pixels, coords={"price": prices, "time": times}, dims=["price", "time"])


@njit(cache=True, nogil=True)
def _shade(intensity, state, drawn, least, low, high, log, curve, carried, table, empty):  # type: ignore[no-untyped-def]
    """Per cell, the side with the greater place x strength; place is taken on a log or linear scale, and then
    on the curve where that has more than its ends."""
    rows, columns = state.shape[1:]
    out = np.zeros((rows, columns), np.uint32)
    steps = curve.shape[0] - 1
    if log:
        offset, factor = np.log2(low), 1.0 / (np.log2(high) - np.log2(low))
    else:
        offset, factor = low, 1.0 / (high - low)
    for i in range(rows):
        for j in range(columns):
            best = 0.0
            for side in range(2):
                what = state[side, i, j]
                if what == UNKNOWN or (what == CARRIED and carried == 0.0):
                    continue
                other = state[1 - side, i, j]
                if out[i, j] == 0 and other != UNKNOWN and not (other == CARRIED and carried == 0.0):
                    out[i, j] = empty
                size = np.float64(intensity[side, i, j])
                if size <= low or size < least or not drawn[side]:
                    continue
                place = min(((np.log2(size) if log else size) - offset) * factor, 1.0)
                if steps > 1:
                    k = min(int(place * steps), steps - 1)
                    place = curve[k] + (curve[k + 1] - curve[k]) * (place * steps - k)
                strong = place * (carried if what == CARRIED else 1.0)
                if strong > best:
                    best = strong
                    shade = np.int64(place * (table.shape[2] - 1) + 0.5)
                    out[i, j] = table[side, 1 if what == CARRIED else 0, shade]
    return out
