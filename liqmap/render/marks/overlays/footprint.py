"""The footprint over the heatmap: what traded in each row of prices of each bar, by aggressor.

As much of it as there is room for: numbers, sold x bought, in cells of the colour of their delta; of less
room the cells alone; of less still nothing, and words that say so. The numbers are those of `lm.footprint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liqmap.analytics.flow.cuts import Rule, cuts_of
from liqmap.analytics.flow.footprint import Footprint, footprint_of
from liqmap.analytics.flow.rows import Rows
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import NICE, NICE_TIMES, nice_step
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.frames.readout import row_words
from liqmap.render.marks.overlays.candles import candle_step
from liqmap.render.marks.registry import Entry, Overlay, Scene
from liqmap.render.marks.running import mixed
from liqmap.render.marks.shapes import Boxes, Facts, Shape, Words
from liqmap.render.marks.traded import known_of, traded
from liqmap.render.marks.view import View
from liqmap.schema import decimals

NUMBERS = (88, 14)
"""Least pixels of a bar and of a row that hold numbers."""

CELLS = 4
"""Least pixels of a row without numbers; its bars are as wide as candles."""

COARSEST_BPS = 2.0
"""Height of a row at most, hundredths of a percent of the price: coarser ones say little. A tick may be."""

TIMES = "×"
SHADES, FAINTEST, STRONGEST = 6, 0.14, 0.62
"""Steps of a cell's colour by its delta, and how much of the side's colour the first and the last have."""

OPACITY = {True: 0.86, False: 0.9}
"""Of cells with numbers, and without."""

GAP, MARK, STACKED_MARK, RIM = 3, 3, 5, 1.6
"""Pixels: between bars, of the mark of an imbalance, of one that is stacked, of the busiest row's rim."""

APART = 0.055
"""Of a bar's time, from its middle to the numbers on either side."""

HINT = (12, 16)
"""Pixels from the upper left corner to the words of a view without room."""

ZOOM = "zoom in for the footprint"


class Room(NamedTuple):
    """What a view has room for. step : ns of a bar; ticks : of a row; numbers : whether they fit."""

    step: int
    ticks: int
    numbers: bool


def room_of(view: View, tick_size: float) -> Room | None:
    """What a view has room for; None: too little for anything."""
    pixel = (view.prices[1] - view.prices[0]) / max(view.height, 1) / tick_size
    coarsest = max(abs(sum(view.prices)) / 2 * COARSEST_BPS * 1e-4 / tick_size, 1.0)
    ticks = nice_step(max(NUMBERS[1] * pixel, 1), NICE)
    if ticks <= coarsest:
        step = nice_step((view.end - view.begin) * NUMBERS[0] / max(view.width, 1), NICE_TIMES)
        return Room(step, ticks, True)
    ticks = nice_step(max(CELLS * pixel, 1), NICE)
    return Room(candle_step(view.begin, view.end, view.width), ticks, False) if ticks <= coarsest else None


def footprint_in(market: Market, view: View, room: Room) -> Footprint:
    """The footprint of the bars of a view; of a play of what has traded before its time."""
    trades = known_of(traded(market), view.until)
    begin, end = view.begin // room.step * room.step, -(-view.end // room.step) * room.step
    some = trades.between(begin, end)
    return footprint_of(
        some, cuts_of(some, Rule("time", room.step)), Rows(market.spans().tick_size, room.ticks)
    )


def footprint_shapes(scene: Scene, view: View) -> list[Shape]:
    """The footprint of a view: cells, marks of imbalances, the rim of each bar's busiest row, numbers."""
    theme, room = scene.colours, room_of(view, scene.session.spans().tick_size)
    if room is None:
        return [*_nothing(theme), _hint(view, theme)]
    found = footprint_in(scene.session, view, room)
    places = _places(found, view, room)
    cells = _cells(found, places, room, theme, _facts(found, room, scene))
    none = _hint(view, theme)._replace(x=np.zeros(0, np.int64), y=np.zeros(0), text=())
    return [cells, _marks(found, places, view, room, theme), _busiest(found, view, room, theme),
            *_numbers(found, places, room, theme), none]  # fmt: skip


class Places(NamedTuple):
    """Where the cells of a footprint lie: ns and quote currency, (C,) each."""

    left: np.ndarray
    right: np.ndarray
    low: np.ndarray
    high: np.ndarray


