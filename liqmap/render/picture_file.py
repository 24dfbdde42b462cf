"""`picture`: a finished chart as a PNG, by matplotlib, the heatmap pixel for pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.carry import CarryModel, carry_model
from liqmap.raster import lattice
from liqmap.schema import ASK, BID

from . import labels
from .colour import Scale, scale_of, shade
from .files import check_folder, whole
from .frame import Frame, draw, even_columns, nanoseconds, price_rows, visible
from .layout import DPI, Layout
from .legend import legend
from .look import DEFAULT, Look
from .overlays import BID_DASH, TOUCH_WIDTH, Bubbles, Market, Trades, best, check_market, radii
from .palettes import RGB, Theme, bubble_colours
from .palettes import unit_rgb as _rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from liqmap.carry import Duration
    from liqmap.replay import Spans


def picture(
    session: Market,
    path: str | Path,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: str = "peak",
    width: int = 1600,
    height: int = 900,
    overlays: tuple[str, ...] = ("bbo", "bubbles"),
    look: Look = DEFAULT,
    price_range: tuple[float, float] | None = None,
    carry: CarryModel | None = None,
) -> Path:
    """Draw a session's liquidity as a PNG.

    Parameters
    ----------
    path : where to write it; it appears complete or not at all.
    half_life, prune, agg, carry : see `rasterize`.
    width, height : pixels of the file, exactly.
    overlays : of ``bbo`` and ``bubbles``.
    look : cut-offs and strengths of the colours.
    price_range : quote currency; default where the touch went plus one window.

    Returns
    -------
    The path.

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune or aggregate.
    LiqmapError : no such directory.
    """
    check_market(session)
    path = check_folder(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    theme = look.colours
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=_rgb(theme.background))
    FigureCanvasAgg(figure)
    layout = Layout.of(width, height)
    spans = session.spans()
    model = carry_model(half_life, prune, carry)
    frame, view = _frame(session, spans, layout, price_range, model, agg)
    scale = scale_of(frame, look)
    axes = _axes(figure, layout, view, theme)
    _heatmap(figure, layout, frame, view, look, scale)
    if "bbo" in overlays:
        _touch(axes, spans, view, layout, theme)
    bubbles = None
    if "bubbles" in overlays:
        bubbles = Trades.of(session.trades()).bubbles(view.begin, view.end, layout.width, spans.tick_size)
        _bubbles(axes, bubbles, layout, theme)
    _title(figure, layout, spans, session, frame, model, theme)
    legend(figure, layout, spans.meta, frame, scale, look, "bbo" in overlays, bubbles)
    with whole(path) as unfinished:
        figure.savefig(unfinished, format="png", dpi=DPI, facecolor=figure.get_facecolor())
    return path


@dataclass(frozen=True)
class View:
    """Ranges of the axes: ns and quote currency."""

    begin: int
    end: int
    low: float
    high: float


def _frame(
    session: Market,
    spans: Spans,
    layout: Layout,
    price_range: tuple[float, float] | None,
    carry: CarryModel,
    agg: str,
) -> tuple[Frame, View]:
    """A column a pixel; rows of whole ticks and, where the range is ours to choose, of whole pixels."""
    begin, end = (nanoseconds(t) for t in visible(session.time_range))
    times = even_columns(begin, end, layout.width)
    if price_range is None:
        rows = whole_pixel_rows(*session.price_range, layout.height, spans.tick_size)
        low, high = rows[0] * spans.tick_size, rows[-1] * spans.tick_size
    else:
        low, high = price_range
        rows = price_rows(low, high, layout.height, spans.tick_size)
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
    """The frame's cells at the axes' own pixels: no smoothing, no resampling.

    matplotlib's own images pass through a resampler, which takes sixty bytes a pixel to change nothing.
    """
    from matplotlib.artist import Artist

    class Pixels(Artist):
        def draw(self, renderer: Any) -> None:
            renderer.draw_image(renderer.new_gc(), layout.left, layout.bottom, image)

    pixels = shade(frame, look, scale).data
    centres = view.low + (np.arange(layout.height) + 0.5) * ((view.high - view.low) / layout.height)
    row = np.clip(np.searchsorted(frame.prices, centres, side="right") - 1, 0, len(pixels) - 1)
    image = pixels[row].view(np.uint8).reshape(layout.height, layout.width, 4)  # lowest first
    figure.add_artist(Pixels()).set_zorder(0.5)


def _axes(figure: Figure, layout: Layout, view: View, theme: Theme) -> Axes:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    box = layout.box(layout.left, layout.bottom, layout.width, layout.height)
    axes: Axes = figure.add_axes(box, zorder=2)
    axes.patch.set_visible(False)
    axes.set_xlim(_days(view.begin), _days(view.end))
    axes.set_ylim(view.low, view.high)
    axes.yaxis.tick_right()
    prices = MaxNLocator(nbins=max(3, round(layout.height / layout.unit / 75)), steps=[1, 2, 2.5, 5, 10])
    step = float(np.diff(prices.tick_values(view.low, view.high))[0])
    decimals = next((d for d in range(9) if abs(step - round(step, d)) < 1e-6 * step), 9)
    axes.yaxis.set_major_locator(prices)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:,.{decimals}f}"))
    locator = AutoDateLocator(minticks=4, maxticks=max(5, round(layout.width / layout.unit / 120)))
    axes.xaxis.set_major_locator(locator)
    spelled = ["%Y", "%b", "%d", "%H:%M", "%H:%M", "%H:%M:%S.%f"]  # a bare second says nothing
    at_zero = ["", "%Y", "%b", "%b %d", "%H:%M", "%H:%M"]
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, formats=spelled, zero_formats=at_zero, show_offset=False)
    )
    axes.tick_params(colors=_rgb(theme.muted), labelsize=layout.points(15), length=layout.points(5),
                     width=layout.points(1), pad=layout.points(6))  # fmt: skip
    axes.grid(True, color=_rgb(theme.lines), alpha=theme.lines_alpha, linewidth=layout.points(1))
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(_rgb(theme.grid))
        spine.set_linewidth(layout.points(1))
    return axes


def _touch(axes: Axes, spans: Spans, view: View, layout: Layout, theme: Theme) -> None:
    thickness = layout.points(TOUCH_WIDTH)
    dash = (0, tuple(pixels / TOUCH_WIDTH for pixels in BID_DASH))  # matplotlib counts in line widths
    for side, colour, line in ((ASK, theme.best_ask, "solid"), (BID, theme.best_bid, dash)):
        steps = best(spans, side).between(view.begin, view.end, layout.width)
        axes.step(_days(steps.time), steps.price, where="post", color=_rgb(colour), linewidth=thickness,
                  linestyle=line, dash_capstyle="butt", zorder=3)  # fmt: skip


def _bubbles(axes: Axes, bubbles: Bubbles, layout: Layout, theme: Theme) -> None:
    if len(bubbles) == 0:
        return
    faces, rims = bubble_colours(bubbles.aggressor, theme)
    diameter = layout.points(2 * radii(bubbles.size, 17))
    axes.scatter(
        _days(bubbles.time),
        bubbles.price,
        s=diameter**2,
        linewidths=layout.points(1.1),
        facecolors=[(*_rgb(c), 0.47) for c in faces],
        edgecolors=[(*_rgb(c), 0.9) for c in rims],
        zorder=4,
    )


def _title(
    figure: Figure,
    layout: Layout,
    spans: Spans,
    session: Market,
    frame: Frame,
    carry: CarryModel,
    theme: Theme,
) -> None:
    w, h = layout.figure
    unit = layout.unit

    def write(x: float, y: float, words: str, size: float, colour: RGB, **style: Any) -> None:
        figure.text(x / w, y / h, words, fontsize=layout.points(size), color=_rgb(colour), **style)

    right, top = layout.left + layout.width, layout.bottom + layout.height
    what = f"{labels.carry_words(carry)}  ·  {labels.aggregate_words(frame.agg, spans.meta)}"
    write(layout.left, h - 44 * unit, labels.market(spans.meta), 27, theme.text, weight="bold")
    write(layout.left, h - 74 * unit, labels.span_words(*session.time_range), 15, theme.muted)
    write(layout.left, h - 97 * unit, what, 15, theme.muted)
    write(right + 12 * unit, top + 10 * unit, labels.price_unit(spans.meta), 14, theme.muted)
    write(right + 40 * unit, layout.bottom - 23 * unit, "UTC", 14, theme.muted)


def _days(ns: Any) -> Any:
    """ns since the epoch as matplotlib's dates (days)."""
    return np.asarray(ns, np.float64) / 86_400e9
