"""The panels of liqmap as shapes: ladder and profile beside the heatmap, delta below it.

``shapes(scene, view)`` of a `Panel` gives them; charts say the same numbers and words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from liqmap.analytics.book.ladder import Ladder, ladder_of
from liqmap.analytics.flow.bars import Bars, bars_of
from liqmap.analytics.flow.profile import Profile, profile_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns, price_rows, visible
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.readout import row_words
from liqmap.render.marks.bars import (
    CAP,
    DepthLine,
    boxes_of,
    cut_sizes,
    ladder_bands,
    ladder_lines,
    profile_bands,
)
from liqmap.render.marks.overlays import candle_step
from liqmap.render.marks.panels import PanelScene
from liqmap.render.marks.shapes import Boxes, Line, PanelShapes, SizeAxis, Told, Words
from liqmap.render.marks.traded import known_of, traded
from liqmap.render.marks.view import View, clip
from liqmap.schema import SIDES, decimals

ROW_PIXELS = 4
"""Least height of a row of the profile and the ladder."""

WORDS_PIXELS = 13
"""Least distance of two sizes written beside their bars."""

LONGEST, MARGIN = 1.06, 0.06
"""Length of an axis of which the longest bar has 1; and what one of both signs has beyond each end."""

DEPTH_WIDTH, SUM_WIDTH = 1.3, 1.4
"""Pixels of the lines of depth, and of that of the sum of deltas."""


def ladder_shapes(scene: PanelScene, view: View) -> PanelShapes:
    """The book by price at one instant, which is its title: that of the scene, if it is in view, else of the
    view's right edge. Bars of walls are cut, and end in a cap with their size; depth, summed outward, is a
    line on an axis of its own."""
    spans, theme = scene.session.spans(), scene.colours
    whole = visible(scene.session.time_range)
    begin, end = clip((view.begin, view.end), whole, time=True) or (0, spans.last)
    at = end if scene.at is None or not begin <= scene.at <= end else scene.at
    rows = rows_in_view(view.prices, scene.price_range, view.height, spans.tick_size)
    ladder = ladder_of(spans, min(at, spans.last), rows, scene.carry)
    bands, most = ladder_bands(ladder, scene.palette, theme)
    boxes, _, _ = boxes_of(rows * spans.tick_size, bands)
    unit, axis = labels.size_unit(spans.meta), longest_bar([end for _, end, _ in bands])
    lines = ladder_lines(ladder, spans.tick_size, most)
    drawn = [
        Line(line.depth, line.price, colour, DEPTH_WIDTH, second=True)
        for line, colour in zip(lines, (theme.best_bid, theme.best_ask))
    ]
    return PanelShapes(
        [boxes, *drawn, size_words(ladder, spans.tick_size, most, view.height, theme)],
        SizeAxis(0.0, axis, f"book, {unit}"),
        depth_axis(lines, axis, unit),
        instant_title(ladder.at, scene.time_zone),
        _told_of_ladder(ladder, spans.tick_size, unit),
    )


def depth_axis(lines: Iterable[DepthLine], end: float, unit: str) -> SizeAxis:
    """The axis of lines of depth, beside one of sizes that ends at ``end``."""
    place, depth = (
        max((float(some.max(initial=0.0)) for some in each), default=0.0)
        for each in zip(*((line.place, line.depth) for line in lines))
    )
    return SizeAxis(0.0, end * depth / place if place > 0 else 1.0, f"depth (lines), {unit}")


def size_words(ladder: Ladder, tick_size: float, most: float, height: int, theme: Theme) -> Words:
    """Sizes of the bars that are cut, where they do not touch."""
    apart = WORDS_PIXELS * float(ladder.rows[-1] - ladder.rows[0]) / max(height, 1)
    cut = cut_sizes(ladder, most, apart)
    middles = (ladder.rows[:-1] + ladder.rows[1:]) * tick_size / 2
    places = np.array([row for row, _ in cut], np.intp)
    texts = tuple(f"{labels.short(size)} " for _, size in cut)
    return Words(np.full(len(cut), CAP * most), middles[places], texts, theme.text, "right", theme.background)


def instant_title(at: int, time_zone: str) -> str:
    """The title of a ladder: its time of day."""
    return f"at {labels.moment(at, time_zone)[11:]}"


def _told_of_ladder(ladder: Ladder, tick_size: float, unit: str) -> Told:
    """Of every row in which something rests; of both sides, where both do."""
    words = ladder_words(ladder, tick_size)
    lit = ladder.size > 0
    rows = np.flatnonzero(lit.any(axis=0))
    told = []
    for row in rows:
        sides = np.flatnonzero(lit[:, row])
        each = ([SIDES[side] for side in sides], words.observed[sides, row], words.carried[sides, row])
        told.append((words.price[row], *(" / ".join(texts) for texts in each)))
    prices = ladder.rows * tick_size
    names = ("price", "side", f"observed, {unit}", f"carried, {unit}")
    return Told(prices[:-1][rows], prices[1:][rows], names, told)


class LadderWords(NamedTuple):
    """What a tooltip says of rows: prices (P,), observed and carried sizes (2, P), bids and asks."""

    price: np.ndarray
    observed: np.ndarray
    carried: np.ndarray


def ladder_words(ladder: Ladder, tick_size: float) -> LadderWords:
    """Rows of a ladder in words."""
    both = (np.stack([size_texts(side) for side in part]) for part in (ladder.observed, ladder.carried))
    return LadderWords(row_texts(ladder.rows, tick_size), *both)


def profile_shapes(scene: PanelScene, view: View) -> PanelShapes:
    """Volume by price of the time in view, what buyers took and what sellers gave stacked."""
    spans, whole = scene.session.spans(), visible(scene.session.time_range)
    begin, end = clip((view.begin, view.end), whole, time=True) or (0, 0)
    rows = rows_in_view(view.prices, scene.price_range, view.height, spans.tick_size)
    found = profile_of(traded(scene.session).between(begin, end), rows, spans.tick_size)
    bands, unit = profile_bands(found, scene.colours), labels.size_unit(spans.meta)
    boxes, _, _ = boxes_of(rows * spans.tick_size, bands)
    axis = SizeAxis(0.0, longest_bar([end for _, end, _ in bands]), f"volume, {unit}")
    return PanelShapes([boxes], axis, told=_told_of_profile(found, spans.tick_size, unit))


def _told_of_profile(found: Profile, tick_size: float, unit: str) -> Told:
    """Of every row in which something traded."""
    lit = np.flatnonzero(found.volume > 0)
    columns = (row_texts(found.rows, tick_size), *profile_words(found))
    prices = found.rows * tick_size
    names = ("price", "bought", "sold", f"volume, {unit}")
    return Told(prices[:-1][lit], prices[1:][lit], names, list(zip(*(column[lit] for column in columns))))


def profile_words(found: Profile) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What was bought, sold, and all, of each row (P,), in words."""
    return size_texts(found.buys), size_texts(found.sells), size_texts(found.volume)


