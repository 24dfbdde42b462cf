"""Where liquidity was stacked and pulled: what was added to a row of prices, and taken away untraded.

The numbers are those of `lm.stacking`: trades, and levels that merely left or entered the window, are
neither. Of the pixels that a marker takes only the largest shows, so that a zoom out merges them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.events.hits import prints_of
from liqmap.analytics.book.source import trades_known
from liqmap.analytics.book.stacking import stacking_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import NICE_TIMES, nice_step, price_rows
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.readout import row_words
from liqmap.render.marks.overlays.bubbles import bubble_room
from liqmap.render.marks.registry import Entry, Overlay, Scene
from liqmap.render.marks.shapes import Discs, Facts, Shape
from liqmap.render.marks.view import View
from liqmap.schema import SIDES, decimals
from liqmap.spans import Spans
from liqmap.spans.end_reasons import Prints

CELL = (44, 22)
"""Pixels of time and of price in which one marker stands."""

LARGEST, LEAST = 11.0, 3.0
"""Radii of markers, pixels: of the largest change of a view, and at the least."""

FACE_ALPHA, RIM = 0.6, 1.6
"""Opacity of what was stacked, and pixels of the rims of all; what was pulled is hollow."""

STACKED, PULLED = 0, 1
WHAT = ("stacked", "pulled")


class Markers(NamedTuple):
    """M markers. what : 0 stacked, 1 pulled. side : 0 bids, 1 asks. begin, end : ns; low, high : ticks.

    size : what was added, or pulled. All (M,), the largest first.
    """

    what: np.ndarray
    side: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    low: np.ndarray
    high: np.ndarray
    size: np.ndarray


def stacking_shapes(scene: Scene, view: View) -> list[Shape]:
    """Markers of a view: filled what was stacked, hollow what was pulled, in the colour of the side."""
    found, theme = markers_in(scene.session, view), scene.colours
    spans = scene.session.spans()
    radius = np.maximum(LARGEST * np.sqrt(found.size / found.size.max(initial=1e-300)), LEAST)
    middle = (found.begin + found.end) // 2
    price = (found.low + found.high) / 2 * spans.tick_size
    words = _words(scene, found)
    names = ("", f"size, {labels.size_unit(spans.meta)}", "price", "from", "to")
    colours = (theme.best_bid, theme.best_ask)
    shapes: list[Shape] = []
    for what, alpha in ((STACKED, FACE_ALPHA), (PULLED, 0.0)):
        of = np.flatnonzero(found.what == what)[::-1]  # the larger over the smaller
        facts = Facts(names, [words[k] for k in of])
        side = found.side[of]
        shapes.append(Discs(middle[of], price[of], radius[of], side, side, colours, alpha, RIM, facts))
    return shapes


def markers_in(market: Market, view: View) -> Markers:
    """The largest change of each cell of the screen, and of all of them as many as a view bears.

    A cell is a step of time by a row of prices; of a play none counts that has not ended.
    """
    spans = market.spans()
    begin, end = max(view.begin, spans.begin), view.end if view.until is None else min(view.end, view.until)
    step = nice_step((view.end - view.begin) * CELL[0] / max(view.width, 1), NICE_TIMES)
    time = np.arange(begin // step, min(end, spans.last) // step + 1, dtype=np.int64) * step
    rows = price_rows(*view.prices, max(view.height // CELL[1], 1), spans.tick_size)
    prints = prints_of(market.trades(), spans)
    if len(time) < 2 or not len(prints.ts):  # without trades nobody knows what was pulled
        return _none()
    each = [_of_side(spans, prints, time, rows, side) for side in range(len(SIDES))]
    every = Markers(*(np.concatenate(column) for column in zip(*each)))
    cell = (every.begin // step) * (len(rows) + 1) + np.searchsorted(rows, every.low)
    order = np.lexsort((every.what, every.side, -every.size))
    _, first = np.unique(cell[order], return_index=True)
    kept = order[np.sort(first)][: bubble_room(view.width, view.height)[0]]
    return Markers(*(column[kept] for column in every))


def _of_side(spans: Spans, prints: Prints, time: np.ndarray, rows: np.ndarray, side: int) -> Markers:
    """What was added to each cell of a side, and what was pulled, where that is known and not nothing."""
    found = stacking_of(spans, prints, time, rows, side)
    size = np.concatenate([found.added, found.pulled])
    what = np.repeat([STACKED, PULLED], len(found.row))
    row, at = np.tile(found.row, 2), np.tile(found.bin, 2)
    lit = (size > 0) & trades_known(prints, time)[at]
    row, at = row[lit], at[lit]
    return Markers(
        what[lit], np.full(len(row), side), time[at], time[at + 1], rows[row], rows[row + 1], size[lit]
    )


def _none() -> Markers:
    none = np.zeros(0, np.int64)
    return Markers(none, none, none, none, none, none, np.zeros(0))


def _words(scene: Scene, found: Markers) -> list[tuple[str, ...]]:
    """What a readout says of each marker."""
    tick_size = scene.session.spans().tick_size
    places = decimals(tick_size)
    return [
        (
            f"{SIDES[side]} {WHAT[what]}",
            labels.exact(size),
            row_words(int(low), int(high), tick_size, places),
            labels.moment(int(begin), scene.time_zone)[11:],
            labels.moment(int(end), scene.time_zone)[11:],
        )
        for what, side, begin, end, low, high, size in zip(*found)
    ]


def _legend(theme: Theme) -> list[Entry]:
    return [
        Entry("bids stacked", theme.best_bid), Entry("asks stacked", theme.best_ask),
        Entry("hollow: pulled"),
    ]  # fmt: skip


OVERLAY = Overlay(
    "stacking", "liquidity added and pulled, by row", 45, legend=_legend, menu_order=9, of_trades=True,
    in_page=True, shapes=stacking_shapes,
)  # fmt: skip
