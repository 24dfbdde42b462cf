"""From sizes to colours: one RGBA image of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.compiling import borrowing
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import NEITHER, Rule, front, is_known
from liqmap.render.frames.look import DEFAULT
from liqmap.render.frames.look import Look as Look
from liqmap.render.frames.palettes import RGB, Theme, css, ramp, toward_background
from liqmap.render.frames.scale import Scale as Scale
from liqmap.render.frames.scale import scale_of as scale_of
from liqmap.render.frames.scale import scale_of_session as scale_of_session
from liqmap.schema import CARRIED, UNKNOWN

if TYPE_CHECKING:
    from datashader.transfer_functions import Image

SHADES = 1024
"""Of a ramp: so many that colours of neighbours differ by 1 or 2 of 255; other engines may round to them."""

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
            weak = tone_at(np.linspace(0.0, 1.0, SHADES)[:, None], tone, theme)
        else:
            weak = toward_background(colours, look.carried, theme)
        table[side, 1] = pack(np.rint(weak), look.opacity)
    return table


def tone_at(place: Any, tone: RGB, theme: Theme) -> np.ndarray:
    """The one tone of what is carried, at places on the scale; fainter where less is."""
    strength = FAINT_TONE + (1 - FAINT_TONE) * place
    return np.array(theme.background) * (1 - strength) + np.array(tone) * strength


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
    pixels = np.zeros(frame.state.shape[1:], np.uint32)
    _shade(frame.intensity, frame.state, Rule.of(look, scale), shades(look), empty, pixels)
    prices = (frame.prices[:-1] + frame.prices[1:]) / 2
    times = (frame.times[:-1] + np.diff(frame.times) // 2).astype("datetime64[ns]")
    return Image(pixels, coords={"price": prices, "time": times}, dims=["price", "time"])


@borrowing
def _shade(intensity, state, rule, table, empty, out):  # type: ignore[no-untyped-def]
    """Per cell, the shade of the side that shows (`front`); where none does and both are known, ``empty``."""
    last = table.shape[2] - 1
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            bids, asks = state[0, i, j], state[1, i, j]
            if bids == UNKNOWN and asks == UNKNOWN:
                continue
            shown = front(intensity, state, i, j, rule)
            if shown.side != NEITHER:
                carried = 1 if state[shown.side, i, j] == CARRIED else 0
                out[i, j] = table[shown.side, carried, np.int64(shown.place * last + 0.5)]
            elif is_known(bids, rule) and is_known(asks, rule):
                out[i, j] = empty
