"""Numbers that were float32 before they became float64 or text, and are written with all binary digits of it.

65432.1 as float32 is 65432.1015625. That all prices of a market are such numbers is no chance: of the whole
multiples of 2**-m, one in 2**m / 10**d is the float32 of a number of d decimals. So the texts from which they
came are known for certain once a few prices were seen. Sizes are told alike; no tick size shows them wrong.
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa

from liqmap.schema import FormatError

CERTAIN = 1_000.0
"""So much less likely is it that numbers of another origin look like these."""

MOST_BITS = 60

TICK = 1 / 256
"""No market has a finer tick that is a part in 2**m."""


def shortest(values: np.ndarray) -> np.ndarray:
    """The numbers whose texts are the shortest that mean these float32."""
    texts = pa.array(values.astype(np.float32)).cast(pa.string())
    return np.asarray(texts.cast(pa.float64()).to_numpy(zero_copy_only=False))


def are_singles(values: np.ndarray) -> np.ndarray:
    """Which are float32 exactly; missing ones are."""
    with np.errstate(over="ignore"):
        return np.asarray(np.isnan(values) | (values == values.astype(np.float32)))


def were_singles(values: np.ndarray) -> bool | None:
    """Whether most of these were float32; None where they look so, but are too few, or have more
    digits than it can tell."""
    found = np.unique(values)
    found = found[found > 0]
    same = are_singles(found)
    if 2 * same.sum() <= len(found):
        return False
    found = found[same]
    short = shortest(found)
    if (short == found).all():
        return False
    bits = _bits(found)
    chance = bits * math.log(2) - _decimals(short) * math.log(10)
    if chance <= 0:  # where float32 has no finer bits, decimals that it cannot tell look like this
        return (True if 2.0**-bits < TICK else None) if 2.0**-bits <= _step(found) else False
    return True if chance * len(found) >= math.log(CERTAIN) else None


def _bits(values: np.ndarray) -> int:
    """The least m of which all are multiples of 2**-m."""
    return next((m for m in range(MOST_BITS) if (values * 2.0**m % 1 == 0).all()), MOST_BITS)


def _decimals(values: np.ndarray) -> int:
    """Digits behind the point of the longest."""
    exponents = (Decimal(repr(value)).normalize().as_tuple().exponent for value in values.tolist())
    return max(0, *(-int(exponent) for exponent in exponents))


def _step(values: np.ndarray) -> float:
    """The widest step from one float32 to the next at these."""
    return float(np.spacing(values.max().astype(np.float32)))


def lost_note(name: str, values: np.ndarray) -> list[str]:
    """That prices which were float32 lost digits, if its steps are wider than their last digit."""
    found = np.unique(values)
    found = found[(found > 0) & are_singles(found)]
    if not len(found) or 2.0 ** -_bits(found) > _step(found):
        return []
    if _step(found) <= 10.0 ** -_decimals(shortest(found)):
        return []
    return [
        f"{name}: prices lost digits as float32, which has steps of {_step(found):g} near "
        f"{found.max():.10g}: those that were closer have become one"
    ]


def notes_of(name: str, prices: bool | None, sizes: bool | None) -> list[str]:
    """What is said of a file whose prices or sizes were float32, or look so (None)."""
    found = []
    if prices:
        found.append(
            f"{name}: all prices are float32 written with more digits: taken as the shortest text of each"
        )
    elif prices is None:
        found.append(
            f"{name}: prices look like float32 written with more digits, but are too few to tell, or have "
            "more digits than it: taken as they stand"
        )
    if sizes:
        found.append(f"{name}: sizes are float32 written with more digits: taken as they stand")
    return found


def no_single(where: str, price: str) -> FormatError:
    """That a price was no float32 where the first were."""
    return FormatError(
        where=where,
        expected="a price that is a float32 exactly, as those before it",
        got=f"{price:.40}",
        remedy="Save all prices as text, or as float64 from where they were no float32",
    )
