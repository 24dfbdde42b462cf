"""The footprint of a page: cells, colours, marks, numbers and words are those of Python, of equal trades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from liqmap.browser.tables import counted_of
from liqmap.browser.themes import themes
from liqmap.render.frames.look import DEFAULT
from liqmap.render.frames.palettes import css
from liqmap.render.marks.overlays import footprint
from liqmap.render.marks.registry import Scene, overlays
from liqmap.render.marks.shapes import Words
from liqmap.render.marks.traded import traded
from liqmap.render.marks.view import View
from tests.browser.engine import call
from tests.render.market import BEGIN, SECOND, TICK
from tests.render.marks.made import Traded, st_trades, st_views

DAY = 86_400 * SECOND
BASE = BEGIN // DAY * DAY
COLOURS = themes(DEFAULT)["dark"]["css"]
MARKET = {"tick": TICK, "places": 1, "units": {"size": "BTC", "price": "USDT"}, "baseSeconds": BASE // SECOND}

DRAWN = """(trades, footprint, plot, market, colours) => {
  const {room, cells, shapes} = drawnOf({plot, market, colours, data: {trades, footprint}})
  const each = ([k, v]) => [k, ArrayBuffer.isView(v) ? [...v] : v]
  const plain = some => Object.fromEntries(Object.entries(some).map(each))
  const words = room ? cells.map(cell => cellWords(cell, room, {market, zone: "UTC"})) : []
  return {room, words, shapes: shapes.map(plain), legend: legendOfRoom(room, market)}
}"""


def drawn(market: Traded, seen: View) -> dict[str, Any]:
    """What the page's script makes of a view."""
    trades = traded(market)
    columns = {"time": (trades.time - BASE).tolist(), "price": trades.price.tolist()}
    columns |= {"size": trades.size.tolist(), "aggressor": (trades.aggressor + 1).tolist()}
    plot = {"times": [seen.begin - BASE, seen.end - BASE], "prices": seen.prices}
    plot |= {"width": seen.width, "height": seen.height}
    return call(DRAWN, columns, counted_of(market, trades, BASE), plot, MARKET, COLOURS)


def same(mine: dict[str, Any], theirs: Any) -> None:
    """Whether two shapes are the same."""
    assert len(mine["x0" if "x0" in mine else "x"]) == len(theirs[0])
    for name in ("x0", "x1", "x"):
        if name in mine:
            wanted = getattr(theirs, name).astype(np.int64) - BASE
            np.testing.assert_allclose(np.array(mine[name], float), wanted, atol=1)
    for name in ("y0", "y1", "y"):
        if name in mine:
            np.testing.assert_allclose(np.array(mine[name], float), getattr(theirs, name), rtol=1e-12)
    if isinstance(theirs, Words):
        assert (tuple(mine["text"]), mine["colour"], mine["align"]) == (
            theirs.text, css(theirs.colour), theirs.align,
        )  # fmt: skip
    else:
        assert mine["colour"] == theirs.colour.tolist()
        assert mine["colours"] == [css(colour) for colour in theirs.colours]
        assert (mine["alpha"], mine["rim"]) == (theirs.alpha, theirs.rim)


@given(st_trades, st_views())
@settings(deadline=None, max_examples=60)
def test_footprint__is_that_of_pictures(trades: Any, view: View) -> None:
    market = Traded(trades)
    seen = view.within(market.time_range, market.price_range)._replace(until=None)
    scene, overlay = Scene(market, market.price_range), overlays()["footprint"]
    if not trades:
        return
    found = drawn(market, seen)
    room = footprint.room_of(seen, TICK)
    event(f"room: {room and room.numbers}")
    assert [one["word"] for one in found["legend"]] == [e.word for e in overlay.entries_in(scene, seen)]
    wanted = overlay.on_engine(scene, seen)
    if room is None:
        assert found["room"] is None
        same(found["shapes"][0], wanted[-1])
        return
    assert found["room"] == room._asdict()
    for mine, theirs in zip(found["shapes"], wanted):
        same(mine, theirs)
    assert len(found["shapes"]) == (8 if room.numbers else 2)
    told = wanted[0].told
    assert [[word for _, word in one] for one in found["words"]] == [list(one) for one in told.words]
    assert all(tuple(name for name, _ in one) == told.names for one in found["words"])


def test_sums__are_exact_where_sizes_are_decimals() -> None:
    """Three times 0.1 is three times as much as 0.1, though not in float64."""
    trades = [(0, 1000, 0.1, "sell"), *((k, 1001, 0.1, "buy") for k in (1, 2, 3)), (4, 1002, 1.0, None)]
    market = Traded(trades)
    seen = View(BEGIN, BEGIN + 60 * SECOND, (499.0, 502.0), 900, 600)
    assert [one[-1][1] for one in drawn(market, seen)["words"]] == ["none", "of buys", "none"]


def test_bars__that_would_lack_trades_are_left_out() -> None:
    market = Traded([(k * 1000, 1000, 1.0, "buy") for k in range(60)])
    some = traded(market).between(BEGIN + 15 * SECOND, BEGIN + 45 * SECOND)
    counted = counted_of(market, some, BASE)
    assert counted is not None
    columns = {"time": (some.time - BASE).tolist(), "price": some.price.tolist(), "size": some.size.tolist()}
    columns |= {"aggressor": (some.aggressor + 1).tolist()}
    room, whole = {"step": 10 * SECOND, "ticks": 1}, [BEGIN - BASE, BEGIN - BASE + 60 * SECOND]
    found = call("footprintOf", columns, room, whole, {"tick": TICK, **counted})
    assert [cell["time"] - (BEGIN - BASE) for cell in found["cells"]] == [20 * SECOND, 30 * SECOND]
    assert counted_of(market, traded(market), BASE) == {"perUnit": 1.0, "from": None, "to": None}
    assert counted_of(Traded([]), traded(Traded([])), BASE) is None


def test_sizes__that_are_no_decimals_are_added_as_they_are() -> None:
    market = Traded([(k, 1000, size, "buy") for k, size in enumerate((1 / 3, np.pi, 1e-13))])
    some = traded(market)
    assert counted_of(market, some, BASE) == {"perUnit": None, "from": None, "to": None}
    cut = some.between(BEGIN, BEGIN + 2 * 10**6)  # whose amounts are cut from those of all
    assert (counted_of(market, cut, BASE) or {})["perUnit"] is None


@pytest.mark.parametrize("price", [500.0, 500.5, 500.49999999, 500.25, 0.1 + 0.2, 3 * 0.1])
@given(tick=st.sampled_from([0.1, 0.25, 0.5, 1e-4]), ticks=st.integers(1, 50))
def test_row__of_a_price_is_that_of_python(price: float, tick: float, ticks: int) -> None:
    from liqmap.analytics.flow.rows import Rows

    assert call("rowOf", price, tick, ticks) == Rows(tick, ticks).of(np.array([price]))[0]
