"""`quality_picture`: how good a feed was over time, as a PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.files import check_name
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import visible
from liqmap.render.png.sheet import Sheet
from liqmap.render.png.writing import ENDINGS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from liqmap.analytics import Quality
    from liqmap.session import Session

COLOURS = {
    "crossed": "sell",
    "locked": "best_ask",
    "frozen": "unsigned",
    "unknown": "ghost",
    "gaps": "best_ask",
}
"""The lanes below, and which of the theme's colours they have."""
COLUMNS = 1_500
"""Columns of the window's line: more cannot be seen."""


def quality_picture(
    session: Session,
    path: str | Path,
    quality: Quality | None = None,
    width: int = 1600,
    theme: str | palettes.Theme = "dark",
) -> Path:
    """Draw the window's width over time, the bad stretches and gaps below it, and the totals beside.

    Parameters
    ----------
    quality : of the session; computed if not given.
    width : pixels; the height is five eighths of it.
    theme : ``dark`` or ``light``.

    Raises
    ------
    LiqmapError : no such directory, another ending; GridError : no such theme.
    """
    path = check_name(path, *ENDINGS)
    found = session.quality() if quality is None else quality
    sheet = Sheet(width, width * 0.625, palettes.theme(theme))
    sheet.write(60, 58, f"{labels.market(session.meta)}: feed quality", 27, sheet.theme.text, weight="bold")
    sheet.write(60, 90, labels.span_words(*session.time_range), 15, sheet.theme.muted)
    limits = [_days(t) for t in visible(session.time_range)]
    upper = sheet.axes(90, 130, 1080, 520)
    _width(sheet, upper, found, limits)
    lower = sheet.axes(90, 715, 1080, 215)
    _stretches(sheet, lower, found, limits)
    for axes in (upper, lower):
        _times(axes, limits)
    _totals(sheet, found)
    sheet.save(path)
    return path


def _width(sheet: Sheet, axes: Axes, found: Quality, limits: list[float]) -> None:
    """Each column's range, low to high, and its median; blank where a side has no bound."""
    at, middle, low, high = _columns(found, limits)
    sheet.label(axes, "", "window from worst bid to worst ask, bps of the mid")
    if not np.isfinite(middle).any():
        axes.text(0.5, 0.5, "no bound: the whole book is known, or nothing", transform=axes.transAxes,
                  ha="center", color=palettes.css(sheet.theme.muted), fontsize=sheet.points(18))  # fmt: skip
        return
    blue = palettes.css(palettes.ramp(0, theme=sheet.theme)[153])
    axes.fill_between(at, low, high, step="post", color=blue, alpha=0.7, linewidth=0, label="range")
    bright = palettes.css(palettes.ramp(0, theme=sheet.theme)[217])
    axes.step(at, middle, where="post", color=bright, linewidth=sheet.points(1.4), label="last")
    axes.set_ylim(0, 1.08 * float(np.nanmax(high)))
    sheet.legend(axes, "lower right")


def _columns(found: Quality, limits: list[float]) -> tuple[np.ndarray, ...]:
    """Left edges (days), last, lowest and highest width of even columns; NaN where none is known."""
    edges = np.linspace(limits[0], limits[1], COLUMNS + 1)
    at, value = _days(found.window["ts"]), found.window["width_bps"].to_numpy()
    until = np.append(at[1:], limits[1])
    first = np.searchsorted(until, edges[:-1], side="right")
    last = np.maximum(np.searchsorted(at, edges[1:], side="left"), first + 1)
    out = np.full((3, COLUMNS), np.nan)
    for i, (a, b) in enumerate(zip(first, last)):
        there = value[a:b]
        if len(there):
            out[0, i] = there[-1]
        there = there[np.isfinite(there)]
        if len(there):
            out[1:, i] = there.min(), there.max()
    return edges[:-1], *out


