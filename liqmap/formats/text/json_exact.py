"""Levels of exchange JSON, exactly: what the scanners leave."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from liqmap.formats.text.decimals import number


def exact_levels(
    pairs: Any, side: int, levels: list[tuple[int, float, float]], prices: list[Fraction]
) -> str | None:
    """Append the levels of one side, or say what is wrong with them."""
    if not isinstance(pairs, list):
        return f"expected a list of levels, got {type(pairs).__name__}"
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            return f"expected [price, size], got {pair!r:.60}"
        numbers = [number(v) for v in pair]
        if numbers[0] is None or numbers[0] <= 0:
            return f"expected a positive price, got {pair[0]!r:.40}"
        if numbers[1] is None:
            return f"expected a size of 0 or more, got {pair[1]!r:.40}"
        prices.append(numbers[0])
        levels.append((side, float(numbers[0]), float(numbers[1])))
    return None
