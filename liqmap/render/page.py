"""`standalone_html`: one file with the heatmap in high resolution, to zoom, pan and hover without a server.

The image is one array of codes that serves both ends: the colour mapper gives each code its colour, and the
tooltip turns it back into side, state and size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.carry import CarryModel, carry_model
from liqmap.schema import ASK, BID, CARRIED, UNKNOWN, decimals

from . import labels, palettes
from .colour import Look, Scale, css_gradient, scale_of, shades
from .files import check_folder, whole
from .frame import Frame, Range, nanoseconds, screen, visible
from .overlays import BID_DASH, TOUCH_WIDTH, Market, Trades, best, check_market, radii
from .theme import readable_axes, style

if TYPE_CHECKING:
    from bokeh.plotting import figure as Plot  # noqa: N812

    from liqmap.carry import Duration
    from liqmap.replay import Spans

DETAIL = 3
"""Cells a pixel of the page, in time and in price, of the image that shows when zoomed in."""

MAX_CELLS = 6_000_000
"""Of that image: two bytes each before compression, four in the browser."""

MATHJAX = "https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-svg.js"
"""What bokeh would fetch for a label in TeX. No label is, and the page must not name a network."""

PANEL = re.compile(r'<(script|link)\b[^>]*"static/extensions/[^>]*>(\s*</script>)?')
"""Files that Panel, where it is loaded, names in every page of bokeh; this page does not use them."""

LEVELS = 4096
"""Sizes a code can tell apart, evenly on a log scale."""

FAINTEST = 1e-8
"""The smallest size a code can say, of the largest."""


def standalone_html(
    session: Market,
    path: str | Path,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: str = "peak",
    width: int = 1600,
    height: int = 900,
    overlays: tuple[str, ...] = ("bbo", "bubbles"),
    look: Look = Look(),  # noqa: B008 (frozen)
    price_range: tuple[float, float] | None = None,
    carry: CarryModel | None = None,
) -> Path:
    """Write a session's heatmap as a single HTML file that needs no network.

    Parameters
    ----------
    path : where to write it; it appears complete or not at all.
    half_life, prune, agg, carry : see `rasterize`.
    width, height : pixels for which it is made; the page fills its window, and the image shown when zoomed in
        holds up to `DETAIL` times as many cells each way.
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
    from bokeh.embed import file_html
    from bokeh.resources import INLINE

    spans = session.spans()
    low, high = session.price_range if price_range is None else price_range
    times = visible(session.time_range)
    inner = 0.92 * width, 0.74 * height  # without header and axes
    detail = max(1.0, min(DETAIL, (MAX_CELLS / (inner[0] * inner[1])) ** 0.5))
    frame, closer = (
        screen(
            spans,
            times,
            (low, high),
            int(k * inner[0]),
            int(k * inner[1]),
            half_life,
            prune,
            agg,
            carry=carry,
        )
        for k in (1, detail)
    )
    scale = scale_of(frame, look)
    plot = _plot(spans, times, (low, high))
    _heatmap(plot, spans, frame, closer, look, scale)
    _overlays(plot, session, spans, overlays, int(width * detail), width)
    text = file_html(
        plot,
        resources=INLINE,
        title=f"{labels.market(spans.meta)} - liqmap",
        template=Path(__file__).with_name("page.html").read_text(encoding="utf-8"),
        template_variables=_words(session, spans, frame, scale, look, carry_model(half_life, prune, carry)),
    )
    text = PANEL.sub("", text.replace(MATHJAX, ""))
    with whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Codes:
    """Cells as one uint16 each: 0 unknown, 1 empty, then LEVELS codes for each side and state.

    A level n stands for the size ``low * exp(n * step)``.
    """

    image: np.ndarray
    low: float
    step: float

    @classmethod
    def of(cls, frame: Frame, carried: float, high: float) -> Codes:
        """Code a frame; the stronger side of a cell is kept. ``high`` is the largest size there is."""
        sizes, states = frame.intensity, frame.state
        low = high * FAINTEST
        step = -float(np.log(FAINTEST)) / (LEVELS - 1)
        weighed = np.nan_to_num(sizes) * np.where(states == CARRIED, np.float32(carried), np.float32(1.0))
        side = (weighed[1] > weighed[0]).astype(np.intp)
        size, state = (np.take_along_axis(a, side[None], axis=0)[0] for a in (sizes, states))
        with np.errstate(divide="ignore", invalid="ignore"):
            level = np.clip(np.rint(np.log(size / low) / step), 0, LEVELS - 1)
        code = 2 + (side * 2 + (state == CARRIED)) * LEVELS + np.nan_to_num(level)
        empty = ((states != UNKNOWN).all(axis=0)).astype(np.uint16)
        return cls(np.where(size >= low, code, empty).astype(np.uint16), low, step)

    def colours(self, look: Look, scale: Scale) -> list[str]:
        """The colour of every code, ``#rrggbbaa``."""
        table = shades(look)
        sizes = self.low * np.exp(np.arange(LEVELS) * self.step)
        place = np.rint(scale.place(sizes) * (table.shape[2] - 1)).astype(int)
        lit = table[:, :, place].reshape(-1).view(np.uint8).reshape(-1, 4)
        lit[np.tile(sizes <= scale.low, 4)] = (*palettes.EMPTY, 255)
        return [
            "#00000000",
            palettes.css(palettes.EMPTY) + "ff",
            *("#{:02x}{:02x}{:02x}{:02x}".format(*c) for c in lit),
        ]


