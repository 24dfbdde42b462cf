"""The developing point of control and value area: of all that traded so far, `lm.developing`.

They begin anew with each UTC day; of a session that begins within a day, with the session. Rows are as high
as the market's prices make sensible, whatever is in view: so a zoom changes no number.
"""

from __future__ import annotations

from liqmap.analytics.flow.developing import Developing, developing_of
from liqmap.analytics.flow.rows import Rows
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import NICE, nice_step
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.registry import Overlay
from liqmap.render.marks.running import day_begins, mixed
from liqmap.render.marks.tracks import Curve, Fact, Label, Running, Sum, Track
from liqmap.render.marks.traded import traded
from liqmap.spans import Derivation, Spans
from liqmap.spans.kept import Recent

SHARE = 0.7
"""Of the volume that the value area holds."""

ROW_BPS = 0.25
"""Height of a row at least, hundredths of a percent of the first price; a tick where that is higher."""

COLOURS: dict[str, RGB] = {"dark": (182, 146, 255), "light": (106, 58, 190)}
"""Of the line: one that neither quotes nor heatmaps have."""

WIDTH, AREA_WIDTH, AREA_SHARE = 2.2, 1.1, 0.6
"""Pixels of the line of the point of control, and of the value area's, which have so much of its colour."""


def poc_track(market: Market, step: int) -> Track:
    """Lower edges of rows; the value area's two edges, and over them the point of control in its row."""
    rows, tick_size = rows_of_market(market), market.spans().tick_size
    found, height, unit = (
        developing_in(market, rows, step),
        rows.height,
        labels.price_unit(market.spans().meta),
    )
    poc, low, high = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    curves = (
        Curve(Sum(low), "poc-area", AREA_WIDTH),
        Curve(Sum(high, height), "poc-area", AREA_WIDTH),
        Curve(Sum(poc, height / 2), "poc", WIDTH),
    )
    facts = (
        Fact(labels.with_unit("point of control", unit), (Sum(poc),)),
        # to the last price of the upper row
        Fact("value area, 70 %", (Sum(low), Sum(high, height - tick_size))),
        Fact("row", (Sum((0.0, 0.0, 0.0), height),)),
    )
    return Track(found.time, found[1:], curves, facts, every=step)


def tones(theme: Theme) -> dict[str, RGB]:
    """Of the point of control and of the value area."""
    colour = COLOURS[theme.kind]
    return {"poc": colour, "poc-area": mixed(colour, theme, AREA_SHARE)}


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

LINES = Running(poc_track, tones, (Label("POC", "poc", anchored=True), Label("value area, 70 %", "poc-area")))

OVERLAY = Overlay(
    "poc", "developing point of control and value area", 24, menu_order=7, of_trades=True, in_page=True,
    running=LINES, **LINES.drawn,
)  # fmt: skip
