"""`picture`: a finished chart as a PNG, by matplotlib, the heatmap pixel for pixel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from liqmap.analytics.book.ladder import ladder_of
from liqmap.analytics.flow.bars import bars_of
from liqmap.analytics.flow.profile import profile_of
from liqmap.files import check_name, whole
from liqmap.grid import lattice
from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import Scale, scale_of, scale_of_session, shade
from liqmap.render.frames.frame import Frame, draw, even_columns, instant_ns, price_rows
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.render.frames.market import Market, check_market
from liqmap.render.frames.palettes import RGB
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.frames.quiet import times_in_view
from liqmap.render.frames.share import carried_share
from liqmap.render.frames.there import shows_presence
from liqmap.render.marks.drawing import (
    AGG,
    HALF_LIFE,
    OVERLAYS,
    PRUNE,
    Drawing,
    PictureOptions,
    check_options,
)
from liqmap.render.marks.overlays import candle_step
from liqmap.render.marks.panels import OWN, PanelScene, chosen
from liqmap.render.marks.registry import Scene, shown
from liqmap.render.marks.traded import traded
from liqmap.render.png.axes import heatmap_axes, label_times
from liqmap.render.png.canvas import Canvas, View
from liqmap.render.png.layout import DPI, Layout
from liqmap.render.png.legend import Key, legend
from liqmap.render.png.own_panel import own_panel
from liqmap.render.png.panels import delta, ladder, profile
from liqmap.render.png.writing import ENDINGS, write_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from liqmap.carry import Duration
    from liqmap.schema import Aggregate

Times = tuple[np.datetime64, np.datetime64]
"""Begin and end of what is shown."""

ROOM, BETWEEN = 35, "  ·  "
"""Characters of a carry that leaves room for two more words, before the legend; what stands between words."""

WIDTH = 1600
"""Pixels of a file of which nothing is said."""


def picture(
    session: Market,
    path: str | Path,
    half_life: Duration = HALF_LIFE,
    prune: Duration = PRUNE,
    agg: Aggregate = AGG,
    width: int = 1600,
    height: int = 900,
    overlays: Sequence[str] = OVERLAYS,
    panels: Sequence[str] = (),
    *,
    look: Look = DEFAULT,
    preset: str | None = None,
    **options: Unpack[PictureOptions],
) -> Path:
    """Draw a session's liquidity as a PNG, or a JPEG where the name ends in ``.jpg``.

    Its times are those of the session, without the quiet ends that the app leaves out of its first view,
    unless the session was opened with them, ``store.session(venue, symbol, start=..., end=...)``, or
    ``time_range`` says so.

    Parameters
    ----------
    path : where to write it, ``.png`` or ``.jpg``; it appears complete or not at all.
    half_life, prune, agg : see `rasterize`.
    width, height : pixels of the file, exactly.
    overlays, panels, look, preset : see `heatmap`.
    options : ``carry``, ``theme``, ``palette``, ``time_zone``, ``time_range``, ``price_range``,
        ``row_ticks``, ``alerts`` as `heatmap` has them; ``stable`` (the scale of colours is that of the whole
        session, as `heatmap` has it; False: of what is in view), ``scale`` (the scale itself, such as that
        of another picture) and ``presence`` (a `Presence`, by which what is carried is the greyer the less
        likely it is still there); see `PictureOptions`.

    Returns
    -------
    The path.

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune, aggregate, overlay,
    panel, theme, palette, zone or preset, no such size or range; LiqmapError : no such directory, another
    ending. TypeError : no such option.
    """
    check_options("picture", options, PictureOptions)
    check_market(session)
    given: dict[str, Any] = {"half_life": half_life, "prune": prune, "agg": agg, "width": width}
    given |= {"height": height, "overlays": overlays, "panels": panels, "look": look}
    drawing = Drawing.of({**given, **options}, preset, [session])
    drawing.check_view()
    path = check_name(path, *ENDINGS)
    figure = _drawn(session, drawing)
    with whole(path) as unfinished:
        write_picture(figure, unfinished, path)
    return path


def _drawn(session: Market, drawing: Drawing) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size, look = (drawing.width or WIDTH, drawing.height), drawing.look
    background = _rgb(look.colours.background)
    figure = Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor=background)
    FigureCanvasAgg(figure)
    layout = Layout.of(*size, drawing.panels)
    times = times_in_view(session, drawing.time_range)
    frame, view = _frame(session, times, layout, drawing)
    meta, by_presence = session.spans().meta, shows_presence(frame, look)
    key = Key(meta, _scale(session, frame, drawing), look, frame.per, by_presence)
    canvas = Canvas(figure, heatmap_axes(figure, layout, view, look.colours), layout, view, look.colours)
    _heatmap(canvas, frame, look, key.scale)
    prices, least = (view.low, view.high), drawing.min_trade
    over = Scene(session, prices, dynamic=False, theme=look.theme, min_trade=least, alerts=drawing.alerts)
    for overlay in shown(drawing.overlays):
        key.add(overlay.name, overlay.on_picture(canvas, over))
    label_times(_panels(canvas, session, drawing) or canvas.axes, layout, drawing.time_zone)
    there = times, drawing.price_range or session.price_range
    share = carried_share(session.spans(), there, drawing.carry, drawing.agg, look, key.scale)
    _title(figure, layout, session, times, drawing, share)
    legend(figure, layout, key)
    return figure


def _scale(session: Market, frame: Frame, drawing: Drawing) -> Scale:
    """The scale that was given, that of the session, or that of the picture."""
    if drawing.scale is not None:
        return drawing.scale
    if not drawing.stable:
        return scale_of(frame, drawing.look)
    ranges = session.time_range, session.price_range
    return scale_of_session(session.spans(), ranges, frame.agg, drawing.look)


def _frame(session: Market, shown: Times, layout: Layout, drawing: Drawing) -> tuple[Frame, View]:
    """A column a pixel; rows of whole ticks and, where the range is ours to choose, of whole pixels."""
    spans = session.spans()
    begin, end = (instant_ns(t) for t in shown)
    times = even_columns(begin, end, layout.width)
    if drawing.price_range is None and drawing.row_ticks is None:
        rows = whole_pixel_rows(*session.price_range, layout.height, spans.tick_size)
        low, high = rows[0] * spans.tick_size, rows[-1] * spans.tick_size
    else:
        low, high = drawing.price_range or session.price_range
        rows = price_rows(low, high, layout.height, spans.tick_size, drawing.row_ticks)
    frame = draw(spans, times, rows, drawing.carry, drawing.agg, presence=drawing.likely)
    return frame, View(begin, end, low, high)


def whole_pixel_rows(low: float, high: float, height: int, tick_size: float) -> np.ndarray:
    """Row edges in ticks such that every row is equally many whole pixels high; int64.

    The range gives way: by at most a twentieth inward, and of 1 to 4 pixels a row the first that adds less
    than an eighth, else the one that adds least.
    """
    first, last = int(np.floor(low / tick_size + 1e-6)), int(np.ceil(high / tick_size - 1e-6))
    need = max(last - first, 1)
    choices = []
    for pixels in [max(1, height // need)] if need <= height else [1, 2, 3, 4]:
        count = max(1, height // pixels)
        ticks = max(1, int(np.ceil(0.96 * need / count)))
        choices.append((count, ticks, count * ticks / need))
    count, ticks, _ = next((c for c in choices if c[2] < 1.125), min(choices, key=lambda c: c[2]))
    begin = (first - (count * ticks - need) // 2) // ticks
    return lattice(begin * ticks, (begin + count) * ticks, ticks)


def _heatmap(canvas: Canvas, frame: Frame, look: Look, scale: Scale) -> None:
    shaded, layout, view = shade(frame, look, scale).data, canvas.layout, canvas.view
    centres = view.low + (np.arange(layout.height) + 0.5) * ((view.high - view.low) / layout.height)
    row = np.clip(np.searchsorted(frame.prices, centres, side="right") - 1, 0, len(shaded) - 1)
    image = shaded[row].view(np.uint8).reshape(layout.height, layout.width, 4)  # lowest first
    canvas.place_pixels(image, 0.5)


def _panels(canvas: Canvas, session: Market, drawing: Drawing) -> Axes | None:
    """The panels asked for; the axes of the one below, if there is one."""
    figure, layout, view, theme = canvas.figure, canvas.layout, canvas.view, canvas.theme
    spans, trades, panels = session.spans(), traded(session), drawing.panels
    unit = labels.size_unit(spans.meta)
    rows = price_rows(view.low, view.high, max(layout.height // round(4 * layout.unit), 1), spans.tick_size)
    if "ladder" in panels:
        found = ladder_of(spans, min(view.end, spans.last), rows, drawing.carry)
        ladder(figure, layout, found, spans.tick_size, view, unit, drawing.look.palette, theme)
    if "profile" in panels:
        volumes = profile_of(trades.between(view.begin, view.end), rows, spans.tick_size)
        profile(figure, layout, volumes, spans.tick_size, view, unit, theme)
    lowest = None
    if "delta" in panels:
        step = candle_step(view.begin, view.end, round(layout.width / layout.unit))
        lowest = delta(figure, layout, bars_of(trades, step, view.begin, view.end), view, unit, theme)
    prices = view.low, view.high
    scene = PanelScene(
        session,
        prices,
        drawing.look.theme,
        drawing.carry,
        drawing.look.palette,
        drawing.time_zone,
        alerts=drawing.alerts,
    )
    for registered in (panel for panel in chosen(panels) if panel.name not in OWN):
        drawn = own_panel(canvas, registered, scene)
        lowest = drawn if registered.shares == "time" else lowest
    return lowest


def _title(
    figure: Figure, layout: Layout, session: Market, shown: Times, drawing: Drawing, share: float
) -> None:
    spans, theme = session.spans(), drawing.theme
    w, h = layout.figure
    unit = layout.unit

    def write(x: float, y: float, words: str, size: float, colour: RGB, **style: Any) -> None:
        figure.text(x / w, y / h, words, fontsize=layout.points(size), color=_rgb(colour), **style)

    right, top = layout.left + layout.width, layout.bottom + layout.height
    what = [labels.carry_words(drawing.carry), labels.share_words(share)]
    times = [labels.span_words(*shown, drawing.time_zone)]
    aggregate = labels.aggregate_words(drawing.agg, spans.meta)
    if len(what[0]) <= ROOM:
        what.insert(1, aggregate)
    else:
        times.append(aggregate)
    write(layout.left, h - 44 * unit, labels.market(spans.meta), 27, theme.text, weight="bold")
    write(
        layout.left,
        h - 74 * unit,
        BETWEEN.join(times),
        15,
        theme.muted,
    )
    write(layout.left, h - 103 * unit, BETWEEN.join(what), 15, theme.muted)
    write(right + 12 * unit, top + 10 * unit, labels.price_unit(spans.meta), 14, theme.muted)
    zone = labels.zone_word(instant_ns(shown[0]), drawing.time_zone)
    write(right + 40 * unit, layout.foot - 23 * unit, zone, 14, theme.muted)
