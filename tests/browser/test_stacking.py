"""Stacking and pulling in a page: its markers are those of pictures, of sums of finer cells."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from liqmap.analytics.book.stacking import stacking_of
from liqmap.browser.columns import Columns
from liqmap.browser.market import market_of
from liqmap.browser.stacks import stacks_of
from liqmap.browser.tables import tables_of
from liqmap.browser.themes import themes
from liqmap.render.frames.frame import instant_ns
from liqmap.render.frames.look import DEFAULT
from liqmap.render.frames.palettes import css
from liqmap.render.marks.overlays.stacking import markers_in
from liqmap.render.marks.registry import Scene, overlays
from liqmap.render.marks.view import View
from tests.browser.engine import call, engine
from tests.render.market import SECOND
from tests.render.marks.made import Traded, sample

DAY = 86_400 * SECOND
COLOURS = themes(DEFAULT)["dark"]["css"]
GLUE = """
function tellMarkers(plot, market) {
  const found = markersIn(STACKS, plot, market.tick)
  const discs = discsOf(found, {market, colours: STACK_COLOURS, zone: "UTC"})
  const plain = ([name, v]) => [name, ArrayBuffer.isView(v) ? [...v] : v]
  return {found, discs: discs.map(some => Object.fromEntries(Object.entries(some).map(plain)))}
}"""

KEEP = """(bytes, {stacking, columns}, colours) => {
  const STACKS = stacksOf(stacking, decodeColumns(Uint8Array.from(bytes), columns))
  Object.assign(globalThis, {STACKS, STACK_COLOURS: colours})
}"""


@cache
def base() -> int:
    return instant_ns(sample().time_range[0]) // DAY * DAY


@pytest.fixture(scope="module", autouse=True)
def told() -> dict[str, Any]:
    begin, end = map(instant_ns, sample().time_range)
    packed = tables_of(sample(), (), begin, end, base(), sample().price_range)
    engine().eval(GLUE)
    call(KEEP, list(gzip.decompress(packed.data)), packed.header, COLOURS)
    found: dict[str, Any] = packed.header["stacking"]
    return found


def seen(view: View) -> dict[str, Any]:
    """What the page makes of a view."""
    plot = {"times": [view.begin - base(), view.end - base()], "prices": view.prices}
    about = {"baseSeconds": base() // SECOND, **market_of(sample().spans())}
    found: dict[str, Any] = call("tellMarkers", plot | {"width": view.width, "height": view.height}, about)
    return found


@st.composite
def views(draw: Any) -> View:
    """Parts of the sample."""
    begin, end = map(instant_ns, sample().time_range)
    low, high = sample().price_range
    first, length = draw(st.floats(0, 0.9)), draw(st.floats(0.05, 1))
    at, part = draw(st.floats(0, 0.9)), draw(st.floats(0.1, 1))
    until = min(first + length, 1.0)
    prices = low + at * (high - low), low + min(at + part, 1.0) * (high - low)
    size = draw(st.sampled_from([(600, 400), (1200, 600)]))
    return View(int(begin + first * (end - begin)), int(begin + until * (end - begin)), prices, *size)


@given(views())
@settings(deadline=None, max_examples=25)
def test_markers__are_those_of_pictures(view: View) -> None:
    """Where the picture's cells are whole fine ones; of others the largest are counted anew."""
    market, mine = sample(), seen(view)["found"]
    wanted = markers_in(market, view)
    assert (np.diff([one["size"] for one in mine]) <= 0).all()
    assert len({(one["begin"], one["low"]) for one in mine}) == len(mine)
    if not mine:
        return
    step, ticks = (round(mine[0][b] - mine[0][a]) for a, b in (("begin", "end"), ("low", "high")))
    same = (step, ticks) in set(zip(wanted.end - wanted.begin, wanted.high - wanted.low))
    event(f"same cells: {same}")
    if same:
        np.testing.assert_allclose([one["size"] for one in mine], wanted.size, rtol=1e-7)
        clear = wanted.size > wanted.size.min() * (1 + 1e-6)  # of equals others may be the last
        known = zip(wanted.what[clear], wanted.side[clear], wanted.begin[clear] - base(), wanted.low[clear])
        assert {(one["what"], one["side"], one["begin"], one["low"]) for one in mine} >= set(known)
        return
    for one in mine[:3]:
        time = np.array([one["begin"], one["end"]], np.int64) + base()
        rows = np.array([one["low"], one["high"]], np.int64)
        found = stacking_of(market.spans(), market.trades(), time, rows, one["side"])
        assert one["size"] == pytest.approx(float((found.added, found.pulled)[one["what"]][0]))


def test_discs__are_those_of_pictures() -> None:
    market = sample()
    begin, end = map(instant_ns, market.time_range)
    view = View(begin, end, market.price_range, 1200, 600)
    shapes = overlays()["stacking"].on_engine(Scene(market, market.price_range), view)
    for mine, theirs in zip(seen(view)["discs"], shapes, strict=True):
        np.testing.assert_allclose(np.array(mine["x"]) + base(), theirs.x.astype(float), rtol=1e-15)
        np.testing.assert_allclose(mine["y"], theirs.y)
        np.testing.assert_allclose(mine["radius"], theirs.radius, rtol=1e-6)
        assert mine["face"] == mine["rim"] == theirs.face.tolist()
        assert mine["colours"] == [css(colour) for colour in theirs.colours]
        assert (mine["alpha"], mine["width"]) == (theirs.alpha, theirs.width)
        assert mine["told"]["names"] == list(theirs.told.names)
        assert mine["told"]["words"] == [list(words) for words in theirs.told.words]


def test_cells__are_not_there_without_trades() -> None:
    market = Traded([])
    begin, end = map(instant_ns, market.time_range)
    assert stacks_of(market, Columns(), (begin, end), market.price_range, 0) is None
