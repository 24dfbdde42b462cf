"""The ribbon of trust as shapes: see `liqmap.render.marks.overlays.trust`."""

from __future__ import annotations

import numpy as np

from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.overlays.trust import COLOURS, FACTS, HAIR, HEIGHT, RIM, Ribbon, colour
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.shapes import Boxes, Facts, Shape
from liqmap.render.marks.view import View
from liqmap.schema.trust import IN_GAP


def trust_shapes(scene: Scene, view: View) -> list[Shape]:
    """The ribbon of a view; none of a market that cannot tell."""
    ribbon = Ribbon.of(scene.session).between(view.begin, min(view.end, view.until or view.end), view.width)
    return list(boxes(ribbon, view, scene.colours)) if len(ribbon.start) else []


def boxes(ribbon: Ribbon, view: View, theme: Theme, unit: float = 1.0) -> tuple[Boxes, Boxes, Boxes]:
    """Its ground, what is said of the best levels, and above that of those beyond, at a view's lower edge.

    Parameters
    ----------
    unit : pixels of the view to one of 1600 x 900.
    """
    low, high = view.prices
    levels = [
        low + k * unit * (high - low) / view.height for k in (0, HEIGHT, HEIGHT + HAIR, HEIGHT + HAIR + RIM)
    ]
    colours = tuple(colour(theme, state) for state in range(len(COLOURS)))
    ends = np.array([ribbon.start[0]]), np.array([ribbon.end[-1]])
    ground = _boxes(*ends, levels[0], levels[3], np.zeros(1, np.int64), (theme.background,))
    facts = Facts(FACTS, ribbon.words())
    best = _boxes(ribbon.start, ribbon.end, levels[0], levels[1], ribbon.state, colours)
    hair = np.where(ribbon.doubted > 0, IN_GAP, ribbon.beyond)
    beyond = _boxes(ribbon.start, ribbon.end, levels[1], levels[2], hair, colours)
    return ground, best._replace(told=facts), beyond._replace(told=facts)


def _boxes(
    start: np.ndarray, end: np.ndarray, low: float, high: float, of: np.ndarray, colours: tuple
) -> Boxes:
    return Boxes(start, np.full(len(start), low), end, np.full(len(start), high), of, colours)
