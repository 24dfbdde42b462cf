"""Tick sizes are not in the files: they are the greatest common divisor of the prices as written."""

from __future__ import annotations

import re
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PLAIN = r"^\d{1,15}(\.\d{1,15})?$"
"""Decimals whose digits fit an int64 mantissa (further checked by length)."""


_NUMBER = re.compile(r"(\d+)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)


class Tick:
    """The running greatest common divisor of decimal prices, exact.

    ``state`` (mantissa, decimals) is the fast part that kernels update in place.
    """

    def __init__(self) -> None:
        self.state = np.zeros(2, np.int64)
        self._rest: Fraction | None = None

    def add(self, price: Fraction) -> None:
        self._rest = price if self._rest is None else common(self._rest, price)

    def add_decimals(self, prices: pa.StringArray) -> None:
        """Prices as they were written, plain decimals of at most 15 digits."""
        found = pc.unique(prices)
        point = pc.find_substring(found, ".")
        decimals = pc.if_else(
            pc.equal(point, -1), 0, pc.subtract(pc.subtract(pc.utf8_length(found), point), 1)
        )
        mantissas = pc.replace_substring(found, ".", "", max_replacements=1).cast(pa.int64()).to_numpy()
        places = decimals.to_numpy(zero_copy_only=False)
        for count in np.unique(places):
            divisor = int(np.gcd.reduce(mantissas[places == count]))
            if divisor:
                self.add(Fraction(divisor, 10 ** int(count)))

    @property
    def size(self) -> float | None:
        """The tick size; None before the first price."""
        fast = Fraction(int(self.state[0]), 10 ** int(self.state[1])) if self.state[0] else None
        found = [f for f in (fast, self._rest) if f is not None]
        if not found:
            return None
        return float(found[0] if len(found) == 1 else common(*found))


def common(a: Fraction, b: Fraction) -> Fraction:
    """The greatest number of which both are whole multiples."""
    scale = lcm(a.denominator, b.denominator)
    return Fraction(gcd(int(a * scale), int(b * scale)), scale)


def number(value: Any) -> Fraction | None:
    """A finite number of 0 or more, exactly, from its text (or a JSON number); else None."""
    text = value if isinstance(value, str) else repr(value) if type(value) in (int, float) else ""
    if not _NUMBER.fullmatch(text) or len(text) > 400:
        return None
    found = Fraction(text)
    return found if found < 1e300 else None
