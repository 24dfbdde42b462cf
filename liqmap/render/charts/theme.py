"""The theme of liqmap's pictures on bokeh plots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.models import ColorBar, CustomJS, FixedTicker, LinearColorMapper, LogColorMapper

from liqmap.render.charts.internals import tooltip_source
from liqmap.render.charts.tooltip import dress
from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import Look, Scale
from liqmap.render.frames.palettes import DARK, Theme, css, ramp
from liqmap.render.frames.readout import COLUMNS
from liqmap.render.frames.there import LEVELS, greyed
from liqmap.schema import decimals

BAR_COLOURS = 256

CLOCK = """
const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1000
const options = {timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
                 hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3}
const at = {}
const parts = new Intl.DateTimeFormat("en-GB", options).formatToParts(new Date(tick))
for (const part of parts) at[part.type] = part.value
const day = at.month + "-" + at.day
if (step >= 27 * 86400e3) return at.year + "-" + at.month
if (step >= 86400e3) return day
const midnight = at.hour == "00" && at.minute == "00" && at.second == "00" && tick % 1000 == 0
if (midnight) return day
const minutes = at.hour + ":" + at.minute
if (step >= 60e3) return minutes
const seconds = minutes + ":" + at.second
return step >= 1000 ? seconds : seconds + "." + at.fractionalSecond
"""


def style(figure: Any, theme: Theme = DARK) -> None:
    """The colours of a theme on a bokeh figure."""
    # Few shapes lie over the picture. With WebGL each kind of them costs a copy of the whole canvas at every
    # repaint: on a machine without a graphics card a third of a second at each move of a drag.
    figure.output_backend = "canvas"
    figure.toolbar.logo = None
    figure.background_fill_color = figure.border_fill_color = css(theme.background)
    figure.outline_line_color = css(theme.grid)
    figure.title.text_color = css(theme.text)
    for axis in figure.axis:
        axis.axis_line_color = axis.major_tick_line_color = css(theme.grid)
        axis.minor_tick_line_color = None
        axis.major_label_text_color = axis.axis_label_text_color = css(theme.muted)
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "13px"
        axis.axis_label_text_font_style = "normal"
    for grid in figure.grid:
        grid.grid_line_color = css(theme.lines)
        grid.grid_line_alpha = theme.lines_alpha
        grid.level = "overlay"
    dress(figure, theme)


def readable_axes(figure: Any, tick_size: float, time_zone: str = "UTC") -> None:
    """Prices in full with their decimals, times to the millisecond when zoomed in."""
    price_axis(figure, tick_size)
    time_axis(figure, time_zone)


def price_axis(figure: Any, tick_size: float) -> None:
    """Prices in full, with their decimals."""
    from bokeh.models import NumeralTickFormatter

    places = decimals(tick_size)
    figure.yaxis.formatter = NumeralTickFormatter(format="0,0." + "0" * places if places else "0,0")


def time_axis(figure: Any, time_zone: str = "UTC") -> None:
    """Times as clocks of a zone show them, summer time included: the browser knows the tz database."""
    from bokeh.models import CustomJSTickFormatter

    zone = labels.check_zone(time_zone)
    figure.xaxis.formatter = CustomJSTickFormatter(args={"zone": zone}, code=CLOCK)


def size_axis(axis: Any) -> None:
    """Sizes in few characters, such as 12k, as pictures say them."""
    from bokeh.models import CustomJSTickFormatter

    axis.formatter = CustomJSTickFormatter(code=f"{labels.numbers_script()}\nreturn short(tick)")


def tooltips(unit: str, price: str = "", presence: bool = False) -> list[tuple[str, str]]:
    """What the tooltip of the image says, from the columns that `liquidity` adds.

    Parameters
    ----------
    presence : whether it tells how likely it is that a level is still there.
    """
    notional = labels.with_unit("notional", price)
    return [("time", "at"), ("price", "row"), ("side", "side"), (f"size, {unit}", "shown"),
            (notional, "notional"), ("state", "state"), ("age", "age"),
            *([("still there", "there")] if presence else [])]  # fmt: skip


def fresh_tooltip(plot: Any) -> None:
    """Keep the tooltip of the image to the cell under the cursor, which the server looks up.

    Until its first answer HoloViews has nothing, which the browser spells "undefined"; and bokeh shows a copy
    of what was known when the mouse moved, so an answer would show at the next move: a repaint copies anew.
    """
    position = tooltip_source(plot)
    if position is not None and not position.data:
        position.data = dict.fromkeys(COLUMNS, "…") | {"__index__": 0}
        repaint = CustomJS(args={"figure": plot.state}, code="setTimeout(() => figure.change.emit(), 0)")
        position.js_on_change("data", repaint)


BARS = ("liqmap bids", "liqmap asks")
"""Names of the bars of a figure."""

PRESENCE_BAR, SHOWN_AT = "liqmap presence", 0.7
"""Name of the bar that tells how likely a level is still there, and the place on the scale that it shows."""


def colour_bars(unit: str, where: str = "right") -> Callable[[Any, Any], None]:
    """Hook: a bar for each side beside the image, kept to the scale and look of what is in view."""

    def hook(plot: Any, element: Any) -> None:
        images = element.traverse(lambda e: e, ["RGB.Liquidity"])
        if not images:
            return
        about = images[0].data.attrs
        scale, look = about["scale"], about["look"]
        have = {bar.name: bar for bar in (*plot.state.left, *plot.state.right)}
        if BARS[0] not in have:
            order = BARS if where == "right" else BARS[::-1]  # the next stands further out: bids left of asks
            have = {name: _bar(plot.state, look.colours, where, name) for name in order}
        bars = [have[name] for name in BARS]
        sizes = Scale(scale.low, scale.high, _axis(scale)).size([0.0, 0.25, 0.5, 0.75, 1.0])
        for side, bar in enumerate(bars):
            kind = LinearColorMapper if scale.scaling == "linear" else LogColorMapper
            colours = bar_colours(look, scale, side)
            if type(bar.color_mapper) is not kind:
                bar.color_mapper = kind(palette=colours)
            bar.visible = side in look.sides
            bar.title = f"{('bids', 'asks')[side]}, {unit}{about['per']}"
            bar.color_mapper.update(low=scale.low, high=scale.high, palette=colours)
            bar.ticker = FixedTicker(ticks=list(sizes))
            bar.major_label_overrides = {float(s): labels.short(s) for s in sizes}
        if about.get("by_presence"):
            bar = have.get(PRESENCE_BAR) or _bar(plot.state, look.colours, where, PRESENCE_BAR)
            bar.title = "still there, %"
            bar.color_mapper.update(low=0, high=100, palette=presence_colours(look))

    return hook


def presence_colours(look: Look) -> list[str]:
    """Colours of one size from surely gone to surely there, of the first side that is drawn."""
    side = next(iter(look.sides), 0)
    colour = ramp(side, look.palette, look.colours, BAR_COLOURS)[int(SHOWN_AT * BAR_COLOURS)]
    return [css(greyed(colour, share, look.colours)) for share in np.linspace(0.0, 1.0, LEVELS)]


def bar_colours(look: Look, scale: Scale, side: int) -> list[str]:
    """Colours of a bar along which sizes, or their logs, rise evenly."""
    sizes = Scale(scale.low, scale.high, _axis(scale)).size(np.linspace(0.0, 1.0, BAR_COLOURS))
    table = ramp(side, look.palette, look.colours, BAR_COLOURS)
    return [css(c) for c in table[np.rint(scale.place(sizes) * (BAR_COLOURS - 1)).astype(int)]]


def _axis(scale: Scale) -> str:
    return "linear" if scale.scaling == "linear" else "log"


def _bar(figure: Any, theme: Theme, where: str, name: str) -> Any:
    bar = ColorBar(
        name=name,
        color_mapper=LinearColorMapper(palette=["#000000"], low=0, high=1),
        width=10,
        padding=6,
        margin=4,
        background_fill_color=None,
        bar_line_color=None,
        major_label_text_color=css(theme.muted),
        title_text_color=css(theme.muted),
        title_text_font_style="normal",
        title_text_font_size="12px",
        major_tick_line_color=None,
    )
    figure.add_layout(bar, where)
    return bar
