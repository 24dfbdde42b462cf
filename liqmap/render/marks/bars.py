"""What the bars of ladder and profile are, whoever draws them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.ladder import Ladder
from liqmap.analytics.flow.profile import Profile
from liqmap.render.frames.colour import SHADES
from liqmap.render.frames.palettes import RGB, Theme, ramp, toward_background
from liqmap.render.marks.shapes import Boxes

STRONG, FAINT, CUMULATIVE = 0.72, 0.36, 0.94
"""Place on a side's ramp of the ladder's observed sizes; strength of carried ones beside them; share of the
ladder's width that the line of depth takes."""

FULL, WALL = 98.5, 1.5
"""Percentile of the ladder's sizes that fills its width, where the largest is more than so many times as
large: then the larger are cut there, lest one wall make hairs of the rest."""

BREAK, CAP = 0.955, 0.97
"""Shares of the width where a bar that is cut ends, and where the cap begins that says so."""


class DepthLine(NamedTuple):
    """A line of depth: where it is among the bars of a ladder, prices, and depth itself, base units."""

    place: np.ndarray
    price: np.ndarray
    depth: np.ndarray


Bands = list[tuple[np.ndarray, np.ndarray, RGB]]
"""Bars of equal rows: from, to (P,), colour."""


def boxes_of(prices: np.ndarray, bands: Bands) -> tuple[Boxes, np.ndarray, np.ndarray]:
    """Rows between ``prices`` (P + 1,) from one size to another in a colour, those of no length left out; and
    of which band and row each is."""
    lit = [np.flatnonzero(end > begin) for begin, end, _ in bands]
    band, row = np.repeat(np.arange(len(bands)), [len(rows) for rows in lit]), np.concatenate(lit)
    begin, end = (np.stack([one[k] for one in bands])[band, row] for k in (0, 1))
    colours = tuple(colour for _, _, colour in bands)
    return Boxes(begin, prices[:-1][row], end, prices[1:][row], band, colours), band, row


def profile_bands(profile: Profile, theme: Theme) -> Bands:
    """What buyers took, what sellers gave and what nobody is known to have, one after the other."""
    parts = [profile.buys, profile.sells, profile.unsigned]
    ends = np.cumsum([np.zeros_like(profile.buys), *parts], axis=0)
    return [(ends[k], ends[k + 1], c) for k, c in enumerate((theme.buy, theme.sell, theme.unsigned))]


def ladder_bands(ladder: Ladder, palette: str, theme: Theme) -> tuple[Bands, float]:
    """What was observed and then what is carried, side by side, and a cap on each bar that is cut; and the
    size at which they are."""
    most = _width(ladder)
    bands: Bands = []
    for side in (0, 1):
        strong = ramp(side, palette, theme, SHADES)[round(STRONG * (SHADES - 1))]
        weak = toward_background(strong, FAINT, theme)
        longest = np.where(ladder.size[side] > most, BREAK * most, most)
        seen, size = (np.minimum(part[side], longest) for part in (ladder.observed, ladder.size))
        bands += [(np.zeros_like(seen), seen, _colour(strong)), (seen, size, _colour(weak))]
    cut = (ladder.size > most).any(axis=0)
    return [*bands, (np.where(cut, CAP * most, 0.0), np.where(cut, most, 0.0), theme.text)], most


def cut_sizes(ladder: Ladder, most: float, apart: float) -> list[tuple[int, float]]:
    """Rows whose bar is cut and their size, the largest first; none within ``apart`` ticks of another."""
    middles = (ladder.rows[:-1] + ladder.rows[1:]) / 2
    size = ladder.size.max(axis=0)
    written: list[int] = []
    for row in sorted(np.flatnonzero(size > most), key=lambda row: -size[row]):
        if all(abs(middles[row] - middles[other]) >= apart for other in written):
            written.append(int(row))
    return [(row, float(size[row])) for row in written]


def _width(ladder: Ladder) -> float:
    """The size that fills the width."""
    lit = ladder.size[ladder.size > 0]
    if not len(lit):
        return 1.0
    full, largest = float(np.percentile(lit, FULL)), float(lit.max())
    return full if largest > WALL * full else largest


def ladder_lines(ladder: Ladder, tick_size: float, most: float) -> list[DepthLine]:
    """Depth of the bids and of the asks, outward from the touch, at the larger's end nearly ``most`` wide."""
    prices = ladder.rows * tick_size
    middles, depth = (prices[:-1] + prices[1:]) / 2, ladder.cumulative
    total = float(depth.max(initial=0.0)) or 1.0
    return [
        DepthLine(CUMULATIVE * most / total * side[lit], middles[lit], side[lit])
        for side, lit in zip(depth, (np.flatnonzero(side > 0) for side in depth))
    ]


def _colour(channels: np.ndarray) -> RGB:
    r, g, b = (int(c) for c in channels)
    return r, g, b
