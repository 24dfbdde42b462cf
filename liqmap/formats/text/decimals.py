"""Tick sizes are not in the files: they are the greatest common divisor of the prices as written.

One odd price can spoil that: a divisor of 1e-8, or a price of 1e11, leaves no int32 for the ticks of a whole
market. So a depth line that would do so is not taken (`Tick.add`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any

import numpy as np

MOST_TICKS = (1 << 31) - 1
"""Prices of a book stay below so many ticks: replay counts them in int32."""

REMEMBERED, SHORT = 1 << 16, 40
"""Numbers whose values are kept, as prices come again and again; of at most so many characters."""

_NUMBER = re.compile(r"(\d+)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)


class Tick:
    """The running greatest common divisor of decimal prices, exact, and the largest of them.

    Parameters
    ----------
    given : a tick size that the user knows; it is the first to be divided.

    Notes
    -----
    Kernels read and update ``state`` in place: (divisor, decimals, largest price), the first and the last in
    units of 10**-decimals. Decimals are -1 while that fits no int64; kernels then take no price.
    """

    def __init__(self, given: float | None = None) -> None:
        self.state = np.zeros(3, np.int64)
        self._seen: dict[int, Fraction] = {}  # by identity: `number` gives the same object for the same text
        self._exact = Fraction(0), Fraction(0)
        if given is not None:
            self._set(Fraction(repr(float(given))), Fraction(0))

    def add(self, prices: Iterable[Fraction], below: int | None = None) -> str | None:
        """Take prices, all or none; returns what is wrong where one is not ``below`` so many ticks."""
        new = {id(p): p for p in prices if id(p) not in self._seen}
        if not new:
            return None
        size, largest = self._get()
        for price in dict.fromkeys(new.values()):
            size, largest = common(size, price), max(largest, price)
            if below is not None and largest >= below * size:
                return (
                    f"expected prices below {below:,} ticks, got {float(price)!r} where the largest is "
                    f"{float(largest)!r} and the tick that divides all {float(size)!r}"
                )
        self._set(size, largest)
        if len(self._seen) > REMEMBERED:
            self._seen.clear()
        self._seen.update(new)
        return None

    @property
    def size(self) -> float | None:
        """The tick size; None before the first price."""
        return float(self._get()[0]) or None

    def _get(self) -> tuple[Fraction, Fraction]:
        divisor, places, largest = self.state.tolist()
        if places < 0:
            return self._exact
        return Fraction(divisor, 10**places), Fraction(largest, 10**places)

    def _set(self, size: Fraction, largest: Fraction) -> None:
        self._exact = size, largest
        for places in range(19):
            units = size * 10**places, largest * 10**places
            if units[0].denominator == units[1].denominator == 1:
                if max(units) < 1 << 62:
                    self.state[:] = units[0].numerator, places, units[1].numerator
                    return
                break
        self.state[1] = -1


def common(a: Fraction, b: Fraction) -> Fraction:
    """The greatest number of which both are whole multiples."""
    scale = lcm(a.denominator, b.denominator)
    return Fraction(gcd(int(a * scale), int(b * scale)), scale)


def number(value: Any) -> Fraction | None:
    """A number of 0 or more, exactly, from its text (or a JSON number); None if it is none, or too large or
    too small for a float64."""
    text = value if isinstance(value, str) else repr(value) if type(value) in (int, float) else ""
    return _number(text) if len(text) <= SHORT else _number.__wrapped__(text)


@lru_cache(REMEMBERED)
def _number(text: str) -> Fraction | None:
    if not _NUMBER.fullmatch(text) or len(text) > 400:
        return None
    found = Fraction(text)
    return found if found == 0 or 1e-300 < found < 1e300 else None
