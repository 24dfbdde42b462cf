"""What a page has of Python's: lines along the trades and panes of measures, as other pictures have them."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from liqmap.browser import tracks
from liqmap.browser.columns import Columns
from liqmap.browser.panes import check_panes
from liqmap.browser.tables import tables_of
from liqmap.browser.themes import themes
from liqmap.render.frames.frame import instant_ns
from liqmap.render.frames.look import DEFAULT
from liqmap.render.frames.palettes import css
from liqmap.render.marks.overlays import poc, vwap
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.shapes import Line
from liqmap.render.marks.view import View
from liqmap.schema import GridError
from tests.browser.engine import call, engine
from tests.render.market import BEGIN, SECOND, Market
from tests.render.marks.made import Traded, st_trades, st_views
from tests.render.marks.test_panes import NAMES, at

DAY = 86_400 * SECOND
BASE = BEGIN // DAY * DAY
COLOURS = themes(DEFAULT)["dark"]["css"]
GLUE = """
function tableOf(bytes, {columns}) { return decodeColumns(Uint8Array.from(bytes), columns) }
function tellLines(bytes, header, k, plot) {
  const track = header.tracks[k], all = numbersOf(track, tableOf(bytes, header))
  const found = inView(stepped(all, track, plot), plot, plot.width, null)
  const tones = new Proxy({}, {get: (_, name) => name})
  return linesOf(track, found, tones).map(({x, y, colour}) => ({x: [...x], y: [...y], colour}))
}
function tellPane(bytes, header, k, plot) {
  const pane = header.panes[k], series = seriesIn(pane, tableOf(bytes, header), plot)
  const scene = {colours: COLOURS, baseSeconds: BASE_SECONDS, zone: "UTC"}
  const plain = ([name, v]) => [name, ArrayBuffer.isView(v) ? [...v] : v]
  const {shapes, axis, told} = paneOf(pane, series, plot, scene)
  const each = some => some && Object.fromEntries(Object.entries(some).map(plain))
  return {step: series.step, shapes: shapes.map(each), axis, told: each(told)}
}
"""


@pytest.fixture(scope="module", autouse=True)
def glue() -> None:
    engine().eval(f"{GLUE}; const BASE_SECONDS = {BASE // SECOND}, COLOURS = {COLOURS!r}")


def packed(market: Any, panes: tuple[str, ...] = ()) -> tuple[list[int], dict[str, Any]]:
    """Columns as bytes, and what they are of."""
    begin, end = map(instant_ns, market.time_range)
    found = tables_of(market, panes, begin, end, BASE)
    return list(gzip.decompress(found.data)), found.header


def plot_of(view: View) -> dict[str, Any]:
    return {"times": [view.begin - BASE, view.end - BASE], "width": view.width}


def numbers(values: Any) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in values], float)


@given(st_trades, st_views())
@settings(deadline=None, max_examples=40)
def test_lines__are_those_of_pictures(trades: Any, view: View) -> None:
    market, scene = Traded(trades), Scene(Traded(trades), (0.0, 1.0))
    seen = view.within(market.time_range, market.price_range)._replace(until=None)
    bytes_, header = packed(market)
    known = {"vwap": vwap.LINES, "poc": poc.LINES}
    for k, track in enumerate(header["tracks"]):
        wanted = [one for one in known[track["name"]].shapes(scene, seen) if isinstance(one, Line)]
        found = call("tellLines", bytes_, header, k, plot_of(seen))
        assert [one["colour"] for one in found] == [curve["tone"] for curve in track["curves"]]
        for mine, theirs, curve in zip(found, wanted, track["curves"]):
            assert COLOURS[curve["tone"]] == css(theirs.colour)
            np.testing.assert_array_equal(numbers(mine["x"]) + BASE, theirs.x.astype(float))
            np.testing.assert_allclose(numbers(mine["y"]), theirs.y, atol=1e-4)
    event(f"tracks: {len(header['tracks'])}")


def test_lines__of_more_times_than_a_page_has_are_the_last_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "MOST", 50)
    trades = [(k * 1000, 990 + k * k % 7, 1.0, "buy") for k in range(600)]
    columns, market = Columns(), Traded(trades)
    found = tracks.tracks_of(market, columns, BEGIN, BEGIN + 600 * SECOND, BASE)
    assert [one["apart"] for one in found] == [12 * SECOND, 12 * SECOND]
    assert all(column["count"] <= 50 for column in columns.header)
    said = [call("(track, plot) => legendOf(track, plot)[0].word", found[0], {"times": times, "width": 100})
            for times in ([0, 600e9], [0, 3000e9])]  # fmt: skip
    assert said == ["VWAP since 12:00 UTC, every 12 s", "VWAP since 12:00 UTC"]


READ = """(track, at) => {
  const plot = {x: v => v, y: v => v, time: v => v}
  const numbers = {time: [0, 10, 20], columns: [[100, 110, 110], [2, 3, 3]]}
  return readoutOf(track, numbers, {plot, colours: {vwap: "pink"}}, at)
}"""


def test_line__says_what_it_is_where_it_is_pointed_at() -> None:
    track = packed(Traded([(1000, 1000, 1.0, "buy")]))[1]["tracks"][0]
    lines = call(READ, track, [12, 108])
    assert lines[0] == {"words": "VWAP, USDT 110.00", "colour": "pink"}
    assert lines[1]["words"] == "deviation, USDT 3.00  ·  since 2026-01-05 12:00:01 UTC"
    assert call(READ, track, [12, 130]) is None
    assert call(READ, track, [25, 110]) is None


@given(st.sampled_from(NAMES), st_views())
@settings(deadline=None, max_examples=30)
def test_panes__have_the_values_of_the_book(name: str, view: View) -> None:
    market = Market()
    seen = view.within(market.time_range, market.price_range)
    found = call("tellPane", *packed(market, (name,)), 0, plot_of(seen))
    told = found["told"]
    assert told["high"] == [low + found["step"] for low in told["low"]]
    for low, (_, said) in zip(told["low"], told["words"]):
        value = at(name, int(low) + BASE)
        read = np.nan if said == "not known" else float(said.replace(",", ""))
        assert read == pytest.approx(value, rel=1e-5, nan_ok=True)
    line = found["shapes"][-1]
    assert line["kind"] == "line"
    np.testing.assert_allclose(
        numbers(line["y"][:-1]), [at(name, int(x) + BASE) for x in line["x"][:-1]], rtol=1e-6
    )


def test_panes__of_the_interval_before_are_bars_that_end_when_it_is_known() -> None:
    plot = {"times": [BEGIN - BASE, BEGIN - BASE + 640 * SECOND], "width": 800}
    found = call("tellPane", *packed(Market(), ("ofi@1",)), 0, plot)
    boxes, zero, line = found["shapes"]
    assert found["axis"]["label"] == "ofi@1, BTC in 8 s"
    assert line["x"] == []
    assert zero["y"] == [0, 0]
    assert {x % (8 * SECOND) for x in boxes["x0"]} == {0.4 * SECOND}
    assert {high - low for low, high in zip(found["told"]["low"], found["told"]["high"])} == {8 * SECOND}


def test_pane__says_how_far_apart_its_instants_are_where_pixels_would_show_more() -> None:
    page, begin = packed(Market(), ("spread",)), BEGIN - BASE
    plots = [{"times": [begin, begin + seconds * SECOND], "width": 600} for seconds in (600, 6)]
    said = [call("tellPane", *page, 0, plot)["axis"]["label"] for plot in plots]
    assert said == ["spread, USDT", "spread, USDT, every 150 ms"]


def test_panels__of_a_page_are_measures() -> None:
    assert check_panes(["imbalance@5"]) == ("imbalance@5",)
    with pytest.raises(GridError, match=r"^panels: expected measures of the book in a page.*got 'ladder'"):
        check_panes(["ladder"])
    with pytest.raises(GridError, match="Did you mean 'spread'"):
        check_panes(["sprea"])


def test_numbers__come_back_as_they_were() -> None:
    columns, values = Columns(), np.array([-1.5, 0.0, 3.25, 1e6])
    columns.rounded("steps", values, 2)
    columns.rounded("unknown", np.array([np.nan, 2.0]), 2)
    columns.single("single", np.array([0.5, np.nan]))
    assert [one["kind"] for one in columns.header] == ["steps", "float", "single"]
    read = "(bytes, columns) => Object.values(tableOf(bytes, {columns})).map(some => [...some])"
    assert call(read, list(columns.data()), columns.header) == [values.tolist(), [None, 2], [0.5, None]]
