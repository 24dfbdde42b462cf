"""Specks: every trade of a view as a pixel, by datashader.

The overlay ``bubbles`` draws them between its bubbles where there are more trades than bubbles."""

from __future__ import annotations

import numpy as np

from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.overlays import Trades

FAINTEST, STRONGEST = 0.25, 0.9
"""Opacity of the specks of the smallest and the largest volume."""

RANGE = (5.0, 99.5)
"""Percentiles of the volumes of pixels that stand for those two."""


def dust(
    trades: Trades,
    times: tuple[int, int],
    prices: tuple[float, float],
    width: int,
    height: int,
    theme: Theme,
    tick_size: float = 0.0,
) -> np.ndarray:
    """Volume a pixel in the colour of the aggressor who traded more, opacity by its log.

    Parameters
    ----------
    times, prices : of the view, ns and quote currency; what lies beyond is left out.
    width, height : pixels.
    tick_size : a speck lies in the middle of its tick's cell, as a bubble does.

    Returns
    -------
    (height, width, 4) uint8, lowest price first.
    """
    import datashader as ds
    import pandas as pd

    canvas = ds.Canvas(width, height, (0.0, float(times[1] - times[0])), prices)
    some = trades.within(*times, prices)
    image = np.zeros((height, width, 4), np.uint8)
    if len(some) == 0:
        return image
    points = pd.DataFrame(
        {"x": some.time - times[0], "y": some.price + tick_size / 2, "size": some.size, "signed": some.signed}
    )
    sums = canvas.points(points, "x", "y", ds.summary(volume=ds.sum("size"), signed=ds.sum("signed")))
    volume, signed = (np.nan_to_num(sums[name].to_numpy()) for name in ("volume", "signed"))
    lit = volume > 0
    colours = np.array([theme.sell, theme.unsigned, theme.buy], np.uint8)
    image[lit, :3] = colours[np.sign(signed[lit]).astype(int) + 1]
    image[lit, 3] = opacities(volume[lit])
    return image


def opacities(volumes: np.ndarray) -> np.ndarray:
    """Opacity of specks by the log of their volumes, between two percentiles of those; 0 to 255."""
    logs = np.log(volumes)
    low, high = np.percentile(logs, RANGE) if len(logs) else (0.0, 1.0)
    strength = np.clip((logs - low) / max(high - low, 1e-9), 0, 1)
    return np.rint(255 * (FAINTEST + (STRONGEST - FAINTEST) * strength)).astype(np.uint8)
