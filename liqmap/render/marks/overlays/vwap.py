"""The volume-weighted average price, with bands of standard deviations about it: `lm.vwap`.

It begins anew with each UTC day; of a session that begins within a day, with the session. Legends say which.
"""

from __future__ import annotations

from liqmap.analytics.flow.vwap import Vwap, vwap_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.registry import Overlay
from liqmap.render.marks.running import day_begins, mixed
from liqmap.render.marks.tracks import Curve, Fact, Label, Running, Sum, Track
from liqmap.render.marks.traded import traded
from liqmap.spans import Derivation, Spans
from liqmap.spans.kept import Recent

BANDS = (1.0, 2.0)
"""Distances of the bands, standard deviations."""

WIDTH, BAND_WIDTH, BAND_SHARE = 1.8, 1.1, 0.62
"""Pixels of the line and of its bands, and how much of its colour those have."""


def vwap_track(market: Market, step: int = 0) -> Track:
    """The average and the deviation; the bands, and over them the average, in the middle of its tick."""
    found, spans = vwap_in(market), market.spans()
    half, unit = spans.tick_size / 2, labels.price_unit(spans.meta)
    bands = tuple(
        Curve(Sum((1.0, sign * band), half), "vwap-band", BAND_WIDTH) for band in BANDS for sign in (-1, 1)
    )
    facts = (
        Fact(labels.with_unit("VWAP", unit), (Sum((1.0, 0.0), more=1),)),
        Fact(labels.with_unit("deviation", unit), (Sum((0.0, 1.0), more=1),)),
    )
    return Track(found.time, found[1:], (*bands, Curve(Sum((1.0, 0.0), half), "vwap", WIDTH)), facts)


def tones(theme: Theme) -> dict[str, RGB]:
    """Of the line and its bands."""
    return {"vwap": theme.ghost, "vwap-band": mixed(theme.ghost, theme, BAND_SHARE)}


def vwap_in(market: Market) -> Vwap:
    """Of all trades of a market, UTC day by UTC day; kept with its spans until there are more."""
    trades, kept = traded(market), KEPT.of(market.spans())
    key = len(trades), int(trades.time[-1]) if len(trades) else 0
    found = kept.get(key)
    if found is None:
        found = vwap_of(trades, day_begins(trades.time))
        kept.put(key, found)
    return found


def _none_kept(spans: Spans) -> Recent[tuple[int, int], Vwap]:
    return Recent(2)


KEPT = Derivation("VWAP", _none_kept)

LINES = Running(
    vwap_track, tones, (Label("VWAP", "vwap", anchored=True), Label("± 1, 2 deviations", "vwap-band"))
)

OVERLAY = Overlay(
    "vwap", "volume-weighted average price", 22, menu_order=6, of_trades=True, in_page=True, running=LINES,
    **LINES.drawn,
)  # fmt: skip
