"""The shade of every size that a float32 can be, looked up by its upper bits.

A picture has a million sizes and a scale a logarithm a size. Sizes whose upper bits are the same lie so close
together that nearly all of them have one shade; where they do not, the shade is worked out, so that a picture
looked up is the picture worked out, to the bit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.render.frames.front import Rule, place_of

BITS = 11
"""Lower bits of a float32 that are left out: 2**12 bins an octave."""

OCTAVES = 14
"""Below the upper end of the scale; what lies lower is worked out."""

DARK, EXACTLY = -1, -2
"""Instead of a shade: too small to be lit; more than one shade in the bin."""


class ShadeTable(NamedTuple):
    """Shades by bin of sizes.

    shades : (B,) int16, a shade from 0, `DARK` or `EXACTLY`; all that is larger has the last one.
    first : the bin of the first; last : of all shades, the brightest.
    """

    shades: np.ndarray
    first: int
    last: int


def shade_table(rule: Rule, last: int) -> ShadeTable:
    """The table of a rule for shades 0 to ``last``; kept for the few rules that a picture goes between."""
    return _made(tuple(rule[:-1]), rule.curve.tobytes(), last)


@lru_cache(maxsize=8)
def _made(rest: tuple[Any, ...], curve: bytes, last: int) -> ShadeTable:
    rule = Rule._make((*rest, np.frombuffer(curve)))
    top: float = max(_top(rule), float(rule.least), float(np.finfo(np.float32).tiny))
    bottom: float = max(rule.low, top * 2.0**-OCTAVES)
    first, end = int(bin_of(np.float32(bottom))), int(bin_of(np.float32(top))) + 2
    ends = (np.arange(first, end + 1, dtype=np.int64) << BITS).astype(np.int32)
    lows, highs = ends[:-1].view(np.float32), (ends[1:] - np.int32(1)).view(np.float32)
    low, high = np.empty(len(lows), np.int16), np.empty(len(lows), np.int16)
    _work_out(lows, rule, last, low)
    _work_out(highs, rule, last, high)
    return ShadeTable(np.where(low == high, low, np.int16(EXACTLY)), first, last)


def _top(rule: Rule) -> float:
    """The size at which colour saturates."""
    high = rule.offset + 1.0 / rule.factor
    return float(2.0**high if rule.log else high)


def bin_of(size: np.float32) -> np.int32:
    """The bin of a size above zero."""
    return np.float32(size).view(np.int32) >> BITS


@borrowing
def shade_of(size: float, rule: Rule, last: int) -> int:
    """The shade of a size, 0 to ``last``; `DARK` where it is not lit."""
    if not np.float64(size) > rule.low or size < rule.least:
        return DARK
    place = place_of(np.float64(size), rule)
    return int(place * last + 0.5) if place > 0.0 else DARK


@borrowing
def look_up(bits: int, size: float, table: ShadeTable, rule: Rule) -> int:
    """The shade of a size above zero, whose float32 has these bits as an int32."""
    k = (bits >> BITS) - table.first
    if k >= 0:
        found = table.shades[min(k, table.shades.shape[0] - 1)]
        if found != EXACTLY:
            return found
    return shade_of(size, rule, table.last)


@borrowing
def _work_out(sizes, rule, last, out):  # type: ignore[no-untyped-def]
    """The shade of each size."""
    for i in range(sizes.shape[0]):
        out[i] = shade_of(sizes[i], rule, last)
