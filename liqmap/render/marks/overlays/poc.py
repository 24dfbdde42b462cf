"""The developing point of control and value area: of all that traded so far, `lm.developing`.

They begin anew with each UTC day; of a session that begins within a day, with the session. Rows are as high
as the market's prices make sensible, whatever is in view: so a zoom changes no number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analytics.flow.developing import Developing, developing_of
from liqmap.analytics.flow.rows import Rows
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import NICE, NICE_TIMES, nice_step
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.registry import Entry, Overlay, Scene
from liqmap.render.marks.running import (
    APART,
    anchor_of,
    anchor_words,
    day_begins,
    lines_in_view,
    mixed,
    price_words,
    told_along,
)
from liqmap.render.marks.shapes import Facts, Line, Shape
from liqmap.render.marks.traded import traded
from liqmap.render.marks.view import View
from liqmap.spans import Derivation, Spans
from liqmap.spans.kept import Recent

SHARE = 0.7
"""Of the volume that the value area holds."""

ROW_BPS = 0.25
"""Height of a row at least, hundredths of a percent of the first price; a tick where that is higher."""

STEP_PIXELS, SHORTEST = 4, 10**8
"""Least pixels, and ns, from one word of theirs to the next."""

COLOURS: dict[str, RGB] = {"dark": (182, 146, 255), "light": (106, 58, 190)}

WIDTH, AREA_WIDTH, AREA_SHARE = 2.2, 1.1, 0.6
"""Pixels of the line of the point of control, and of the value area's, which have so much of its colour."""


def poc_shapes(scene: Scene, view: View) -> list[Shape]:
    """The value area's two edges, the point of control over them, and what a readout says along it."""
    market, theme, tick_size = scene.session, scene.colours, scene.session.spans().tick_size
    rows = rows_of_market(market)
    found, half = developing_in(market, rows, step_of(view)), rows.height / 2
    faint = mixed(colour(theme), theme, AREA_SHARE)
    time, (poc, low, high) = lines_in_view(found.time, found[1:], view, view.width)
    edges = [
        Line(time, low, faint, AREA_WIDTH, steps=True),
        Line(time, high + rows.height, faint, AREA_WIDTH, steps=True),
    ]
    line = Line(time, poc + half, colour(theme), WIDTH, steps=True)
    at, (price, lower, upper) = lines_in_view(found.time, found[1:], view, view.width // APART)
    unit = labels.price_unit(market.spans().meta)
    highest = upper + rows.height - tick_size  # the last price of the upper row
    ends = (price_words(some, tick_size, 0) for some in (lower, highest))
    value_area = [" – ".join(both) for both in zip(*ends)]
    names = (labels.with_unit("point of control", unit), "value area, 70 %", "row", "since")
    row = price_words(np.full(len(at), rows.height), tick_size, 0)
    words = list(zip(price_words(price, tick_size, 0), value_area, row, anchor_of(traded(market).time, at)))
    return [*edges, line, told_along(at, price + half, view, Facts(names, words[: max(len(at) - 1, 0)]))]


def colour(theme: Theme) -> RGB:
    """Of the line: one that neither quotes nor heatmaps have."""
    return COLOURS[theme.kind]


def step_of(view: View) -> int:
    """How often they are told in a view, ns."""
    least = (view.end - view.begin) * STEP_PIXELS / max(view.width, 1)
    return nice_step(max(least, SHORTEST), NICE_TIMES)


def rows_of_market(market: Market) -> Rows:
    """The rows of a market's profile: whole ticks."""
    trades, tick_size = traded(market), market.spans().tick_size
    price = float(trades.price[0]) if len(trades) else 0.0
    return Rows(tick_size, nice_step(max(price * ROW_BPS * 1e-4 / tick_size, 1), NICE))


def developing_in(market: Market, rows: Rows, step: int) -> Developing:
    """Of all trades of a market, UTC day by UTC day; kept with its spans until there are more."""
    trades, kept = traded(market), KEPT.of(market.spans())
    key = step, rows.ticks, len(trades), int(trades.time[-1]) if len(trades) else 0
    found = kept.get(key)
    if found is None:
        found = developing_of(trades, step, rows, SHARE, day_begins(trades.time))
        kept.put(key, found)
    return found


def _none_kept(spans: Spans) -> Recent[tuple[int, int, int, int], Developing]:
    return Recent(8)


KEPT = Derivation("developing points of control", _none_kept)


def _legend(theme: Theme) -> list[Entry]:
    return _entries(theme, "")


def _legend_in_view(scene: Scene, view: View) -> Sequence[Entry]:
    return _entries(scene.colours, anchor_words(scene.session))


def _entries(theme: Theme, since: str) -> list[Entry]:
    return [
        Entry(f"POC {since}".rstrip(), colour(theme), line=True, key="POC"),
        Entry("value area, 70 %", mixed(colour(theme), theme, AREA_SHARE), line=True),
    ]


OVERLAY = Overlay(
    "poc", "developing point of control and value area", 24, legend=_legend, menu_order=7, of_trades=True,
    shapes=poc_shapes, legend_in_view=_legend_in_view,
)  # fmt: skip
