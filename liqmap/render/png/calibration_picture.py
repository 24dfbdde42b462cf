"""`calibration_picture`: which half-life a market has, as a PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics import Calibration
from liqmap.files import check_name
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.render.png.sheet import Sheet
from liqmap.render.png.writing import ENDINGS
from liqmap.schema import SessionError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIGH = 1330
"""Pixels from top to bottom beside 1600 across."""

LINE, LINES = 86, 10
"""Characters of a line of the sentence; lines of it before it goes on beside."""

SAID = "time", "half-life", "prune", "error", "out of sample", "fitted", "beyond"
"""Facts that stand in the heading or the sentence."""

LARGEST, LEAST = 16, 4
"""Pixels across the dot of the group with most levels, and of the least."""


def calibration_picture(
    calibration: Calibration, path: str | Path, width: int = 1600, theme: str | palettes.Theme = "dark"
) -> Path:
    """Draw the error surface, the error by half-life, what came back, how right presence is, and the answer.

    Parameters
    ----------
    calibration : of `liqmap.calibrate`.
    path : where to write it, ``.png`` or ``.jpg``; it appears complete or not at all.
    width : pixels; the height is 133 of 160 parts of it.
    theme : ``dark`` or ``light``.

    Raises
    ------
    SessionError : no calibration; GridError : no such theme; LiqmapError : no such directory, another ending.
    """
    if not isinstance(calibration, Calibration):
        expected = "what lm.calibrate returns"
        raise SessionError(where="calibration_picture", expected=expected, got=type(calibration).__name__)
    path = check_name(path, *ENDINGS)
    sheet = Sheet(width, width * HIGH / 1600, palettes.theme(theme), HIGH)
    _heading(sheet, calibration)
    _surface(sheet, calibration)
    _curves(sheet, calibration)
    _retention(sheet, calibration)
    draw_presence(sheet, calibration)
    _numbers(sheet, calibration)
    sheet.save(path)
    return path


def _heading(sheet: Sheet, found: Calibration) -> None:
    begin, end = np.array(found.time_range).view("datetime64[ns]")
    sheet.write(60, 58, f"{labels.market(found.meta)}: which half-life?", 27, sheet.theme.text, weight="bold")
    sheet.write(60, 90, labels.span_words(begin, end), 15, sheet.theme.muted)
    what = f"{found.view or 'all'} levels a side judged by {found.depth or 'the whole book'}"
    sheet.write(1560, 90, what, 15, sheet.theme.muted, ha="right")


def _surface(sheet: Sheet, found: Calibration) -> None:
    """Errors by half-life and prune: bright is good; the best is framed, those as good have a dot."""
    from matplotlib.colors import ListedColormap

    cube, best, theme = found.measures, found.best, sheet.theme
    lives, prunes = cube["half_life"].values.tolist(), cube["prune"].values.tolist()
    error = cube["error"].values
    sheet.write(60, 140, "error by half-life and prune", 19, theme.text, weight="bold")
    sheet.write(750, 140, "framed: the best; ·: as good", 13, theme.muted, ha="right")
    axes = sheet.axes(130, 165, 620, 340)
    colours = ListedColormap(palettes.ramp(0, theme=theme)[40:][::-1] / 255)
    top = max(float(min(error.max(), 1.2)), float(error.min()) + 1e-9)
    axes.imshow(error.T, cmap=colours, vmin=error.min(), vmax=top, aspect="auto", origin="lower")
    axes.grid(False)
    poor = error > (float(error.min()) + top) / 2
    for h in range(len(lives)):
        for p in range(len(prunes)):
            colour = palettes.css(theme.text if poor[h, p] else theme.background)
            dot = "·" if cube["flat"].values[h, p] else ""
            axes.text(h, p, f"{error[h, p]:.2f}{dot}", ha="center", va="center", color=colour,
                      fontsize=sheet.points(12.5))  # fmt: skip
    if best.prune in prunes:
        at = lives.index(best.half_life) - 0.5, prunes.index(best.prune) - 0.5
        from matplotlib.patches import Rectangle

        axes.add_patch(
            Rectangle(at, 1, 1, fill=False, edgecolor=palettes.css(theme.ghost), linewidth=sheet.points(3))
        )
    axes.set_xticks(range(len(lives)), lives)
    axes.set_yticks(range(len(prunes)), prunes)
    sheet.label(axes, "half-life", "prune")


def _curves(sheet: Sheet, found: Calibration) -> None:
    """Errors by half-life under the best prune, on all of the time and on the second part, with baselines."""
    cube, best, theme = found.measures, found.best, sheet.theme
    lives, x = cube["half_life"].values.tolist(), np.arange(cube.sizes["half_life"])
    prune = best.prune if best.prune in cube["prune"].values else "none"
    line, blue = cube.sel(prune=prune), palettes.css(palettes.ramp(0, theme=theme)[217])
    orange = palettes.css(palettes.ramp(1, theme=theme)[217])
    sheet.write(840, 140, "error by half-life", 19, theme.text, weight="bold")
    axes = sheet.axes(910, 165, 620, 340)
    axes.fill_between(
        x, line["low"], line["high"], color=blue, alpha=0.25, linewidth=0, label=f"{found.level:.0%} interval"
    )
    style: dict[str, Any] = {"linewidth": sheet.points(2.2)}
    axes.plot(x, line["error"], color=blue, label=f"prune {prune}", **style)
    axes.plot(x, line["out_of_sample"], color=blue, linestyle="dashed", label="on the second part", **style)
    if prune != "none":
        axes.plot(x, cube["error"].sel(prune="none"), color=orange, label="no prune", **style)
    top = max(1.08, 1.05 * float(np.nanmax(line["high"])))
    for name, value in (("drop", best.drop), ("never decay", best.hold), ("occupancy", best.occupancy)):
        if value < top:
            axes.axhline(
                value, color=palettes.css(theme.muted), linewidth=sheet.points(1.2), linestyle="dotted"
            )
            _label(sheet, axes, value, name, left=name == "occupancy")
    if np.isfinite(late := found.late):
        colour = palettes.css(theme.text)
        style |= {"color": colour, "linestyle": "dashed", "label": "fitted, on the second part"}
        axes.axhline(late, **style)
    axes.set_ylim(None, top)
    axes.set_xlim(-0.4, x[-1] + 0.4)
    axes.set_xticks(x, lives)
    sheet.label(axes, "half-life", "|carried - true| / true")
    sheet.legend(axes, "best")


def _label(sheet: Sheet, axes: Axes, y: float, words: str, left: bool) -> None:
    """Words on a line at one of its ends."""
    style: dict[str, Any] = {"color": palettes.css(sheet.theme.muted), "fontsize": sheet.points(12.5)}
    x, side = (0.01, "left") if left else (0.99, "right")
    axes.text(x, y, words, ha=side, va="bottom", transform=axes.get_yaxis_transform(), **style)


def _retention(sheet: Sheet, found: Calibration) -> None:
    """What is still there as it comes back, by distance, and how sure that is."""
    table, theme = found.retention, sheet.theme
    sheet.write(60, 590, "still there as it comes back into the window", 19, theme.text, weight="bold")
    axes = sheet.axes(130, 615, 620, 300)
    used = table[table["returned"] > 0]
    ages = sorted(used["age_low"].unique())
    for k, (low, mine) in enumerate(used.groupby("distance_low")):
        x = [ages.index(a) for a in mine["age_low"]]
        colour = palettes.css(palettes.ramp(k % 2, theme=theme)[(217, 217, 150)[k % 3]])
        far = mine["distance_high"].iloc[0]
        name = f"{low:.3g} to {far:.3g} bp" if np.isfinite(far) else f"{low:.3g} bp and more"
        axes.fill_between(x, mine["low"], mine["high"], color=colour, alpha=0.2, linewidth=0)
        axes.plot(
            x,
            mine["retention"],
            color=colour,
            label=name,
            linewidth=sheet.points(2.2),
            marker="o",
            markersize=sheet.points(5),
        )
    axes.set_ylim(0, 1.03)
    axes.set_xticks(range(len(ages)), [f"{a:g}" for a in ages])
    sheet.label(axes, "out of sight for so many seconds or more", "share of levels")
    if ages:
        sheet.legend(axes, "lower left")


def draw_presence(sheet: Sheet, found: Calibration) -> None:
    """Groups of levels: how many were said to be there, and how many were; orange outside its interval."""
    theme = sheet.theme
    sheet.write(840, 590, "still there: said and seen", 19, theme.text, weight="bold")
    if (judged := found.presence_reliability) is None:
        sheet.write(840, 628, "too short a time to say", 15, theme.muted)
        return
    axes, muted = sheet.axes(910, 615, 620, 300), palettes.css(theme.muted)
    groups = judged.groups.sort_values("levels", ascending=False)
    axes.plot([0, 1], [0, 1], color=muted, linestyle="dotted", linewidth=sheet.points(1.2))
    thin: dict[str, Any] = {"color": muted, "alpha": 0.3, "linewidth": sheet.points(1)}
    axes.vlines(
        groups["predicted"], groups["low"], groups["high"], label=f"{found.level:.0%} interval", **thin
    )
    share = groups["levels"] / max(groups["levels"].max(), 1)
    across = sheet.points(1) * (LEAST + (LARGEST - LEAST) * np.sqrt(share))
    for side, (holds, name) in enumerate(((True, "inside"), (False, "outside its interval"))):
        some = (groups["inside"] == holds).to_numpy()
        look: dict[str, Any] = {"color": palettes.css(palettes.ramp(side, theme=theme)[217]), "alpha": 0.75}
        look |= {"s": across[some] ** 2, "linewidths": 0, "label": f"{name}: {np.count_nonzero(some)}"}
        axes.scatter(groups["predicted"][some], groups["there"][some], **look)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.03, 1.05)
    sheet.label(axes, "said to be still there", "share that was, on the second part")
    sheet.legend(axes, "upper left")


def _numbers(sheet: Sheet, found: Calibration) -> None:
    """The answer in words, and its figures."""
    import textwrap

    sheet.write(60, 1000, "the answer", 19, sheet.theme.text, weight="bold")
    y = 1038.0
    for name, value in (fact for fact in found.facts() if fact[0] not in SAID):
        sheet.write(840, y, name, 15, sheet.theme.muted)
        sheet.write(990, y, value, 15, sheet.theme.text)
        y += 28
    lines = textwrap.wrap(found.sentence, LINE)
    for begin, x, top in ((0, 60, 1038), (LINES, 840, y + 14)):
        for k, line in enumerate(lines[begin : begin + LINES]):
            sheet.write(x, top + 26 * k, line, 15, sheet.theme.text)