def _places(found: Footprint, view: View, room: Room) -> Places:
    columns, inset = found.columns, _inset(view, room)
    begin, low = found.counted.time[columns.bar], found.rows.prices(columns.row)
    return Places(begin + inset, begin + room.step - inset, low, low + found.rows.height)


def _inset(view: View, room: Room) -> int:
    """ns that a bar keeps clear at either side."""
    pixel = (view.end - view.begin) / max(view.width, 1)
    return int(min(GAP * pixel / 2, room.step * 0.1))


def _cells(found: Footprint, places: Places, room: Room, theme: Theme, told: Facts) -> Boxes:
    """Every cell in the colour of its delta, the stronger the larger that is beside the view's largest."""
    delta, most = found.delta, float(np.abs(found.delta).max(initial=0.0)) or 1.0
    shade = np.minimum((np.sqrt(np.abs(delta) / most) * SHADES).astype(np.int64), SHADES - 1)
    colour = np.where(delta > 0, 1 + shade, np.where(delta < 0, 1 + SHADES + shade, 0))
    return Boxes(
        places.left, places.low, places.right, places.high, colour, tones(theme), OPACITY[room.numbers],
        told=told,
    )  # fmt: skip


def tones(theme: Theme) -> tuple[RGB, ...]:
    """Colours of cells: of no delta, then from the faintest to the strongest of buys, and of sells."""
    shares = np.linspace(FAINTEST, STRONGEST, SHADES)
    sides = [mixed(side, theme, share) for side in (theme.buy, theme.sell) for share in shares]
    return (mixed(theme.neutral, theme, FAINTEST), *sides)


def _facts(found: Footprint, room: Room, scene: Scene) -> Facts:
    """What a readout says of each cell."""
    columns, tick_size = found.columns, found.rows.tick_size
    unit = labels.size_unit(scene.session.spans().meta)
    places, first = decimals(tick_size), (columns.row * room.ticks).tolist()
    bars = [labels.moment(time, scene.time_zone)[11:19] for time in found.counted.time.tolist()]
    marks = zip(columns.buy_stack.tolist(), columns.sell_stack.tolist())
    sizes = (part.tolist() for part in (columns.buys, columns.sells, found.delta))
    words = [
        (
            f"{bars[bar]}  {row_words(tick, tick + room.ticks, tick_size, places)}", labels.exact(bought),
            labels.exact(sold), labels.exact(delta), _imbalance(mark[0], mark[1], found.stack),
        )
        for bar, tick, bought, sold, delta, mark in zip(
            columns.bar.tolist(), first, *sizes, marks
        )
    ]  # fmt: skip
    return Facts(("", f"bought, {unit}", "sold", "delta", "imbalance"), words)


def _imbalance(buys: int, sells: int, stack: int) -> str:
    """Whether a cell stands out against the other side a row further, and in how many adjoining rows."""
    said = [
        f"{word}{f', {rows} stacked' if rows >= stack else ''}"
        for word, rows in (("of buys", buys), ("of sells", sells)) if rows
    ]  # fmt: skip
    return " and ".join(said) or "none"


def _marks(found: Footprint, places: Places, view: View, room: Room, theme: Theme) -> Boxes:
    """A mark at the edge of a cell whose buys, or sells, are an imbalance; wider where they are stacked."""
    pixel = (view.end - view.begin) / max(view.width, 1)
    corners: list[list[np.ndarray]] = []
    for side, stack in enumerate((found.columns.buy_stack, found.columns.sell_stack)):
        lit = np.flatnonzero(stack > 0)
        width = np.where(stack[lit] >= found.stack, STACKED_MARK, MARK) * pixel if room.numbers else pixel
        width = np.minimum(np.broadcast_to(width, len(lit)), room.step / 4).astype(np.int64)
        left, right = places.left[lit], places.right[lit]
        ends = (right - width, right) if side == 0 else (left, left + width)
        corners.append([ends[0], places.low[lit], ends[1], places.high[lit], np.full(len(lit), side)])
    x0, y0, x1, y1, colour = (np.concatenate(column) for column in zip(*corners))
    return Boxes(x0, y0, x1, y1, colour, (theme.buy_rim, theme.sell_rim))


