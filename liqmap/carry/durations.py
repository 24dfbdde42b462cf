"""Durations as users write them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from liqmap.schema import GridError

if TYPE_CHECKING:
    import pandas as pd

UNITS = {"H": "h", "S": "s", "MIN": "min", "MS": "ms", "US": "us", "NS": "ns", "d": "D", "w": "W"}
"""Spellings that pandas reads with a warning, as it wants them."""

Duration: TypeAlias = "str | int | pd.Timedelta | timedelta | np.timedelta64 | None"


def nanoseconds(duration: Duration, name: str = "duration") -> int | None:
    """A duration as whole nanoseconds; None for None and ``"none"``.

    Raises
    ------
    GridError : not a duration.
    """
    text = duration.strip().lower() if isinstance(duration, str) else ""
    if duration is None or text == "none":
        return None
    is_number = isinstance(duration, (int, float, np.number)) and not isinstance(
        duration, bool | np.timedelta64
    )
    if (is_number and duration == 0) or text == "0":
        return 0
    import pandas as pd

    value: Any = pd.NaT
    # pandas reads a bare number as nanoseconds and 1,2 as 12: nobody means that. Its Timedelta is a timedelta
    bare = "," in text or _is_number(text)
    if isinstance(duration, (str, timedelta, np.timedelta64)) and not bare:
        with suppress(ValueError, OverflowError):  # pandas' OutOfBoundsTimedelta is a ValueError
            value = pd.Timedelta(_plain_units(duration) if isinstance(duration, str) else duration)
            value = value if value is pd.NaT else value.as_unit("ns")
    if value is pd.NaT:
        raise GridError(
            argument=name, expected="a duration such as '30s' or '5min', or None", got=repr(duration)
        )
    return int(value.value)


def prune_of(prune: Duration) -> int | None:
    """The age at which a carried size is dropped, ns; None for never.

    Raises
    ------
    GridError : not a duration, or below zero.
    """
    age = nanoseconds(prune, "prune")
    if age is not None and age < 0:
        raise GridError(argument="prune", expected="a duration of at least zero or None", got=spell(age))
    return age


def _is_number(text: str) -> bool:
    """Whether a text is a number of no unit, however it is spelled (``+30``, ``3e1``, ``1_0``)."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain_units(text: str) -> str:
    """A duration with its units as pandas wants them; one of ISO 8601 (``P1DT2H``) as it is."""
    if text.strip().lstrip("+-").upper().startswith("P"):
        return text
    return re.sub("[A-Za-z]+", lambda unit: UNITS.get(unit[0], unit[0]), text)


def spell(duration: int | None) -> str:
    """Nanoseconds as people write them: ``"30s"``, ``"90min"``, ``"none"``."""
    if duration is None:
        return "none"
    for unit, length in (("d", 86_400 * 10**9), ("h", 3_600 * 10**9), ("min", 60 * 10**9), ("s", 10**9),
                         ("ms", 10**6), ("us", 10**3), ("ns", 1)):  # fmt: skip
        if duration and duration % length == 0:
            return f"{duration // length}{unit}"
    return "0s"
