"""Tick sizes are not in the files: they are the greatest common divisor of the prices as written.

One odd price can spoil that: a divisor of 1e-8, or a price of 1e11, leaves no int32 for the ticks of a whole
market. So such prices are left out of their lines, those of the fewer rows of a stretch (`Tick.settle`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any

import numpy as np

MOST_TICKS = (1 << 31) - 1
"""Prices of a book stay below so many ticks: replay counts them in int32."""

REMEMBERED, SHORT = 1 << 16, 40
"""Numbers whose values are kept, as prices come again and again; of at most so many characters."""

MOST_PLACES = 20
"""Numbers of decimals that are looked at, where prices have many."""

_NUMBER = re.compile(r"(\d+)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


class Tick:
    """The running greatest common divisor of decimal prices, exact, and the largest of them.

    Parameters
    ----------
    given : a tick size that the user knows; it is the first to be divided.

    Attributes
    ----------
    torn : whether prices wait for `settle` to say which of them are to be left out.

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
        self._settled = self._get()
        self._none = self._settled  # of all prices, where none could be kept
        self.torn = False

    def add(self, prices: Iterable[Fraction]) -> None:
        """Take the prices of a line; where they leave no tick size together with those before, none of them,
        and `settle` says which are to be left out."""
        new = {id(p): p for p in prices if id(p) not in self._seen}
        if not new:
            return
        size, largest = self._get()
        for price in dict.fromkeys(new.values()):
            size, largest = common(size, price), max(largest, price)
            if largest >= MOST_TICKS * size:
                self.torn = True
                return
        self._set(size, largest)
        if len(self._seen) > REMEMBERED:
            self._seen.clear()
        self._seen.update(new)

    def settle(self, prices: np.ndarray, written: Callable[[float], str] = repr) -> np.ndarray | None:
        """Which ``prices`` are to be left out; None where all that were added since the last call fit.

        Parameters
        ----------
        prices : all above 0 that were added since the last call. written : the text of one.

        Notes
        -----
        Of the sets of prices that leave a tick size, with those of earlier calls, that of the most rows is
        kept, and its tick size. If there are none of earlier calls it has to have more than half of the rows:
        else all are left out.
        """
        if not self.torn:
            self._settled = self._get()
            return None
        values, place, rows = np.unique(prices, return_inverse=True, return_counts=True)
        exact = [Decimal(written(value)) for value in values.tolist()]
        kept = _most(exact, rows.tolist(), *self._settled)
        self._none = Fraction(0), Fraction(0)
        if self._settled[1] == 0 and 2 * sum(rows[i] for i in kept) <= len(prices):
            for price in exact:
                self._none = common(self._none[0], Fraction(price)), max(self._none[1], Fraction(price))
            kept = []
        self.torn = False
        self._seen.clear()
        size, largest = self._settled
        for i in kept:
            size, largest = common(size, Fraction(exact[i])), max(largest, Fraction(exact[i]))
        self._set(size, largest)
        self._settled = size, largest
        wrong = np.ones(len(values), np.bool_)
        wrong[kept] = False
        return np.asarray(wrong[place])

    def why_not(self, price: float) -> str:
        """Why a price was left out."""
        size, largest = self._settled if self._settled[1] else self._none
        tick = common(size, Fraction(repr(price)))
        return (
            f"expected prices below {MOST_TICKS:,} ticks, got {price!r} where the largest is "
            f"{max(float(largest), price)!r} and the tick that divides all {float(tick)!r}"
        )

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


def _most(prices: list[Decimal], rows: list[int], size: Fraction, largest: Fraction) -> list[int]:
    """Which prices are of the most ``rows`` together with one tick size, and with ``size`` and ``largest``.

    One is looked for among prices of no more decimals than each number of them, which is how odd ones differ;
    of two, that whose prices are closer to each other. ``prices`` ascend.
    """
    places = [-int(price.normalize().as_tuple().exponent) for price in prices]
    seen: Counter[int] = Counter()
    for k, count in zip(places, rows):
        seen[k] += count
    limits = sorted(k for k, _ in seen.most_common(MOST_PLACES))
    most = max([*places, 0])
    scale = lcm(10**most, size.denominator, largest.denominator)
    units = [int(Fraction(price) * scale) for price in prices]
    base, high = int(size * scale), int(largest * scale)
    groups = [[i for i, k in enumerate(places) if k <= limit] for limit in limits]
    if base:
        groups.append([i for i, unit in enumerate(units) if unit % base == 0])
    best, most_rows, least_spread = [], 0, Fraction(0)
    for group in groups:
        tick = gcd(base, *(units[i] for i in group))
        kept = [i for i in group if units[i] < MOST_TICKS * tick]
        tick = gcd(base, *(units[i] for i in kept))
        kept = [i for i in group if units[i] < MOST_TICKS * tick and units[i] % tick == 0] if tick else []
        if not kept or high >= MOST_TICKS * tick:
            continue
        found, spread = sum(rows[i] for i in kept), Fraction(units[kept[-1]], units[kept[0]])
        if found > most_rows or (found == most_rows and spread < least_spread):
            best, most_rows, least_spread = kept, found, spread
    return best


def number(value: Any) -> Fraction | None:
    """A number of 0 or more, exactly, from its text (or a JSON number); None if it is none, or too large or
    too small for a float64."""
    text = value if isinstance(value, str) else repr(value) if type(value) in (int, float) else ""
    return _number(text) if len(text) <= SHORT else _number.__wrapped__(text)


def amount(value: Any) -> float | None:
    """The same as a float: quicker for sizes, which do not come again as prices do."""
    if type(value) is str and len(value) <= SHORT and _PLAIN.fullmatch(value):
        return float(value)
    found = number(value)
    return None if found is None else float(found)


@lru_cache(REMEMBERED)
def _number(text: str) -> Fraction | None:
    if not _NUMBER.fullmatch(text) or len(text) > 400:
        return None
    found = Fraction(text)
    return found if found == 0 or 1e-300 < found < 1e300 else None
