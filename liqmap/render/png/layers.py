"""What lies over the heatmap of a picture file."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.flow.bars import Bars, bars_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.palettes import bubble_colours
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.marks.overlays import (
    CANDLE_SHARE,
    FACE_ALPHA,
    NARROW_PIXELS,
    RIM_WIDTH,
    Bubbles,
    Quotes,
    bubble_room,
    candle_colours,
    candle_step,
    radii,
    size_key,
)
from liqmap.render.marks.registry import Entry, Scene
from liqmap.render.marks.specks import dust
from liqmap.render.marks.traded import traded
from liqmap.render.png.canvas import Canvas


def touch_picture(canvas: Canvas, scene: Scene) -> list[Entry]:
    """Best bid and ask; the legend says which of the two lines, and of the one at the mid, there are."""
    two, one = touch(canvas, Quotes.of(scene.session.spans()))
    theme = canvas.theme
    sides = [Entry("best bid", theme.best_bid, True), Entry("best ask", theme.best_ask, True)] if two else []
    word = "both in a pixel" if two else "best bid, ask"
    return [*sides, Entry(word, theme.mid, True, "mid")] if one else sides


def mid_picture(canvas: Canvas, scene: Scene) -> list[Entry]:
    """The mid."""
    view = canvas.view
    quotes = Quotes.of(scene.session.spans()).between(view.begin, view.end, canvas.layout.width)
    canvas.line(quotes.mid, canvas.theme.mid)
    return [Entry("mid", canvas.theme.mid, True, "mid")]


def candle_picture(canvas: Canvas, scene: Scene) -> list[Entry]:
    """Candles, as wide as those of a picture of 1600 x 900."""
    view, layout = canvas.view, canvas.layout
    step = candle_step(view.begin, view.end, round(layout.width / layout.unit))
    found = bars_of(traded(scene.session), step, view.begin, view.end)
    candles(canvas, found, scene.session.spans().tick_size / 2)
    return []


def bubble_picture(canvas: Canvas, scene: Scene) -> list[Entry]:
    """The largest volumes as bubbles; where there are more trades, every one as a speck below them."""
    view, layout, theme, spans = canvas.view, canvas.layout, canvas.theme, scene.session.spans()
    trades, prices = traded(scene.session).at_least(scene.min_trade), (view.low, view.high)
    size = round(layout.width / layout.unit), round(layout.height / layout.unit)
    count, _ = bubble_room(*size)
    found = trades.bubbles(view.begin, view.end, size[0], spans.tick_size, count, prices, size[1])
    if len(trades.within(view.begin, view.end, prices)) > len(found):
        shape, times = (layout.width, layout.height), (view.begin, view.end)
        canvas.place_pixels(dust(trades, times, prices, *shape, theme, spans.tick_size), 2.5)
    if len(found) == 0:
        return []
    bubbles(canvas, found, size)
    key = tuple((radius, labels.short(one)) for radius, one in size_key(found.size, size))
    sizes = Entry(labels.size_unit(spans.meta), key="sizes", sizes=key)
    return [Entry("buys", theme.buy), Entry("sells", theme.sell), sizes]


def touch(canvas: Canvas, quotes: Quotes) -> tuple[bool, bool]:
    """Best bid and ask, or the mid where they are too close; whether each of the two is drawn somewhere."""
    view, layout, theme = canvas.view, canvas.layout, canvas.theme
    pixel = (view.high - view.low) / layout.height
    bid, ask, one = quotes.between(view.begin, view.end, layout.width).lines(NARROW_PIXELS * pixel)
    for steps, colour in ((ask, theme.best_ask), (bid, theme.best_bid), (one, theme.mid)):
        canvas.line(steps, colour)
    return bool(np.isfinite(bid.price).any()), bool(np.isfinite(one.price).any())


def candles(canvas: Canvas, bars: Bars, half: float) -> None:
    """Wicks and bodies, ``half`` a tick up: in the middle of their cells."""
    from matplotlib.collections import LineCollection, PolyCollection

    axes, layout = canvas.axes, canvas.layout
    colours = candle_colours(bars, canvas.theme)
    middle, inset = canvas.days(bars.time + bars.step // 2), bars.step * (1 - CANDLE_SHARE) / 2
    left, right = canvas.days(bars.time + inset), canvas.days(bars.time + bars.step - inset)
    low, high = np.minimum(bars.open, bars.close) + half, np.maximum(bars.open, bars.close) + half
    wicks = np.stack([np.stack([middle, bars.low + half], 1), np.stack([middle, bars.high + half], 1)], 1)
    corners = ((left, low), (right, low), (right, high), (left, high))
    bodies = np.stack([np.stack(corner, 1) for corner in corners], 1)
    width = layout.points(1.3)
    axes.add_collection(LineCollection(list(wicks), colors=list(colours), linewidths=width, zorder=2.5))
    axes.add_collection(
        PolyCollection(
            list(bodies), facecolors=list(colours), edgecolors=list(colours), linewidths=width, zorder=2.6
        )
    )


def bubbles(canvas: Canvas, found: Bubbles, size: tuple[int, int]) -> None:
    """Discs, area by size, in a view of so many pixels at 1600 x 900."""
    layout = canvas.layout
    faces, rims = bubble_colours(found.aggressor, canvas.theme)
    canvas.axes.scatter(
        canvas.days(found.time),
        found.price,
        s=layout.points(2 * radii(found.size, size)) ** 2,
        linewidths=layout.points(RIM_WIDTH),
        facecolors=[(*_rgb(c), FACE_ALPHA) for c in faces],
        edgecolors=[_rgb(c) for c in rims],
        zorder=4,
    )
