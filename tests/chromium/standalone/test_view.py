"""The standalone page is moved through, told about, and whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import liqmap as lm
from liqmap.browser import standalone_html
from tests.chromium.standalone.page import DRAWN, pixels, press_to_end, unpacked, view_of
from tests.render.market import Lone, Market

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def test_wheel__zooms_and_sharpens_and_double_click_resets(page: Any, out: Path) -> None:
    whole, coarse = page.evaluate("[liqmap.view, liqmap.picture.steps]")
    page.mouse.move(800, 450)
    for _ in range(6):
        page.mouse.wheel(0, -300)
    view, steps = page.evaluate(
        "async () => { await liqmap.painted(); return [liqmap.view, liqmap.picture.steps] }"
    )
    assert view[1] - view[0] < (whole[1] - whole[0]) / 4
    assert view[3] - view[2] < (whole[3] - whole[2]) / 4
    assert steps[0] < coarse[0] / 4
    page.screenshot(path=out / "standalone-zoomed.png")
    page.mouse.dblclick(800, 450)
    assert page.evaluate("liqmap.view") == whole


def test_wheel__over_an_axis_zooms_that_axis(page: Any) -> None:
    whole = page.evaluate("liqmap.view")
    plot = page.evaluate("liqmap.plot()")
    box = page.locator("#chart").bounding_box()
    page.mouse.move(box["x"] + plot["right"] + 30, box["y"] + 300)
    page.mouse.wheel(0, -300)
    view = page.evaluate("async () => { await liqmap.painted(); return liqmap.view }")
    assert view[:2] == whole[:2]
    assert view[3] - view[2] < whole[3] - whole[2]
    page.mouse.move(box["x"] + 400, box["y"] + plot["bottom"] + 20)
    page.mouse.wheel(0, -300)
    after = page.evaluate("async () => { await liqmap.painted(); return liqmap.view }")
    assert after[2:] == view[2:]
    assert after[1] - after[0] < view[1] - view[0]


def drag(page: Any, dx: float, dy: float) -> None:
    page.mouse.move(700, 400)
    page.mouse.down()
    page.mouse.move(700 + dx / 2, 400 + dy / 2)
    page.mouse.move(700 + dx, 400 + dy)
    page.mouse.up()
    page.evaluate("liqmap.painted()")


def test_drag__pans_and_a_box_zooms(page: Any) -> None:
    whole = page.evaluate("liqmap.view")
    page.locator("#tool span", has_text="zoom").click()
    drag(page, 200, 100)
    boxed, plot = page.evaluate("[liqmap.view, liqmap.plot()]")
    assert boxed[1] - boxed[0] == pytest.approx(200 / plot["width"] * (whole[1] - whole[0]), rel=0.01)
    assert boxed[3] - boxed[2] == pytest.approx(100 / plot["height"] * (whole[3] - whole[2]), rel=0.01)
    page.locator("#tool span", has_text="pan").click()
    drag(page, 100, -50)
    panned = page.evaluate("liqmap.view")
    assert panned[0] - boxed[0] == pytest.approx(-100 / plot["width"] * (boxed[1] - boxed[0]), rel=0.01)
    assert panned[2] - boxed[2] == pytest.approx(-50 / plot["height"] * (boxed[3] - boxed[2]), rel=0.01)


def test_keys__pan_zoom_and_reset(page: Any) -> None:
    whole = page.evaluate("liqmap.view")
    page.locator("#chart .liqmap-chart").focus()
    page.keyboard.press("+")
    near = page.evaluate("liqmap.view")
    assert near[1] - near[0] == pytest.approx(0.8 * (whole[1] - whole[0]))
    page.keyboard.press("ArrowUp")
    assert page.evaluate("liqmap.view")[3] > near[3]
    page.keyboard.press("0")
    assert page.evaluate("liqmap.view") == whole


def test_two_fingers__zoom_where_they_are(page: Any) -> None:
    """The moments under both fingers stay under them."""
    plot, before = page.evaluate("[liqmap.plot(), liqmap.view]")
    after = page.evaluate("""() => {
      const layer = document.querySelector("#chart .pointer"), {left, top} = layer.getBoundingClientRect()
      const finger = (type, pointerId, x, y) => layer.dispatchEvent(new PointerEvent(
        type, {pointerId, pointerType: "touch", button: 0, clientX: left + x, clientY: top + y}))
      layer.setPointerCapture = () => {}
      finger("pointerdown", 11, 300, 300)
      finger("pointerdown", 12, 500, 310)
      finger("pointermove", 11, 200, 300)
      finger("pointermove", 12, 600, 310)
      finger("pointerup", 11, 200, 300)
      finger("pointerup", 12, 600, 310)
      return liqmap.view
    }""")

    def time(view: list[float], x: float) -> float:
        return view[0] + (x - plot["left"]) / plot["width"] * (view[1] - view[0])

    length = before[1] - before[0]
    assert time(after, 200) == pytest.approx(time(before, 300), abs=1e-6 * length)
    assert time(after, 600) == pytest.approx(time(before, 500), abs=1e-6 * length)
    assert after[2:] == pytest.approx(before[2:], rel=1e-9)


def test_address__brings_back_choices_and_view(visit: Callable, page: Any) -> None:
    assert "#" not in page.url
    view = page.evaluate(
        "() => { const [a, b, c, d] = liqmap.view; return [a + 1e10, b - 2e10, c + 2, d - 3] }"
    )
    page.evaluate("v => liqmap.setView(v)", view)
    some = {
        "halfLife": 90 * 10**9, "prune": None, "agg": "mean", "theme": "light", "palette": "classic",
        "scaling": "linear", "cutoffs": [30, 99], "carried": 0.5, "minSize": 0.25, "carriedShown": "outline",
        "bbo": False,
    }  # fmt: skip
    page.evaluate("some => liqmap.choose(some)", some)
    words = "['from=', 'high=', 'half_life=90s', 'layers=bubbles']"
    page.wait_for_function(f"{words}.every(word => location.hash.includes(word))")
    other = visit(page.url).page
    other.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    choice = page.evaluate("liqmap.choice")
    assert other.evaluate("liqmap.choice") == choice
    assert {name: choice[name] for name in some} == some
    assert other.evaluate("liqmap.view") == pytest.approx(page.evaluate("liqmap.view"))
    other.evaluate("location.hash = '#half_life=2min&prune=soon&agg=most&view=3,2,1,0'")
    other.wait_for_function("liqmap.choice.halfLife == 12e10")
    assert other.evaluate("liqmap.choice") == other.evaluate("({...liqmap.meta.choice, halfLife: 12e10})")
    assert other.evaluate("liqmap.view") == other.evaluate("liqmap.meta.view")


def test_hover__tells_the_cell(page: Any, session: lm.Session, out: Path) -> None:
    plot, box = page.evaluate("liqmap.plot()"), page.locator("#chart").bounding_box()
    tick = session.spans().tick_size
    bid = session.bbo()["bid"].iloc[-1]
    base = int(page.evaluate("liqmap.meta.spans.base"))
    begin, end, low, high = (v - base if k < 2 else v for k, v in enumerate(view_of(session)))
    page.evaluate("liqmap.choose({limits: [1e-9, 1], bubbles: false})")  # whatever rests there has a colour
    page.evaluate("v => liqmap.setView(v)", [end - 10**10, end, bid - 20 * tick, bid + 20 * tick])
    page.evaluate("liqmap.painted()")
    x = box["x"] + plot["left"] + plot["width"] * 0.99
    y = box["y"] + plot["top"] + plot["height"] * (0.5 - 0.5 / 40)
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    page.locator("#chart .readout").wait_for()
    place, size, rest = page.locator("#chart .readout").inner_text().split("\n")
    assert re.fullmatch(rf"2026-01-05 00:0\S+\s+·\s+{bid:,.1f}", place)
    assert re.fullmatch(r"bid\s+[\d.,]+ AAA", size)
    assert re.fullmatch(r"[\d.,]+ USDT\s+·\s+observed", rest)
    page.screenshot(path=out / "standalone-hover.png")
    page.evaluate("v => liqmap.setView(v)", [begin, end, low, high])
    press_to_end(page, "half-life", "End")
    press_to_end(page, "prune", "End")
    seen = set()
    for k in range(40):
        page.mouse.move(
            box["x"] + plot["right"] - 5, box["y"] + plot["top"] + plot["height"] * (k + 0.5) / 40
        )
        page.wait_for_timeout(60)
        words = page.locator("#chart .readout").inner_text()
        seen |= {word for word in ("observed", "carried", "ago", "unknown", "empty") if word in words}
        if "carried" in words:
            assert re.search(r"(bid|ask)\s+[\d.,]+ AAA seen [\d.]+ (s|min) ago, weighs [\d.]+\n", words)
    assert {"observed", "carried", "ago"} <= seen


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (1280, 720)])
def test_layout__shows_everything(visit: Callable, written: Path, out: Path, width: int, height: int) -> None:
    page = visit(written.as_uri(), width, height).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    page.screenshot(path=out / f"standalone-{width}x{height}.png")
    for name in ("h1", "#bar-asks", "#half-life", "#theme", "#chart", "#strip", "#source"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_window__is_followed(page: Any) -> None:
    page.set_viewport_size({"width": 1100, "height": 700})
    page.wait_for_timeout(200)
    page.evaluate("liqmap.painted()")
    assert page.evaluate("document.querySelector('#chart .picture').width") < 1100
    assert page.evaluate("liqmap.plot().width") > 500


def test_page__asks_for_no_file(visit: Callable, written: Path) -> None:
    opened = visit(written.as_uri())
    opened.page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    assert [r for r in opened.requests if not r.startswith(("data:", "blob:"))] == [written.as_uri()]


def test_broken_page__says_so(visit: Callable, chromium: Any, written: Path, tmp_path: Path) -> None:
    text = written.read_text(encoding="utf-8")
    at = text.index('id="spans">') + 200
    (tmp_path / "broken.html").write_text(text[:at] + "AAAA" + text[at + 4000 :], encoding="utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "broken.html").as_uri())
    page.locator("#notice", has_text="cannot draw").wait_for(timeout=10_000)
    page.close()


def test_page__opens_at_the_view_it_is_given(visit: Callable, session: lm.Session, tmp_path: Path) -> None:
    begin = session.time_range[0]
    times = begin + np.timedelta64(20, "s"), begin + np.timedelta64(50, "s")
    low, high = session.price_range
    prices = (low + (high - low) / 4, high - (high - low) / 4)
    page = visit(standalone_html(session, tmp_path / "a.html", view=(times, prices)).as_uri()).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    view, whole = page.evaluate("[liqmap.view, liqmap.meta.view]")
    assert view[1] - view[0] == 30 * 10**9
    assert view[2:] == pytest.approx(prices)
    page.mouse.dblclick(800, 450)
    assert page.evaluate("liqmap.view") == pytest.approx(whole)


def test_dense_screen__has_a_cell_for_each_of_its_pixels(chromium: Any, written: Path) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, device_scale_factor=2)
    page = context.new_page()
    page.goto(written.as_uri())
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    dense, plot = page.evaluate("[document.querySelector('#chart .picture').width, liqmap.plot()]")
    assert dense > 2 * plot["width"]
    edges = page.evaluate("async () => (await liqmap.drawn()).edges.length")
    assert edges > plot["width"]
    context.close()


class Bids(Market):
    """A market without asks and trades."""

    def spans(self, depth_limit: int | None = None) -> lm.Spans:
        table, window = super().spans().to_arrow(), super().spans().window
        return lm.Spans.from_arrow(*(t.filter(pc.equal(t["side"], "bid")) for t in (table, window)))

    def trades(self) -> pa.Table:
        return super().trades().slice(0, 0)


@pytest.mark.parametrize("market", [Market(), Lone(), Bids()], ids=["small", "one message", "one side"])
def test_small_markets__are_drawn(visit: Callable, market: Market, tmp_path: Path) -> None:
    page = visit(standalone_html(market, tmp_path / "a.html", half_life="1min", prune=None).as_uri()).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    edges, rows, *answer = page.evaluate(DRAWN)
    base = int(page.evaluate("liqmap.meta.spans.base"))
    times, rows = np.array(edges).astype(np.int64) + base, np.array(rows)
    liquidity, state = unpacked(answer, (2, len(rows) - 1, len(times) - 1))
    expected = lm.rasterize(market.spans(), times.astype("datetime64[ns]"), rows * 0.5, "1min", None, "peak")
    np.testing.assert_array_equal(state, expected.state.values)
    np.testing.assert_allclose(liquidity, expected.liquidity.values, rtol=1e-5, equal_nan=True)
    assert (pixels(page)[..., 3] > 0).any()
