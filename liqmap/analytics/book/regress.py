"""A line through points, window by window: what slopes of price against flow are estimated by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lines:
    """Least squares of ``y = intercept + slope * x`` in W windows, (W,) each.

    standard_error : of the slope, errors taken for independent and alike. r2 : share of the variance of y.
    count : points. Where there are fewer than 3, or all x are one, everything but the count is NaN.
    """

    slope: np.ndarray
    intercept: np.ndarray
    standard_error: np.ndarray
    r2: np.ndarray
    count: np.ndarray


def lines(x: np.ndarray, y: np.ndarray, window: np.ndarray, windows: int) -> Lines:
    """A line in each window through the points that are known.

    Parameters
    ----------
    x, y : (N,), NaN where not known; window : (N,) int64, of each point.

    Notes
    -----
    With means m over the n points of a window::

        slope          = sum (x - m_x)(y - m_y) / sum (x - m_x)**2
        intercept      = m_y - slope * m_x
        standard_error = sqrt(sum residual**2 / (n - 2) / sum (x - m_x)**2)
        r2             = 1 - sum residual**2 / sum (y - m_y)**2
    """
    there = ~(np.isnan(x) | np.isnan(y))
    x, y, window = x[there], y[there], window[there]

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(window, values, windows)

    count = np.bincount(window, minlength=windows)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_x, mean_y = total(x) / count, total(y) / count
        dx, dy = x - mean_x[window], y - mean_y[window]
        spread = total(dx * dx)
        spread = np.where((count > 2) & (spread > 0), spread, np.nan)
        slope = total(dx * dy) / spread
        left = total((dy - slope[window] * dx) ** 2)
        r2 = np.where(total(dy * dy) > 0, 1 - left / total(dy * dy), np.nan)
        error = np.sqrt(left / (count - 2) / spread)
    unknown = np.isnan(slope)
    return Lines(slope, mean_y - slope * mean_x, error, np.where(unknown, np.nan, r2), count)
