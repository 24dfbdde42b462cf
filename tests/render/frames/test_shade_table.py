"""A shade looked up is the shade worked out, whatever float32 the size is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liqmap.render.frames.front import Rule
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale
from liqmap.render.frames.shade_table import BITS, DARK, look_up, shade_table

LAST = 1023
CURVE = tuple(np.linspace(0, 1, 65) ** 2)

sizes = st.integers(1, int(np.float32(3e38).view(np.int32))).map(lambda bits: np.int32(bits).view(np.float32))


def worked_out(size: np.float32, rule: Rule) -> int:
    """The definition: where the size lies between the ends, on the curve, in steps of the ramp."""
    if not float(size) > rule.low or size < rule.least:
        return DARK
    size = np.float64(size)
    place = min(((np.log2(size) if rule.log else size) - rule.offset) * rule.factor, 1.0)
    if len(rule.curve) > 2:
        k = min(int(place * (len(rule.curve) - 1)), len(rule.curve) - 2)
        place = rule.curve[k] + (rule.curve[k + 1] - rule.curve[k]) * (place * (len(rule.curve) - 1) - k)
    return int(place * LAST + 0.5) if place > 0 else DARK


@given(
    sizes=st.lists(sizes, min_size=1, max_size=50),
    low=st.floats(1e-6, 1e6),
    spread=st.floats(1.06, 1e5),
    scaling=st.sampled_from(["log", "linear", "equalised"]),
    least=st.sampled_from([0.0, 1.0, 1e4]),
)
def test_shade__looked_up_is_the_one_worked_out(
    sizes: list[np.float32], low: float, spread: float, scaling: str, least: float
) -> None:
    curve = CURVE if scaling == "equalised" else (0.0, 1.0)
    rule = Rule.of(Look(min_size=least), Scale(low, low * spread, scaling, curve))
    table = shade_table(rule, LAST)
    ends = [np.float32(low), np.float32(low * spread), np.float32(least)]
    bins = [(int(s.view(np.int32)) >> BITS) << BITS for s in (*sizes, *ends)]
    tried = [*sizes, *ends, *(np.int32(bits - k).view(np.float32) for bits in bins for k in (0, 1) if bits)]
    tried += [np.nextafter(s, np.float32(to)) for s in ends for to in (0, np.inf)]
    for size in tried:
        if size > 0:
            assert look_up(size.view(np.int32), size, table, rule) == worked_out(size, rule), size


def test_table__is_small_and_tells_most_shades() -> None:
    table = shade_table(Rule.of(Look(), Scale(0.1, 10.0, "log")), LAST)
    assert len(table.shades) < 80_000
    assert (table.shades == -2).mean() < 0.05
