"""Prices that were float32 before they became float64 or text, and are written with all binary digits of it.

65432.1 as float32 is 65432.1015625. That all prices of a market are such numbers is no chance: of the whole
multiples of 2**-m, one in 2**m / 10**d is the float32 of a number of d decimals. So the texts from which they
came are known for certain once a few prices were seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

from liqmap.formats.tabular.values import numbers

CERTAIN = 1_000.0
"""So much less likely is it that prices of another origin look like these."""

MOST_BITS = 60


def shortest(prices: np.ndarray) -> np.ndarray:
    """The numbers whose texts are the shortest that mean these float32."""
    return numbers(pa.array(prices.astype(np.float32)))


def are_singles(prices: np.ndarray) -> np.ndarray:
    """Which are float32 exactly; missing ones are."""
    with np.errstate(over="ignore"):
        return np.asarray(np.isnan(prices) | (prices == prices.astype(np.float32)))


def were_singles(columns: Sequence[pa.Array]) -> bool | None:
    """Whether most prices of these columns were float32; None where they look so, but are too few."""
    if not columns or any(pa.types.is_float32(column.type) for column in columns):
        return False
    found = np.unique(np.concatenate([numbers(column) for column in columns]))
    found = found[found > 0]
    same = are_singles(found)
    if 2 * same.sum() <= len(found):
        return False
    found = found[same]
    short = shortest(found)
    if (short == found).all():
        return False
    bits = next((m for m in range(MOST_BITS) if (found * 2.0**m % 1 == 0).all()), MOST_BITS)
    decimals = max(-int(Decimal(repr(price)).normalize().as_tuple().exponent) for price in short.tolist())
    chance = bits * math.log(2) - max(decimals, 0) * math.log(10)
    if chance <= 0:
        return False
    return True if chance * len(found) >= math.log(CERTAIN) else None
