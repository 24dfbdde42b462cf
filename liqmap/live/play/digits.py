"""How a market writes its numbers, so that a client reads exactly the ones that were recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from liqmap.schema.meta import common_tick, decimals

MOST = 12
"""Decimals of sizes that are looked at; others are written with as many as they need."""


@dataclass(frozen=True)
class Digits:
    """Decimals of prices, and of sizes."""

    price_decimals: int
    size_decimals: int

    @classmethod
    def of(cls, ticks: Iterable[float | None], sizes: Iterable[np.ndarray]) -> Digits:
        """Those that every multiple of the tick sizes, and every size, can be written in."""
        known = [tick for tick in ticks if tick]
        every = np.unique(np.concatenate([np.zeros(1), *sizes]))
        places = next((n for n in range(MOST) if (np.round(every, n) == every).all()), MOST)
        return cls(decimals(common_tick(known)) if known else 2, places)

    def price(self, value: float) -> str:
        """The text of a price, which reads as the same float64."""
        return written(value, self.price_decimals)

    def size(self, value: float) -> str:
        """The text of a size, which reads as the same float64."""
        return written(value, self.size_decimals)


def written(value: float, places: int) -> str:
    """A number of 0 or more with so many decimals, or with as many more as it takes to read the same."""
    text = f"{value:.{places}f}"
    return text if float(text) == value else format(Decimal(repr(value)), "f")
