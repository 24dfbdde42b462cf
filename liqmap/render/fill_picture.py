"""`fill_picture`: the original algorithm beside the spans, as a PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.carry import HalfLife, nanoseconds
from liqmap.fill import FillComparison
from liqmap.schema import GridError, SessionError

from . import labels, palettes
from .colour import SHADES, SPREAD, Scale
from .files import check_folder, whole
from .layout import DPI
from .look import DEFAULT, Look
from .sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = (480, 300)
"""Pixels below which the panels would overlap."""
GHOST = palettes.DARK.ghost
RAW, ORIGINAL, OURS = palettes.MUTED, (255, 190, 40), (40, 220, 255)


def fill_picture(
    comparison: FillComparison,
    path: str | Path,
    width: int = 1600,
    height: int = 1000,
    look: Look = DEFAULT,
) -> Path:
    """Draw a comparison of `compare_fill`.

    Above, as heatmaps of time x price: the bucketed snapshots as transmitted; what the original makes of
    them, its ghosts in pink; the spans. Below, in how much of the time a level appears, and how many times
    too large the sizes are.

    Parameters
    ----------
    path : where to write the PNG; it appears complete or not at all.
    width, height : pixels of the file, exactly; at least 480 x 300.
    look : cut-offs and strengths of the colours. The snapshots and the original share a scale, the spans have
        their own: the original's sizes are sums.

    Returns
    -------
    The path.

    Raises
    ------
    SessionError : not a comparison; GridError : too few pixels; LiqmapError : no such directory.
    """
    if not isinstance(comparison, FillComparison):
        raise SessionError(
            f"fill_picture: expected what compare_fill returns, got {type(comparison).__name__}"
        )
    if width < LEAST[0] or height < LEAST[1]:
        raise GridError(f"fill_picture: expected at least {LEAST} pixels, got {(width, height)}")
    path = check_folder(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=palettes.css(palettes.BACKGROUND))
    FigureCanvasAgg(figure)
    sheet = Sheet(figure, min(width / 1600, height / 1000))
    _heading(sheet, comparison)
    _heatmaps(sheet, comparison, look)
    _appearances(sheet, comparison)
    _inflation(sheet, comparison)
    _numbers(sheet, comparison)
    with whole(path) as unfinished:
        figure.savefig(unfinished, format="png", dpi=DPI, facecolor=figure.get_facecolor())
    return path


def _heading(sheet: Sheet, comparison: FillComparison) -> None:
    a, meta = comparison.cells.attrs, comparison.meta
    times = comparison.cells["time_bounds"].values
    fed = (
        f"{a['levels']} levels a side every {_words(a['every'])}, summed per "
        f"{_words(a['bucket'])} × {a['bin']:g} {labels.price_unit(meta)}"
    )
    carry = (
        f"carried by {a['carry']}"
        if "carry" in a
        else labels.carry_words(HalfLife(a["half_life"], a["prune"]))
    )
    sheet.write(28, 48, labels.market(meta), 27, palettes.TEXT, weight="bold")
    sheet.write(28, 76, labels.span_words(times[0, 0], times[-1, 1]), 15, palettes.MUTED)
    sheet.write(1572, 48, fed, 15, palettes.MUTED, ha="right")
    sheet.write(1572, 76, carry, 15, palettes.MUTED, ha="right")


def _words(duration: str) -> str:
    return labels.duration(nanoseconds(duration))


# ------------------------------------------------------------------ heatmaps


def _heatmaps(sheet: Sheet, comparison: FillComparison, look: Look) -> None:
    cells, meta, values = comparison.cells, comparison.meta, comparison.summary["value"]
    unit = labels.size_unit(meta)
    raw, filled, true = (cells[name].values for name in ("raw", "filled", "liquidity"))
    summed, mean = _scale(raw, look), _scale(cells["observed"].values, look)
    fresh = np.isfinite(raw)
    ghost = cells["verdict"].values == comparison.verdicts.index("ghost")
    panels = [
        ("as transmitted", f"{values['raw cells']:,.0f} cells, sums of snapshots", raw, fresh, None, summed),
        (
            "the original, filled forward",
            f"{values['filled cells']:,.0f} cells, {values['ghost share']:.1%} of the liquidity is ghosts",
            filled, fresh, ghost, summed,
        ),
        (
            "liqmap, from spans",
            f"{values['liqmap cells']:,.0f} cells, time-weighted means",
            true, cells["state"].values == 1, None, mean,
        ),
    ]  # fmt: skip
    for k, (title, words, size, strong, ghosts, scale) in enumerate(panels):
        left = 28 + 492 * k
        sheet.write(left, 122, title, 19, palettes.TEXT, weight="bold")
        sheet.write(left, 146, words, 14, palettes.MUTED)
        axes = sheet.axes(left, 190, 468, 400)
        image = _image(size, strong, ghosts, scale, look)
        _place(axes, cells, image, last=k == 2, sheet=sheet)
        _bar(sheet, left, 158, "bids", palettes.ramp(0))
        _bar(sheet, left + 124, 158, "asks", palettes.ramp(1))
        ends = f"{labels.short(scale.low)} – {labels.short(scale.high)} {unit}"
        sheet.write(left + 248, 170, ends, 13, palettes.MUTED)
        if ghosts is not None:
            faint_to_full = np.linspace(0.0, 1.0, SHADES)[:, None]
            _bar(sheet, left + 344, 110, "ghosts", _haunt(palettes.ramp(0) * 0, faint_to_full))
    sheet.write(1484, 180, labels.price_unit(meta), 13.5, palettes.MUTED)


def _scale(size: np.ndarray, look: Look) -> Scale:
    """The scale of a panel: percentiles of what it shows, a factor of 100 at most."""
    lit = size[size > 0]
    if look.limits is not None:
        return Scale(*look.limits, look.scaling)
    if not len(lit):
        return Scale(1.0, 2.0, look.scaling)
    low, high = (float(v) for v in np.percentile(lit, look.cutoffs))
    high = min(high, low * SPREAD) if look.scaling == "log" else high
    low, high = (low, high) if high > 1.05 * low else (low * 0.5, low * 1.5)
    return Scale(low, high, look.scaling)


def _image(
    size: np.ndarray, strong: np.ndarray, ghost: np.ndarray | None, scale: Scale, look: Look
) -> np.ndarray:
    """RGB (P, T, 3) of both sides, the brighter one in front and ghosts before it; what is not ``strong`` is
    carried."""
    place = np.where(size > 0, scale.place(np.nan_to_num(size)), 0.0)
    bright = place * np.where(strong, 1.0, look.carried)
    front = bright.argmax(axis=0)[None]
    shade = np.rint(np.take_along_axis(place, front, axis=0)[0] * (SHADES - 1)).astype(int)
    weak = ~np.take_along_axis(strong, front, axis=0)[0]
    colours = np.stack([palettes.ramp(side) for side in (0, 1)])
    image = colours[front[0], shade]
    image[weak] = palettes.toward_background(image[weak], look.carried)
    image[(size == 0).any(axis=0) & (bright.max(axis=0) == 0)] = palettes.EMPTY
    if ghost is not None:
        haunted = ghost.any(axis=0)
        image[haunted] = _haunt(image[haunted], np.where(ghost, place, 0.0).max(axis=0)[haunted][:, None])
    return image


def _haunt(colours: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Colours (N, 3) under ghosts of a place (N, 1) on the scale: the faintest still shows; uint8."""
    strength = 0.14 + 0.86 * place
    return np.rint(colours * (1 - strength) + np.array(GHOST) * strength).astype(np.uint8)


