"""The themes of a page: the tables of the rasterizer, and the colours of all that surrounds the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from liqmap.render.frames.colour import pack, shades, tone_at
from liqmap.render.frames.look import Look
from liqmap.render.frames.palettes import PALETTES, RGB, THEMES, Stops, Theme, css, ramp_stops
from liqmap.render.marks.overlays import footprint
from liqmap.render.marks.registry import overlays

BAR = 0.72
"""Place on the scale whose colour stands for a side in words."""

NAMED = ("background", "text", "muted", "panel", "grid", "accent", "best_bid", "best_ask", "mid", "buy",
         "sell", "unsigned", "up", "down", "neutral", "buy_rim", "sell_rim", "unsigned_rim",
         "delta")  # fmt: skip


def themes(look: Look) -> dict[str, dict[str, Any]]:
    """``dark`` and ``light``: per palette the tables, and the colours of the page."""
    own = look.colours
    known = THEMES if own.name in THEMES else THEMES | {own.name: own}
    return {name: _theme(look, own if name == own.name else theme) for name, theme in known.items()}


def _theme(look: Look, theme: Theme) -> dict[str, Any]:
    names = dict.fromkeys((*PALETTES, look.palette))
    return {
        "background": int(pack(np.array(theme.background))),
        "empty": int(pack(np.array(theme.empty))),
        "light": sum(theme.background) > 384,
        "css": _colours(theme),
        "palettes": {name: _palette(replace(look, palette=name, theme=theme)) for name in names},
    }


def _palette(look: Look) -> dict[str, Any]:
    """Stops of the colours of both sides by place, observed and carried in one tone, and a bar's."""
    toned, theme = shades(replace(look, carried_shown="outline")), look.colours
    bars = toned[:, 0].view(np.uint8).reshape(2, -1, 4)[:, int(BAR * (toned.shape[2] - 1)), :3]
    tones = (theme.bid_tone, theme.ask_tone)
    return {
        "sides": [_plain(ramp_stops(side, look.palette, theme)) for side in (0, 1)],
        "tones": [_plain(tuple((k, tuple(tone_at(k, tone, theme))) for k in (0.0, 1.0))) for tone in tones],
        "bars": [css(colour) for colour in bars],
    }


def _plain(stops: Stops) -> dict[str, list[Any]]:
    """Places, and red, green and blue at each."""
    places, colours = zip(*stops)
    channels = [[round(float(value), 4) for value in channel] for channel in zip(*colours)]
    return {"at": [float(place) for place in places], "rgb": channels}


def _colours(theme: Theme) -> dict[str, str]:
    named = {name.replace("_", "-"): css(getattr(theme, name)) for name in NAMED}
    r, g, b = theme.lines
    around = {
        "soft": css(_between(theme.text, theme.muted, 0.45)),
        "track": css(_between(theme.grid, theme.muted, 0.22)),
        "lines": f"rgb({r} {g} {b} / {theme.lines_alpha})",
    }
    return _tones(theme) | named | around


def _tones(theme: Theme) -> dict[str, str]:
    """Colours of lines that run along with the trades, and of a footprint's cells."""
    tracks = [one.running for one in overlays().values() if one.running is not None]
    lines = {name: css(colour) for track in tracks for name, colour in track.tones(theme).items()}
    return lines | {f"footprint-{k}": css(colour) for k, colour in enumerate(footprint.tones(theme))}


def _between(one: RGB, other: RGB, share: float) -> np.ndarray:
    return np.rint(np.array(one) + share * (np.array(other) - np.array(one)))
