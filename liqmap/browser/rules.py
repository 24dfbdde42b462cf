"""What the engine follows as every other picture does: constants, presets and choices, from Python."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

from liqmap.analytics.flow.footprint import STACK, USUAL
from liqmap.analytics.flow.kernels.cells import ROUNDING
from liqmap.browser.carry import NAME as MODEL
from liqmap.browser.columns import EXACT
from liqmap.browser.content import NO_QUOTE
from liqmap.carry import nanoseconds
from liqmap.render.frames import auto_carry, scale, share, there
from liqmap.render.frames.colour import SHADES
from liqmap.render.frames.frame import NICE, NICE_TIMES
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS, UNDER_CANDLES
from liqmap.render.frames.presets import CUSTOM, PRESETS
from liqmap.render.frames.readout import NOT_DRAWN
from liqmap.render.frames.stops import DURATIONS
from liqmap.render.frames.zoom_limits import FARTHEST
from liqmap.render.marks import measured, panes, tracks
from liqmap.render.marks.overlays import (
    BUBBLES,
    CANDLE_PIXELS,
    CANDLE_SHARE,
    CELL_PIXELS,
    COVER,
    FACE_ALPHA,
    LARGEST,
    LEAST,
    NARROW_PIXELS,
    RIM_WIDTH,
    ROOM,
    SIZE_KEY,
    TOUCH_WIDTH,
    footprint,
    stacking,
    trust,
)
from liqmap.render.marks.panel_shapes import MARGIN
from liqmap.render.marks.panels import PANELS
from liqmap.render.marks.registry import overlays
from liqmap.render.marks.running import REACH
from liqmap.render.marks.specks import FAINTEST, RANGE, STRONGEST
from liqmap.schema import AGGREGATES, CARRIED, OBSERVED, SIDES, UNKNOWN
from liqmap.schema.trust import TRUST, spelled

LAYERS = ("bbo", "mid", "bubbles", "candles", "trust")
"""Marks that the engine draws, in the order in which they are offered."""

ROW_TICKS = (1, 2, 5, 10, 20, 50, 100)
"""Ticks a row that the page offers."""

BLOCKS = {
    "least": 500_000,
    "times": [n * 10**9 for n in (3600, 600, 30, 10)],
    "ticks": [1000, 100, 10, 5, 4, 2, 1],
}
"""Steps of time (ns) and price (ticks) in which the engine keeps what a side of so many spans shows."""


def rules() -> dict[str, Any]:
    """Constants of the engine, by the names that its modules import them by."""
    return {
        "PANELS": tuple(PANELS),
        "UNKNOWN": UNKNOWN, "OBSERVED": OBSERVED, "CARRIED": CARRIED,
        "STATES": ("unknown", "observed", "carried"), "SIDES": SIDES, "NOT_DRAWN": NOT_DRAWN,
        "NICE_TIMES": NICE_TIMES, "NICE_ROWS": [n for n in NICE if n < EXACT], "FARTHEST": FARTHEST,
        "SHARE": (share.COLUMNS, share.ROWS), "BLOCKS": BLOCKS,
        "CHOICES": {"agg": AGGREGATES, "scaling": SCALINGS, "carriedShown": CARRIED_SHOWN},
        "LAYERS": LAYERS, "PRESETS": page_presets(), "CUSTOM": CUSTOM, "MODEL": MODEL,
        "DURATIONS": DURATIONS, "AUTO": auto_carry.AUTO,
        "PART_OF_VIEW": {"halfLife": auto_carry.HALF_LIFE, "prune": auto_carry.PRUNE},
        "ROW_TICKS": ROW_TICKS, "UNDER_CANDLES": UNDER_CANDLES,
        "SCALE": {
            "shades": SHADES, "auto": scale.AUTO, "spread": scale.SPREAD, "giant": scale.GIANT,
            "usual": scale.USUAL, "knots": scale.KNOTS, "even": scale.EVEN, "fewest": scale.FEWEST,
            "closest": scale.CLOSEST, "lowest": scale.LOWEST, "sample": scale.SAMPLE,
            "ranks": scale.RANKS.tolist(),
        },
        "THERE": {"levels": there.LEVELS, "gone": there.GONE, "luma": there.LUMA.tolist()},
        "NO_QUOTE": int(NO_QUOTE), "TOUCH_WIDTH": TOUCH_WIDTH, "NARROW_PIXELS": NARROW_PIXELS,
        "BUBBLES": BUBBLES, "CELL_PIXELS": CELL_PIXELS, "LARGEST": LARGEST, "LEAST": LEAST,
        "FACE_ALPHA": FACE_ALPHA, "RIM_WIDTH": RIM_WIDTH, "ROOM": ROOM, "COVER": COVER,
        "SIZE_KEY": SIZE_KEY,
        "CANDLE_PIXELS": CANDLE_PIXELS, "CANDLE_SHARE": CANDLE_SHARE,
        "TRACK": {
            "step": tracks.STEP_PIXELS, "shortest": tracks.SHORTEST, "reach": REACH, "since": tracks.SINCE,
        },
        "FOOTPRINT": {
            "bar": footprint.NUMBERS[0], "row": footprint.NUMBERS[1], "cells": footprint.CELLS,
            "coarsest": footprint.COARSEST_BPS, "ratio": USUAL.ratio, "rounding": ROUNDING, "stack": STACK,
            "shades": footprint.SHADES, "opacity": [footprint.OPACITY[n] for n in (False, True)],
            "gap": footprint.GAP, "mark": footprint.MARK, "stacked": footprint.STACKED_MARK,
            "rim": footprint.RIM, "apart": footprint.APART, "hint": footprint.HINT,
            "zoom": footprint.ZOOM, "times": footprint.TIMES,
        },
        "STACKING": {
            "cell": stacking.CELL, "largest": stacking.LARGEST, "least": stacking.LEAST,
            "alpha": stacking.FACE_ALPHA, "rim": stacking.RIM, "what": stacking.WHAT,
        },
        "PANE": {
            "pixels": measured.PIXELS, "line": panes.LINE_WIDTH, "alpha": panes.FILL_ALPHA, "margin": MARGIN,
        },
        "SPECKS": (FAINTEST, STRONGEST, *RANGE),
        "TRUST": {
            "words": [spelled(word) for word in TRUST], "colours": trust.COLOURS,
            "height": trust.HEIGHT, "hair": trust.HAIR, "rim": trust.RIM,
        },
    }  # fmt: skip


def rules_module() -> str:
    """The same as an ES module."""
    return "".join(f"export const {name} = {json.dumps(value)}\n" for name, value in rules().items())


WORDS = {
    "log": "log scale", "linear": "linear scale",
    "fade": "carried: fainter", "outline": "carried: in one tone", "hide": "carried: hidden",
}  # fmt: skip
"""What the page calls choices that do not speak for themselves."""


def page_presets() -> dict[str, dict[str, Any]]:
    """That which goes by the view, and liqmap's own presets, in ns by the page's names."""
    by_view = {auto_carry.BY_VIEW: {"halfLife": auto_carry.AUTO, "prune": auto_carry.AUTO}}
    return by_view | {
        name: {"halfLife": nanoseconds(choices["half_life"]), "prune": nanoseconds(choices["prune"])}
        for name, choices in PRESETS.items()
    }


def options() -> dict[str, str]:
    """The choices among names, as HTML."""
    radio = '<label><input type="radio" name="agg" value="{0}"><span>{0}</span></label>'
    return {
        "aggregates": "\n        ".join(radio.format(html.escape(agg)) for agg in AGGREGATES),
        "scalings": _options(SCALINGS),
        "carried_shown": _options(CARRIED_SHOWN),
    }


def layer_boxes(names: Sequence[str] = LAYERS) -> str:
    """A box to tick for each layer, of the name that Python, links and the app have for it, as HTML."""
    box = '<label class="check" title="{1}"><input type="checkbox" id="{0}">{0}</label>'
    escaped = ((html.escape(name), html.escape(overlays()[name].label)) for name in names)
    return "\n        ".join(box.format(*one) for one in escaped)


def _options(names: tuple[str, ...]) -> str:
    return "\n          ".join(f'<option value="{name}">{WORDS.get(name, name)}</option>' for name in names)
