"""What the bars of ladder and profile are, whoever draws them."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.ladder import Ladder
from liqmap.analytics.profile import Profile

from .colour import SHADES
from .palettes import RGB, Theme, ramp, toward_background

STRONG, FAINT, CUMULATIVE = 0.72, 0.36, 0.94
"""Place on a side's ramp of the ladder's observed sizes; strength of carried ones beside them; share of the
ladder's width that the line of depth takes."""

FULL = 98.5
"""Percentile of the ladder's sizes that fills its width; the larger are cut there, lest one wall make hairs
of the rest."""

Bands = list[tuple[np.ndarray, np.ndarray, RGB]]
"""Bars of equal rows: from, to (P,), colour."""


def profile_bands(profile: Profile, theme: Theme) -> Bands:
    """What buyers took, what sellers gave and what nobody is known to have, one after the other."""
    parts = [profile.buys, profile.sells, profile.unsigned]
    ends = np.cumsum([np.zeros_like(profile.buys), *parts], axis=0)
    return [(ends[k], ends[k + 1], c) for k, c in enumerate((theme.buy, theme.sell, theme.unsigned))]


def ladder_bands(ladder: Ladder, palette: str, theme: Theme) -> tuple[Bands, float]:
    """What was observed and then what is carried, side by side; and the size at which all are cut."""
    lit = ladder.size[ladder.size > 0]
    most = float(np.percentile(lit, FULL)) if len(lit) else 1.0
    bands: Bands = []
    for side in (0, 1):
        strong = ramp(side, palette, theme, SHADES)[round(STRONG * (SHADES - 1))]
        weak = toward_background(strong, FAINT, theme)
        seen, size = (np.minimum(part[side], most) for part in (ladder.observed, ladder.size))
        bands += [(np.zeros_like(seen), seen, _colour(strong)), (seen, size, _colour(weak))]
    return bands, most


def ladder_lines(ladder: Ladder, tick_size: float, most: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Depth of the bids and of the asks, outward from the touch, at the larger's end nearly ``most`` wide."""
    prices = ladder.rows * tick_size
    middles, depth = (prices[:-1] + prices[1:]) / 2, ladder.cumulative
    total = float(depth.max(initial=0.0)) or 1.0
    return [
        (CUMULATIVE * most / total * side[lit], middles[lit])
        for side, lit in zip(depth, (np.flatnonzero(side > 0) for side in depth))
    ]


def _colour(channels: np.ndarray) -> RGB:
    r, g, b = (int(c) for c in channels)
    return r, g, b
