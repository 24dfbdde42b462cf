"""From sizes to colours: one RGBA image of both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.compiling import borrowing
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import Rule, front, is_known
from liqmap.render.frames.look import DEFAULT
from liqmap.render.frames.look import Look as Look
from liqmap.render.frames.palettes import RGB, Theme, css, ramp, toward_background
from liqmap.render.frames.scale import Scale as Scale
from liqmap.render.frames.scale import scale_of as scale_of
from liqmap.render.frames.scale import scale_of_session as scale_of_session
from liqmap.render.frames.shade_table import DARK, look_up, shade_table
from liqmap.render.frames.there import LEVELS, greyed, levels_of, shows_presence
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


def presence_shades(look: Look) -> np.ndarray:
    """The same by side, by how likely it is still there, by place: (2, LEVELS, SHADES) uint32."""
    table = np.empty((2, LEVELS, SHADES), np.uint32)
    for side in (0, 1):
        colours = ramp(side, look.palette, look.colours, SHADES)
        for level, share in enumerate(np.linspace(0.0, 1.0, LEVELS)):
            table[side, level] = pack(greyed(colours, share, look.colours), look.opacity)
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


def presence_gradients(look: Look, side: int, levels: int) -> list[str]:
    """The same from surely there down to surely gone, at so many levels."""
    colours = ramp(side, look.palette, look.colours, SHADES)[np.linspace(0, SHADES - 1, 12).astype(int)]
    stops = (greyed(colours, share, look.colours) for share in np.linspace(1.0, 0.0, levels))
    return [f"linear-gradient(90deg, {', '.join(css(c) for c in some)})" for some in stops]


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

    pixels = pixels_of(frame, look, scale_of(frame, look) if scale is None else scale)
    times, prices = frame.middles
    return Image(pixels, coords={"price": prices, "time": times}, dims=["price", "time"])


def pixels_of(frame: Frame, look: Look, scale: Scale) -> np.ndarray:
    """The same as bare pixels: (P, T) uint32, little-endian RGBA, lowest price first."""
    colours = presence_shades(look) if shows_presence(frame, look) else shades(look)
    return _shaded(frame, look, scale, colours, pack(np.array(look.colours.empty), look.opacity))


PLACES = np.arange(2, 2 + 4 * SHADES, dtype=np.uint16).reshape(2, 2, SHADES)
"""Numbers of the colours that `shades` has, instead of them; 0 is unknown, 1 known to be empty."""


def places_of(frame: Frame, look: Look, scale: Scale) -> np.ndarray:
    """The same for whoever has the colours: (P, T) uint16, numbers as in `PLACES`, lowest price first."""
    return _shaded(replace(frame, presence=None), look, scale, PLACES, np.uint16(1))


PRESENCE_PLACES = np.arange(2, 2 + 2 * LEVELS * SHADES, dtype=np.uint16).reshape(2, LEVELS, SHADES)
"""The same of the colours that `presence_shades` has."""


def presence_places_of(frame: Frame, look: Look, scale: Scale) -> np.ndarray:
    """Those of a frame whose colours tell presence, numbers as in `PRESENCE_PLACES`."""
    return _shaded(frame, look, scale, PRESENCE_PLACES, np.uint16(1))


NO_KINDS = np.zeros((0, 0, 0), np.uint8)
"""Where colours go by state alone."""


def _shaded(frame: Frame, look: Look, scale: Scale, colours: np.ndarray, empty: Any) -> np.ndarray:
    pixels = np.zeros(frame.state.shape[1:], colours.dtype)
    rule, sizes = Rule.of(look, scale), np.ascontiguousarray(frame.intensity)
    table = shade_table(rule, SHADES - 1)
    kinds = NO_KINDS
    if frame.presence is not None and shows_presence(frame, look):
        kinds = levels_of(frame.presence)
    _shade(sizes, sizes.view(np.int32), frame.state, kinds, rule, table, colours, empty, pixels)
    return pixels


@borrowing
def _shade(sizes, bits, state, kinds, rule, table, colours, empty, out):  # type: ignore[no-untyped-def]
    """Per cell, the shade of the side that shows (`front`); where none does and both are known, ``empty``.

    Parameters
    ----------
    kinds : (2, P, T) uint8, the second place in ``colours``; of no cell where that is whether it is carried.
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            bids, asks = state[0, i, j], state[1, i, j]
            if bids == UNKNOWN and asks == UNKNOWN:
                continue
            known_bids, known_asks = is_known(bids, rule), is_known(asks, rule)
            bid = ask = DARK
            if known_bids and rule.bids and sizes[0, i, j] > 0:
                bid = look_up(bits[0, i, j], sizes[0, i, j], table, rule)
            if known_asks and rule.asks and sizes[1, i, j] > 0:
                ask = look_up(bits[1, i, j], sizes[1, i, j], table, rule)
            if bid == DARK and ask == DARK:
                if known_bids and known_asks:
                    out[i, j] = empty
                continue
            side = 0 if ask == DARK else 1 if bid == DARK else front(sizes, state, i, j, rule).side
            kind = 1 if state[side, i, j] == CARRIED else 0
            if kinds.shape[0] > 0:
                kind = kinds[side, i, j]
            out[i, j] = colours[side, kind, bid if side == 0 else ask]
