"""`heatmap`: the chart in a notebook, painted anew for every zoom and pan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import holoviews as hv

from liqmap.carry import CarryModel, carry_model
from liqmap.render.charts.element import SpansElement
from liqmap.render.charts.ladder import ladder_panel
from liqmap.render.charts.layers import bubble_points, candle_bars, mid_line, touch_lines
from liqmap.render.charts.operation import liquidity
from liqmap.render.charts.panels import blank_panel, delta_panel, profile_panel, view_of
from liqmap.render.charts.theme import colour_bars, fresh_tooltip, readable_axes, style, tooltips
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import visible
from liqmap.render.frames.look import DEFAULT, Look, chosen
from liqmap.render.frames.market import Market, check_market, check_view
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.presets import merged
from liqmap.render.frames.together import Together
from liqmap.render.frames.zoom_limits import zoom_limits
from liqmap.render.marks.overlays import OVERLAYS, PANELS, check_parts
from liqmap.schema import GridError

if TYPE_CHECKING:
    from liqmap.carry import Duration
    from liqmap.schema import Meta


def heatmap(
    session: Market | Sequence[Market],
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: str = "peak",
    overlays: Sequence[str] = ("bbo", "bubbles"),
    panels: Sequence[str] = (),
    *,
    theme: str | Theme | None = None,
    palette: str | None = None,
    time_zone: str = "UTC",
    preset: str | None = None,
    summed: bool = False,
    width: int | None = None,
    height: int = 560,
    look: Look = DEFAULT,
    price_range: tuple[float, float] | None = None,
    row_ticks: int | None = None,
    stable: bool = True,
    dynamic: bool = True,
    carry: CarryModel | None = None,
) -> hv.DynamicMap | hv.Overlay | hv.Layout:
    """A session's liquidity as a HoloViews object that follows zoom and pan.

    Parameters
    ----------
    session : one; or several, such as venues of one asset, side by side on shared axes.
    summed : several sessions in one chart: sizes of equal prices added (of ``peak`` the largest of each), the
        best bid and ask of each.
    half_life, prune, agg, carry : see `rasterize`.
    overlays : of ``bbo`` (best bid and ask), ``mid``, ``bubbles`` (traded volume) and ``candles``; under
        candles the heatmap is drawn at 40 % (65 % in a light theme) unless the look says less than full
        opacity itself.
    panels : of ``ladder`` (the book at the right edge of the view) and ``profile`` (volume by price of the
        time in view) on the heatmap's price axis, and ``delta`` on its time axis.
    theme, palette : of the colours, instead of the look's: ``dark`` or ``light``, ``default`` or ``classic``.
    time_zone : of the time axis and the tooltip, such as ``Europe/Berlin``.
    preset : the name of one of `presets`; what it holds takes the place of these arguments.
    width : pixels of the whole; default the width there is, with panels 1200.
    height : pixels of the heatmap.
    look : cut-offs, strengths, palette and theme of the colours.
    price_range : quote currency; default where the touch went plus one window.
    row_ticks : ticks a row; default as few as the pixels can show.
    stable : cut the scale of colours from the whole session, so that panning keeps it;
        else from what is in view.
    dynamic : False draws once, for a page without a Python behind it, and so without a tooltip.

    Returns
    -------
    A DynamicMap, or an Overlay without ``dynamic``: compose and ``.opts`` it like any other; with panels a
    Layout.

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune, aggregate, overlay,
    panel, theme, palette, zone or preset, sizes or ranges of which there is no picture.
    """
    given = {name: value for name, value in locals().items() if name not in ("session", "preset", "summed")}
    if preset is not None:
        return heatmap(session, summed=summed, **merged(given, preset))
    if isinstance(session, Sequence) and not isinstance(session, str):
        return _several(session, summed, given)
    check_market(session)
    check_parts(overlays, panels)
    taken = sum(BESIDE.get(name, 0) for name in panels)
    check_view(width, height, price_range, row_ticks, LEAST + taken)
    look = chosen(look, theme, palette, "candles" in overlays)
    labels.check_zone(time_zone)
    model = carry_model(half_life, prune, carry)
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    spans, others = session.spans(), getattr(session, "others", [])
    prices = session.price_range if price_range is None else price_range
    inner = width if not panels else (width or WIDTH) - taken
    element = SpansElement(spans, time_range=session.time_range, price_range=prices)
    options = {
        "half_life": half_life, "prune": prune, "agg": agg, "carry": carry, "time_zone": time_zone,
        "row_ticks": row_ticks, "stable": stable, "width": inner or 1200, "height": height,
        "others": others, **choices(look),
    }  # fmt: skip
    image = liquidity(element, dynamic=dynamic, **options)
    chart = picture_options(image, spans.meta) if dynamic else image
    for name in OVERLAYS:
        if name in overlays:
            chart = chart * _layer(name, session, prices, dynamic, look.theme)
    markets = " + ".join(labels.market(s.meta) for s in (spans, *others))
    words = (markets, labels.carry_words(model), labels.aggregate_words(agg, spans.meta))
    chart = frame_options(
        chart, spans.meta, session.time_range, prices, "  ·  ".join(words), inner, height,
        bars="left" if panels else "right", theme=look.theme, time_zone=time_zone,
    )  # fmt: skip
    if not panels:
        return chart
    given |= {"look": look, "price_range": prices, "width": inner}
    return _with_panels(chart, view_of(image), session, given)


def _with_panels(chart: Any, view: Any, session: Market, given: dict[str, Any]) -> hv.Layout:
    """A heatmap with its panels; ``given`` are its arguments, all decided."""
    look = given["look"]
    carried: dict[str, Any] = {name: given[name] for name in ("half_life", "prune", "carry")}
    beside: dict[str, Any] = {name: given[name] for name in ("height", "price_range")} | {"view": view}
    shared: dict[str, Any] = {"dynamic": given["dynamic"], "theme": look.theme}

    def panel(name: str) -> Any:
        if name == "ladder":
            options = carried | beside | shared
            words = {"palette": look.palette, "time_zone": given["time_zone"]}
            return ladder_panel(session, width=BESIDE[name], **words, **options)
        if name == "profile":
            return profile_panel(session, width=BESIDE[name], **beside, **shared)
        return delta_panel(session, width=given["width"], time_zone=given["time_zone"], **shared)

    return _arrange(chart, {name: panel(name) for name in PANELS if name in given["panels"]}, look.theme)


def _several(sessions: Sequence[Market], summed: bool, given: dict[str, Any]) -> Any:
    """Sessions added in one chart, or in charts side by side on shared axes."""
    if summed and "ladder" in given["panels"]:
        raise GridError("panels: expected some of ('profile', 'delta') of several sessions, got 'ladder'")
    if summed or len(sessions) == 1:
        return heatmap(Together(sessions) if summed else sessions[0], **given)
    for session in sessions:
        check_market(session, "sessions")
    if given["panels"] or not sessions:
        got = f"panels={given['panels']!r}" if sessions else "no session"
        raise GridError(
            f"heatmap: expected sessions side by side without panels, got {got}. Or pass summed=True"
        )
    begins, ends = zip(*(session.time_range for session in sessions))
    lows, highs = zip(*(session.price_range for session in sessions))
    given["price_range"] = given["price_range"] or (min(lows), max(highs))
    given["width"] = (given["width"] or WIDTH) // len(sessions)
    charts = [heatmap(session, **given) for session in sessions]
    whole = visible((min(begins), max(ends)))
    charts = [_over_time(chart, whole) for chart in charts]
    return _laid_out(charts, len(charts))


def _over_time(chart: Any, whole: Any) -> Any:
    return chart.opts(_options_of(chart)(xlim=whole, backend="bokeh"))


def _options_of(chart: Any) -> Any:
    """What takes the options of a chart: layers over a picture, or the picture alone."""
    layers = isinstance(chart, hv.Overlay) or isinstance(chart.last, hv.Overlay)
    return hv.opts.Overlay if layers else hv.opts.RGB


def _arrange(chart: Any, panels: dict[str, Any], theme: str | Theme) -> hv.Layout:
    """The heatmap, its ladder and profile to the right, its delta below, with the axes they share."""
    beside = [name for name in panels if name in BESIDE]
    row = [chart, *(panels[name] for name in beside)]
    below = (
        [panels["delta"], *(blank_panel(BESIDE[name], theme) for name in beside)] if "delta" in panels else []
    )
    return _laid_out(row + below, len(row))


def _laid_out(charts: list[Any], columns: int) -> hv.Layout:
    """Charts in rows of so many, on shared axes under one toolbar, which is HoloViews' default.

    No options of the layout: they would give all dynamic charts in it the options of one of them, as
    HoloViews' ``propagate_ids`` takes every DynamicMap for a match, and the last wins.
    """
    return hv.Layout(charts).cols(columns)


WIDTH, LEAST = 1200, 40
BESIDE = {"ladder": 150, "profile": 130}
"""Pixels of a chart with panels, the least of a heatmap, and of the panels beside it."""


def _layer(name: str, session: Market, prices: Any, dynamic: bool, theme: str | Theme) -> Any:
    if name == "candles":
        return candle_bars(session, dynamic, theme)
    if name == "bubbles":
        return bubble_points(session, dynamic, theme)
    draw = touch_lines if name == "bbo" else mid_line
    chart = draw(session.spans(), session.time_range, dynamic, theme, prices)
    for spans in getattr(session, "others", []):
        chart = chart * draw(spans, session.time_range, dynamic, theme, prices)
    return chart


def choices(look: Look) -> dict[str, Any]:
    """A look as the parameters of `liquidity`."""
    return {field.name: getattr(look, field.name) for field in fields(look)}


def picture_options(image: Any, meta: Meta, *hooks: Any) -> Any:
    """Tooltip and hooks of the image."""
    return image.opts(
        hv.opts.RGB(
            tools=["hover"],
            hover_tooltips=tooltips(labels.size_unit(meta), labels.price_unit(meta)),
            hooks=list(hooks),
            backend="bokeh",
        )
    )


def frame_options(
    chart: Any,
    meta: Meta,
    times: Any,
    prices: tuple[float, float],
    title: str,
    width: int | None,
    height: int,
    bars: str | None = "right",
    theme: str | Theme = "dark",
    time_zone: str = "UTC",
) -> Any:
    """Axes, ranges, title and theme, and colour bars on the side that ``bars`` names, if any."""
    size = {"responsive": True, "height": height} if width is None else {"width": width, "height": height}
    words = {"title": title, "xlabel": f"time, {time_zone}", "ylabel": f"price, {labels.price_unit(meta)}"}
    ranges = {"xlim": visible(times), "ylim": tuple(prices), "padding": 0, "toolbar": "above"}
    manner = {
        "yaxis": "right",
        "active_tools": ["pan", "wheel_zoom"],
        "show_grid": True,
        "show_legend": False,
    }
    follow = colour_bars(labels.size_unit(meta), bars) if bars else None

    def finish(plot: Any, element: Any) -> None:
        style(plot.state, palettes.theme(theme))
        fresh_tooltip(plot)
        if follow is not None:
            follow(plot, element)
        readable_axes(plot.state, meta.tick_size or 1.0, time_zone)
        zoom_limits(plot.state, meta.tick_size or 1.0)

    return chart.opts(
        _options_of(chart)(**words, **ranges, **manner, **size, hooks=[finish], backend="bokeh")
    )
