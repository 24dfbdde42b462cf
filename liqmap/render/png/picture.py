"""`picture`: a finished chart as a PNG, by matplotlib, the heatmap pixel for pixel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.ladder import ladder_of
from liqmap.analytics.flow.bars import bars_of
from liqmap.analytics.flow.profile import profile_of
from liqmap.carry import CarryModel, carry_model
from liqmap.files import check_folder, whole
from liqmap.grid import lattice
from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import Scale, scale_of, scale_of_session, shade
from liqmap.render.frames.frame import Frame, draw, even_columns, instant_ns, price_rows, visible
from liqmap.render.frames.look import DEFAULT, Look, chosen
from liqmap.render.frames.market import Market, check_market, check_view
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.frames.presets import merged
from liqmap.render.marks.overlays import Quotes, bubble_room, candle_step, check_parts, traded
from liqmap.render.marks.specks import dust
from liqmap.render.png.layers import View, bubbles, candles, days, line, place_pixels, touch
from liqmap.render.png.layout import DPI, Layout
from liqmap.render.png.legend import Key, legend
from liqmap.render.png.panels import delta, ladder, panel, profile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from liqmap.carry import Duration


def picture(
    session: Market,
    path: str | Path,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: str = "peak",
    width: int = 1600,
    height: int = 900,
    overlays: Sequence[str] = ("bbo", "bubbles"),
    panels: Sequence[str] = (),
    *,
    theme: str | Theme | None = None,
    palette: str | None = None,
    time_zone: str = "UTC",
    preset: str | None = None,
    look: Look = DEFAULT,
    price_range: tuple[float, float] | None = None,
    row_ticks: int | None = None,
    stable: bool = False,
    scale: Scale | None = None,
    carry: CarryModel | None = None,
) -> Path:
    """Draw a session's liquidity as a PNG.

    Parameters
    ----------
    path : where to write it; it appears complete or not at all.
    half_life, prune, agg, carry : see `rasterize`.
    width, height : pixels of the file, exactly.
    overlays, panels, theme, palette, time_zone, preset, look, price_range, row_ticks : see `heatmap`.
    stable : cut the scale of colours from the whole session, as `heatmap` does; else from the picture.
    scale : the scale of colours itself instead, such as that of another picture.

    Returns
    -------
    The path.

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune, aggregate, overlay,
    panel, theme, palette, zone or preset, no such size or range; LiqmapError : no such directory.
    """
    check_market(session)
    if preset is not None:
        names = ("session", "path", "preset")
        given = {name: value for name, value in locals().items() if name not in (*names, "names")}
        known = {name: value for name, value in merged(given, preset).items() if name in given}
        return picture(session, path, **known)
    check_parts(overlays, panels)
    check_view(width, height, price_range, row_ticks)
    labels.check_zone(time_zone)
    path = check_folder(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = chosen(look, theme, palette, "candles" in overlays)
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=_rgb(look.colours.background))
    FigureCanvasAgg(figure)
    layout = Layout.of(width, height, panels)
    model = carry_model(half_life, prune, carry)
    frame, view = _frame(session, layout, price_range, row_ticks, model, agg)
    if scale is None:
        scale = _scale(session, frame, look) if stable else scale_of(frame, look)
    key = Key(session.spans().meta, scale, look)
    axes = _axes(figure, layout, view, look.colours)
    _heatmap(figure, layout, frame, view, look, scale)
    _over(figure, axes, session, layout, view, overlays, key)
    lowest = _panels(figure, session, layout, view, panels, model, look) or axes
    _times(lowest, layout, time_zone)
    _title(figure, layout, session, frame, model, look.colours, time_zone)
    legend(figure, layout, key)
    with whole(path) as unfinished:
        figure.savefig(unfinished, format="png", dpi=DPI, facecolor=figure.get_facecolor())
    return path


def _scale(session: Market, frame: Frame, look: Look) -> Scale:
    ranges = session.time_range, session.price_range
    return scale_of_session(session.spans(), ranges, frame.agg, frame.ticks_a_row, look)


def _frame(
    session: Market,
    layout: Layout,
    price_range: tuple[float, float] | None,
    row_ticks: int | None,
    carry: CarryModel,
    agg: str,
) -> tuple[Frame, View]:
    """A column a pixel; rows of whole ticks and, where the range is ours to choose, of whole pixels."""
    spans = session.spans()
    begin, end = (instant_ns(t) for t in visible(session.time_range))
    times = even_columns(begin, end, layout.width)
    if price_range is None and row_ticks is None:
        rows = whole_pixel_rows(*session.price_range, layout.height, spans.tick_size)
        low, high = rows[0] * spans.tick_size, rows[-1] * spans.tick_size
    else:
        low, high = price_range or session.price_range
        rows = price_rows(low, high, layout.height, spans.tick_size, row_ticks)
    return draw(spans, times, rows, carry, agg), View(begin, end, low, high)


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


def _heatmap(figure: Figure, layout: Layout, frame: Frame, view: View, look: Look, scale: Scale) -> None:
    shaded = shade(frame, look, scale).data
    centres = view.low + (np.arange(layout.height) + 0.5) * ((view.high - view.low) / layout.height)
    row = np.clip(np.searchsorted(frame.prices, centres, side="right") - 1, 0, len(shaded) - 1)
    image = shaded[row].view(np.uint8).reshape(layout.height, layout.width, 4)  # lowest first
    place_pixels(figure, layout.left, layout.bottom, image, 0.5)


def _over(
    figure: Figure,
    axes: Axes,
    session: Market,
    layout: Layout,
    view: View,
    overlays: Sequence[str],
    key: Key,
) -> None:
    """The overlays asked for; the key learns what there is to explain."""
    spans, theme = session.spans(), key.look.colours
    if "candles" in overlays:
        step = candle_step(view.begin, view.end, round(layout.width / layout.unit))
        found = bars_of(traded(session), step, view.begin, view.end)
        candles(axes, found, spans.tick_size / 2, layout, theme)
    if "bbo" in overlays:
        key.two, key.one = touch(axes, Quotes.of(spans), view, layout, theme)
    if "mid" in overlays:
        line(axes, Quotes.of(spans).between(view.begin, view.end, layout.width).mid, theme.mid, layout)
        key.mid = True
    if "bubbles" in overlays:
        trades, prices = traded(session), (view.low, view.high)
        size = round(layout.width / layout.unit), round(layout.height / layout.unit)
        count, largest = bubble_room(*size)
        key.bubbles = trades.bubbles(view.begin, view.end, size[0], spans.tick_size, count, prices, size[1])
        if len(trades.within(view.begin, view.end, prices)) > len(key.bubbles):
            shape = (layout.width, layout.height)
            specks = dust(trades, (view.begin, view.end), prices, *shape, theme)
            place_pixels(figure, layout.left, layout.bottom, specks, 2.5)
        bubbles(axes, key.bubbles, largest, layout, theme)


def _panels(
    figure: Figure,
    session: Market,
    layout: Layout,
    view: View,
    panels: Sequence[str],
    carry: CarryModel,
    look: Look,
) -> Axes | None:
    """The panels asked for; the axes of the one below, if there is one."""
    spans, trades, theme = session.spans(), traded(session), look.colours
    unit = labels.size_unit(spans.meta)
    rows = price_rows(view.low, view.high, max(layout.height // round(4 * layout.unit), 1), spans.tick_size)
    if "ladder" in panels:
        found = ladder_of(spans, min(view.end, spans.last), rows, carry)
        ladder(figure, layout, found, spans.tick_size, view, unit, look.palette, theme)
    if "profile" in panels:
        volumes = profile_of(trades.between(view.begin, view.end), rows, spans.tick_size)
        profile(figure, layout, volumes, spans.tick_size, view, unit, theme)
    if "delta" not in panels:
        return None
    step = candle_step(view.begin, view.end, round(layout.width / layout.unit))
    return delta(figure, layout, bars_of(trades, step, view.begin, view.end), view, unit, theme)


def _axes(figure: Figure, layout: Layout, view: View, theme: Theme) -> Axes:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes = panel(figure, layout, (layout.left, layout.bottom, layout.width, layout.height), theme)
    axes.set_zorder(2)
    axes.patch.set_visible(False)
    axes.set_xlim(days(view.begin), days(view.end))
    axes.set_ylim(view.low, view.high)
    axes.yaxis.tick_right()
    prices = MaxNLocator(nbins=max(3, round(layout.height / layout.unit / 75)), steps=[1, 2, 2.5, 5, 10])
    step = float(np.diff(prices.tick_values(view.low, view.high))[0])
    decimals = next((d for d in range(9) if abs(step - round(step, d)) < 1e-6 * step), 9)
    axes.yaxis.set_major_locator(prices)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:,.{decimals}f}"))
    axes.tick_params(labelsize=layout.points(15), length=layout.points(5), pad=layout.points(6))
    axes.xaxis.set_major_locator(_locator(layout, "UTC"))
    axes.tick_params(axis="x", labelbottom=False, length=0)
    return axes


def _locator(layout: Layout, time_zone: str) -> Any:
    from zoneinfo import ZoneInfo

    from matplotlib.dates import AutoDateLocator

    return AutoDateLocator(
        ZoneInfo(time_zone), minticks=4, maxticks=max(5, round(layout.width / layout.unit / 120))
    )


def _times(lowest: Axes, layout: Layout, time_zone: str) -> None:
    """Times under the lowest axes, and lines at the same times through all that share them."""
    from matplotlib.dates import ConciseDateFormatter

    spelled = ["%Y", "%b", "%d", "%H:%M", "%H:%M", "%H:%M:%S.%f"]  # a bare second says nothing
    at_zero = ["", "%Y", "%b", "%b %d", "%H:%M", "%H:%M"]
    figure = lowest.figure
    for axes in figure.axes if figure is not None else []:
        if axes.get_xlim() != lowest.get_xlim():
            continue
        axes.xaxis.set_major_locator(_locator(layout, time_zone))
    locator = _locator(layout, time_zone)
    lowest.xaxis.set_major_locator(locator)
    lowest.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, locator.tz, formats=spelled, zero_formats=at_zero, show_offset=False)
    )
    lowest.tick_params(
        axis="x", labelbottom=True, labelsize=layout.points(15), length=layout.points(5), pad=layout.points(6)
    )


def _title(
    figure: Figure,
    layout: Layout,
    session: Market,
    frame: Frame,
    carry: CarryModel,
    theme: Theme,
    time_zone: str,
) -> None:
    spans = session.spans()
    w, h = layout.figure
    unit = layout.unit

    def write(x: float, y: float, words: str, size: float, colour: RGB, **style: Any) -> None:
        figure.text(x / w, y / h, words, fontsize=layout.points(size), color=_rgb(colour), **style)

    right, top = layout.left + layout.width, layout.bottom + layout.height
    what = f"{labels.carry_words(carry)}  ·  {labels.aggregate_words(frame.agg, spans.meta)}"
    write(layout.left, h - 44 * unit, labels.market(spans.meta), 27, theme.text, weight="bold")
    write(layout.left, h - 74 * unit, labels.span_words(*session.time_range, time_zone), 15, theme.muted)
    write(layout.left, h - 97 * unit, what, 15, theme.muted)
    write(right + 12 * unit, top + 10 * unit, labels.price_unit(spans.meta), 14, theme.muted)
    zone = labels.zone_word(instant_ns(session.time_range[0]), time_zone)
    write(right + 40 * unit, layout.foot - 23 * unit, zone, 14, theme.muted)
