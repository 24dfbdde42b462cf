"""The controls of the standalone page do what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.render.marks.overlays import BUBBLES, NARROW_PIXELS, Quotes, Trades
from liqmap.render.marks.specks import FAINTEST
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN
from tests.chromium.standalone.page import frame_of, pixels, press_to_end, share, view_of

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def test_half_life__none_stops_carried_bands_from_fading(page: Any, session: lm.Session, out: Path) -> None:
    before, faded = share(page), pixels(page)
    press_to_end(page, "half-life", "End")
    assert "no decay, prune 5 min" in page.locator("#strip").inner_text()
    assert page.locator("#half-life").get_attribute("aria-valuetext") == "none"
    assert page.locator("#preset").input_value() == "custom"
    assert share(page) > before
    assert pixels(page).sum() > faded.sum()
    page.screenshot(path=out / "standalone-no-decay.png")
    liquidity, state = frame_of(page, session, None, None)
    both = (state[:, :, 1:] == CARRIED) & (state[:, :, :-1] == CARRIED)
    assert both.sum() > 1000
    falls = (np.diff(liquidity, axis=2) < 0) & both
    assert falls.sum() < 0.02 * both.sum()  # only where a level among several of a row is gone
    decayed, _ = frame_of(page, session, 10**9, None)
    assert ((np.diff(decayed, axis=2) < 0) & both).sum() > 0.9 * both.sum()


def test_prune__0_leaves_the_observed_alone(page: Any, session: lm.Session) -> None:
    press_to_end(page, "prune", "Home")
    assert share(page) == 0
    assert "as transmitted (prune 0)" in page.locator("#strip").inner_text()
    assert page.locator("#preset").input_value() == "as transmitted"
    _, state = frame_of(page, session, 30 * 10**9, 0)
    assert set(np.unique(state)) == {UNKNOWN, OBSERVED}


def test_presets__set_both_sliders(page: Any) -> None:
    page.locator("#preset").select_option("extended market depth")
    page.evaluate("liqmap.painted()")
    assert page.locator("#half-life-value").inner_text() == "none"
    assert page.locator("#prune-value").inner_text() == "none"
    assert "no decay, no prune" in page.locator("#strip").inner_text()
    page.locator("#preset").select_option("default")
    assert page.locator("#half-life-value").inner_text() == "30 s"
    assert page.locator("#prune-value").inner_text() == "5 min"


def blue_and_orange(image: np.ndarray) -> tuple[int, int]:
    """Lit pixels that are more blue than red, and more red than blue."""
    lit = image[..., :3].max(axis=2) > 60
    return int((lit & (image[..., 2] > image[..., 0] + 20)).sum()), int(
        (lit & (image[..., 0] > image[..., 2] + 20)).sum()
    )


def test_bids_off__no_blue(page: Any) -> None:
    blue, orange = blue_and_orange(pixels(page))
    assert min(blue, orange) > 10_000
    page.locator("#bids").uncheck()
    assert blue_and_orange(pixels(page))[0] == 0
    page.locator("#bids").check()
    page.locator("#asks").uncheck()
    blue, orange = blue_and_orange(pixels(page))
    assert blue > 10_000
    assert orange == 0


def lines(page: Any) -> int:
    """Pixels drawn on the layer of lines within the axes."""
    return page.evaluate("""async () => {
      await liqmap.painted()
      await new Promise(requestAnimationFrame)
      const {left, top, width, height} = liqmap.plot()
      const {data} = document.querySelector("#chart .lines")
        .getContext("2d").getImageData(left, top, width, height)
      let count = 0
      for (let i = 3; i < data.length; i += 4) count += data[i] > 60
      return count
    }""")


def test_layers__touch_and_trades_come_and_go(page: Any) -> None:
    both = lines(page)
    page.locator("#bubbles").uncheck()
    touch = lines(page)
    page.locator("#bbo").uncheck()
    assert both > touch > 500 > lines(page)


def marks(page: Any) -> dict[str, Any]:
    return page.evaluate("async () => { await liqmap.painted(); return liqmap.marks }")


def test_bubbles__are_those_of_pictures(page: Any, session: lm.Session) -> None:
    begin, end, low, high = view_of(session)
    trades, tick = Trades.of(session.trades()), session.spans().tick_size
    base = int(page.evaluate("liqmap.meta.spans.base"))
    width, height = (round(v) for v in page.evaluate("[liqmap.plot().width, liqmap.plot().height]"))
    middle, counts = (low + high) / 2, []
    for first, last, bottom, top in [
        (begin, end, low, high),
        (begin + 10**10, end, middle - 5, middle + 5),
        (begin, begin + 3 * 10**8, low, high),
    ]:
        page.evaluate("v => liqmap.setView(v)", [first - base, last - base, bottom, top])
        found = {(b["aggressor"], round(b["size"], 6), round(b["price"], 6)) for b in marks(page)["bubbles"]}
        wanted = trades.bubbles(first, last, width, tick, prices=(bottom, top), height=height)
        rounded = zip(wanted.aggressor, wanted.size.round(6), wanted.price.round(6))
        assert found == {(int(a) + 1, float(size), float(price)) for a, size, price in rounded}
        counts.append(len(trades.within(first, last, (bottom, top))))
    assert counts[0] > BUBBLES > counts[2] > 0


def test_touch__is_that_of_pictures(page: Any, session: lm.Session, out: Path) -> None:
    quotes, tick = Quotes.of(session.spans()), session.spans().tick_size
    begin, end, low, high = view_of(session)
    base = int(page.evaluate("liqmap.meta.spans.base"))
    k = np.searchsorted(quotes.time, begin + 60 * 10**9)
    near = begin + 60 * 10**9, begin + 70 * 10**9, quotes.bid[k] - 8 * tick, quotes.bid[k] + 8 * tick
    named = {}
    for name, (first, last, bottom, top) in {"whole": (begin, end, low, high), "near": near}.items():
        page.evaluate("v => liqmap.setView(v)", [first - base, last - base, bottom, top])
        told, plot = marks(page), page.evaluate("liqmap.plot()")
        _, until, bid, ask = np.array(told["bbo"]["steps"], float).T
        times = first + (until - plot["left"]) / plot["width"] * (last - first) - 1000
        at = np.searchsorted(quotes.time, times, side="right") - 1
        for line, prices in ((bid, quotes.bid), (ask, quotes.ask)):
            seen = top - (line - plot["top"]) / plot["height"] * (top - bottom)
            np.testing.assert_allclose(seen, prices[at], atol=1e-6)
        named[name] = page.locator(".marks >> nth=1").inner_text().split("\n")
        narrow = np.abs(bid - ask) < NARROW_PIXELS
        assert [told["bbo"]["one"], told["bbo"]["two"]] == [narrow.any(), not narrow.all()]
        page.screenshot(path=out / f"standalone-touch-{name}.png")
    assert named["near"] == ["best bid", "best ask"]  # as in every legend
    assert named["whole"][-1] in ("both in a pixel", "best bid, ask")


def test_specks__show_every_trade_between_the_bubbles(page: Any, session: lm.Session) -> None:
    """Where no bubble is, a trade's pixel is lit."""
    page.evaluate("liqmap.choose({bbo: false})")
    found, plot, view = marks(page)["bubbles"], page.evaluate("liqmap.plot()"), page.evaluate("liqmap.view")
    base, tick = int(page.evaluate("liqmap.meta.spans.base")), session.spans().tick_size
    trades = Trades.of(session.trades())
    x = np.floor((trades.time - base - view[0]) / (view[1] - view[0]) * plot["width"]).astype(int)
    y = np.floor((view[3] - trades.price - tick / 2) / (view[3] - view[2]) * plot["height"]) + plot["top"]
    lit = page.evaluate(
        """async ([x, y]) => {
          await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
          const layer = document.querySelector("#chart .lines"), {width, height} = layer
          const {left} = liqmap.plot()
          const {data} = layer.getContext("2d").getImageData(0, 0, width, height)
          return x.map((v, k) => data[4 * (y[k] * width + v + left) + 3])
        }""",
        [x.tolist(), y.astype(int).tolist()],
    )
    assert len(trades) > 10 * len(found)
    assert min(lit) > 255 * FAINTEST / 2


