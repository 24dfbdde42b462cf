"""Half-life and prune by what is in view, so that what is carried shows at any zoom."""

from __future__ import annotations

import math

from liqmap.render.frames.stops import DURATIONS

AUTO = "auto"
"""How the choice is spelled, in links and words."""

BY_VIEW = "by view"
"""The name of the app's preset that leaves both to the view."""

HALF_LIFE, PRUNE = 20, 2
"""A carried size has halved after a twentieth of what is in view, and is dropped after half of it."""


def auto_half_life(view: int) -> int:
    """The half-life for a view of so many ns: the stop of the slider that is nearest to a twentieth of it."""
    return _nearest_stop(view / HALF_LIFE)


def auto_prune(view: int) -> int:
    """The prune for a view of so many ns: the stop of the slider that is nearest to half of it."""
    return _nearest_stop(view / PRUNE)


def _nearest_stop(ns: float) -> int:
    """By ratio: stops are evenly spaced to the eye. The shortest is 1 s, the longest 24 h."""
    stops = (stop for stop in DURATIONS if stop is not None)
    return min(stops, key=lambda stop: abs(math.log(stop / max(ns, 1.0))))
