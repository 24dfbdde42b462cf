"""A pane below the heatmap for any measure of the book: ``panels=["imbalance@5", "spread_bps"]``.

What may be written is what `Session.sample` takes; the value is in the measure's own unit.
"""

from __future__ import annotations

from functools import cache, partial
from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.registry import Measure, MeasureOver, parsed, written
from liqmap.render.frames import words as labels
from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.measured import Series, is_over_interval, series_in_view
from liqmap.render.marks.overlays.alerts import colour_of
from liqmap.render.marks.panel_shapes import MARGIN, fitted
from liqmap.render.marks.panels import Panel, PanelScene
from liqmap.render.marks.shapes import Boxes, Line, PanelShapes, Shape, SizeAxis, Told
from liqmap.render.marks.view import View
from liqmap.schema import LiqmapError, Meta, decimals

PIXELS = 96
"""Height of a pane, of a picture of 1600 x 900."""

LINE_WIDTH, FILL_ALPHA = 1.3, 0.5
"""Pixels of a pane's line, and opacity of what lies between it and zero."""

SIGNED = ("imbalance", "pressure", "ofi")
"""Measures on both sides of zero, by name: they have a line there, and it is in the middle."""

SHARES = ("imbalance", "pressure")
"""Measures from -1 to 1."""

Known = Measure | MeasureOver


class About(NamedTuple):
    """How a pane shows its measure.

    name : with its unit, as label and tooltip say it. axis : ``shares`` all that shares can be; ``signed`` as
    far both ways; ``none`` from none; ``fitted`` to what there is. filled : whether from zero to each value;
    places : decimals that values are said with; None: six digits.
    """

    name: str
    axis: str
    signed: bool
    filled: bool
    places: int | None


@cache
def pane_of(name: str) -> Panel | None:
    """The panel of a measure as people write it; None where there is no such measure."""
    try:
        parsed(name)
    except LiqmapError:
        return None
    return Panel(name, name, "time", PIXELS, partial(pane_shapes, name))


def pane_names() -> list[str]:
    """Every measure as it may be written, with a band where it takes one."""
    return written()


def pane_shapes(name: str, scene: PanelScene, view: View) -> PanelShapes:
    """A measure as steps: each value from its instant to the next, and where it is not known a gap.

    Measures on both sides of zero are filled from there, in the colours of buying and selling.
    """
    measure, _ = parsed(name)
    seen = view.within(scene.session.time_range, scene.price_range)
    found, theme = series_in_view(scene.session, name, seen), scene.colours
    end = seen.end if seen.until is None else min(seen.end, seen.until)
    bars, about = is_over_interval(measure), about_of(name, measure, scene.session.spans().meta)
    line = Line(np.empty(0, np.int64), np.empty(0), theme.delta) if bars else _line(found, end, theme)
    zero = Line(np.array([seen.begin, seen.end]), np.zeros(2), theme.grid, 1.0)
    shapes: list[Shape] = [line]
    if about.filled:
        shapes = [_fill(found, end, bars, about.signed, theme), zero, line]
    label = _label(name, measure, found.step, scene.session.spans().meta)
    low, high = _ends(about.axis, found.value)
    shapes += [] if bars else _thresholds(name, scene, seen, (low, high))
    return PanelShapes(shapes, SizeAxis(low, high, label), told=_told(name, measure, found, scene))


def _thresholds(name: str, scene: PanelScene, view: View, ends: tuple[float, float]) -> list[Shape]:
    """Of conditions on a measure of instants, where they lie among its values.

    What a measure over an interval comes to depends on how long that is, which in a pane is something else.
    """
    along = np.array([view.begin, view.end])
    return [
        Line(along, np.full(2, one.threshold), colour_of(place, scene.colours), 1.0)
        for place, one in enumerate(scene.alerts)
        if one.measure == name and ends[0] <= one.threshold <= ends[1]
    ]


def _is_signed(measure: Known) -> bool:
    return measure.name in SIGNED


