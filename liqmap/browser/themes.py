"""The themes of a page: the tables of the rasterizer, and the colours of all that surrounds the picture."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np

from liqmap.render.frames.colour import pack, shades
from liqmap.render.frames.look import Look
from liqmap.render.frames.palettes import PALETTES, RGB, THEMES, Theme, css

BAR = 0.72
"""Place on the scale whose colour stands for a side in words."""

NAMED = ("background", "text", "muted", "panel", "grid", "accent", "best_bid", "best_ask", "mid", "buy",
         "sell", "unsigned", "buy_rim", "sell_rim", "unsigned_rim")  # fmt: skip


def themes(look: Look) -> dict[str, dict[str, Any]]:
    """``dark`` and ``light``: per palette the tables, and the colours of the page."""
    own = look.colours
    known = THEMES if own.name in THEMES else THEMES | {own.name: own}
    return {name: _theme(look, own if name == own.name else theme) for name, theme in known.items()}


def _theme(look: Look, theme: Theme) -> dict[str, Any]:
    return {
        "background": int(pack(np.array(theme.background))),
        "empty": int(pack(np.array(theme.empty), look.opacity)),
        "light": sum(theme.background) > 384,
        "css": _colours(theme),
        "palettes": {name: _palette(replace(look, palette=name, theme=theme)) for name in PALETTES},
    }


def _palette(look: Look) -> dict[str, Any]:
    """Colours of both sides by place, observed and carried in one tone (base64 of uint32), and a bar's."""
    toned = shades(replace(look, carried_shown="outline"))
    bars = toned[:, 0].view(np.uint8).reshape(2, -1, 4)[:, int(BAR * (toned.shape[2] - 1)), :3]
    tables = {"sides": toned[:, 0], "tones": toned[:, 1]}
    packed = {name: [_base64(side) for side in table] for name, table in tables.items()}
    return packed | {"bars": [css(colour) for colour in bars]}


def _base64(table: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(table, "<u4").tobytes()).decode()


def _colours(theme: Theme) -> dict[str, str]:
    named = {name.replace("_", "-"): css(getattr(theme, name)) for name in NAMED}
    r, g, b = theme.lines
    return named | {
        "soft": css(_between(theme.text, theme.muted, 0.45)),
        "track": css(_between(theme.grid, theme.muted, 0.22)),
        "lines": f"rgb({r} {g} {b} / {theme.lines_alpha})",
    }


def _between(one: RGB, other: RGB, share: float) -> np.ndarray:
    return np.rint(np.array(one) + share * (np.array(other) - np.array(one)))