def _place(axes: Axes, cells: Any, image: np.ndarray, last: bool, sheet: Sheet) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num, num2date
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    times, prices = date2num(cells["time_bounds"].values), cells["price_bounds"].values
    extent = (times[0, 0], times[-1, 1], prices[0, 0], prices[-1, 1])
    axes.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="nearest")
    locator = AutoDateLocator(minticks=3, maxticks=6)
    ticks = np.asarray(locator.tick_values(*num2date(extent[:2])))
    inner = (ticks - extent[0]) / (extent[1] - extent[0])
    axes.xaxis.set_major_locator(FixedLocator(ticks[(inner > 0.06) & (inner < 0.94)]))  # clear of neighbours
    spelled = ["%Y", "%b", "%d", "%H:%M", "%H:%M", "%H:%M:%S"]
    at_zero = ["", "%Y", "%b", "%b %d", "%H:%M", "%H:%M"]
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, formats=spelled, zero_formats=at_zero, show_offset=False)
    )
    axes.yaxis.tick_right()
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    if last:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:,.10g}"))
    else:
        axes.tick_params(axis="y", labelright=False, length=0)
    axes.set_xlim(*extent[:2])
    axes.set_ylim(*extent[2:])
    sheet.label(axes, "time, UTC", "")


def _bar(sheet: Sheet, x: float, y: float, name: str, colours: np.ndarray) -> None:
    """Colours (N, 3) from the lowest to the highest size, after their name."""
    sheet.write(x, y + 12, name, 13, palettes.MUTED)
    width = 8 + 7.6 * len(name)
    axes = sheet.figure.add_axes(((x + width) / 1600, 1 - (y + 13) / 1000, 70 / 1600, 12 / 1000))
    axes.imshow(colours[None], aspect="auto")
    axes.set_axis_off()


