"""What lies over the heatmap, and ages: the page's scripts and Python are fed the same trades and spans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.flow.bars import bars_of
from liqmap.carry import nanoseconds
from liqmap.render.frames.readout import age_of
from liqmap.render.marks.overlays import LEAST, Trades, bubble_room, candle_step, radii
from liqmap.render.marks.specks import opacities
from liqmap.schema import OPEN
from tests.browser.engine import call
from tests.strategies import MS, SECOND, START, st_messages, to_depth_table

DAY = 86_400 * SECOND
BASE = START // DAY * DAY
TICK = 0.5


AGE = """({levels, end, ...piece}, at, low, high, halfLife, prune) => {
  const side = {levels, piece: {...piece, stop: piece.first.slice(1), end: end.map(e => e ?? Infinity)}}
  return ageOf(side, at, low, high, carryOf({halfLife, prune}))
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
    np.testing.assert_allclose(
        call("radiiOf", [{"size": size} for size in sizes.tolist()], {"width": 700, "height": 400}),
        radii(sizes, (700, 400)),
    )


def columns(trades: Trades) -> dict[str, list[Any]]:
    """Trades as the engine has them."""
    return {
        "time": (trades.time - BASE).tolist(), "price": trades.price.tolist(),
        "size": trades.size.tolist(), "aggressor": (trades.aggressor + 1).tolist(),
    }  # fmt: skip


@given(markets(), st.floats(0, 1))
@settings(deadline=None)
def test_smallest_trade__leaves_out_what_is_below(trades: Trades, least: float) -> None:
    plot = {"times": [0, DAY], "prices": [0, 1e9]}
    shown = call("(...a) => [...tradesIn(...a)]", columns(trades), plot, least)
    assert shown == np.flatnonzero(trades.size >= least).tolist()


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=60), screens)
def test_bubbles__cover_no_more_than_a_tenth(sizes: list[float], size: tuple[int, int]) -> None:
    plot = dict(zip(("width", "height"), size))
    falling = [{"size": one} for one in sorted(sizes, reverse=True)]
    found = np.array(call("radiiOf", falling, plot))
    covered, room = np.pi * (found**2).sum(), size[0] * size[1] / 10
    assert covered <= room * (1 + 1e-9)
    falling_sizes = np.array([one["size"] for one in falling])
    np.testing.assert_allclose(found, radii(falling_sizes, size))
    plain = np.maximum(bubble_room(*size)[1] * np.sqrt(falling_sizes / falling_sizes[0]), LEAST)
    np.testing.assert_allclose(found / plain, min(1, np.sqrt(room / (np.pi * (plain**2).sum()))))
    event(f"shrunk: {covered > 0.99 * room}")


READ = """(bubbles, at) => {
  const plot = {x: v => v, y: v => v, width: 700, height: 400}, colours = {buy: "green", sell: "red"}
  const market = {tick: 0.5, places: 1, units: {size: "BTC"}}
  return bubbleAt(bubbles, {plot, market, colours}, at)
}"""


def test_bubble__says_what_it_is_and_the_one_on_top_does() -> None:
    sell = {"size": 9, "aggressor": 2, "time": 100, "price": 100.25, "count": 1234}
    buy = {"size": 2.5, "aggressor": 1, "time": 104, "price": 100.25, "count": 1}
    assert call(READ, [sell, buy], [104, 100]) == [
        {"words": "buy 2.5 BTC, one trade at 100.0", "colour": "green"}
    ]
    assert call(READ, [sell, buy], [90, 100]) == [
        {"words": "sell 9 BTC, 1,234 trades, VWAP 100.0", "colour": "red"}
    ]
    assert call(READ, [sell, buy], [300, 100]) is None


