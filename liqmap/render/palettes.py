"""The colours: bids blue to white, asks brown to cream, on the night sky they share."""

from __future__ import annotations

import numpy as np

RGB = tuple[int, int, int]

BACKGROUND: RGB = (8, 12, 20)
"""Unknown: nothing is drawn."""
EMPTY: RGB = (11, 17, 28)
"""Known to be empty: just enough lighter than unknown that the window can be seen."""
PANEL: RGB = (13, 18, 28)
GRID: RGB = (38, 48, 66)
TEXT: RGB = (222, 230, 242)
MUTED: RGB = (138, 150, 172)

BEST_BID: RGB = (120, 255, 180)
BEST_ASK: RGB = (255, 120, 120)
BUY: RGB = (46, 204, 113)
SELL: RGB = (235, 64, 84)
UNSIGNED: RGB = (170, 178, 195)
BUY_RIM: RGB = (130, 255, 180)
SELL_RIM: RGB = (255, 140, 150)
UNSIGNED_RIM: RGB = (225, 230, 240)

GHOST: RGB = (255, 64, 196)
"""Liquidity drawn where the book is known to be empty."""

ANCHORS: tuple[tuple[tuple[float, RGB], ...], ...] = (
    ((0.0, BACKGROUND), (0.25, (6, 38, 80)), (0.6, (0, 120, 190)), (0.85, (40, 220, 255)),
     (1.0, (225, 255, 255))),
    ((0.0, BACKGROUND), (0.25, (70, 30, 6)), (0.6, (200, 100, 10)), (0.85, (255, 190, 40)),
     (1.0, (255, 250, 215))),
)  # fmt: skip
"""(value, colour) of the bids and of the asks."""


def palette(side: int, count: int = 256) -> np.ndarray:
    """Colours of one side from background to brightest, (count, 3) uint8."""
    stops, colours = zip(*ANCHORS[side])
    values = np.linspace(0.0, 1.0, count)
    channels = [np.interp(values, stops, channel) for channel in np.array(colours, float).T]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def toward_background(colours: np.ndarray, strength: float) -> np.ndarray:
    """Colours at ``strength`` (0 to 1) of their distance from the background; uint8."""
    background = np.array(BACKGROUND, float)
    return np.rint(background + strength * (np.asarray(colours, float) - background)).astype(np.uint8)


def bubble_colours(aggressor: np.ndarray) -> tuple[list[RGB], list[RGB]]:
    """Face and rim colours by aggressor."""
    faces = (BUY, SELL, UNSIGNED)
    rims = (BUY_RIM, SELL_RIM, UNSIGNED_RIM)
    return [faces[a] for a in aggressor], [rims[a] for a in aggressor]


def css(colour: RGB | np.ndarray) -> str:
    """A colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*(int(c) for c in colour))
