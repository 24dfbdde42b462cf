"""A calibration as a chart: the error surface with the best point, and the error by half-life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np

from liqmap.analytics.calibration.fitted import weight_steps
from liqmap.render.charts.panels import with_hooks
from liqmap.render.charts.theme import style
from liqmap.render.frames.palettes import Theme, css, ramp
from liqmap.render.frames.palettes import theme as named

if TYPE_CHECKING:
    from liqmap.analytics import Calibration

WIDTH, HEIGHT = 460, 340
"""Pixels of each."""


def calibration_chart(calibration: Calibration, theme: str | Theme = "dark") -> hv.Layout:
    """The surface of a calibration, and beside it the errors of the best prune with the baselines.

    On the surface a ring is the best point, and dots are those that the data cannot tell from it. Beside it a
    band is the interval of each error. Where a model was fitted, a third shows what it weighs, by size.
    """
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    colours = named(theme)
    chart = surface_chart(calibration, colours) + error_chart(calibration, colours)
    if calibration.learnt is not None:
        chart += weight_chart(calibration, colours)
    return chart.opts(hv.opts.Layout(shared_axes=False, backend="bokeh"))


def surface_chart(calibration: Calibration, colours: Theme) -> hv.Overlay:
    """Errors by half-life and prune."""
    cube, best = calibration.measures, calibration.best
    lives, prunes = cube["half_life"].values.tolist(), cube["prune"].values.tolist()
    error, late, flat = (cube[name].values.tolist() for name in ("error", "out_of_sample", "flat"))
    places = [(h, p) for h in range(len(lives)) for p in range(len(prunes))]
    rows = [(lives[h], prunes[p], error[h][p], late[h][p]) for h, p in places]
    cells = hv.HeatMap(rows, ["half-life", "prune"], ["error", "out of sample"])
    palette = [css(c) for c in ramp(0, theme=colours)[40:][::-1]]  # bright is good
    looks: dict[str, Any] = {"cmap": palette, "colorbar": True, "tools": ["hover"], "xrotation": 45}
    looks["title"] = (
        f"error: {calibration.view or 'all'} levels judged by {calibration.depth or 'the whole book'}"
    )
    cells = with_hooks(cells.opts(backend="bokeh", **looks, **_size()), _styled(colours))
    alike = hv.Points([(lives[h], prunes[p]) for h, p in places if flat[h][p]], ["half-life", "prune"])
    alike = alike.opts(color=css(colours.ghost), size=5, backend="bokeh")
    at = [(best.half_life, best.prune)] if best.prune in prunes else []
    ring = hv.Points(at, ["half-life", "prune"])
    ring = ring.opts(color=None, line_color=css(colours.ghost), line_width=3, size=18, backend="bokeh")
    return cells * alike * ring


def error_chart(calibration: Calibration, colours: Theme) -> hv.Overlay:
    """Errors by half-life under the best prune and without one, their interval, and the baselines."""
    cube, best = calibration.measures, calibration.best
    lives = cube["half_life"].values.tolist()
    x = np.arange(len(lives))
    prune = best.prune if best.prune in cube["prune"].values else "none"
    line = cube.sel(prune=prune)
    blue, orange = (css(ramp(side, theme=colours)[217]) for side in (0, 1))
    drawn: list[Any] = [
        hv.Area((x, line["low"].values, line["high"].values), "half-life", ["error", "high"]).opts(
            color=blue, fill_alpha=0.25, line_alpha=0, backend="bokeh"
        ),
        _curve(x, line["error"], f"prune {prune}", blue),
        _curve(x, line["out_of_sample"], "on the second part", blue, "dashed"),
    ]
    if prune != "none":
        drawn.append(_curve(x, cube["error"].sel(prune="none"), "no prune", orange))
    muted = css(colours.muted)
    for name, value in (("drop", best.drop), ("never decay", best.hold), ("occupancy", best.occupancy)):
        if value <= 2:  # a line far above would flatten the rest; the table has it
            drawn.append(hv.HLine(value).opts(color=muted, line_dash="dotted", line_width=1, backend="bokeh"))
            label = hv.Text(x[-1], value, name, halign="right", valign="bottom", fontsize=9)
            drawn.append(label.opts(color=muted, backend="bokeh"))
    if np.isfinite(late := calibration.late):
        accent = css(colours.text)
        drawn.append(hv.HLine(late).opts(color=accent, line_dash="dashed", line_width=2, backend="bokeh"))
        label = hv.Text(x[0], late, "fitted, on the second part", halign="left", valign="top", fontsize=9)
        drawn.append(label.opts(color=accent, backend="bokeh"))
    shown = [*line["low"].values, *line["high"].values, best.drop]
    shown += [late] if np.isfinite(late) else []
    chart = hv.Overlay(drawn).opts(
        ylim=(float(np.nanmin(shown)) - 0.03, float(np.nanmax(shown)) + 0.05),
        legend_position="bottom_left", xticks=list(zip(x.tolist(), lives)), xrotation=45,
        ylabel="error, of the true size", title="by half-life", backend="bokeh", **_size(),
    )  # fmt: skip
    return with_hooks(chart, _styled(colours))


def weight_chart(calibration: Calibration, colours: Theme) -> hv.Overlay:
    """What the fitted model weighs, by size, at a few ages."""
    steps = weight_steps(calibration.learnt)
    drawn = []
    for k, (name, (sizes, weights)) in enumerate(steps.items()):
        curve = hv.Curve((sizes, weights), "size", "weight", label=name)
        shade = css(ramp(0, theme=colours)[(235, 170, 105)[k % 3]])
        drawn.append(curve.opts(color=shade, line_width=2, backend="bokeh"))
    verdict = "recommended" if calibration.recommended else "not recommended"
    chart = hv.Overlay(drawn).opts(
        logx=True, ylim=(-0.02, 1.05), legend_position="top_left", xlabel="size last seen",
        ylabel="weight", title=f"fitted model: {verdict}", backend="bokeh", **_size(),
    )  # fmt: skip
    return with_hooks(chart, _styled(colours))


def _curve(x: np.ndarray, values: Any, name: str, colour: str, dash: str = "solid") -> hv.Curve:
    curve = hv.Curve((x, values.values), "half-life", "error", label=name)
    return curve.opts(color=colour, line_width=2, line_dash=dash, backend="bokeh")


def _size() -> dict[str, int]:
    return {"width": WIDTH, "height": HEIGHT}


def _styled(colours: Theme) -> Any:
    """A hook that dresses the figure, its legend and its bar of colours."""

    def hook(plot: Any, element: Any) -> None:
        figure = plot.state
        style(figure, colours)
        for legend in figure.legend:
            legend.background_fill_color, legend.border_line_color = css(colours.background), None
            legend.label_text_color = css(colours.text)
        for bar in figure.right:
            if hasattr(bar, "major_label_text_color"):
                bar.background_fill_color = css(colours.background)
                bar.major_label_text_color = css(colours.muted)

    return hook
