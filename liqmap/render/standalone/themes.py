"""The themes of a page: the tables of the rasterizer, and the colours of all that surrounds the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.render import palettes
from liqmap.render.colour import Look, pack, shades

BAR = 0.72
"""Place on the scale whose colour stands for a side in words."""

Anchors = tuple[tuple[float, palettes.RGB], ...]

PAPER: palettes.RGB = (250, 251, 253)
ON_PAPER: tuple[Anchors, Anchors] = (
    ((0.0, PAPER), (0.25, (200, 224, 246)), (0.6, (70, 150, 220)), (0.85, (10, 82, 164)), (1.0, (2, 28, 82))),
    ((0.0, PAPER), (0.25, (252, 222, 180)), (0.6, (240, 150, 40)), (0.85, (190, 84, 0)), (1.0, (92, 30, 0))),
)
"""Bids and asks on paper: the more there is, the darker."""


def themes(look: Look) -> dict[str, dict[str, Any]]:
    """``dark`` and ``light``: colours of both sides by place (little-endian RGBA), background, empty, CSS."""
    return {"dark": _dark(look), "light": _light()}


def _dark(look: Look) -> dict[str, Any]:
    css = {
        "background": palettes.BACKGROUND,
        "text": palettes.TEXT,
        "soft": (186, 196, 214),
        "muted": palettes.MUTED,
        "panel": palettes.PANEL,
        "grid": palettes.GRID,
        "track": (58, 70, 92),
        "accent": (64, 200, 240),
        "best-bid": palettes.BEST_BID,
        "best-ask": palettes.BEST_ASK,
        "buy": palettes.BUY,
        "sell": palettes.SELL,
        "unsigned": palettes.UNSIGNED,
        "buy-rim": palettes.BUY_RIM,
        "sell-rim": palettes.SELL_RIM,
        "unsigned-rim": palettes.UNSIGNED_RIM,
    }
    return _theme(shades(look)[:, 0], palettes.BACKGROUND, palettes.EMPTY, css, "rgb(255 255 255 / 5.5%)")


def _light() -> dict[str, Any]:
    sides = np.stack([pack(_ramp(anchors)) for anchors in ON_PAPER])
    css = {
        "background": PAPER,
        "text": (22, 30, 44),
        "soft": (58, 70, 90),
        "muted": (96, 108, 128),
        "panel": (255, 255, 255),
        "grid": (216, 222, 232),
        "track": (196, 204, 218),
        "accent": (0, 110, 180),
        "best-bid": (0, 140, 80),
        "best-ask": (214, 40, 60),
        "buy": (22, 160, 90),
        "sell": (222, 50, 70),
        "unsigned": (120, 128, 145),
        "buy-rim": (0, 110, 60),
        "sell-rim": (170, 20, 40),
        "unsigned-rim": (80, 88, 105),
    }
    return _theme(sides, PAPER, (241, 244, 249), css, "rgb(10 20 40 / 7%)")


def _theme(
    sides: np.ndarray, background: palettes.RGB, empty: palettes.RGB, css: dict[str, palettes.RGB], lines: str
) -> dict[str, Any]:
    bars = sides.view(np.uint8).reshape(2, -1, 4)[:, int(BAR * (sides.shape[1] - 1)), :3]
    return {
        "sides": sides.tolist(),
        "background": int(pack(np.array(background))),
        "empty": int(pack(np.array(empty))),
        "bars": [palettes.css(colour) for colour in bars],
        "css": {name: palettes.css(colour) for name, colour in css.items()} | {"lines": lines},
    }


def _ramp(anchors: Anchors, count: int = 256) -> np.ndarray:
    stops, colours = zip(*anchors)
    place = np.linspace(0.0, 1.0, count)
    return np.stack([np.interp(place, stops, c) for c in np.array(colours, float).T], axis=1).round()
