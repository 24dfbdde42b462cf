"""`heatmap`: the chart in a notebook, painted anew for every zoom and pan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Unpack

import holoviews as hv

from liqmap.render.charts.element import SpansElement
from liqmap.render.charts.hands import follow_hands
from liqmap.render.charts.ladder import ladder_panel
from liqmap.render.charts.layers import scene
from liqmap.render.charts.operation import liquidity
from liqmap.render.charts.own_panel import own_panel
from liqmap.render.charts.panels import blank_panel, delta_panel, profile_panel, streams_of, view_of
from liqmap.render.charts.theme import colour_bars, fresh_tooltip, readable_axes, style, tooltips
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import check_alone
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.render.frames.market import Market, check_market
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.quiet import times_in_view
from liqmap.render.frames.there import GREYER
from liqmap.render.frames.together import Together
from liqmap.render.frames.within import Within
from liqmap.render.frames.zoom_limits import zoom_limits
from liqmap.render.marks.drawing import AGG, HALF_LIFE, OVERLAYS, PRUNE, ChartOptions, Drawing, check_options
from liqmap.render.marks.panels import OWN, PANELS, Panel, PanelScene, below
from liqmap.render.marks.panels import beside as widths_beside
from liqmap.render.marks.panels import chosen as panels_of
from liqmap.render.marks.registry import shown
from liqmap.schema import GridError
from liqmap.schema.wording import Keyword, Sentence

if TYPE_CHECKING:
    from liqmap.carry import Duration
    from liqmap.schema import Aggregate, Meta


def heatmap(
    session: Market | Sequence[Market],
    half_life: Duration = HALF_LIFE,
    prune: Duration = PRUNE,
    agg: Aggregate = AGG,
    overlays: Sequence[str] = OVERLAYS,
    panels: Sequence[str] = (),
    *,
    look: Look = DEFAULT,
    preset: str | None = None,
    summed: bool = False,
    **options: Unpack[ChartOptions],
) -> hv.DynamicMap | hv.Overlay | hv.Layout:
    """A session's liquidity as a HoloViews object that follows zoom and pan.

    Parameters
    ----------
    session : one; or several, such as venues of one asset, side by side on shared axes.
    half_life, prune, agg : see `rasterize`.
    overlays : of ``bbo`` (best bid and ask), ``mid``, ``bubbles`` (traded volume), ``candles``, ``vwap``
        (with bands), ``poc`` (developing, with the value area), ``footprint``, ``stacking`` (liquidity added
        and pulled), ``trust``, and what else is registered; under candles the heatmap is drawn at 40 % (65 %
        in a light theme) unless the look says less than full opacity itself.
    panels : of ``ladder`` (the book at the right edge of the view) and ``profile`` (volume by price of the
        time in view) on the heatmap's price axis; ``delta``, and any measure of the book as
        `Session.sample` takes it, such as ``imbalance@5`` or ``spread_bps``, on its time axis.
    look : cut-offs, strengths, palette and theme of the colours.
    preset : the name of one of `presets`; what it holds is as if it were said here. Of what it
        holds, beside the look, nothing may be said twice.
    summed : several sessions in one chart: sizes of equal prices added (of ``peak`` the largest of each), the
        best bid and ask of each.
    options : ``carry`` (a model instead of half-life and prune), ``theme`` and ``palette`` (instead of the
        look's), ``time_zone`` (of axis and tooltip), ``time_range`` (in view at first; default the session,
        without quiet ends as in the app unless it was opened with them), ``width`` (pixels of the whole;
        default the width there is, with panels 1200), ``height`` (of the heatmap), ``price_range``,
        ``row_ticks``, ``stable`` (cut the scale of colours from the whole session; default True),
        ``min_trade`` (the smallest trade drawn), ``alerts`` (conditions such as ``imbalance@5 > 0.6``, whose
        alerts are marked: see `Session.alerts`), ``presence`` (a `Presence`, by which what is carried is
        the greyer the less likely it is still there, and the tooltip says how likely),
        ``dynamic`` (False draws once, for a page without a Python behind it). See `ChartOptions`.

    Returns
    -------
    A DynamicMap, or an Overlay without ``dynamic``: compose and ``.opts`` it like any other; with panels a
    Layout.

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune, aggregate, overlay,
    panel, theme, palette, zone or preset, sizes or ranges of which there is no picture. TypeError : no such
    option.
    """
    check_options("heatmap", options, ChartOptions)
    given = {"half_life": half_life, "prune": prune, "agg": agg, "overlays": overlays, "panels": panels}
    is_one = isinstance(session, str) or not isinstance(session, Sequence)
    markets: Any = [session] if is_one else session
    for market in markets:
        check_market(market, "a Session" if is_one else "sessions")
    drawing = Drawing.of({**given, "look": look, **options}, preset, markets)
    return _heatmap(markets[0], drawing) if is_one else _several(markets, summed, drawing)


def _heatmap(session: Market, drawing: Drawing) -> Any:
    """One market, or several as one."""
    beside = sum(pixels for name, pixels in widths_beside().items() if name in drawing.panels)
    drawing.check_view(LEAST + beside)
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    if drawing.panels:
        drawing = replace(drawing, width=(drawing.width or WIDTH) - beside)
    prices = drawing.price_range or session.price_range
    drawing = replace(drawing, price_range=prices)
    spans, others, look = session.spans(), getattr(session, "others", []), drawing.look
    times, whole = times_in_view(session, drawing.time_range), (session.time_range, session.price_range)
    if not drawing.dynamic:
        session = Within(session, times)
    element = SpansElement(spans, time_range=session.time_range, price_range=prices)
    image = liquidity(
        element, dynamic=drawing.dynamic, carry=drawing.carry, agg=drawing.agg, time_zone=drawing.time_zone,
        row_ticks=drawing.row_ticks, stable=drawing.stable, width=drawing.width or WIDTH,
        height=drawing.height, others=others, whole=whole, presence=drawing.presence,
        **choices(look),
    )  # fmt: skip
    if told := drawing.presence is not None:
        check_alone(others)
    chart = picture_options(image, spans.meta, presence=told) if drawing.dynamic else image
    streams = streams_of(image)
    words_of: dict[str, Any] = {"min_trade": drawing.min_trade, "time_zone": drawing.time_zone}
    words_of["alerts"] = drawing.alerts
    over = scene(session, prices, drawing.dynamic, look.theme, view=streams, **words_of)
    for overlay in shown(drawing.overlays):
        chart = chart * overlay.on_chart(over)
    markets = " + ".join(labels.market(s.meta) for s in (spans, *others))
    words = [markets, labels.carry_words(drawing.carry), labels.aggregate_words(drawing.agg, spans.meta)]
    words += [GREYER] if told and look.carried_shown == "fade" else []
    chart = frame_options(chart, spans.meta, times, "  ·  ".join(words), drawing)
    return _with_panels(chart, view_of(image), session, times, drawing) if drawing.panels else chart


def _with_panels(chart: Any, view: Any, session: Market, times: Any, drawing: Drawing) -> hv.Layout:
    """A heatmap with its panels."""
    d, look = drawing, drawing.look
    shared: dict[str, Any] = {"dynamic": d.dynamic, "theme": look.theme}
    beside: dict[str, Any] = {"height": d.height, "price_range": d.price_range, "view": view} | shared

    def panel(about: Panel) -> Any:
        name = about.name
        if name not in OWN:
            prices = d.price_range or session.price_range
            scene = PanelScene(
                session, prices, look.theme, d.carry, look.palette, d.time_zone, alerts=d.alerts
            )
            size = (about.pixels, d.height) if about.shares == "price" else (d.width, about.pixels + LABELS)
            return own_panel(about, scene, d.dynamic, size, times, view)
        if name == "ladder":
            words: dict[str, Any] = {"palette": look.palette, "time_zone": d.time_zone, "carry": d.carry}
            return ladder_panel(session, width=about.pixels, **words, **beside)
        if name == "profile":
            return profile_panel(session, width=about.pixels, **beside)
        return delta_panel(session, width=d.width, time_zone=d.time_zone, time_range=times, **shared)

    return _arrange(chart, {about.name: panel(about) for about in panels_of(d.panels)}, look.theme)


def _several(sessions: Sequence[Market], summed: bool, drawing: Drawing) -> Any:
    """Sessions added in one chart, or in charts side by side on shared axes."""
    of_one = [name for name in drawing.panels if name == "ladder" or name not in PANELS]
    if summed and of_one:
        expected = "some of ('profile', 'delta') of several sessions"
        raise GridError(argument="panels", expected=expected, got=repr(of_one[0]))
    if summed or len(sessions) == 1:
        return _heatmap(Together(sessions) if summed else sessions[0], drawing)
    if drawing.panels or not sessions:
        got = f"panels={drawing.panels!r}" if sessions else "no session"
        remedy = Sentence("Or pass ", Keyword("summed", True))
        expected = "sessions side by side without panels"
        raise GridError(where="heatmap", expected=expected, got=got, remedy=remedy)
    drawing.check_view()
    begins, ends = zip(*(times_in_view(session, drawing.time_range) for session in sessions))
    lows, highs = zip(*(session.price_range for session in sessions))
    prices = drawing.price_range or (min(lows), max(highs))
    each = replace(drawing, price_range=prices, width=(drawing.width or WIDTH) // len(sessions))
    charts = [_heatmap(session, each) for session in sessions]
    charts = [_over_time(chart, (min(begins), max(ends))) for chart in charts]
    return _laid_out(charts, len(charts))


def _over_time(chart: Any, times: Any) -> Any:
    return chart.opts(_options_of(chart)(xlim=times, backend="bokeh"))


def _options_of(chart: Any) -> Any:
    """What takes the options of a chart: layers over a picture, or the picture alone."""
    layers = isinstance(chart, hv.Overlay) or isinstance(getattr(chart, "last", None), hv.Overlay)
    return hv.opts.Overlay if layers else hv.opts.RGB


def _arrange(chart: Any, panels: dict[str, Any], theme: str | Theme) -> hv.Layout:
    """The heatmap, panels of prices to the right, panels of times below, with the axes they share."""
    widths, heights = widths_beside(), below(list(panels))
    beside = [name for name in panels if name in widths]
    rows = [chart, *(panels[name] for name in beside)]
    for name in panels:
        if name in heights:
            blank = {} if name in OWN else {"height": heights[name] + LABELS}
            rows += [panels[name], *(blank_panel(widths[one], theme, **blank) for one in beside)]
    return _laid_out(rows, len(beside) + 1)


def _laid_out(charts: list[Any], columns: int) -> hv.Layout:
    """Charts in rows of so many, on shared axes under one toolbar, which is HoloViews' default.

    No options of the layout: they would give all dynamic charts in it the options of one of them, as
    HoloViews' ``propagate_ids`` takes every DynamicMap for a match, and the last wins.
    """
    return hv.Layout(charts).cols(columns)


LABELS = 46
"""Pixels that times below a panel take."""

WIDTH, LEAST = 1200, 40
"""Pixels of a chart with panels, and the least of a heatmap."""


def choices(look: Look) -> dict[str, Any]:
    """A look as the parameters of `liquidity`."""
    return {field.name: getattr(look, field.name) for field in fields(look)}


def picture_options(image: Any, meta: Meta, *hooks: Any, presence: bool = False) -> Any:
    """Tooltip and hooks of the image; ``presence`` : tell how likely it is still there."""
    return image.opts(
        hv.opts.RGB(
            tools=["hover"],
            hover_tooltips=tooltips(labels.size_unit(meta), labels.price_unit(meta), presence),
            hooks=list(hooks),
            backend="bokeh",
        )
    )


def frame_options(
    chart: Any,
    meta: Meta,
    times: Any,
    title: str,
    drawing: Drawing,
) -> Any:
    """Axes, ranges, title and theme, and colour bars: on the right, or where panels stand there the left."""
    width, height, time_zone = drawing.width, drawing.height, drawing.time_zone
    size = {"responsive": True, "height": height} if width is None else {"width": width, "height": height}
    price = labels.with_unit("price", labels.price_unit(meta))
    words = {"title": title, "xlabel": f"time, {time_zone}", "ylabel": price}
    ranges = {
        "xlim": times,
        "ylim": drawing.price_range,
        "padding": 0,
        "toolbar": "above",
    }
    manner = {
        "yaxis": "right",
        "active_tools": ["pan", "wheel_zoom"],
        "show_grid": True,
        "show_legend": False,
    }
    follow = colour_bars(labels.size_unit(meta), "left" if drawing.panels else "right")

    def finish(plot: Any, element: Any) -> None:
        style(plot.state, drawing.theme)
        fresh_tooltip(plot)
        follow_hands(plot)
        follow(plot, element)
        readable_axes(plot.state, meta.tick_size or 1.0, time_zone)
        zoom_limits(plot.state, meta.tick_size or 1.0)

    options = words | ranges | manner | size
    kinds = _options_of(chart), hv.opts.RGB  # the picture too: what a user lays over it makes a new overlay
    return chart.opts(*(kind(**options, hooks=[finish], backend="bokeh") for kind in dict.fromkeys(kinds)))
