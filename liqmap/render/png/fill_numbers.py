"""The lower half of `fill_picture`: how long levels are drawn, how large, and the shares in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.fill import FillComparison
from liqmap.render.frames import palettes
from liqmap.render.png.sheet import Sheet

BRIGHT = 217
"""Of a ramp's 256 colours, that of lines."""


def appearances(sheet: Sheet, comparison: FillComparison) -> None:
    """Share of the levels that appear in at least so many of the time buckets."""
    buckets = comparison.cells.sizes["time"]
    sheet.write(28, 662, "how long a level is drawn", 19, sheet.theme.text, weight="bold")
    axes = sheet.axes(82, 684, 410, 248)
    x = np.arange(1, buckets + 1)
    ours, original = _lines(sheet)
    for name, words, colour in (
        ("raw", "as transmitted", sheet.theme.muted), ("filled", "the original", original),
        ("liqmap", "liqmap", ours),
    ):  # fmt: skip
        counts = np.sort(comparison.levels[name].to_numpy())
        share = 1 - np.searchsorted(counts, x) / len(counts)
        line: dict[str, Any] = {"color": palettes.css(colour), "linewidth": sheet.points(2.2), "label": words}
        axes.step(np.append(0, 100 * x / buckets), np.append(100.0, 100 * share), where="pre", **line)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 103)
    sheet.label(axes, f"at least so much of the {buckets:,} time buckets, %", "levels, %")
    sheet.legend(axes, "upper right")


def _lines(sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """Colours of liqmap's lines and of the original's."""
    ours, original = (palettes.ramp(side, theme=sheet.theme)[BRIGHT] for side in (0, 1))
    return ours, original


def inflation(sheet: Sheet, comparison: FillComparison) -> None:
    """How many times the true mean a drawn size is, over the cells that the snapshots show."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    values = comparison.summary["value"]
    sheet.write(560, 662, "how large its sizes are", 19, sheet.theme.text, weight="bold")
    axes = sheet.axes(614, 684, 410, 248)
    ratio, text, (ours, original) = comparison.inflation, sheet.theme.text, _lines(sheet)
    axes.set_xscale("log")
    if len(ratio):
        low, high = np.clip(np.percentile(ratio, 0.5), 0.1, 0.5), max(20.0, np.percentile(ratio, 99.5))
        edges = np.geomspace(low, high, 64)
        counts = 100 * np.histogram(np.clip(ratio, low, high), edges)[0] / len(ratio)
        axes.stairs(counts, edges, fill=True, color=palettes.css(original), alpha=0.55)
        axes.set_xlim(low, high)
        axes.set_ylim(0, 1.35 * counts.max())
    marks = (
        ("true size", 1.0, ours, "dashed"),
        (f"overall {values['inflation']:.1f}×", values["inflation"], text, "solid"),
        (
            f"median {values['inflation, median']:.1f}×",
            values["inflation, median"],
            text,
            "dotted",
        ),
    )
    for words, at, colour, line in marks:
        axes.axvline(at, color=palettes.css(colour), linewidth=sheet.points(1.8), linestyle=line, label=words)
    decades = np.log10(axes.get_xlim()[1] / axes.get_xlim()[0])
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5) if decades < 3.2 else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}×"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    sheet.label(axes, "drawn size / true mean size (cells in sight)", "cells, %")
    sheet.legend(axes, "upper left")


def numbers(sheet: Sheet, comparison: FillComparison) -> None:
    """The shares of the comparison as a list."""
    values, text, ghost = comparison.summary["value"], sheet.theme.text, sheet.theme.ghost
    sheet.write(1092, 662, "in numbers", 19, text, weight="bold")
    rows = (
        (f"{values['coverage']:.2f}×", "cells, by filling forward", text),
        (f"{values['liqmap coverage']:.2f}×", "cells, by liqmap, observed or carried", text),
        (f"{values['ghost share']:.1%}", "of what is drawn is ghosts", ghost),
        (f"{values['ghost share of carried']:.1%}", "of what filling forward adds is ghosts", ghost),
        (f"{values['inflation']:.1f}×", "the true size, where levels are in sight", text),
        (f"{values['blank share']:.1%}", "of liqmap's liquidity is left blank", text),
    )
    for k, (number, words, colour) in enumerate(rows):
        y = 706 + 40 * k
        sheet.write(1190, y, number if "nan" not in number else "–", 21, colour, ha="right", weight="bold")
        sheet.write(1206, y, words, 15, sheet.theme.muted)
