"""How much of a size to believe when the book has been silent about it: weight of an age, and its integral.

    w(a) = 2**(-a / half_life)  for a < prune, else 0

Ages are in nanoseconds. A rate is 1 / half_life per nanosecond; 0 is no decay.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numba import njit

from .schema import OPEN, GridError

if TYPE_CHECKING:
    import pandas as pd

Duration: TypeAlias = "str | int | pd.Timedelta | timedelta | np.timedelta64 | None"

LN2 = float(np.log(2.0))


@dataclass(frozen=True)
class Carry:
    """Half-life and prune, checked. ``half_life``: ns or None (no decay); ``prune``: ns or None (never)."""

    half_life: int | None
    prune: int | None

    @classmethod
    def of(cls, half_life: Duration, prune: Duration) -> Carry:
        """From what users write: ``"30s"``, a Timedelta, ``None`` or ``"none"``, 0.

        Raises
        ------
        GridError : not a duration, half-life not above zero, prune below zero.
        """
        h = nanoseconds(half_life, "half_life")
        p = nanoseconds(prune, "prune")
        if h is not None and h <= 0:
            raise GridError(f"half_life: expected a duration above zero or None, got {half_life!r}")
        if p is not None and p < 0:
            raise GridError(f"prune: expected a duration of at least zero or None, got {prune!r}")
        return cls(h, p)

    @property
    def rate(self) -> float:
        """1 / half_life per ns; 0 without decay."""
        return 0.0 if self.half_life is None else 1.0 / self.half_life

    @property
    def prune_ns(self) -> int:
        """Prune in ns; `OPEN` for never."""
        return int(OPEN) if self.prune is None else self.prune

    def weight(self, age: np.ndarray) -> np.ndarray:
        """w(age), any shape, ns."""
        age = np.asarray(age, np.float64)
        return np.where(age < self.prune_ns, np.exp2(-age * self.rate), 0.0)


def nanoseconds(duration: Duration, name: str = "duration") -> int | None:
    """A duration as whole nanoseconds; None for None and ``"none"``.

    Raises
    ------
    GridError : not a duration.
    """
    text = duration.strip().lower() if isinstance(duration, str) else ""
    if duration is None or text == "none":
        return None
    if duration == 0 or text == "0":
        return 0
    import pandas as pd

    value: Any = pd.NaT
    # pandas reads a bare number as nanoseconds, which nobody means; a pandas Timedelta is a timedelta
    bare = text.replace(".", "").replace("-", "").isdigit()
    if isinstance(duration, (str, timedelta, np.timedelta64)) and not bare:
        with suppress(ValueError, OverflowError):  # pandas' OutOfBoundsTimedelta is a ValueError
            value = pd.Timedelta(duration)
            value = value if value is pd.NaT else value.as_unit("ns")
    if value is pd.NaT:
        raise GridError(f"{name}: expected a duration such as '30s' or '5min', or None, got {duration!r}")
    return int(value.value)


def spell(duration: int | None) -> str:
    """Nanoseconds as people write them: ``"30s"``, ``"90min"``, ``"none"``."""
    if duration is None:
        return "none"
    for unit, length in (("d", 86_400 * 10**9), ("h", 3_600 * 10**9), ("min", 60 * 10**9), ("s", 10**9),
                         ("ms", 10**6), ("us", 10**3), ("ns", 1)):  # fmt: skip
        if duration and duration % length == 0:
            return f"{duration // length}{unit}"
    return "0s"


@njit(cache=True, nogil=True, inline="always")
def weight(age, rate):
    """2**(-age rate), without prune."""
    return np.exp2(-age * rate) if age != 0 else 1.0


@njit(cache=True, nogil=True, inline="always")
def integral(a, b, rate):
    """Integral of 2**(-t rate) over ages a to b: (w(a) - w(b)) / (rate ln 2), without cancellation.

    Most carried sizes are back within a small part of a half-life: there 1 - exp(-x) is its series, to
    1e-13 for x < 0.05.
    """
    width = float(b - a)
    x = width * rate * LN2
    if x < 0.05:
        mean = 1.0 - x / 2 * (1.0 - x / 3 * (1.0 - x / 4 * (1.0 - x / 5 * (1.0 - x / 6 * (1.0 - x / 7)))))
    else:
        mean = -np.expm1(-x) / x
    return weight(a, rate) * width * mean
