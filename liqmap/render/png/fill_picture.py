"""`fill_picture`: the original algorithm beside the spans, as a PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.carry import HalfLife, nanoseconds
from liqmap.files import check_name
from liqmap.fill import FillComparison
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import SHADES, Scale
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.render.frames.scale import Sizes, scale_between
from liqmap.render.png.fill_numbers import appearances, inflation, numbers
from liqmap.render.png.sheet import Sheet
from liqmap.render.png.writing import ENDINGS
from liqmap.schema import GridError, SessionError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = (480, 300)
"""Pixels below which the panels would overlap."""


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
    path : where to write it, ``.png`` or ``.jpg``; it appears complete or not at all.
    width, height : pixels of the file, exactly; at least 480 x 300.
    look : theme, palette, cut-offs and strengths of the colours. The snapshots and the original share a
        scale, the spans have their own: the original's sizes are sums.

    Returns
    -------
    The path.

    Raises
    ------
    SessionError : not a comparison; GridError : too few pixels; LiqmapError : no such directory, or
    another ending.
    """
    if not isinstance(comparison, FillComparison):
        raise SessionError(
            where="fill_picture", expected="what compare_fill returns", got=type(comparison).__name__
        )
    if width < LEAST[0] or height < LEAST[1]:
        got = str((width, height))
        raise GridError(where="fill_picture", expected=f"at least {LEAST} pixels", got=got)
    path = check_name(path, *ENDINGS)
    sheet = Sheet(width, height, look.colours)
    _heading(sheet, comparison)
    _heatmaps(sheet, comparison, look)
    appearances(sheet, comparison)
    inflation(sheet, comparison)
    numbers(sheet, comparison)
    sheet.save(path)
    return path


def _heading(sheet: Sheet, comparison: FillComparison) -> None:
    a, meta = comparison.cells.attrs, comparison.meta
    times = comparison.cells.liqmap.time_edges
    fed = (
        f"{a['levels']} levels a side every {_words(a['every'])}, summed per "
        f"{_words(a['bucket'])} × {a['bin']:g} {labels.price_unit(meta)}".rstrip()
    )
    carry = (
        f"carried by {a['carry']}"
        if "carry" in a
        else labels.carry_words(HalfLife(a["half_life"], a["prune"]))
    )
    sheet.write(28, 48, labels.market(meta), 27, sheet.theme.text, weight="bold")
    sheet.write(28, 76, labels.span_words(times[0], times[-1]), 15, sheet.theme.muted)
    sheet.write(1572, 48, fed, 15, sheet.theme.muted, ha="right")
    sheet.write(1572, 76, carry, 15, sheet.theme.muted, ha="right")


def _words(duration: str) -> str:
    return labels.duration(nanoseconds(duration))


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
        sheet.write(left, 122, title, 19, sheet.theme.text, weight="bold")
        sheet.write(left, 146, words, 14, sheet.theme.muted)
        axes = sheet.axes(left, 190, 468, 400)
        image = _image(size, strong, ghosts, scale, look)
        _place(axes, cells, image, last=k == 2, sheet=sheet)
        bids, asks = _ramps(look)
        _bar(sheet, left, 158, "bids", bids)
        _bar(sheet, left + 124, 158, "asks", asks)
        ends = f"{labels.short(scale.low)} – {labels.short(scale.high)} {unit}"
        sheet.write(left + 248, 170, ends, 13, sheet.theme.muted)
        if ghosts is not None:
            faint_to_full = np.linspace(0.0, 1.0, SHADES)[:, None]
            empty = np.tile(look.colours.background, (SHADES, 1))
            _bar(sheet, left + 344, 110, "ghosts", _haunt(empty, faint_to_full, look.colours))
    sheet.write(1484, 180, labels.price_unit(meta), 13.5, sheet.theme.muted)


def _scale(size: np.ndarray, look: Look) -> Scale:
    """The scale of what a panel shows."""
    return scale_between(Sizes.of(np.sort(size[size > 0])), look)


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
    image = np.stack(_ramps(look))[front[0], shade]
    image[weak] = palettes.toward_background(image[weak], look.carried, look.colours)
    image[(size == 0).any(axis=0) & (bright.max(axis=0) == 0)] = look.colours.empty
    if ghost is not None:
        haunted = ghost.any(axis=0)
        faint_to_full = np.where(ghost, place, 0.0).max(axis=0)[haunted][:, None]
        image[haunted] = _haunt(image[haunted], faint_to_full, look.colours)
    return image


def _ramps(look: Look) -> list[np.ndarray]:
    """Colours of the bids and of the asks, (SHADES, 3) each."""
    return [palettes.ramp(side, look.palette, look.theme, SHADES) for side in (0, 1)]


def _haunt(colours: np.ndarray, place: np.ndarray, theme: palettes.Theme) -> np.ndarray:
    """Colours (N, 3) under ghosts of a place (N, 1) on the scale: the faintest still shows; uint8."""
    strength = 0.14 + 0.86 * place
    return np.rint(colours * (1 - strength) + np.array(theme.ghost) * strength).astype(np.uint8)


def _place(axes: Axes, cells: Any, image: np.ndarray, last: bool, sheet: Sheet) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num, num2date
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    times, prices = date2num(cells.liqmap.time_edges[[0, -1]]), cells.liqmap.price_edges
    extent = (times[0], times[1], prices[0], prices[-1])
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
    sheet.write(x, y + 12, name, 13, sheet.theme.muted)
    width = 8 + 7.6 * len(name)
    axes = sheet.figure.add_axes(((x + width) / 1600, 1 - (y + 13) / 1000, 70 / 1600, 12 / 1000))
    axes.imshow(colours[None], aspect="auto")
    axes.set_axis_off()
