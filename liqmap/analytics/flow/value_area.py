"""The value area: the rows around the busiest that hold a share of the volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.flow.amounts import amounts_of
from liqmap.analytics.flow.kernels.cells import ROUNDING
from liqmap.analytics.flow.kernels.growing import busiest_row, grow_area
from liqmap.schema import GridError, SchemaError
from liqmap.schema.arguments import is_number, numbers

if TYPE_CHECKING:
    import pandas as pd


class ValueArea(NamedTuple):
    """Point of control and value area of a profile; rows by their lower edge, quote currency.

    poc : the row with most volume; low, high : the lowest and the highest row of the area.
    share : of the volume, that the area holds. All are NaN where nothing traded.
    """

    poc: float
    low: float
    high: float
    share: float


def value_area(profile: pd.DataFrame | Any, share: float = 0.7) -> ValueArea:
    """Point of control and value area of a volume profile, as CME and CBOT define it.

    Parameters
    ----------
    profile : with ``price`` and ``volume``, a row per row of prices, rising, those without a trade included:
        what `volume_profile` gives.
    share : of the volume, above 0, at most 1.

    Raises
    ------
    GridError : a share out of range.
    SchemaError : no such frame; prices that do not rise evenly, a volume that is no number or below 0.

    Notes
    -----
    The point of control is the row with most volume, the lowest of equals. The area begins as this row. Then,
    until it holds ``share`` of the volume: the sum of the two rows above it is compared with that of the two
    below; the larger pair is added, the upper of equals. Where one row is left on a side, it is the pair.

    Source: Chicago Board of Trade (1996), A Six-Part Study Guide to Market Profile, whose steps these are
    (compare the two prices above with the two below, add the larger, until 70 % is reached); of equals it
    says nothing. CME Group took the method over. Vendors that add single rows get other areas.
    """
    share = share_of(share)
    price, volume = _columns(profile)
    amount = amounts_of(volume).value
    poc = busiest_row(amount, len(amount))
    if poc < 0:
        return ValueArea(np.nan, np.nan, np.nan, np.nan)
    total = amount.sum()
    low, high = grow_area(amount, 0, len(amount) - 1, poc, share * total * ROUNDING)
    held = float(amount[low : high + 1].sum() / total)
    return ValueArea(float(price[poc]), float(price[low]), float(price[high]), held)


def share_of(given: Any) -> float:
    """A share of volume.

    Raises
    ------
    GridError : not above 0, or above 1.
    """
    if is_number(given) and 0 < given <= 1:
        return float(given)
    raise GridError(argument="share", expected="a share above 0, at most 1", got=f"{given!r:.60}")


def _columns(profile: Any) -> tuple[np.ndarray, np.ndarray]:
    """Price and volume of a profile, checked."""
    try:
        price, volume = (np.asarray(profile[name]) for name in ("price", "volume"))
    except (KeyError, TypeError, IndexError, ValueError, AttributeError):
        expected = "a frame with price and volume, such as lm.volume_profile(session)"
        raise SchemaError(argument="profile", expected=expected, got=type(profile).__name__) from None
    price, volume = (numbers(column, "profile", SchemaError) for column in (price, volume))
    steps = np.diff(price)
    if price.ndim != 1 or price.shape != volume.shape or not np.isfinite(price).all():
        raise SchemaError(argument="profile", expected="a price in every row", got="others")
    if len(steps) and not (steps.min() > 0 and steps.max() - steps.min() <= 1e-6 * steps.max()):
        raise SchemaError(
            argument="profile",
            expected="prices that rise evenly, rows without a trade included",
            got=f"steps of {steps.min():g} to {steps.max():g}",
        )
    if not (np.isfinite(volume) & (volume >= 0)).all():
        raise SchemaError(argument="profile", expected="a volume in every row, 0 or above", got="others")
    return price, np.ascontiguousarray(volume)
