"""Pairs as users write them, and ranges of prices."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from liqmap.schema.errors import GridError, LiqmapError


def two(given: Any) -> tuple[Any, Any] | None:
    """The two members of a pair of any kind: a tuple, list, array or index; None where it is no pair."""
    if isinstance(given, (str, bytes, dict, set, frozenset)) or not hasattr(given, "__getitem__"):
        return None
    try:
        members = list(given)
    except TypeError:
        return None
    return (members[0], members[1]) if len(members) == 2 else None


def price_range(given: Any, name: str, error: type[LiqmapError] = GridError) -> tuple[float, float]:
    """Two prices that rise, quote currency.

    Raises
    ------
    LiqmapError : they are no pair, no numbers, not finite, or do not rise.
    """
    ends = two(given)
    if ends is not None and all(isinstance(e, Real) and not isinstance(e, (bool, np.bool_)) for e in ends):
        low, high = map(float, ends)
        if np.isfinite([low, high]).all() and low < high:
            return low, high
    raise error(argument=name, expected="two finite prices that rise", got=f"{given!r:.80}")
