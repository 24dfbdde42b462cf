"""How right a presence is, and how much of a size is there, as charts: what was said beside what was."""

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
    from liqmap.analytics.calibration.sizes import SizeCoverage

WIDTH, HEIGHT = 460, 420
LARGEST, LEAST = 18, 4
"""Pixels across the dot of the group with most levels, and of the least."""

AGES_SHOWN = 1.0, 30.0, 300.0
"""s, of which the groups that begin nearest are shown in a chart of sizes."""

OPEN_ENDS = 1e-3, 1e3
"""Ratios at which ends without one are drawn."""


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


def sizes_chart(judged: SizeCoverage, theme: str | Theme = "dark") -> hv.Layout:
    """What is there of a carried size, by that size and three ages: above, of what is there, the interval of
    true / last size; below how many are gone, a cross what was said and a dot what was found.

    Of the distance with most levels. A bar whose levels were inside less often than in 80 of 100 is thin.
    """
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    colours, chosen = named(theme), _shown(judged.groups)
    bars, gone, extent = [], [], _across(judged.groups)
    for k, (age, groups) in enumerate(chosen):
        colour = css(ramp(0, theme=colours)[(110, 170, 240)[k]])
        x = _middles(groups, extent) * 10 ** (0.035 * (k - (len(chosen) - 1) / 2))
        bars.append(_bars(x, groups, colour, age))
        gone += _gone(x, groups, colour)
    one = hv.Curve([(extent[0], 1), (extent[1], 1)], "last size", "true / last size")
    bars.append(one.opts(color=css(colours.muted), line_width=1, line_dash="dotted", backend="bokeh"))
    title = f"if anything is there: {judged.inside:.0%} within the interval"
    above = hv.Overlay(bars).opts(
        width=WIDTH, height=HEIGHT * 3 // 4, logx=True, logy=True, xlim=extent, ylim=_reached(chosen),
        legend_position="top", legend_cols=3,
        xlabel="last size", ylabel="true / last size", title=title, backend="bokeh",
    )  # fmt: skip
    below = hv.Overlay(gone).opts(
        width=WIDTH, height=HEIGHT // 2, logx=True, xlim=extent, ylim=(-0.03, 1.03),
        xlabel="last size", ylabel="nothing there", title="gone: said (cross), found (dot)", backend="bokeh",
    )  # fmt: skip
    each = [with_hooks(chart, _styled(colours)) for chart in (above, below)]
    return hv.Layout(each).cols(1).opts(hv.opts.Layout(shared_axes=False, backend="bokeh"))


def _shown(groups: Any) -> list[tuple[str, Any]]:
    """Groups of the distance with most levels, of up to three ages, with the words of each age."""
    if not len(groups):
        return []
    counts = groups.groupby("distance_low")["levels"].sum()
    near = groups[groups["distance_low"] == counts.idxmax()]
    begins = np.unique(near["age_low"])
    chosen = sorted({float(begins[np.argmin(np.abs(np.log((begins + 0.3) / age)))]) for age in AGES_SHOWN})
    found = []
    for begin in chosen:
        some = near[near["age_low"] == begin]
        low, high = begin, float(some["age_high"].iloc[0])
        words = f"from {low:.0f} s" if np.isinf(high) else f"{low:.0f} to {high:.0f} s"
        found.append((words, some))
    return found


def _across(groups: Any) -> tuple[float, float]:
    """From a half of the least edge between sizes to twice the largest."""
    edges = np.concatenate([groups["size_low"], groups["size_high"]]).astype(float)
    inner = edges[(edges > 0) & np.isfinite(edges)]
    return (float(inner.min()) / 2, float(inner.max()) * 2) if len(inner) else (0.5, 2.0)


def _reached(chosen: list[tuple[str, Any]]) -> tuple[float, float]:
    """The ratios that are shown: a decade either side of 1, or what the intervals reach."""
    low = min((float(groups["low"].min()) for _, groups in chosen), default=1.0)
    high = max((float(groups["high"].max()) for _, groups in chosen), default=1.0)
    return max(min(low, 0.2), OPEN_ENDS[0]) / 2, min(max(high, 5.0), OPEN_ENDS[1]) * 2


def _middles(groups: Any, extent: tuple[float, float]) -> np.ndarray:
    low, high = (np.clip(groups[name].to_numpy(float), *extent) for name in ("size_low", "size_high"))
    return np.sqrt(low * high)


def _bars(x: np.ndarray, groups: Any, colour: str, age: str) -> hv.Segments:
    """The interval of each group."""
    low, high = (np.clip(groups[name].to_numpy(float), *OPEN_ENDS) for name in ("low", "high"))
    same = high <= low * 1.02  # nothing changed: a bar that can be seen
    low, high = np.where(same, low / 1.06, low), np.where(same, high * 1.06, high)
    wide = np.where(groups["inside"].to_numpy(float) < 0.8, 2.0, 6.0)
    told = [groups[name].to_numpy() for name in ("inside", "levels")]
    columns = (x, low, x, high, *told, wide)
    bars = hv.Segments(columns, ["last size", "low", "at", "high"], ["inside", "levels", "wide"], label=age)
    return bars.opts(color=colour, line_width="wide", tools=["hover"], backend="bokeh")


def _gone(x: np.ndarray, groups: Any, colour: str) -> list[Any]:
    """What was said of nothing being there, and what was found."""
    said = hv.Points((x, groups["nothing"]), ["last size", "nothing"])
    was = hv.Points((x, groups["gone"]), ["last size", "nothing"])
    look: dict[str, Any] = {"color": colour, "backend": "bokeh"}
    return [said.opts(marker="x", size=9, line_width=2, **look), was.opts(size=7, alpha=0.8, **look)]


def _styled(colours: Theme) -> Any:
    """A hook that dresses the figure and its legend."""

    def hook(plot: Any, element: Any) -> None:
        style(plot.state, colours)
        for legend in plot.state.legend:
            legend.background_fill_color, legend.border_line_color = css(colours.background), None
            legend.background_fill_alpha = 0.6
            legend.label_text_color = css(colours.text)

    return hook