def test_strength__weakens_the_carried_alone(page: Any) -> None:
    press_to_end(page, "half-life", "End")
    full = pixels(page)
    page.evaluate("liqmap.choose({carried: 0})")
    gone = pixels(page)
    assert (gone != full).any(axis=2).sum() > 10_000
    assert gone.sum() < full.sum()
    page.evaluate("liqmap.choose({prune: 0})")
    bare = pixels(page)
    page.evaluate("liqmap.choose({carried: 1})")
    np.testing.assert_array_equal(pixels(page), bare)


def test_cutoffs__higher_ones_light_less(page: Any) -> None:
    before = pixels(page).sum()
    press_to_end(page, "cut-low", "End")
    assert pixels(page).sum() < before
    sizes = page.locator("#bar-bids .sizes span").all_inner_texts()
    assert float(sizes[0]) < float(sizes[2])


def test_aggregate__mean_is_named_and_drawn(page: Any) -> None:
    peak = pixels(page)
    page.locator("#agg span", has_text="mean").click()
    assert (pixels(page) != peak).any()
    assert "mean, AAA a tick" in page.locator("#strip").inner_text()


def test_smallest_size__hides_what_is_below(page: Any) -> None:
    before = pixels(page)
    press_to_end(page, "min-size", "End")
    assert (pixels(page) != before).any()
    least = page.evaluate("liqmap.choice.minSize")
    assert 0 < least < page.evaluate("liqmap.picture.scale.high")
    assert " AAA" in page.locator("#min-size-value").inner_text()
    page.locator("#agg span", has_text="mean").click()
    page.evaluate("liqmap.painted()")
    assert page.evaluate("liqmap.choice.minSize") == least
    press_to_end(page, "min-size", "Home")
    assert page.locator("#min-size-value").inner_text() == "any"


def test_theme__light_is_light_and_shows_the_same(page: Any, out: Path) -> None:
    page.screenshot(path=out / "standalone-dark-1600x900.png")
    page.locator("#theme").click()
    light = pixels(page)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(int(v) for v in re.findall(r"\d+", background)) > 230
    opaque = light[..., 3] > 0
    assert light[opaque][:, :3].mean() > 150
    page.screenshot(path=out / "standalone-light-1600x900.png")
