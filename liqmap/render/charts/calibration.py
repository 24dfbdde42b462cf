"""A calibration as a chart: the error surface with the best point, and the error by half-life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np
from bokeh.models import Span

from liqmap.analytics.calibration.fitted import weight_steps
from liqmap.analytics.calibration.standing import standing
from liqmap.render.charts.panels import with_hooks
from liqmap.render.charts.theme import style
from liqmap.render.frames.palettes import Theme, css, ramp
from liqmap.render.frames.palettes import theme as named

if TYPE_CHECKING:
    from liqmap.analytics import Calibration
    from liqmap.carry import HalfLife

WIDTH, HEIGHT = 460, 340
"""Pixels of each."""

NOW = "looked at now"
"""Name of the marks of the half-life and prune that a page has at the moment."""


def calibration_chart(calibration: Calibration, theme: str | Theme = "dark") -> hv.Layout:
    """The surface of a calibration, and beside it the errors of the best prune with the baselines.

    On the surface a ring is the best point, and dots are those that the data cannot tell from it. Beside it a
    band is the interval of each error. Where a model was fitted, a third shows what it weighs, by size.
    """
    load()
    colours = named(theme)
    chart = surface_chart(calibration, colours) + error_chart(calibration, colours)
    if calibration.learnt is not None:
        chart += weight_chart(calibration, colours)
    return chart.opts(hv.opts.Layout(shared_axes=False, backend="bokeh"))


def load() -> None:
    """Make ready what draws, which takes a second."""
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)


def calibration_figures(calibration: Calibration, theme: str | Theme, now: HalfLife | None) -> list[Any]:
    """The same as figures of bokeh that fill their width, with a cross at the half-life and prune that a page
    has now (`stand` moves it)."""
    colours = named(theme)
    figures = [hv.render(chart, backend="bokeh") for chart in calibration_chart(calibration, colours)]
    surface, errors = figures[:2]
    look: dict[str, Any] = {"line_color": css(ramp(1, theme=colours)[217]), "line_width": 3, "name": NOW}
    surface.scatter(x=[], y=[], marker="x", size=17, **look)
    errors.add_layout(Span(dimension="height", **look | {"line_dash": [5, 4], "line_width": 2}))
    for figure in figures:
        figure.update(sizing_mode="stretch_width", toolbar_location=None)
        figure.toolbar.active_drag = figure.toolbar.active_scroll = None
    stand(figures, calibration, now)
    return figures


def stand(figures: list[Any], calibration: Calibration, now: HalfLife | None) -> None:
    """Move the cross of `calibration_figures`; None takes it away."""
    surface, errors = figures[:2]
    errors.select_one({"name": NOW}).visible = now is not None
    if now is None:
        surface.select_one({"name": NOW}).data_source.data = {"x": [], "y": []}
        return
    at, cube = standing(calibration, now), calibration.measures
    x, y = (
        _beside(cube[dim].values.tolist(), place)
        for dim, place in (("half_life", at.half_life), ("prune", at.prune))
    )
    surface.select_one({"name": NOW}).data_source.data = {"x": [x], "y": [y]}
    errors.select_one({"name": NOW}).location = at.half_life


def _beside(names: list[str], place: float) -> tuple[str, float]:
    """A place on an axis of names as bokeh takes it: the nearest name, and how far from it."""
    nearest = min(max(round(place), 0), len(names) - 1)
    return names[nearest], place - nearest


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
            left = name == "occupancy"  # which is often near to one of the others
            ends = (x[0], "left") if left else (x[-1], "right")
            label = hv.Text(ends[0], value, name, halign=ends[1], valign="bottom", fontsize=9)
            drawn.append(label.opts(color=muted, backend="bokeh"))
    if np.isfinite(late := calibration.late):
        ends = hv.Curve(
            ([x[0], x[-1]], [late, late]), "half-life", "error", label="fitted, on the second part"
        )
        drawn.append(ends.opts(color=css(colours.text), line_width=2, line_dash="dashed", backend="bokeh"))
    shown = [*line["low"].values, *line["high"].values, best.drop]
    shown += [late] if np.isfinite(late) else []
    chart = hv.Overlay(drawn).opts(
        ylim=_with_room(float(np.nanmin(shown)), float(np.nanmax(shown))),
        legend_position="top_left", legend_cols=3, xticks=list(zip(x.tolist(), lives)), xrotation=45,
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
        logx=True, ylim=(-0.02, 1.2), legend_position="top_left", legend_cols=3, xlabel="size last seen",
        ylabel="weight", title=f"fitted model: {verdict}", backend="bokeh", **_size(),
    )  # fmt: skip
    return with_hooks(chart, _styled(colours))


def _with_room(low: float, high: float) -> tuple[float, float]:
    """Limits with room for a legend above all that is drawn."""
    return low - 0.04 * (high - low) - 0.01, high + 0.22 * (high - low) + 0.01


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
            legend.background_fill_alpha = 0.7
            legend.label_text_color = css(colours.text)
        for bar in figure.right:
            if hasattr(bar, "major_label_text_color"):
                bar.background_fill_color = css(colours.background)
                bar.major_label_text_color = css(colours.muted)
                bar.title = None  # that of the figure says it

    return hook