def delta_shapes(scene: PanelScene, view: View) -> PanelShapes:
    """Bars of buys less sells per nice time step, and their sum since the session began on its own axis."""
    theme, whole = scene.colours, visible(scene.session.time_range)
    begin = instant_ns(whole[0])
    begin, end = clip((view.begin, view.end), whole, time=True) or (begin, begin + 1)
    known = known_of(traded(scene.session), view.until)
    bars, unit = bars_of(known, candle_step(begin, end, view.width), begin, end), _unit(scene)
    boxes, (time, total) = delta_boxes(bars, theme), bars.total(begin, end)
    words = (*delta_words(bars, scene.time_zone),)
    told = Told(
        bars.time, bars.time + bars.step, ("from", f"delta, {unit}", "bought", "sold"), list(zip(*words))
    )
    return PanelShapes(
        [boxes, Line(time, total, theme.delta, SUM_WIDTH, steps=True, second=True)],
        SizeAxis(*fitted(boxes.y0, boxes.y1, np.zeros(1)), f"delta, {unit}"),
        SizeAxis(*fitted(total), "cumulative"),
        told=told,
    )


def delta_boxes(bars: Bars, theme: Theme) -> Boxes:
    """A bar from 0 to each delta, with a little room between them."""
    inset = max(bars.step // 20, 0)
    low, high = np.minimum(bars.delta, 0), np.maximum(bars.delta, 0)
    sold = (bars.delta < 0).astype(np.int64)
    return Boxes(bars.time + inset, low, bars.time + bars.step - inset, high, sold, (theme.buy, theme.sell))


def delta_words(bars: Bars, time_zone: str) -> tuple[np.ndarray, ...]:
    """When each bar begins, its delta, what was bought and sold, in words."""
    at = np.array([labels.moment(int(time), time_zone) for time in bars.time], object)
    return at, *(size_texts(values) for values in (bars.delta, bars.buys, bars.sells))


def rows_in_view(view: Any, whole: tuple[float, float], height: int | None, tick_size: float) -> np.ndarray:
    """Ticks (P + 1,) of the rows of a panel beside a heatmap, so many pixels high."""
    low, high = whole if view is None or view[0] is None or view[0] != view[0] else sorted(view)
    return price_rows(low, high, max((height or 560) // ROW_PIXELS, 1), tick_size)


def longest_bar(ends: Iterable[np.ndarray]) -> float:
    """Length of an axis on which the longest bar fits."""
    longest = max((float(end.max(initial=0.0)) for end in ends), default=0.0)
    return LONGEST * (longest if longest > 0 else 1.0)


def fitted(*values: np.ndarray) -> tuple[float, float]:
    """From and to of an axis over values, with a little room."""
    every = np.concatenate(values) if len(values[0]) else np.array([0.0, 1.0])
    low, high = float(every.min()), float(every.max())
    room = MARGIN * (high - low or abs(high) or 1.0)
    return low - room, high + room


def row_texts(rows: np.ndarray, tick_size: float) -> np.ndarray:
    """The prices of rows (P + 1,) in words, (P,)."""
    places = decimals(tick_size)
    return np.array([row_words(a, b, tick_size, places) for a, b in zip(rows[:-1], rows[1:])], object)


def size_texts(sizes: np.ndarray) -> np.ndarray:
    """Sizes in words."""
    return np.array([f"{size:,.6g}" for size in sizes.tolist()], object)


def _unit(scene: PanelScene) -> str:
    return labels.size_unit(scene.session.spans().meta)
