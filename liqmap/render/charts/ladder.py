"""The ladder beside the heatmap: the book by price at one instant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Unpack

import holoviews as hv
import numpy as np
from bokeh.models import BasicTicker, LinearAxis, Range1d
from holoviews.streams import RangeXY, Stream

from liqmap.analytics.book.ladder import Ladder, ladder_of
from liqmap.carry import carry_model
from liqmap.render.charts.panels import beside, rectangles, with_hooks
from liqmap.render.charts.theme import size_axis, style
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme, css
from liqmap.render.marks.bars import Bands, DepthLine, ladder_bands, ladder_lines
from liqmap.render.marks.drawing import Drawing, PanelOptions, check_options
from liqmap.render.marks.panel_shapes import (
    DEPTH_WIDTH,
    depth_axis,
    instant_title,
    ladder_words,
    rows_in_view,
    size_words,
)
from liqmap.render.marks.panels import PANELS
from liqmap.render.marks.shapes import SizeAxis
from liqmap.render.marks.view import clip
from liqmap.schema import SIDES

if TYPE_CHECKING:
    from liqmap.carry import Duration

DEPTH = "depth"
"""The column of the lines that holds the summed size at each price, base units."""


def ladder_panel(
    session: Market,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    at: Any = None,
    *,
    palette: str | Callable[[], str] = "default",
    view: RangeXY | None = None,
    **options: Unpack[PanelOptions],
) -> Any:
    """The book by price at one instant, which is its title: observed strong, carried paler; depth summed
    outward, as a line whose axis is above. Bars of walls are cut, and end in a cap with their size.

    Parameters
    ----------
    half_life, prune : see `rasterize`.
    at : an instant; or a stream with ``x``, such as a `PointerX` of the heatmap, for the book at the cursor;
        default, and while the stream has none, or one out of view, the right edge of the view.
    palette : its name; or what gives it, asked each time that the ladder is drawn.
    view : the ranges of the heatmap, see `view_of`.
    options : ``carry``, ``theme``, ``time_zone`` (of the title), ``price_range``, ``width``, ``height``,
        ``dynamic``; see `PanelOptions`.
    """
    check_options("ladder_panel", options, PanelOptions)
    given: dict[str, Any] = {"half_life": half_life, "prune": prune, **options}
    given["carry"] = carry_model(half_life, prune, options.get("carry"), (session.spans().meta,))
    drawing = Drawing.of(given)
    spans, colours, dynamic, height = session.spans(), drawing.theme, drawing.dynamic, drawing.height
    model, whole, time_zone = drawing.carry, visible(session.time_range), drawing.time_zone
    prices = drawing.price_range or session.price_range
    follows = isinstance(at, Stream)
    fixed = None if at is None or follows else instant_ns(np.datetime64(at) if isinstance(at, str) else at)
    shown, lines = spans.last, list[DepthLine]()

    def drawn(
        x_range: Any = None, y_range: Any = None, x: Any = None, height: int | None = height, **_: Any
    ) -> hv.Overlay:
        nonlocal shown, lines
        begin, end = clip(None if view is None else x_range, whole, time=True) or (0, spans.last)
        time = end if x is None or not begin <= instant_ns(x) <= end else instant_ns(x)
        shown = min(time if fixed is None else fixed, spans.last)
        rows = rows_in_view(y_range, prices, height, spans.tick_size)
        tone = palette() if callable(palette) else palette
        found = ladder_of(spans, shown, rows, model)
        bands, most = ladder_bands(found, tone, colours)
        lines = ladder_lines(found, spans.tick_size, most)
        return _steps(found, spans.tick_size, unit, bands, most, lines, colours, height or 560)

    unit = labels.size_unit(spans.meta)
    width, cursor = drawing.width or PANELS["ladder"].pixels, at if follows else None
    chart = beside(drawn, dynamic, view, cursor, f"book, {unit}", prices, width, height, colours)

    def title(plot: Any, element: Any) -> None:
        look = {"text_font_size": "12px", "text_font_style": "normal", "text_color": css(colours.muted)}
        plot.state.title.update(text=instant_title(shown, time_zone), align="right", **look)

    def depth(plot: Any, element: Any) -> None:
        _axis_above(plot.state, depth_axis(lines, plot.state.x_range.end, unit), colours)

    return with_hooks(chart, title, depth)


def _axis_above(figure: Any, depth: SizeAxis, theme: Theme) -> None:
    """The axis of the lines of depth, which is the upper of two."""
    if not figure.above or not isinstance(figure.above[0], LinearAxis):
        figure.extra_x_ranges = figure.extra_x_ranges | {DEPTH: Range1d()}
        figure.add_layout(LinearAxis(x_range_name=DEPTH, ticker=BasicTicker(desired_num_ticks=3)), "above")
        style(figure, theme)
        size_axis(figure.above[0])
    figure.extra_x_ranges[DEPTH].update(start=depth.low, end=depth.high)
    figure.above[0].axis_label = depth.label


def _steps(
    ladder: Ladder,
    tick_size: float,
    unit: str,
    bands: Bands,
    most: float,
    lines: list[DepthLine],
    theme: Theme,
    height: int,
) -> hv.Overlay:
    prices = ladder.rows * tick_size
    bars = rectangles(prices, bands, "resting", _tooltip_columns(ladder, tick_size, len(bands)))
    bars = bars.opts(
        tools=["hover"], backend="bokeh",
        hover_tooltips=[("price", "@row"), ("side", "@side"), (f"observed, {unit}", "@observed"),
                        (f"carried, {unit}", "@carried")],
    )  # fmt: skip
    sizes = size_words(ladder, tick_size, most, height, theme)
    written = hv.Labels((sizes.x, sizes.y, np.array(sizes.text, object)), ["resting", "price"], "size").opts(
        text_color=css(sizes.colour), text_font_size="10.5px", text_align=sizes.align, text_baseline="middle",
        background_fill_color=css(theme.background), background_fill_alpha=0.6, backend="bokeh",
    )  # fmt: skip
    drawn = [
        hv.Curve(line, "resting", ["price", DEPTH], label=label).opts(
            color=css(colour), line_width=DEPTH_WIDTH, backend="bokeh"
        )
        for line, label, colour in zip(lines, ("bid depth", "ask depth"), (theme.best_bid, theme.best_ask))
    ]
    return hv.Overlay([bars, *drawn, written])


def _tooltip_columns(ladder: Ladder, tick_size: float, bands: int) -> dict[str, list[np.ndarray]]:
    """What a tooltip says of a bar: columns (P,) by name, one for each of the bands."""
    words = ladder_words(ladder, tick_size)
    count = len(words.price)
    larger = ladder.size.argmax(axis=0)  # of the two, where a cap stands for one of them
    sides = [np.full(count, side) for side in (0, 0, 1, 1)]
    sides += [larger] * (bands - len(sides))
    each = np.arange(count)
    return {
        "row": [words.price] * bands,
        "side": [np.array(SIDES, object)[side] for side in sides],
        "observed": [words.observed[side, each] for side in sides],
        "carried": [words.carried[side, each] for side in sides],
    }
