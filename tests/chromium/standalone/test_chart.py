"""The chart of the page: what hosts set, pointer, keys, measure, marks of the trades."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.render.marks.overlays import Trades
from tests.chromium.standalone.page import pixels, share, view_of

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

VIEW = "async () => { await liqmap.painted(); return liqmap.view }"
TOLD = """() => {
  window.told = []
  for (const name of ["view", "choice", "measure"]) liqmap.chart.addEventListener(name, () => told.push(name))
}"""


@pytest.fixture(autouse=True)
def waits(page: Any) -> None:
    """What does not come within this does not come."""
    page.set_default_timeout(20_000)


@pytest.fixture
def whole(page: Any) -> list[float]:
    page.evaluate(TOLD)
    return page.evaluate("liqmap.view")


def at(page: Any, x: float, y: float) -> tuple[float, float]:
    """A place of the window by its part of the plot."""
    plot, box = page.evaluate("liqmap.plot()"), page.locator("#chart").bounding_box()
    return box["x"] + plot["left"] + x * plot["width"], box["y"] + plot["top"] + y * plot["height"]


def drag(page: Any, begin: tuple[float, float], end: tuple[float, float], *keys: str) -> None:
    for key in keys:
        page.keyboard.down(key)
    page.mouse.move(*at(page, *begin))
    page.mouse.down()
    page.mouse.move(*at(page, *((a + b) / 2 for a, b in zip(begin, end))))
    page.mouse.move(*at(page, *end))
    page.mouse.up()
    for key in keys:
        page.keyboard.up(key)


# ------------------------------------------------------------------ what hosts set


def test_overrides__lie_over_what_is_chosen(page: Any) -> None:
    assert share(page) > 0
    page.evaluate("liqmap.chart.overrides = {prune: 0}")
    assert share(page) == 0
    assert page.evaluate("liqmap.choice.prune") == 300 * 10**9
    page.evaluate("liqmap.choose({halfLife: null})")
    assert share(page) == 0
    page.evaluate("liqmap.chart.overrides = {}")
    assert share(page) > 0


def test_until__no_view_reaches_beyond(page: Any, whole: list[float]) -> None:
    half = (whole[0] + whole[1]) / 2
    page.evaluate("t => liqmap.chart.setUntil(t)", half)
    assert page.evaluate(VIEW)[:2] == [whole[0], half]
    page.evaluate("v => liqmap.setView(v)", whole)
    assert page.evaluate(VIEW) == [whole[0], half, *whole[2:]]
    page.evaluate("t => liqmap.chart.setUntil(t)", half + 10**9)
    page.evaluate("liqmap.chart.setView(liqmap.chart.first)")
    assert page.evaluate(VIEW)[1] == half + 10**9
    page.evaluate("liqmap.chart.setUntil(null)")
    page.keyboard.press("Tab")
    page.locator("#reset").click()
    assert page.evaluate(VIEW) == whole


def test_whole__another_one_takes_the_view_along(page: Any, whole: list[float]) -> None:
    begin, end, low, high = whole
    less = [begin, (begin + end) / 2, low, high]
    page.evaluate("v => liqmap.chart.setWhole(v)", less)
    assert page.evaluate(VIEW) == less
    assert page.evaluate("told") == ["view"]
    page.evaluate("v => liqmap.chart.setWhole(v)", whole)
    assert page.evaluate("told") == ["view"]  # it stays where it is
    page.mouse.dblclick(*at(page, 0.5, 0.5))
    assert page.evaluate(VIEW) == whole


def test_quiet_view__tells_nobody(page: Any, whole: list[float]) -> None:
    near = [whole[0] + 10**10, *whole[1:]]
    page.evaluate("v => liqmap.chart.setView(v, {quiet: true})", near)
    assert page.evaluate(VIEW) == near
    assert page.evaluate("told") == []
    page.evaluate("v => liqmap.chart.setView(v)", whole)
    assert page.evaluate("told") == ["view"]


def test_first__is_what_home_shows(page: Any, whole: list[float]) -> None:
    first = [whole[0] + 10**10, *whole[1:]]
    page.evaluate("v => { liqmap.chart.first = v }", first)
    page.locator("#chart .liqmap-chart").focus()
    for key in ("Home", "0"):
        page.evaluate("v => liqmap.setView(v)", whole)
        page.keyboard.press(key)
        assert page.evaluate(VIEW) == first


def test_drag__goes_on_whatever_is_set_meanwhile(page: Any, whole: list[float]) -> None:
    begin, _, low, high = whole
    near = [begin + 40 * 10**9, begin + 60 * 10**9, low, high]
    page.evaluate("v => liqmap.setView(v)", near)
    page.mouse.move(*at(page, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*at(page, 0.4, 0.5))
    assert page.evaluate("liqmap.chart.gestures.isHeld")
    page.evaluate(
        """v => {
          const {chart} = liqmap
          chart.setView(v, {quiet: true})
          chart.setUntil(1e18)
          chart.choose({agg: "mean", tool: "zoom"})
          chart.overrides = {prune: 0}
        }""",
        near,
    )
    page.mouse.move(*at(page, 0.3, 0.5))
    page.mouse.up()
    moved = page.evaluate(VIEW)
    assert moved[0] - near[0] == pytest.approx(0.1 * 20 * 10**9, rel=0.02)
    assert not page.evaluate("liqmap.chart.gestures.isHeld")


# ------------------------------------------------------------------ choices


def test_auto__goes_by_the_view_and_is_in_the_link(page: Any, whole: list[float]) -> None:
    page.locator("#preset").select_option("by view")
    page.evaluate("liqmap.painted()")
    assert page.locator("#half-life-value").inner_text() == "7 s (auto)"  # a twentieth of two minutes: 6 s
    assert page.locator("#prune-value").inner_text() == "1 min (auto)"
    assert "half-life 7 s (auto), prune 1 min (auto)" in page.locator("#strip").inner_text()
    page.wait_for_function("location.hash.includes('half_life=auto&prune=auto')")
    page.evaluate("v => liqmap.setView(v)", [whole[0], whole[0] + 40 * 10**9, *whole[2:]])
    page.evaluate("liqmap.painted()")
    assert page.locator("#half-life-value").inner_text() == "2 s (auto)"
    drawn = pixels(page)
    page.evaluate("liqmap.choose({halfLife: 2e9, prune: 20e9})")
    np.testing.assert_array_equal(pixels(page), drawn)
    assert page.locator("#preset").input_value() == "custom"


def test_row__is_so_many_ticks(page: Any, whole: list[float]) -> None:
    page.locator("#row").select_option("50")
    assert page.evaluate("async () => { await liqmap.painted(); return liqmap.picture.steps[1] }") == 50
    page.locator("#row").select_option("auto")
    assert page.evaluate("async () => { await liqmap.painted(); return liqmap.picture.steps[1] }") < 50


def test_opacity__is_that_of_the_colours(page: Any) -> None:
    assert set(np.unique(pixels(page)[..., 3])) <= {0, 255}
    page.locator("#opacity").fill("40")
    assert pixels(page)[..., 3].max() == 102
    assert page.locator("#opacity-value").inner_text() == "40 %"


WITHOUT_TRADES = """() => {
  const {chart} = liqmap, {data} = chart
  chart.data = {...data, trades: {time: new Float64Array()}}
  const {opacity} = chart.asked
  chart.data = data
  return opacity
}"""


def test_candles__the_heatmap_makes_way(page: Any, out: Path) -> None:
    page.locator("#candles").check()
    assert pixels(page)[..., 3].max() == 102
    assert page.locator("#opacity-value").inner_text() == "40 % (candles)"
    assert page.evaluate("liqmap.choice.opacity") == 1
    assert page.evaluate("liqmap.chart.asked.opacity") == 0.4
    assert page.evaluate(WITHOUT_TRADES) == 1
    bars = page.evaluate("liqmap.marks.candles.bars.length")
    assert 20 < bars <= 200
    page.screenshot(path=out / "standalone-candles.png")
    page.locator("#candles").uncheck()
    assert pixels(page)[..., 3].max() == 255


def test_candle__says_what_it_is(page: Any) -> None:
    page.evaluate("liqmap.choose({candles: true, bubbles: false})")
    page.evaluate("liqmap.painted()")
    bar, plot, step = page.evaluate("""() => {
      const {bars, step} = liqmap.marks.candles
      return [bars.reduce((a, b) => b.high - b.low > a.high - a.low ? b : a), {...liqmap.plot()}, step]
    }""")
    x = (bar["time"] + step / 2 - plot["times"][0]) / (plot["times"][1] - plot["times"][0])
    y = (plot["prices"][1] - (bar["high"] + bar["low"]) / 2) / (plot["prices"][1] - plot["prices"][0])
    page.mouse.move(*at(page, x, y + 0.001))
    page.locator("#chart .readout", has_text="open").wait_for()
    said = page.locator("#chart .readout").inner_text()
    wanted = ", ".join(f"{name} {bar[name]:,.1f}" for name in ("open", "high", "low", "close"))
    assert wanted in said
    assert f"{bar['count']:,} trades" in said


def test_smallest_trade__leaves_out_what_is_below(page: Any, session: lm.Session) -> None:
    page.locator("#min-trade").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.evaluate("liqmap.painted()")
    least = page.evaluate("liqmap.choice.minTrade")
    assert least > 0
    assert page.locator("#min-trade-value").inner_text().endswith(" AAA")
    found = page.evaluate("async () => { await liqmap.painted(); return liqmap.marks.bubbles }")
    trades = Trades.of(session.trades())
    begin, end, low, high = view_of(session)
    seen = trades.within(begin, end, (low, high))
    assert sum(bubble["count"] for bubble in found) <= (seen.size >= least).sum() < len(seen)
    page.wait_for_function("location.hash.includes('min_trade=')")
    page.keyboard.press("End")
    assert page.evaluate("async () => { await liqmap.painted(); return liqmap.marks.bubbles.length }") < len(
        found
    )


def test_time_zone__is_that_of_axis_tags_and_readout(page: Any) -> None:
    page.evaluate("() => { window.said = []; const {fillText} = CanvasRenderingContext2D.prototype; "
                  "CanvasRenderingContext2D.prototype.fillText = function (...a) "
                  "{ said.push(a[0]); fillText.apply(this, a) } }")  # fmt: skip
    page.evaluate("liqmap.choose({timeZone: 'Asia/Kolkata'})")
    page.mouse.move(*at(page, 0.5, 0.5))
    page.mouse.move(*at(page, 0.5, 0.51))
    page.locator("#chart .readout", has_text="2026-01-05 05:3").wait_for()
    said = page.evaluate("said")
    assert "time, Asia/Kolkata" in said
    assert "05:31" in {words[:5] for words in said if re.match(r"05:3\d", words)}
    page.wait_for_function("location.hash.includes('time_zone=Asia/Kolkata')")
    assert page.locator("#time-zone").input_value() == "Asia/Kolkata"


def test_legend__says_the_sizes_of_discs(page: Any) -> None:
    discs = page.locator(".sizekey i")
    assert discs.count() == 3
    widths = [box["width"] for box in (discs.nth(k).bounding_box() for k in range(3))]
    assert widths[0] == pytest.approx(2 * widths[1], abs=2.5)
    assert widths[1] == pytest.approx(2 * widths[2], abs=2.5)


# ------------------------------------------------------------------ pointer and keys


def test_readout__is_docked_and_moves_out_of_the_way(page: Any, out: Path) -> None:
    plot, box = page.evaluate("liqmap.plot()"), page.locator("#chart").bounding_box()
    readout = page.locator("#chart .readout")
    page.mouse.move(*at(page, 0.7, 0.6))
    page.mouse.move(*at(page, 0.7, 0.61))
    readout.wait_for()
    left = readout.bounding_box()
    assert left["x"] == pytest.approx(box["x"] + plot["left"] + 8, abs=1)
    assert left["y"] == pytest.approx(box["y"] + plot["top"] + 8, abs=1)
    page.mouse.move(*at(page, 0.05, 0.05))
    page.wait_for_function(
        "x => document.querySelector('#chart .readout').getBoundingClientRect().x > x + 300", arg=left["x"]
    )
    right = readout.bounding_box()
    assert right["x"] + right["width"] == pytest.approx(box["x"] + plot["right"] - 8, abs=1)
    page.mouse.move(*at(page, 0.95, 0.05))
    page.wait_for_function(
        "x => Math.abs(document.querySelector('#chart .readout').getBoundingClientRect().x - x) < 1",
        arg=left["x"],
    )
    page.screenshot(path=out / "standalone-readout.png")


def test_bubble__under_the_pointer_says_what_it_is(page: Any) -> None:
    bubble, plot = page.evaluate("[liqmap.marks.bubbles.at(-1), {...liqmap.plot()}]")
    x = (bubble["time"] - plot["times"][0]) / (plot["times"][1] - plot["times"][0])
    y = (plot["prices"][1] - bubble["price"]) / (plot["prices"][1] - plot["prices"][0])
    page.mouse.move(*at(page, x + 0.01, y))
    page.mouse.move(*at(page, x, y))
    side = ["trade", "buy", "sell"][bubble["aggressor"]]
    page.locator(
        "#chart .readout", has_text=re.compile(rf"{side} [\d.,]+ AAA, .*(VWAP|one trade)")
    ).wait_for()


def test_keys__change_the_half_life_by_a_stop(page: Any, whole: list[float]) -> None:
    page.locator("#chart .liqmap-chart").focus()
    page.keyboard.press("]")
    assert page.evaluate("liqmap.choice.halfLife") == 45 * 10**9
    page.keyboard.press("[")
    page.keyboard.press("[")
    assert page.evaluate("liqmap.choice.halfLife") == 20 * 10**9
    assert page.locator("#half-life-value").inner_text() == "20 s"
    assert page.evaluate("told") == ["choice"] * 3


# ------------------------------------------------------------------ measure


@pytest.mark.parametrize("by", ["tool", "alt"])
def test_measure__stays_until_a_tap_or_escape(page: Any, whole: list[float], out: Path, by: str) -> None:
    if by == "tool":
        page.locator("#tool span", has_text="measure").click()
    keys = ["Alt"] if by == "alt" else []
    drag(page, (0.4, 0.6), (0.6, 0.4), *keys)
    measured = page.evaluate("liqmap.chart.measured")
    assert page.evaluate(VIEW) == whole
    length, height = whole[1] - whole[0], whole[3] - whole[2]
    assert measured["times"] == pytest.approx(
        [whole[0] + 0.4 * length, whole[0] + 0.6 * length], abs=length / 500
    )
    assert measured["prices"] == pytest.approx(
        [whole[3] - 0.6 * height, whole[3] - 0.4 * height], abs=height / 300
    )
    page.screenshot(path=out / f"standalone-measure-{by}.png")
    page.locator("#tool span", has_text="pan").click()
    drag(page, (0.5, 0.5), (0.5, 0.6))
    assert page.evaluate("liqmap.chart.measured") == measured  # it moves with the view
    page.mouse.click(*at(page, 0.5, 0.5))
    assert page.evaluate("liqmap.chart.measured") is None
    drag(page, (0.4, 0.6), (0.6, 0.4), "Alt")
    assert page.evaluate("liqmap.chart.measured") is not None
    page.locator("#chart .liqmap-chart").focus()
    page.keyboard.press("Escape")
    assert page.evaluate("liqmap.chart.measured") is None


def test_measure__has_the_words_of_its_source(page: Any) -> None:
    page.evaluate("""() => {
      const {source} = liqmap.chart
      source.measure = async box => { window.asked = box; return "volume 12 AAA" }
    }""")
    drag(page, (0.6, 0.4), (0.4, 0.6), "Alt")
    page.wait_for_function("liqmap.chart.measured.more == 'volume 12 AAA'")
    asked = page.evaluate("asked")
    assert asked["times"] == sorted(asked["times"])
    assert asked["prices"] == sorted(asked["prices"])


def test_shift__zooms_to_a_box_whatever_the_tool(page: Any, whole: list[float]) -> None:
    page.locator("#tool span", has_text="measure").click()
    drag(page, (0.25, 0.25), (0.75, 0.75), "Shift")
    view = page.evaluate(VIEW)
    assert view[1] - view[0] == pytest.approx((whole[1] - whole[0]) / 2, rel=0.02)
    assert page.evaluate("liqmap.chart.measured") is None


# ------------------------------------------------------------------ a million trades

MANY = """async () => {
  const {chart} = liqmap, [begin, end, low, high] = chart.whole, n = 600_000
  const of = value => Float64Array.from({length: n}, (_, k) => value(k / n, k))
  chart.setData({trades: {
    time: of(part => begin + part * (end - begin)),
    price: of(part => low + (high - low) * (0.5 + 0.3 * Math.sin(9 * part))),
    size: of((_, k) => 0.001 + k % 97 / 10),
    aggressor: of((_, k) => 1 + k % 2),
  }})
  await chart.painted()
  const later = window.setTimeout, rests = []
  window.setTimeout = (work, ms) => ms == 100 ? rests.push(work) : later(work, ms)
  const frame = () => new Promise(requestAnimationFrame)
  const seen = [chart.told.bubbles]
  for (let k = 1; k <= 3; k++) {
    chart.setView([begin + k / 20 * (end - begin), end, low, high])
    await frame()
    await frame()
    seen.push(chart.told.bubbles)
  }
  rests.at(-1)()
  await frame()
  await frame()
  seen.push(chart.told.bubbles)
  chart.setView(chart.whole)
  await chart.painted()
  seen.push(chart.told.bubbles)
  window.setTimeout = later
  return seen.map((bubbles, k) => k > 0 && bubbles == seen[k - 1])
}"""


def test_many_trades__are_moved_with_a_view_and_worked_out_once_it_rests(page: Any) -> None:
    """Or once somebody waits for what is painted."""
    assert page.evaluate(MANY) == [False, True, True, True, False, False]