def _busiest(found: Footprint, view: View, room: Room, theme: Theme) -> Boxes:
    """The rim of each bar's point of control."""
    known = np.flatnonzero(found.areas.poc >= 0) if room.numbers else np.zeros(0, int)
    begin, inset = found.counted.time[known], _inset(view, room)
    low = found.rows.prices(found.areas.poc[known])
    return Boxes(
        begin + inset, low, begin + room.step - inset, low + found.rows.height, np.zeros(len(known), int),
        (theme.text,), 0.0, RIM,
    )  # fmt: skip


def _numbers(found: Footprint, places: Places, room: Room, theme: Theme) -> list[Words]:
    """What was sold, into bids, left of the middle, and bought, right of it, as platforms write bid x ask;
    imbalances in the colour of their side."""
    columns = found.columns
    middle, price = (places.left + places.right) // 2, (places.low + places.high) / 2
    apart = int(room.step * APART)
    made = [_words(np.zeros(0, int), middle, price, [], theme.muted, "centre")]
    if room.numbers:
        every = np.arange(len(middle))
        made = [_words(every, middle, price, [TIMES] * len(middle), theme.muted, "centre")]
    for side, (size, stack) in enumerate(
        ((columns.buys, columns.buy_stack), (columns.sells, columns.sell_stack))
    ):
        texts = [labels.short(one) for one in size.tolist()] if room.numbers else []
        place, align = (middle + apart, "left") if side == 0 else (middle - apart, "right")
        bright: RGB = (theme.buy_rim, theme.sell_rim)[side]
        for lit, colour in ((False, theme.text), (True, bright)):
            some = np.flatnonzero((stack > 0) == lit) if room.numbers else np.zeros(0, int)
            made.append(_words(some, place, price, texts, colour, align))
    return made


def _words(
    some: np.ndarray, x: np.ndarray, y: np.ndarray, texts: list[str], colour: RGB, align: str
) -> Words:
    return Words(x[some], y[some], tuple(texts[k] for k in some), colour, align, small=True)


def _nothing(theme: Theme) -> list[Shape]:
    """The shapes of a view without room: as many as those of others, all empty."""
    time, size, place = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, int)
    facts = Facts(("", "bought", "sold", "delta", "imbalance"), [])
    box = Boxes(time, size, time, size, place, (theme.neutral,), told=facts)
    words = Words(time, size, (), theme.muted, small=True)
    return [box, box._replace(told=None), box._replace(told=None), *[words] * 5]


def _hint(view: View, theme: Theme) -> Words:
    """At the upper left what is missing."""
    x = view.begin + (view.end - view.begin) * HINT[0] // max(view.width, 1)
    y = view.prices[1] - (view.prices[1] - view.prices[0]) * HINT[1] / max(view.height, 1)
    return Words(np.array([x]), np.array([y]), (ZOOM,), theme.muted, "left", theme.background)


def _legend(theme: Theme) -> list[Entry]:
    return _entries(theme, True)


def _legend_in_view(scene: Scene, view: View) -> Sequence[Entry]:
    room = room_of(view, scene.session.spans().tick_size)
    if room is None:
        return [Entry(ZOOM)]
    ticks = labels.rounded(room.ticks * scene.session.spans().tick_size, 6, ",")
    unit = labels.price_unit(scene.session.spans().meta)
    said = f"{labels.duration(room.step)} × {labels.with_unit(ticks, '')} {unit}".rstrip()
    return [Entry(f"footprint, {said}"), *_entries(scene.colours, room.numbers)[1:]]


def _entries(theme: Theme, numbers: bool) -> list[Entry]:
    if not numbers:
        return [Entry("footprint"), Entry("zoom in for numbers"), *_sides(theme)]
    return [Entry("footprint"), Entry(f"sold {TIMES} bought"), *_sides(theme)]


def _sides(theme: Theme) -> list[Entry]:
    return [Entry("delta: buys", theme.buy), Entry("delta: sells", theme.sell)]


OVERLAY = Overlay(
    "footprint", "what traded in each row of each bar", 35, legend=_legend, menu_order=8, of_trades=True,
    in_page=True, shapes=footprint_shapes, legend_in_view=_legend_in_view,
)  # fmt: skip