def _line(found: Series, end: int, theme: Theme) -> Line:
    """The value as steps, to the end of the view."""
    if not len(found.time):
        return Line(found.time, found.value, theme.delta, LINE_WIDTH, steps=True)
    time = np.append(found.time, found.ends(end)[-1])
    return Line(time, np.append(found.value, found.value[-1]), theme.delta, LINE_WIDTH, steps=True)


def _fill(found: Series, end: int, bars: bool, signed: bool, theme: Theme) -> Boxes:
    """From zero to each value; of a measure over an interval to the instant that ends it, since only then it
    is known. What has one sign has a colour of neither side."""
    known = np.isfinite(found.value)
    value, time = found.value[known], found.time[known]
    begin, until = (time - found.step, time) if bars else (time, found.ends(end)[known])
    inset = found.step // 20 if bars else 0
    low, high = np.minimum(value, 0), np.maximum(value, 0)
    colours = (theme.buy, theme.sell) if signed else (theme.accent, theme.accent)
    alpha = 1.0 if bars else FILL_ALPHA
    return Boxes(begin + inset, low, until - inset, high, (value < 0).astype(np.int64), colours, alpha)


def about_of(name: str, measure: Known, meta: Meta) -> About:
    """How the pane of a measure, as people write it, is drawn and labelled."""
    signed, bars = _is_signed(measure), is_over_interval(measure)
    axis = "shares" if measure.name in SHARES else "signed" if signed else ""
    axis = axis or ("none" if bars or measure.unit == "size units" else "fitted")
    places = decimals(meta.tick_size or 1.0) + 1 if measure.unit == "quote currency" else None
    return About(_named(name, measure, meta), axis, signed, bars or signed, places)


def _ends(axis: str, values: np.ndarray) -> tuple[float, float]:
    """From and to of an axis, see `About`."""
    values = values[np.isfinite(values)]
    if axis == "shares":
        return -1 - MARGIN, 1 + MARGIN
    if axis == "signed":
        most = float(np.abs(values).max(initial=0.0)) or 1.0
        return -most * (1 + MARGIN), most * (1 + MARGIN)
    if axis == "none":
        return 0.0, float(values.max(initial=0.0)) * (1 + MARGIN) or 1.0
    return fitted(values)


def _label(name: str, measure: Known, step: int, meta: Meta) -> str:
    """``spread, USDT``; of a measure over an interval how long that is too."""
    words = _named(name, measure, meta)
    return f"{words} in {labels.duration(step)}" if is_over_interval(measure) else words


def _named(name: str, measure: Known, meta: Meta) -> str:
    """A measure with its unit, which some names say themselves."""
    unit = unit_of(measure, meta)
    return name if name.endswith(f"_{unit}") else labels.with_unit(name, unit)


def unit_of(measure: Known, meta: Meta) -> str:
    """The unit of a measure in words of the market; nothing of a plain number."""
    known = {"quote currency": labels.price_unit(meta), "size units": labels.size_unit(meta), "1": ""}
    return known.get(measure.unit, measure.unit)


def value_words(value: float, measure: Known, meta: Meta) -> str:
    """A value as a tooltip says it: prices to a digit more than the tick has."""
    if not np.isfinite(value):
        return "not known"
    if measure.unit == "quote currency":
        return f"{value:,.{decimals(meta.tick_size or 1.0) + 1}f}"
    return labels.exact(value)


def _told(name: str, measure: Known, found: Series, scene: PanelScene) -> Told:
    """Of every instant, until the next: what the measure is, and since when."""
    meta = scene.session.spans().meta
    back = found.step if is_over_interval(measure) else 0
    begin = found.time - back
    words = [
        (labels.moment(time, scene.time_zone)[11:], value_words(value, measure, meta))
        for time, value in zip(begin.tolist(), found.value.tolist())
    ]
    return Told(begin, begin + found.step, ("from", _named(name, measure, meta)), words)
