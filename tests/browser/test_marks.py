"""What lies over the heatmap, and ages: the page's scripts and Python are fed the same trades and spans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import nanoseconds
from liqmap.render.frames.readout import age_of
from liqmap.render.marks.overlays import Trades, bubble_room, radii
from liqmap.render.marks.specks import opacities
from liqmap.schema import OPEN
from tests.browser.engine import call
from tests.strategies import MS, SECOND, START, st_messages, to_depth_table

DAY = 86_400 * SECOND
BASE = START // DAY * DAY
TICK = 0.5


RADII = """sizes => {
  const radii = [], arc = (x, y, radius) => radii.push(radius)
  const ctx = new Proxy({}, {get: (_, name) => name == "arc" ? arc : () => {}, set: () => true})
  const bubbles = sizes.map(size => ({size, aggressor: 1, time: 0, price: 0}))
  drawBubbles(ctx, bubbles, {x: v => v, y: v => v, width: 700, height: 400}, {})
  return radii
}"""
AGE = """({levels, end, ...piece}, at, low, high, halfLife, prune) => {
  const side = {levels, piece: {...piece, end: end.map(e => e ?? Infinity)}}
  return ageOf(side, at, low, high, carryOf(halfLife, prune))
}"""


MARKET = {"base": str(BASE), "tick": TICK}


@st.composite
def markets(draw: Any) -> Trades:
    """Trades with a heavy tail, some at one time, some of no size."""
    random, count = np.random.default_rng(draw(st.integers(0, 10**6))), draw(st.integers(0, 400))
    times = np.sort(START + random.integers(0, 60 * SECOND, count) // MS * MS)
    sizes = np.round(0.01 * (random.pareto(0.8, count) + 1), 4) * (random.random(count) > 0.05)
    prices = 100 + TICK * random.integers(-20, 21, count)
    return Trades(times, prices, sizes, random.integers(-1, 2, count).astype(np.int8))


views = st.tuples(st.integers(0, 30_000), st.integers(1, 60_000), st.integers(-20, 0), st.integers(1, 20))
screens = st.tuples(st.integers(1, 3000), st.integers(1, 1500))


@given(screens)
def test_room__for_bubbles_is_that_of_pictures(size: tuple[int, int]) -> None:
    count, largest = call("bubbleRoom", *size)
    assert (count, pytest.approx(largest, rel=1e-12)) == bubble_room(*size)


@given(markets(), views, screens)
@settings(deadline=None)
def test_bubbles__are_those_of_pictures(trades: Trades, view: Any, size: tuple[int, int]) -> None:
    """As many as the view bears, whatever shows it: which trades share one, where, how large."""
    first, length, low, high = view
    begin, end = START + first * MS, START + (first + length) * MS
    prices, (width, height) = (100 + low * TICK, 100 + high * TICK), size
    found = trades.bubbles(begin, end, width, TICK, bubble_room(width, height)[0], prices, height)
    told = {
        "time": (trades.time - BASE).tolist(),
        "price": trades.price.tolist(),
        "size": trades.size.tolist(),
        "aggressor": (trades.aggressor + 1).tolist(),
    }
    plot = {"times": [begin - BASE, end - BASE], "prices": prices, "width": width, "height": height}
    seen = call("(t, plot, market) => bubblesOf(t, tradesIn(t, plot), plot, market)", told, plot, MARKET)
    assert [b["aggressor"] - 1 for b in seen] == found.aggressor.tolist()
    np.testing.assert_allclose([b["size"] for b in seen], found.size, rtol=1e-9)
    np.testing.assert_allclose([b["price"] for b in seen], found.price, rtol=1e-9)
    np.testing.assert_allclose([b["time"] for b in seen], found.time - BASE, atol=2)


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=300))
def test_specks__are_as_opaque_as_in_pictures(volumes: list[float]) -> None:
    seen = call("volumes => [...opacities(volumes)]", volumes)
    assert np.abs(np.array(seen) - opacities(np.array(volumes)).astype(int)).max() <= 1


def test_radii__are_those_of_pictures() -> None:
    sizes = np.array([9.0, 4.0, 1.0, 0.001])
    _, largest = bubble_room(700, 400)
    np.testing.assert_allclose(call(RADII, sizes.tolist()), radii(sizes, largest))


ages = st.tuples(st.integers(0, 40_000), st.integers(-3, 3), st.integers(1, 4))


@given(
    st_messages(), ages, st.sampled_from([None, "250ms", "30s"]), st.sampled_from([None, "0s", "1s", "5min"])
)
@settings(deadline=None)
def test_age__of_a_row_is_that_of_python(feed: Any, cell: Any, half_life: Any, prune: Any) -> None:
    """Just before an instant at which nothing of the row is observed, weighed by effective size."""
    spans, (after, beside, ticks) = lm.replay(to_depth_table(*feed)), cell
    carry, at = lm.HalfLife(half_life, prune), START + after * MS
    for side, s in enumerate(spans.sides):
        if not len(s):
            continue
        low = int(s.levels[len(s.levels) // 2]) + beside
        inside = (s.tick >= low) & (s.tick < low + ticks)
        if (inside & (s.start < at) & (at <= s.seen)).any():
            continue
        wanted = age_of(spans, side, np.array([low, low + ticks]), at, carry)
        pieces = s.end > s.seen
        first = np.searchsorted(s.tick[pieces], np.append(s.levels, s.levels[-1] + 1)).tolist()
        end = [None if e == OPEN else int(e) - BASE for e in s.end[pieces]]
        told = {
            "levels": s.levels.tolist(),
            "first": first,
            "seen": (s.seen[pieces] - BASE).tolist(),
            "end": end,
            "size": s.size[pieces].tolist(),
        }
        seen = call(AGE, told, at - BASE, low, low + ticks, *map(nanoseconds, (half_life, prune)))
        assert (seen is None) == (wanted is None)
        event(f"an age: {wanted is not None}")
        if wanted is not None:
            assert abs(seen - wanted) <= max(2, 1e-9 * wanted)
