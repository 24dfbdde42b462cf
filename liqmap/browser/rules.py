"""What the page's scripts follow as every other picture does: constants, presets and choices, from Python."""

from __future__ import annotations

import html
from typing import Any

from liqmap.browser.content import NO_QUOTE
from liqmap.carry import nanoseconds
from liqmap.render.frames import scale, share
from liqmap.render.frames.colour import SHADES
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS
from liqmap.render.frames.presets import PRESETS
from liqmap.render.frames.readout import NOT_DRAWN
from liqmap.render.frames.zoom_limits import FARTHEST
from liqmap.render.marks.overlays import (
    BUBBLES,
    CELL_PIXELS,
    FACE_ALPHA,
    LARGEST,
    LEAST,
    NARROW_PIXELS,
    RIM_WIDTH,
    ROOM,
    TOUCH_WIDTH,
)
from liqmap.render.marks.registry import overlays
from liqmap.render.marks.specks import FAINTEST, RANGE, STRONGEST
from liqmap.schema import AGGREGATES, CARRIED, OBSERVED, SIDES, UNKNOWN

LAYERS = ("bbo", "bubbles")
"""Overlays that the scripts draw, in the order in which they are offered."""

RULES: dict[str, Any] = {
    "choices": {
        "agg": AGGREGATES, "scaling": SCALINGS, "carriedShown": CARRIED_SHOWN,
        "layers": LAYERS,
    },
    "states": {"unknown": UNKNOWN, "observed": OBSERVED, "carried": CARRIED},
    "sides": SIDES,
    "notDrawn": NOT_DRAWN,
    "share": (share.COLUMNS, share.ROWS),
    "farthest": FARTHEST,
    "noQuote": int(NO_QUOTE),
    "scale": {
        "shades": SHADES, "auto": scale.AUTO, "spread": scale.SPREAD, "giant": scale.GIANT,
        "usual": scale.USUAL, "knots": scale.KNOTS, "even": scale.EVEN, "fewest": scale.FEWEST,
        "closest": scale.CLOSEST, "lowest": scale.LOWEST, "sample": scale.SAMPLE,
        "ranks": scale.RANKS.tolist(),
    },
}  # fmt: skip
"""Constants of both scripts, which they have as ``RULES``."""

MARKS: dict[str, Any] = {
    "bubbles": BUBBLES, "cell": CELL_PIXELS, "largest": LARGEST, "least": LEAST, "face": FACE_ALPHA,
    "rim": RIM_WIDTH, "room": ROOM, "touchWidth": TOUCH_WIDTH, "narrow": NARROW_PIXELS,
    "specks": (FAINTEST, STRONGEST, *RANGE),
}  # fmt: skip
"""What touch and trades are drawn by."""

WORDS = {
    "log": "log scale", "linear": "linear scale",
    "fade": "carried: fainter", "outline": "carried: in one tone", "hide": "carried: hidden",
}  # fmt: skip
"""What the page calls choices that do not speak for themselves."""


def page_presets() -> dict[str, dict[str, int | None]]:
    """liqmap's own presets, in ns by the page's names."""
    return {
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


def layer_boxes() -> str:
    """A box to tick for each layer, of the name that Python, links and the app have for it, as HTML."""
    box = '<label class="check" title="{1}"><input type="checkbox" id="{0}">{0}</label>'
    return "\n        ".join(box.format(name, html.escape(overlays()[name].label)) for name in LAYERS)


def _options(names: tuple[str, ...]) -> str:
    return "\n          ".join(f'<option value="{name}">{WORDS.get(name, name)}</option>' for name in names)