def _stretches(sheet: Sheet, axes: Axes, found: Quality, limits: list[float]) -> None:
    """A lane each; the shortest is still a hair wide. Gaps are drawn from message to message."""
    hair = (limits[1] - limits[0]) / 1080
    for lane, (what, name) in enumerate(COLOURS.items()):
        if what == "gaps":
            begin, end = (
                ((), ()) if found.gaps is None else (_days(found.gaps[c]) for c in ("after", "until"))
            )
            end = np.where(np.isfinite(end), end, limits[1])
        else:
            rows = found.stretches[found.stretches["what"] == what]
            begin, end = _days(rows["start"]), _days(rows["end"])
        bars = [(a, max(b - a, hair)) for a, b in zip(begin, end)]
        colour = palettes.css(getattr(sheet.theme, name))
        axes.broken_barh(bars, (lane + 0.15, 0.7), facecolors=colour, linewidth=0)
        height = 1 - (lane + 0.5) / len(COLOURS)
        axes.text(1.006, height, f"{len(bars):,}", transform=axes.transAxes, va="center",
                  color=palettes.css(sheet.theme.muted), fontsize=sheet.points(13.5))  # fmt: skip
    axes.set_ylim(len(COLOURS), 0)
    axes.set_yticks(np.arange(len(COLOURS)) + 0.5, list(COLOURS))


def _totals(sheet: Sheet, found: Quality) -> None:
    """The totals as words, right of the plots."""
    y = 150.0
    for name, value in quality_words(found):
        sheet.write(1225, y, name, 15, sheet.theme.muted)
        sheet.write(1560, y, value, 15, sheet.theme.text, ha="right")
        y += 36


def quality_words(found: Quality) -> list[tuple[str, str]]:
    """The totals for people: what, and how much."""
    t = found.total
    counted = found.sources if found.sources is not None else None

    def of(name: str) -> str:
        return "–" if counted is None else f"{int(counted[name].fillna(0).sum()):,}"

    def share(value: float) -> str:
        return "–" if not np.isfinite(value) else f"{value:.2%}"

    def part(count: float, whole_: float) -> str:
        return f"{int(count):,}" + (f"  ({count / whole_:.1%})" if whole_ else "")

    known = t["seconds"] - t["unknown_s"]
    gaps = "–" if found.gaps is None else f"{len(found.gaps):,}"
    verified = [("verified by checksums", share(found.verified_share))]
    return [
        ("time covered", f"{t['seconds']:,.0f} s"),
        ("with a window", f"{known:,.1f} s" + (f"  ({known / t['seconds']:.2%})" if t["seconds"] else "")),
        ("without a window", f"{t['unknown_s']:,.1f} s"),
        ("gaps", gaps),
        ("repeated or older messages", of("repeats")),
        ("clocks that stepped back", of("clamped")),
        ("rejected lines", of("rejected")),
        *(verified if np.isfinite(found.verified_share) else []),
        ("crossed", share(t["crossed_share"])),
        ("locked", share(t["locked_share"])),
        ("frozen", f"{t['frozen_s']:,.1f} s"),
        ("window, median by time", f"{t['width_bps']:.1f} bps" if np.isfinite(t["width_bps"]) else "–"),
        ("removals", f"{int(t['removals']):,}"),
        ("left the window", part(t["left"], t["removals"])),
        ("of those came back", part(t["returned"], t["left"])),
        ("at the same size", part(t["returned_same"], t["left"])),
        ("trades with a quote", f"{int(t['trades']):,}"),
        ("outside the quote before", part(t["outside"], t["trades"])),
        ("outside the next one too", part(t["unexplained"], t["trades"])),
    ]


def _times(axes: Axes, limits: list[float]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.set_xlim(*limits)


def _days(times: Any) -> Any:
    """Times as matplotlib's dates (days); NaN where missing."""
    ns = np.asarray(times, "datetime64[ns]")
    return np.where(np.isnat(ns), np.nan, ns.astype(np.int64) / 86_400e9)