def _plot(spans: Spans, times: Range, price_range: tuple[float, float]) -> Plot:
    from bokeh.models import Range1d
    from bokeh.plotting import figure

    begin, end = (_ms(nanoseconds(t)) for t in times)
    plot = figure(
        sizing_mode="stretch_both",
        x_axis_type="datetime",
        y_axis_location="right",
        x_range=Range1d(begin, end),
        y_range=Range1d(*price_range),
        tools="pan,wheel_zoom,box_zoom,xwheel_zoom,ywheel_zoom,reset,save",
        active_scroll="wheel_zoom",
        toolbar_location="above",
        output_backend="canvas",
    )
    style(plot)
    plot.yaxis.axis_label = f"price, {labels.price_unit(spans.meta)}"
    plot.xaxis.axis_label = "time, UTC"
    readable_axes(plot, spans.tick_size)
    return plot


_SIZE = """
if (value < 2) return value == 1 ? "none: known to be empty" : "unknown"
const size = low * Math.exp(((value - 2) % levels) * step)
const digits = size >= 1000 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)))
const kinds = ["bid, observed", "bid, carried", "ask, observed", "ask, carried"]
const what = kinds[Math.floor((value - 2) / levels)]
return size.toFixed(Math.min(digits, 8)) + " " + unit + " (" + what + ")"
"""
_PRICE = """
const row = Math.floor(special_vars.y / (value * tick) + 1e-9) * value
const from = (row * tick).toFixed(places)
return value == 1 ? from : from + " – " + ((row + value - 1) * tick).toFixed(places)
"""

_ZOOMED = """
const near = 1.6 * (x.end - x.start) < width || 1.6 * (y.end - y.start) < height
const data = near ? detail.data : overview.data
if (shown.data !== data) shown.data = data
"""


def _heatmap(plot: Plot, spans: Spans, frame: Frame, closer: Frame, look: Look, scale: Scale) -> None:
    """The image of the whole view, whose place a finer one takes when zoomed in.

    A browser that shrinks an image drops rows, and with them thin walls: so the finer one is not for all.
    """
    from bokeh.models import ColumnDataSource, CustomJS, LinearColorMapper

    high = float(np.nanmax(closer.intensity, initial=0.0)) or 1.0
    coded = [Codes.of(f, look.carried, high) for f in (frame, closer)]
    overview, detail = (ColumnDataSource(_columns(f, c)) for f, c in zip((frame, closer), coded))
    shown = ColumnDataSource(dict(overview.data))
    colours = coded[0].colours(look, scale)
    mapper = LinearColorMapper(palette=colours, low=0, high=len(colours))
    names = {name: name for name in ("image", "x", "y", "dw", "dh")}
    image = plot.image(**names, source=shown, level="image", color_mapper=mapper)
    plot.add_tools(_hover(spans, image, coded[0], frame.per))
    x, y = plot.x_range, plot.y_range
    ranges = {"x": x, "y": y, "width": x.end - x.start, "height": y.end - y.start}
    callback = CustomJS(args={"shown": shown, "overview": overview, "detail": detail} | ranges, code=_ZOOMED)
    for axis in (x, y):
        axis.js_on_change("start", callback)
        axis.js_on_change("end", callback)


