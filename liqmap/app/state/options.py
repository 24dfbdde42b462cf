"""What there is to choose from: names as liqmap's pictures know them, read here alone."""

from __future__ import annotations

from liqmap.render.frames.auto_carry import AUTO as AUTO
from liqmap.render.frames.auto_carry import BY_VIEW as BY_VIEW
from liqmap.render.frames.look import CARRIED_SHOWN as CARRIED_SHOWN
from liqmap.render.frames.look import DEFAULT as LOOK
from liqmap.render.frames.look import SCALINGS as SCALINGS
from liqmap.render.frames.palettes import PALETTES as _PALETTES
from liqmap.render.frames.palettes import THEMES as _THEMES
from liqmap.render.frames.presets import CHOICES as PRESET_CHOICES
from liqmap.render.frames.presets import LOOK as LOOK_CHOICES
from liqmap.render.frames.presets import PRESETS
from liqmap.render.frames.stops import DURATIONS as _STOPS
from liqmap.render.frames.stops import stop_words
from liqmap.render.frames.uniform import OF_MATPLOTLIB, SHORT, uniform_names
from liqmap.render.marks import panels, registry
from liqmap.schema import AGGREGATES as AGGREGATES

__all__ = [
    "AGGREGATES",
    "AS_TRANSMITTED",
    "AUTO",
    "BOTH",
    "BY_VIEW",
    "CARRIED_SHOWN",
    "CARRY_BY",
    "DEFAULT",
    "DURATIONS",
    "FITTED",
    "HALF_LIFE",
    "LOOK",
    "LOOK_CHOICES",
    "OFFERED",
    "OVER",
    "PAGES",
    "PALETTES",
    "PRESETS",
    "PRESET_CHOICES",
    "SCALINGS",
    "SPEEDS",
    "THEMES",
    "VIEWS",
    "layer_names",
    "layer_words",
]  # fmt: skip

PALETTES, THEMES = (*_PALETTES, *uniform_names()), tuple(_THEMES)
OFFERED = (*_PALETTES, *OF_MATPLOTLIB, *SHORT)
"""Palettes that are offered; the others are known by name."""


def layer_names() -> list[str]:
    """Overlays by name, as they are offered: those registered up to now."""
    return registry.names()


def layer_words() -> dict[str, str]:
    """What each of them is, for people."""
    return {name: one.label for name, one in registry.overlays().items()}


def panel_names() -> list[str]:
    """Panels by name, as they are offered: first the one below the heatmap, last what was registered."""
    return [*reversed(panels.OWN), *(name for name in panels.PANELS if name not in panels.OWN)]


DEFAULT, _, AS_TRANSMITTED = PRESETS
"""Names of presets that the app knows: what a new state is, and what one of its views is called too."""

CARRY_BY = HALF_LIFE, FITTED = ("half-life", "fitted")
"""What a carried size weighs by: a half-life, or the model that fits its market."""

BOTH = "before and after"
VIEWS = ("carried", AS_TRANSMITTED, BOTH)
PAGES = ("picture", "calibration")
OVER = ("session", "view")
SPEEDS = (1, 10, 60, 600)

DURATIONS: dict[str, float | None] = {stop_words(ns): None if ns is None else ns / 1e9 for ns in _STOPS}
"""Stops of a slider, evenly spaced to the eye: seconds by label, ``none`` at the right end."""