# ------------------------------------------------------------------ distributions


def _appearances(sheet: Sheet, comparison: FillComparison) -> None:
    """Share of the levels that appear in at least so many of the time buckets."""
    buckets = comparison.cells.sizes["time"]
    sheet.write(28, 662, "how long a level is drawn", 19, palettes.TEXT, weight="bold")
    axes = sheet.axes(82, 684, 410, 248)
    x = np.arange(1, buckets + 1)
    for name, words, colour in (
        ("raw", "as transmitted", RAW), ("filled", "the original", ORIGINAL), ("liqmap", "liqmap", OURS),
    ):  # fmt: skip
        counts = np.sort(comparison.levels[name].to_numpy())
        share = 1 - np.searchsorted(counts, x) / len(counts)
        line: dict[str, Any] = {"color": palettes.css(colour), "linewidth": sheet.points(2.2), "label": words}
        axes.step(np.append(0, 100 * x / buckets), np.append(100.0, 100 * share), where="pre", **line)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 103)
    sheet.label(axes, f"at least so much of the {buckets:,} time buckets, %", "levels, %")
    sheet.legend(axes, "upper right")


def _inflation(sheet: Sheet, comparison: FillComparison) -> None:
    """How many times the true mean a drawn size is, over the cells that the snapshots show."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    values = comparison.summary["value"]
    sheet.write(560, 662, "how large its sizes are", 19, palettes.TEXT, weight="bold")
    axes = sheet.axes(614, 684, 410, 248)
    ratio = comparison.inflation
    axes.set_xscale("log")
    if len(ratio):
        low, high = np.clip(np.percentile(ratio, 0.5), 0.1, 0.5), max(20.0, np.percentile(ratio, 99.5))
        edges = np.geomspace(low, high, 64)
        counts = 100 * np.histogram(np.clip(ratio, low, high), edges)[0] / len(ratio)
        axes.stairs(counts, edges, fill=True, color=palettes.css(ORIGINAL), alpha=0.55)
        axes.set_xlim(low, high)
        axes.set_ylim(0, 1.35 * counts.max())
    marks = (
        ("true size", 1.0, OURS, "dashed"),
        (f"overall {values['inflation']:.1f}×", values["inflation"], palettes.TEXT, "solid"),
        (f"median {values['inflation, median']:.1f}×", values["inflation, median"], palettes.TEXT, "dotted"),
    )
    for words, at, colour, line in marks:
        axes.axvline(at, color=palettes.css(colour), linewidth=sheet.points(1.8), linestyle=line, label=words)
    decades = np.log10(axes.get_xlim()[1] / axes.get_xlim()[0])
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5) if decades < 3.2 else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}×"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    sheet.label(axes, "drawn size / true mean size (cells in sight)", "cells, %")
    sheet.legend(axes, "upper left")


def _numbers(sheet: Sheet, comparison: FillComparison) -> None:
    values = comparison.summary["value"]
    sheet.write(1092, 662, "in numbers", 19, palettes.TEXT, weight="bold")
    rows = (
        (f"{values['coverage']:.2f}×", "cells, by filling forward", palettes.TEXT),
        (f"{values['liqmap coverage']:.2f}×", "cells, by liqmap, observed or carried", palettes.TEXT),
        (f"{values['ghost share']:.1%}", "of what is drawn is ghosts", GHOST),
        (
            f"{values['ghost share of carried']:.1%}",
            "of what filling forward adds is ghosts",
            GHOST,
        ),
        (f"{values['inflation']:.1f}×", "the true size, where levels are in sight", palettes.TEXT),
        (f"{values['blank share']:.1%}", "of liqmap's liquidity is left blank", palettes.TEXT),
    )
    for k, (number, words, colour) in enumerate(rows):
        y = 706 + 40 * k
        sheet.write(1190, y, number if "nan" not in number else "–", 21, colour, ha="right", weight="bold")
        sheet.write(1206, y, words, 15, palettes.MUTED)
