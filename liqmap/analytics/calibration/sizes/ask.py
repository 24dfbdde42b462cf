"""Levels looked up: what is really there of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.sizes.intervals import SizeIntervals, ends, whole_ends
from liqmap.carry import asked
from liqmap.carry.presence import Presence
from liqmap.schema import GridError
from liqmap.schema.arguments import numbers

if TYPE_CHECKING:
    import pandas as pd


def size_interval(
    presence: Presence | None, sizes: SizeIntervals | None, level: float, size: Any, age: Any, distance: Any
) -> pd.DataFrame:
    """See `Calibration.size_interval`."""
    import pandas as pd

    if presence is None or sizes is None:
        expected = "a calibration of a time long enough to say how much is there"
        raise GridError(where="size_interval", expected=expected, got="one that is too short")
    given = numbers(size, "size"), numbers(age, "age"), numbers(distance, "distance")
    last, seconds, far = (np.ravel(one) for one in np.broadcast_arrays(*given))
    if (last <= 0).any() or (seconds < 0).any():
        raise GridError(where="size_interval", expected="sizes above 0 and ages of at least 0 s")
    ages = seconds * 1e9
    nothing = np.clip(1 - presence.likely.weight(ages, *asked(presence.likely, far, last)), 0, 1)
    table, tail = sizes.classes_of(last, far, ages), np.full(len(last), (1 - level) / 2)
    known = ~(np.isnan(last) | np.isnan(seconds))
    columns = {"nothing": nothing}
    for name, (low, high) in (
        ("", ends(table, tail, 1 - tail)),
        ("whole_", whole_ends(table, nothing, level)),
    ):
        columns |= {f"{name}low": low * last, f"{name}high": high * last}
    return pd.DataFrame({name: np.where(known, values, np.nan) for name, values in columns.items()})