def _columns(frame: Frame, codes: Codes) -> dict[str, list[Any]]:
    left, right = _ms(frame.times[0]), _ms(frame.times[-1])
    bottom, top = (float(p) for p in frame.prices[[0, -1]])
    return {"image": [codes.image], "x": [left], "y": [bottom], "dw": [right - left], "dh": [top - bottom],
            "ticks": [frame.ticks_a_row]}  # fmt: skip


def _hover(spans: Spans, image: Any, codes: Codes, per: str) -> Any:
    from bokeh.models import CustomJSHover, HoverTool

    places = decimals(spans.tick_size)
    price = CustomJSHover(args={"tick": spans.tick_size, "places": places}, code=_PRICE)
    sizes = {
        "low": codes.low,
        "step": codes.step,
        "levels": LEVELS,
        "unit": labels.size_unit(spans.meta) + per,
    }
    rows = {"time": "$x{%F %H:%M:%S.%3N}", "price": "@ticks{custom}", "size": "@image{custom}"}
    formatters = {"$x": "datetime", "@ticks": price, "@image": CustomJSHover(args=sizes, code=_SIZE)}
    return HoverTool(renderers=[image], tooltips=list(rows.items()), formatters=formatters)


def _overlays(
    plot: Plot, session: Market, spans: Spans, overlays: tuple[str, ...], columns: int, width: int
) -> None:
    begin, end = (nanoseconds(t) for t in visible(session.time_range))
    if "bbo" in overlays:
        dash = list(BID_DASH)
        for side, colour, line in ((ASK, palettes.BEST_ASK, "solid"), (BID, palettes.BEST_BID, dash)):
            steps = best(spans, side).between(begin, end, columns)
            plot.step(_ms(steps.time), steps.price, mode="after", color=palettes.css(colour),
                      line_width=TOUCH_WIDTH, line_dash=line)  # fmt: skip
    if "bubbles" in overlays:
        bubbles = Trades.of(session.trades()).bubbles(begin, end, width, spans.tick_size)
        faces, rims = palettes.bubble_colours(bubbles.aggressor)
        plot.scatter(_ms(bubbles.time), bubbles.price, size=2 * radii(bubbles.size, 17),
                     fill_color=[palettes.css(c) for c in faces], fill_alpha=0.47,
                     line_color=[palettes.css(c) for c in rims], line_width=1.2)  # fmt: skip


def _words(
    session: Market,
    spans: Spans,
    frame: Frame,
    scale: Scale,
    look: Look,
    carry: CarryModel,
) -> dict[str, Any]:
    unit = labels.size_unit(spans.meta)
    return {
        "market": labels.market(spans.meta),
        "time": labels.span_words(*session.time_range),
        "carry": labels.carry_words(carry),
        "share": f"{100 * frame.carried_share:.0f} % of the liquidity shown is carried",
        "what": labels.aggregate_words(frame.agg, spans.meta),
        "sizes": [labels.short(s) for s in scale.size([0.0, 0.5, 1.0])],
        "bars": [
            (f"{name}, {unit}", css_gradient(look, side, False), css_gradient(look, side, True))
            for side, name in enumerate(("bids", "asks"))
        ],
    }


def _ms(ns: Any) -> Any:
    """ns since the epoch as bokeh's ms."""
    return np.asarray(ns, np.float64) / 1e6 if np.ndim(ns) else float(ns) / 1e6
