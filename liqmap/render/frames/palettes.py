"""The colours: themes (dark and light), and palettes that run from a theme's background to its strongest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from liqmap.render.frames.uniform import OF_MATPLOTLIB, SHORT, uniform, uniform_names
from liqmap.schema import GridError

RGB = tuple[int, int, int]
Stops = tuple[tuple[float, tuple[float, float, float]], ...]
"""(value, colour), values from 0 to 1."""


ThemeName: TypeAlias = Literal["dark", "light"]


@dataclass(frozen=True)
class Theme:
    """The named colours of a picture.

    background : unknown, where nothing is drawn.
    empty : known to be empty; just so far from the background that the window can be seen.
    panel, accent : ground and highlights of what stands around the picture.
    lines : of the grid over the heatmap, drawn at ``lines_alpha``.
    bid_tone, ask_tone : what is carried, where that has a tone of its own.
    up, down : candles; neutral where the price did not move.
    ghost : liquidity drawn where the book is known to be empty.
    """

    name: str
    background: RGB
    empty: RGB
    panel: RGB
    grid: RGB
    lines: RGB
    lines_alpha: float
    text: RGB
    muted: RGB
    accent: RGB
    best_bid: RGB
    best_ask: RGB
    mid: RGB
    bid_tone: RGB
    ask_tone: RGB
    buy: RGB
    sell: RGB
    unsigned: RGB
    buy_rim: RGB
    sell_rim: RGB
    unsigned_rim: RGB
    up: RGB
    down: RGB
    neutral: RGB
    delta: RGB
    ghost: RGB

    @property
    def kind(self) -> str:
        """``dark`` or ``light``, whichever it is or is like."""
        if self.name in ("dark", "light"):
            return self.name
        return "dark" if sum(self.background) < 384 else "light"


DARK = Theme(
    name="dark",
    background=(8, 12, 20), empty=(11, 17, 28), panel=(13, 18, 28),
    grid=(38, 48, 66), lines=(255, 255, 255), lines_alpha=0.055,
    text=(222, 230, 242), muted=(138, 150, 172), accent=(43, 143, 217),
    best_bid=(120, 255, 180), best_ask=(255, 120, 120), mid=(240, 244, 250),
    bid_tone=(30, 64, 104), ask_tone=(104, 64, 28),
    buy=(38, 208, 146), sell=(240, 62, 76), unsigned=(170, 178, 195),
    buy_rim=(130, 255, 205), sell_rim=(255, 140, 150), unsigned_rim=(225, 230, 240),
    up=(38, 208, 146), down=(240, 62, 76), neutral=(170, 178, 195), delta=(240, 244, 250),
    ghost=(255, 64, 196),
)  # fmt: skip

LIGHT = Theme(
    name="light",
    background=(252, 253, 254), empty=(243, 246, 250), panel=(238, 242, 247),
    grid=(201, 209, 220), lines=(20, 30, 50), lines_alpha=0.07,
    text=(24, 32, 46), muted=(92, 104, 124), accent=(20, 108, 184),
    best_bid=(0, 138, 72), best_ask=(206, 24, 44), mid=(30, 36, 48),
    bid_tone=(174, 200, 224), ask_tone=(232, 202, 164),
    buy=(0, 152, 112), sell=(218, 40, 52), unsigned=(120, 130, 148),
    buy_rim=(0, 96, 70), sell_rim=(150, 10, 32), unsigned_rim=(70, 80, 98),
    up=(0, 152, 112), down=(218, 40, 52), neutral=(120, 130, 148), delta=(30, 36, 48),
    ghost=(214, 0, 150),
)  # fmt: skip

THEMES = {"dark": DARK, "light": LIGHT}

_BLUE: Stops = ((0.25, (6, 38, 80)), (0.6, (0, 120, 190)), (0.85, (40, 220, 255)), (1.0, (205, 250, 255)))
_ORANGE: Stops = (
    (0.25, (70, 30, 6)), (0.6, (200, 100, 10)), (0.85, (255, 190, 40)), (1.0, (255, 243, 170)),
)  # fmt: skip
_HEAT: Stops = (
    (0.25, (12, 44, 104)), (0.5, (40, 86, 136)), (0.68, (224, 124, 48)), (0.86, (255, 200, 66)),
    (1.0, (255, 250, 222)),
)  # fmt: skip
_BLUE_ON_WHITE: Stops = (
    (0.25, (190, 218, 240)), (0.6, (74, 152, 214)), (0.85, (14, 86, 168)), (1.0, (4, 30, 92)),
)  # fmt: skip
_ORANGE_ON_WHITE: Stops = (
    (0.25, (250, 220, 172)), (0.6, (238, 150, 38)), (0.85, (190, 84, 0)), (1.0, (104, 34, 0)),
)  # fmt: skip
_HEAT_ON_WHITE: Stops = (
    (0.25, (196, 216, 238)), (0.5, (142, 186, 226)), (0.68, (208, 92, 24)), (0.86, (164, 40, 18)),
    (1.0, (70, 4, 22)),
)  # fmt: skip

PALETTES: dict[str, dict[str, tuple[Stops, Stops]]] = {
    "default": {"dark": (_BLUE, _ORANGE), "light": (_BLUE_ON_WHITE, _ORANGE_ON_WHITE)},
    "classic": {"dark": (_HEAT, _HEAT), "light": (_HEAT_ON_WHITE, _HEAT_ON_WHITE)},
}
"""By name and theme, the colours of the bids and of the asks above the background. ``default`` tells the
sides apart; ``classic`` is one ramp for both, from cold to hot, as order-flow tools have it."""

LEAVES = 0.08
"""Place on the scale up to which a uniform map comes out of the background."""


def theme(name: str | Theme) -> Theme:
    """The theme of a name, ``dark`` or ``light``; a theme is given back as it is.

    Raises
    ------
    GridError : no such theme.
    """
    if isinstance(name, Theme):
        return name
    if not isinstance(name, str) or name not in THEMES:
        raise GridError(argument="theme", expected=f"one of {tuple(THEMES)}", got=repr(name))
    return THEMES[name]


def check_palette(name: str) -> str:
    """The name of a palette.

    Raises
    ------
    GridError : no such palette.
    """
    if not isinstance(name, str) or not (name in PALETTES or name in uniform_names()):
        known = ", ".join((*PALETTES, *OF_MATPLOTLIB, *SHORT))
        expected = f"one of {known}, or a linear_... of colorcet"
        raise GridError(argument="palette", expected=expected, got=repr(name))
    return name


def ramp(side: int, palette: str = "default", theme: str | Theme = "dark", count: int = 256) -> np.ndarray:
    """Colours of one side from background to strongest, (count, 3) uint8; not to be written to."""
    return _ramp(side, check_palette(palette), _named(theme), count)


def ramp_stops(side: int, palette: str, theme: Theme) -> Stops:
    """Colours between which the ramp of a side is straight, from the background to the strongest."""
    return ((0.0, theme.background), *_stops(side, check_palette(palette), theme))


def _named(name: str | Theme) -> Theme:
    return theme(name)


@cache
def _ramp(side: int, palette: str, theme: Theme, count: int) -> np.ndarray:
    stops, colours = zip(*ramp_stops(side, palette, theme))
    values = np.linspace(0.0, 1.0, count)
    channels = [np.interp(values, stops, channel) for channel in np.array(colours, float).T]
    table = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    table.flags.writeable = False
    return table


def _stops(side: int, palette: str, theme: Theme) -> Stops:
    """Colours above the background: of a uniform map its dark end is the faint one on a dark background."""
    if palette in PALETTES:
        return PALETTES[palette][theme.kind][side]
    table = uniform(palette) if theme.kind == "dark" else uniform(palette)[::-1]
    values = np.linspace(LEAVES, 1.0, len(table))
    return tuple((float(value), tuple(colour)) for value, colour in zip(values, table))


def toward_background(colours: np.ndarray, strength: float, theme: Theme = DARK) -> np.ndarray:
    """Colours at ``strength`` (0 to 1) of their distance from the background; uint8."""
    background = np.array(theme.background, float)
    return np.rint(background + strength * (np.asarray(colours, float) - background)).astype(np.uint8)


def bubble_colours(aggressor: np.ndarray, theme: Theme = DARK) -> tuple[list[RGB], list[RGB]]:
    """Face and rim colours by aggressor (-1: not known)."""
    faces = (theme.buy, theme.sell, theme.unsigned)
    rims = (theme.buy_rim, theme.sell_rim, theme.unsigned_rim)
    return [faces[a] for a in aggressor], [rims[a] for a in aggressor]


def css(colour: RGB | np.ndarray) -> str:
    """A colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*(int(c) for c in colour))


def unit_rgb(colour: RGB) -> tuple[float, float, float]:
    """A colour as three numbers from 0 to 1, as matplotlib takes it."""
    return colour[0] / 255, colour[1] / 255, colour[2] / 255
