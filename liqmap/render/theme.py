"""The dark of liqmap's pictures on bokeh plots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.models import ColorBar, FixedTicker, LinearColorMapper, LogColorMapper

from liqmap.schema import decimals

from . import labels, palettes
from .colour import Scale


def style(figure: Any) -> None:
    """The dark on a bokeh figure."""
    figure.toolbar.logo = None
    background = palettes.css(palettes.BACKGROUND)
    figure.background_fill_color = figure.border_fill_color = background
    figure.outline_line_color = palettes.css(palettes.GRID)
    figure.title.text_color = palettes.css(palettes.TEXT)
    for axis in figure.axis:
        axis.axis_line_color = axis.major_tick_line_color = palettes.css(palettes.GRID)
        axis.minor_tick_line_color = None
        axis.major_label_text_color = axis.axis_label_text_color = palettes.css(palettes.MUTED)
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "13px"
        axis.axis_label_text_font_style = "normal"
    for grid in figure.grid:
        grid.grid_line_color = "white"
        grid.grid_line_alpha = 0.055
        grid.level = "overlay"


def readable_axes(figure: Any, tick_size: float) -> None:
    """Prices in full with their decimals, times to the millisecond when zoomed in."""
    from bokeh.models import DatetimeTickFormatter, NumeralTickFormatter

    places = decimals(tick_size)
    figure.yaxis.formatter = NumeralTickFormatter(format="0,0." + "0" * places if places else "0,0")
    figure.xaxis.formatter = DatetimeTickFormatter(
        milliseconds="%H:%M:%S.%3N", seconds="%H:%M:%S", minsec="%H:%M:%S", minutes="%H:%M", hourmin="%H:%M",
        hours="%H:%M", days="%m-%d", months="%Y-%m", years="%Y",
    )  # fmt: skip


def tooltips(unit: str) -> list[tuple[str, str]]:
    """What the tooltip of the image says, from the columns that `liquidity` adds."""
    return [("time", "at"), ("price", "row"), (f"size, {unit}", "shown"), ("side", "kind")]


def colour_bars(unit: str) -> Callable[[Any, Any], None]:
    """Hook: a bar for each side beside the image, kept to the scale of what is in view."""

    def hook(plot: Any, element: Any) -> None:
        images = element.traverse(lambda e: e, ["RGB"])
        if not images:
            return
        scale = images[0].data.attrs
        bars = plot.handles.get("liqmap_bars")
        if bars is None:
            bars = plot.handles["liqmap_bars"] = [_bar(plot.state, side) for side in (0, 1)]
        for side, bar in enumerate(bars):
            kind = LogColorMapper if scale["log"] else LinearColorMapper
            if type(bar.color_mapper) is not kind:
                bar.color_mapper = kind(palette=[palettes.css(c) for c in palettes.palette(side)])
            bar.title = f"{('bids', 'asks')[side]}, {unit}{scale['per']}"
            bar.color_mapper.update(low=scale["low"], high=scale["high"])
            sizes = Scale(scale["low"], scale["high"], scale["log"]).size([0.0, 0.25, 0.5, 0.75, 1.0])
            bar.ticker = FixedTicker(ticks=list(sizes))
            bar.major_label_overrides = {float(s): labels.short(s) for s in sizes}

    return hook


def _bar(figure: Any, side: int) -> Any:
    mapper = LinearColorMapper(palette=[palettes.css(c) for c in palettes.palette(side)], low=0, high=1)
    bar = ColorBar(
        color_mapper=mapper,
        width=10,
        padding=6,
        margin=4,
        background_fill_color=None,
        bar_line_color=None,
        major_label_text_color=palettes.css(palettes.MUTED),
        title_text_color=palettes.css(palettes.MUTED),
        title_text_font_style="normal",
        title_text_font_size="12px",
        major_tick_line_color=None,
    )
    figure.add_layout(bar, "right")
    return bar
