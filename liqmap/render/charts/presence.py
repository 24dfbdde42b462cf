"""How right a presence is as a chart: what was there beside what was said of it, with the intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from liqmap.render.charts.panels import with_hooks
from liqmap.render.charts.theme import style
from liqmap.render.frames.palettes import Theme, css, ramp
from liqmap.render.frames.palettes import theme as named

if TYPE_CHECKING:
    from liqmap.analytics.calibration.presence import Reliability

WIDTH, HEIGHT = 460, 420
LARGEST, LEAST = 18, 4
"""Pixels across the dot of the group with most levels, and of the least."""


def presence_chart(
    judged: Reliability, theme: str | Theme = "dark", title: str = "still there"
) -> hv.Overlay:
    """Groups of levels: how many were said to be there, and how many were.

    On the diagonal all are as said. A dot is a group of one age, distance and size, as large as its levels
    are many; a line through the diagonal is its interval, and the dot is orange where it is outside.
    """
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    colours = named(theme)
    inside, outside = (css(ramp(side, theme=colours)[217]) for side in (0, 1))
    groups = judged.groups.sort_values("levels", ascending=False)
    drawn: list[Any] = [_intervals(groups, css(colours.muted))]
    diagonal = hv.Curve([(0, 0), (1, 1)], "said", "there").opts(color=css(colours.muted), backend="bokeh")
    drawn.append(diagonal.opts(line_width=1, line_dash="dotted", backend="bokeh"))
    largest = max(float(groups["levels"].max()) if len(groups) else 1.0, 1.0)
    for holds, colour, name in ((True, inside, "inside"), (False, outside, "outside its interval")):
        some = groups[groups["inside"] == holds]
        drawn.append(_dots(some, largest, colour, f"{name}: {len(some)}"))
    chart = hv.Overlay(drawn).opts(
        width=WIDTH, height=HEIGHT, xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), legend_position="top_left",
        xlabel="said to be there", ylabel="share that was there",
        title=f"{title}: right to {judged.error:.1%}, {judged.covered:.0%} inside", backend="bokeh",
    )  # fmt: skip
    return with_hooks(chart, _styled(colours))


def _intervals(groups: Any, colour: str) -> hv.Segments:
    """A line from the low to the high end of each group."""
    x = groups["predicted"]
    lines = hv.Segments((x, groups["low"], x, groups["high"]), ["said", "low", "said end", "high"])
    return lines.opts(color=colour, alpha=0.25, line_width=1, backend="bokeh")


def _dots(groups: Any, largest: float, colour: str, name: str) -> hv.Points:
    size = LEAST + (LARGEST - LEAST) * np.sqrt(groups["levels"].to_numpy(float) / largest)
    told = ["levels", "age", "distance", "size"]
    words = [
        [f"{low:.3g} to {high:.3g}" for low, high in zip(groups[f"{n}_low"], groups[f"{n}_high"])]
        for n in told[1:]
    ]
    columns = (groups["predicted"], groups["there"], groups["levels"], *words, size)
    dots = hv.Points(columns, ["said", "there"], [*told, "across"], label=name)
    return dots.opts(
        color=colour, alpha=0.75, line_color=None, size="across", tools=["hover"], backend="bokeh"
    )


def _styled(colours: Theme) -> Any:
    """A hook that dresses the figure and its legend."""

    def hook(plot: Any, element: Any) -> None:
        style(plot.state, colours)
        for legend in plot.state.legend:
            legend.background_fill_color, legend.border_line_color = css(colours.background), None
            legend.background_fill_alpha = 0.6
            legend.label_text_color = css(colours.text)

    return hook
