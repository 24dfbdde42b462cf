"""Alerts over the heatmap: of each condition a row along the lower edge.

There a mark stands where the condition came to hold, and a bar for as long as it did. Marks that would lie on
each other are one, which says how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analytics.alerts.crossings import OPEN, Alert
from liqmap.render.frames import words as labels
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.alerted import Fired, fired_in
from liqmap.render.marks.registry import Entry, Overlay, Scene
from liqmap.render.marks.running import mixed
from liqmap.render.marks.shapes import Boxes, Discs, Facts, Segments, Shape
from liqmap.render.marks.view import View

COLOURS: dict[str, tuple[RGB, ...]] = {
    "dark": ((255, 205, 84), (255, 132, 196), (96, 222, 214), (196, 230, 98)),
    "light": ((176, 108, 0), (190, 24, 120), (0, 124, 128), (84, 116, 0)),
}
"""Of the conditions, in their order; the fifth has that of the first."""

EDGE, ROW = 18, 13
"""Pixels from the lower edge, where the ribbon of trust may be, to the first row, and from row to row."""

RADIUS, RIM, BAR, APART = 4.5, 1.2, 2.0, 10
"""Pixels: radius of a mark and its rim, half the height of a bar, least from a mark to the next."""

STEM, STEM_SHARE, BAR_ALPHA, FACE_ALPHA = 1.0, 0.5, 0.5, 0.85
"""Pixels of the line above a mark and how much of its colour it has; opacity of a bar, and of a face."""

LINES_APART = 40
"""Where marks stand closer than so many pixels in the mean, their lines are short."""

SHORT = 26
"""Pixels of a short line."""


def alerts_shapes(scene: Scene, view: View) -> list[Shape]:
    """Lines above the marks, bars, and the marks, condition by condition."""
    found = fired_in(scene.session, scene.alerts, view.until)
    shapes = [_of_condition(place, one, scene, view) for place, one in enumerate(found)]
    return [shape for kinds in zip(*shapes) for shape in kinds]


def colour_of(place: int, theme: Theme) -> RGB:
    """Of the condition at a place."""
    colours = COLOURS[theme.kind]
    return colours[place % len(colours)]


def seen_in(found: Fired, view: View) -> list[Alert]:
    """Alerts that begin in a view."""
    return [one for one in found.alerts if view.begin <= one.time <= view.end]


def _of_condition(place: int, found: Fired, scene: Scene, view: View) -> list[Shape]:
    theme, colour = scene.colours, colour_of(place, scene.colours)
    low, high = view.prices
    pixel = (high - low) / max(view.height, 1)
    y = low + (EDGE + ROW * place) * pixel
    begin, until = _bars(found.alerts, scene, view)
    marks = _marks(found, view)
    time = np.array([first.time for first, _ in marks], np.int64)
    none, at = np.zeros(len(time), np.int64), np.full(len(time), y)
    is_full = len(time) * LINES_APART <= view.width
    stem = Segments(
        time, np.full(len(time), high if is_full else y + SHORT * pixel), time, at, none,
        (mixed(colour, theme, STEM_SHARE),), STEM,
    )  # fmt: skip
    bar = Boxes(
        begin, np.full(len(begin), y - BAR * pixel), until, np.full(len(begin), y + BAR * pixel),
        np.zeros(len(begin), np.int64), (colour,), BAR_ALPHA,
    )  # fmt: skip
    radius = np.full(len(time), RADIUS)
    told = Facts(("alert", "from", "value", "until", "alerts"), [_words(found, *mark) for mark in marks])
    disc = Discs(time, at, radius, none, none, (colour,), FACE_ALPHA, RIM, told)
    return [stem, bar, disc]


def _bars(alerts: Sequence[Alert], scene: Scene, view: View) -> tuple[np.ndarray, np.ndarray]:
    """From when to when conditions held, as far as that is in view."""
    last = scene.session.spans().last
    end = min(view.end, last if view.until is None else min(view.until, last))
    times = [(one.time, end if one.until == OPEN else one.until) for one in alerts]
    seen = [(max(a, view.begin), min(b, end)) for a, b in times if a <= end and b >= view.begin]
    both = np.array([(a, max(a, b)) for a, b in seen], np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _marks(found: Fired, view: View) -> list[tuple[Alert, int]]:
    """Alerts that have room for a mark of their own, and how many each stands for."""
    apart = APART * (view.end - view.begin) / max(view.width, 1)
    marks: list[tuple[Alert, int]] = []
    for one in seen_in(found, view):
        if marks and one.time - marks[-1][0].time < apart:
            marks[-1] = (marks[-1][0], marks[-1][1] + 1)
        else:
            marks.append((one, 1))
    return marks


def _words(found: Fired, first: Alert, count: int) -> tuple[str, ...]:
    """What a readout says of a mark."""
    until = "not over" if first.until == OPEN else labels.moment(first.until)[11:]
    value = labels.exact(first.value)
    return found.condition.words, labels.moment(first.time)[11:], value, until, f"{count:,}"


def _legend(theme: Theme) -> list[Entry]:
    return [Entry("alerts", colour_of(0, theme))]


def _legend_in_view(scene: Scene, view: View) -> Sequence[Entry]:
    return [Entry(one.words, colour_of(place, scene.colours)) for place, one in enumerate(scene.alerts)]


OVERLAY = Overlay(
    "alerts", "alerts of measures", 60, legend=_legend, shapes=alerts_shapes, legend_in_view=_legend_in_view,
    offered=False,
)  # fmt: skip