@given(markets(), views, screens)
@settings(deadline=None)
def test_bubbles__of_both_sides_of_a_square_have_the_larger_below(
    trades: Trades, view: Any, size: Any
) -> None:
    """What is drawn later lies above, and sizes fall."""
    first, length, low, high = view
    plot = {
        "times": [START - BASE + first * MS, START - BASE + (first + length) * MS],
        "prices": [100 + low * TICK, 100 + high * TICK], "width": size[0], "height": size[1],
    }  # fmt: skip
    seen = call(
        "(t, plot, market) => bubblesOf(t, tradesIn(t, plot), plot, market)", columns(trades), plot, MARKET
    )
    sizes = [bubble["size"] for bubble in seen]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(bubble["count"] for bubble in seen) <= len(trades)


BARS = """(trades, step, begin, end, until) => {
  const all = new AllBars()
  all.between(trades, step, 0, 1, null)
  return all.between(trades, step, begin, end, until)
}"""


@given(markets(), views, st.integers(1, 3000), st.none() | st.integers(0, 60_000))
@settings(deadline=None)
def test_candles__are_those_of_python(trades: Trades, view: Any, width: int, until: int | None) -> None:
    """Whole, and as far as a session has been played, in the bar that it cuts too."""
    begin, end = START + view[0] * MS, START + (view[0] + view[1]) * MS
    step = candle_step(begin, end, width)
    assert call("candleStep", begin - BASE, end - BASE, width) == step
    known = trades if until is None else trades.before(START + until * MS)
    wanted = bars_of(known, step, begin, end)
    now = None if until is None else START - BASE + until * MS
    seen = call(BARS, columns(trades), step, begin - BASE, end - BASE, now)
    assert [bar["time"] for bar in seen] == (wanted.time - BASE).tolist()
    for name in ("open", "high", "low", "close", "count"):
        assert [bar[name] for bar in seen] == getattr(wanted, name).tolist()
    np.testing.assert_allclose([bar["volume"] for bar in seen], wanted.volume, rtol=1e-9)


LAST = (
    "(trades, touch, times, until) => lastPrice({plot: {times}, market: {tick: 0.5, last: 90}, "
    "data: {trades, touch}, until})"
)


def test_last_price__is_the_last_trade_in_view_or_the_mid() -> None:
    trades = {"time": [10, 20, 30], "price": [100, 101, 102], "size": [1, 1, 1], "aggressor": [1, 2, 0]}
    touch = [{"start": [0, 50], "tick": [200, 210]}, {"start": [0], "tick": [203]}]
    assert call(LAST, trades, touch, [0, 25], None) == {"price": 101, "aggressor": 2}
    assert call(LAST, trades, touch, [0, 100], None) == {"price": 102, "aggressor": 0}
    assert call(LAST, trades, touch, [0, 100], 20) == {"price": 100, "aggressor": 1}
    assert call(LAST, trades, touch, [31, 45], None) == {"price": 100.75, "aggressor": None}
    assert call(LAST, None, touch, [0, 1000], None) == {"price": 103.25, "aggressor": None}
    assert call(LAST, None, [touch[0], {"start": [], "tick": []}], [0, 1000], None) is None


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


DRAWN = """bubbles => {
  const done = []
  const ctx = new Proxy({}, {
    get: (_, name) => (...a) => { if (["save", "clip", "fill", "restore"].includes(name)) done.push(name) },
    set: () => true,
  })
  const x = v => v
  drawBubbles(ctx, bubbles, {left: 0, top: 0, width: 700, height: 400, x, y: x}, {})
  return done
}"""


def test_bubble__hides_what_it_lies_over() -> None:
    """So that the colours of both sides of a square do not mix."""
    large, small = ({"size": size, "aggressor": 1, "time": 100, "price": 100} for size in (9, 4))
    apart = {"size": 1, "aggressor": 2, "time": 300, "price": 300}
    assert call(DRAWN, [large, small, apart]) == [
        "save", "clip", "fill", "restore", "save", "fill", "restore", "save", "fill", "restore",
    ]  # fmt: skip
