"""The volume-weighted average price, with bands of standard deviations about it: `lm.vwap`.

It begins anew with each UTC day; of a session that begins within a day, with the session. Legends say which.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analytics.flow.vwap import Vwap, vwap_of
from liqmap.render.frames import words as labels
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

BANDS = (1.0, 2.0)
"""Distances of the bands, standard deviations."""

WIDTH, BAND_WIDTH, BAND_SHARE = 1.8, 1.1, 0.62
"""Pixels of the line and of its bands, and how much of its colour those have."""


def vwap_shapes(scene: Scene, view: View) -> list[Shape]:
    """The bands of a view, the average over them, and what a readout says along it."""
    found, theme, spans = known_of(vwap_in(scene.session), view.until), scene.colours, scene.session.spans()
    half, faint = spans.tick_size / 2, mixed(colour(theme), theme, BAND_SHARE)
    time, (middle, deviation) = lines_in_view(found.time, found[1:], view, view.width)
    bands = [
        Line(time, middle + half + sign * band * deviation, faint, BAND_WIDTH, steps=True)
        for band in BANDS for sign in (-1, 1)
    ]  # fmt: skip
    line = Line(time, middle + half, colour(theme), WIDTH, steps=True)
    at, (price, spread) = lines_in_view(found.time, found[1:], view, view.width // APART)
    unit = labels.price_unit(spans.meta)
    names = (labels.with_unit("VWAP", unit), labels.with_unit("deviation", unit), "since")
    words = zip(
        price_words(price, spans.tick_size), price_words(spread, spans.tick_size),
        anchor_of(traded(scene.session).time, at),
    )  # fmt: skip
    facts = Facts(names, list(words)[: max(len(at) - 1, 0)])
    return [*bands, line, told_along(at, price + half, view, facts)]


def known_of(line: Vwap, until: int | None) -> Vwap:
    """What of it is known in a play: of trades before its time."""
    if until is None:
        return line
    known = int(np.searchsorted(line.time, until))
    return Vwap(line.time[:known], line.vwap[:known], line.deviation[:known])


def colour(theme: Theme) -> RGB:
    """Of the line."""
    return theme.ghost


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


def _legend(theme: Theme) -> list[Entry]:
    return _entries(theme, "")


def _legend_in_view(scene: Scene, view: View) -> Sequence[Entry]:
    return _entries(scene.colours, anchor_words(scene.session))


def _entries(theme: Theme, since: str) -> list[Entry]:
    faint = mixed(colour(theme), theme, BAND_SHARE)
    return [
        Entry(f"VWAP {since}".rstrip(), colour(theme), line=True, key="VWAP"),
        Entry("± 1, 2 deviations", faint, line=True),
    ]


OVERLAY = Overlay(
    "vwap", "volume-weighted average price", 22, legend=_legend, menu_order=6, of_trades=True,
    shapes=vwap_shapes, legend_in_view=_legend_in_view,
)  # fmt: skip
