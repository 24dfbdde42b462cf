"""The standalone page in Chromium: its numbers are those of `rasterize`, its controls do what they say."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import liqmap as lm
from liqmap.carry import nanoseconds
from liqmap.render import standalone_html
from liqmap.render.colour import Look, Scale, scale_of_session, shade
from liqmap.render.dust import FAINTEST
from liqmap.render.frame import draw, price_rows, screen, time_columns
from liqmap.render.overlays import BUBBLES, NARROW_PIXELS, Quotes, Trades
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN
from tests.render.market import Lone, Market

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

CARRIES = [("30s", "5min"), (None, None), ("2s", "20s"), ("10s", None), ("30s", "0s")]

BASE64 = """
const base64 = array => {
  let text = ""
  const bytes = new Uint8Array(array.buffer)
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
  return btoa(text)
}
"""
GRID = f"""async ([edges, rows, halfLife, prune, agg]) => {{
  {BASE64}
  const {{liquidity, state}} = await liqmap.grid(edges, rows, halfLife, prune, agg)
  return [liquidity.map(base64), state.map(base64)]
}}"""
DRAWN = f"""async () => {{
  {BASE64}
  await liqmap.painted()
  const {{edges, rows, liquidity, state}} = await liqmap.drawn()
  return [[...edges], [...rows], liquidity.map(base64), state.map(base64)]
}}"""
PIXELS = f"""async () => {{
  {BASE64}
  await liqmap.painted()
  const {{left, top, width, height}} = liqmap.plot()
  const {{data}} = document.getElementById("picture").getContext("2d").getImageData(left, top, width, height)
  return [base64(data), Math.floor(width), Math.floor(height)]
}}"""


def ns(duration: str | None) -> int | None:
    return nanoseconds(duration)


@pytest.fixture(scope="module")
def session(store_path: Path) -> lm.Session:
    return lm.open_store(store_path).session("bybit", "AAAUSDT")


@pytest.fixture(scope="module")
def written(session: lm.Session, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return standalone_html(session, tmp_path_factory.mktemp("standalone") / "page.html")


@pytest.fixture
def page(visit: Callable, chromium: Any, written: Path) -> Any:
    """The page from the disk, with the network off."""
    opened = visit(written.as_uri(), 1600, 900).page
    opened.context.set_offline(True)
    opened.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    return opened


def grid_of(page: Any, times: np.ndarray, rows: np.ndarray, *carry: Any) -> tuple[np.ndarray, np.ndarray]:
    base = int(page.evaluate("liqmap.meta.spans.base"))
    answer = page.evaluate(GRID, [(times - base).tolist(), rows.tolist(), *carry])
    return unpacked(answer, (2, len(rows) - 1, len(times) - 1))


def unpacked(answer: list, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Liquidity and state of both sides, from base64."""
    return tuple(  # type: ignore[return-value]
        np.concatenate([np.frombuffer(base64.b64decode(part), kind) for part in side]).reshape(shape)
        for side, kind in zip(answer, (np.float32, np.uint8))
    )


def pixels(page: Any) -> np.ndarray:
    """What is painted within the axes, (height, width, RGBA)."""
    data, width, height = page.evaluate(PIXELS)
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4).astype(int)


def view_of(session: lm.Session) -> tuple[int, int, float, float]:
    begin, end = (int(t.astype(np.int64)) for t in session.time_range)
    return begin, end, *session.price_range


def compare(
    page: Any, session: lm.Session, times: np.ndarray, rows: np.ndarray, half_life, prune, agg
) -> None:  # type: ignore[no-untyped-def]
    spans = session.spans()
    expected = lm.rasterize(
        spans, times.astype("datetime64[ns]"), rows * spans.tick_size, half_life, prune, agg
    )
    liquidity, state = grid_of(page, times, rows, ns(half_life), ns(prune), agg)
    np.testing.assert_array_equal(state, expected.state.values)
    np.testing.assert_allclose(liquidity, expected.liquidity.values, rtol=1e-5, atol=1e-37, equal_nan=True)
    assert (state == OBSERVED).any()


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
@pytest.mark.parametrize(("half_life", "prune"), CARRIES)
def test_numbers__are_those_of_rasterize(page: Any, session: lm.Session, half_life, prune, agg) -> None:  # type: ignore[no-untyped-def]
    begin, end, low, high = view_of(session)
    tick, middle, second = session.spans().tick_size, (begin + end) // 2, 10**9
    centre = (low + high) / 2
    views = [
        (begin, end, low, high, 1200, 700),
        (middle, middle + 5 * second, centre - 4, centre + 4, 1200, 700),
        (middle, middle + second // 3, centre - 1, centre + 2, 777, 33),
    ]
    for first, last, bottom, top, width, height in views:
        times, rows = time_columns(first, last, width), price_rows(bottom, top, height, tick)
        compare(page, session, times, rows, half_life, prune, agg)


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
def test_numbers__of_any_edges_are_those_of_rasterize(page: Any, session: lm.Session, agg: str) -> None:
    rng = np.random.default_rng(0)
    begin, end, low, high = view_of(session)
    times = np.unique(rng.integers(begin // 10**6, end // 10**6, 60)) * 10**6
    rows = np.unique(rng.integers(low / 0.1, high / 0.1, 40))
    for half_life, prune in CARRIES:
        compare(page, session, times, rows, half_life, prune, agg)


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
def test_numbers__of_slider_steps_are_those_of_rasterize(page: Any, session: lm.Session, agg: str) -> None:
    """A second half-life over the same view is drawn from what is kept of the first; the window is narrow, so
    that many carried pieces lie within one column."""
    page.set_viewport_size({"width": 400, "height": 600})
    page.wait_for_timeout(300)
    begin, end, low, high = view_of(session)
    base, tick = int(page.evaluate("liqmap.meta.spans.base")), session.spans().tick_size
    for view in ([begin - base, end - base, low, high], [10**10, 15 * 10**9, low, low + 20]):
        page.evaluate("([view, agg]) => { liqmap.setView(view); liqmap.choose({agg}) }", [view, agg])
        page.evaluate("liqmap.painted()")
        for half_life, prune in [*CARRIES, ("5s", "5s"), ("10min", "1s"), ("1s", None)]:
            choice = {"halfLife": ns(half_life), "prune": ns(prune)}
            page.evaluate("some => liqmap.choose(some)", choice)
            edges, rows, *answer = page.evaluate(DRAWN)
            times, rows = np.array(edges).astype(np.int64) + base, np.array(rows)
            liquidity, state = unpacked(answer, (2, len(rows) - 1, len(times) - 1))
            expected = lm.rasterize(
                session.spans(), times.astype("datetime64[ns]"), rows * tick, half_life, prune, agg
            )
            np.testing.assert_array_equal(state, expected.state.values)
            np.testing.assert_allclose(
                liquidity, expected.liquidity.values, rtol=1e-5, atol=1e-37, equal_nan=True
            )


class Simulated(Market):
    """Some minutes of a simulated market, in which sizes stay carried for long and for short."""

    def __init__(self, minutes: int) -> None:
        capture = lm.simulate(minutes=minutes, seed=5, levels=60)
        self._spans, self._trades = lm.replay(capture.depth), capture.trades
        self.time_range = tuple(np.datetime64(t, "ns") for t in (self._spans.begin, self._spans.last))  # type: ignore[assignment]
        ticks = np.array([s.levels[[0, -1]] for s in self._spans.sides])
        self.price_range = tuple(self._spans.prices(np.array([ticks.min(), ticks.max()])).tolist())

    def trades(self) -> pa.Table:
        return self._trades


def test_numbers__of_columns_longer_than_many_pieces_are_those_of_rasterize(
    visit: Callable, tmp_path: Path
) -> None:
    """Heads of several lengths within a column are settled, and half-life and prune choose among them."""
    market = Simulated(minutes=20)
    spans = market.spans()
    page = visit(standalone_html(market, tmp_path / "a.html", agg="mean").as_uri(), 400, 600).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    base = int(page.evaluate("liqmap.meta.spans.base"))
    carries = [("1min", None), ("1s", None), ("5s", "1min"), ("12s", None), (None, "11s"), ("25s", "3s")]
    for half_life, prune in carries:
        page.evaluate("some => liqmap.choose(some)", {"halfLife": ns(half_life), "prune": ns(prune)})
        edges, rows, *answer = page.evaluate(DRAWN)
        assert edges[1] - edges[0] > 10 * 10**9
        times, rows = np.array(edges).astype(np.int64) + base, np.array(rows)
        liquidity, state = unpacked(answer, (2, len(rows) - 1, len(times) - 1))
        prices = rows * spans.tick_size
        expected = lm.rasterize(spans, times.astype("datetime64[ns]"), prices, half_life, prune, "mean")
        np.testing.assert_array_equal(state, expected.state.values)
        assert (state == CARRIED).any()
        np.testing.assert_allclose(
            liquidity, expected.liquidity.values, rtol=1e-5, atol=1e-37, equal_nan=True
        )


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
def test_numbers__from_blocks_are_those_of_rasterize(
    visit: Callable, session: lm.Session, agg: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Views drawn from blocks of time and price, which are made where a session has many spans."""
    blocks = {"least": 0, "times": [10**8, 5 * 10**7], "ticks": [4, 3, 2, 1]}
    monkeypatch.setattr("liqmap.render.standalone.page.BLOCKS", blocks)
    page = visit(standalone_html(session, tmp_path / "a.html", agg=agg).as_uri(), 700, 400).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    begin, end, low, high = view_of(session)
    base, tick = int(page.evaluate("liqmap.meta.spans.base")), session.spans().tick_size
    for view in ([begin, end, low, high], [begin + 20 * 10**9, end, low + 2, high - 3]):
        there = [view[0] - base, view[1] - base, *view[2:]]
        page.evaluate("v => liqmap.setView(v)", there)
        page.evaluate("liqmap.painted()")
        page.evaluate("liqmap.rested()")
        page.evaluate("v => liqmap.setView([v[0], v[0] + 1e9, v[2], v[3]])", there)
        page.evaluate("liqmap.painted()")
        page.evaluate("v => liqmap.setView(v)", there)
        edges, rows, *answer = page.evaluate(DRAWN)
        assert page.evaluate("liqmap.picture.blocks") > 100
        times, rows = np.array(edges).astype(np.int64) + base, np.array(rows)
        liquidity, state = unpacked(answer, (2, len(rows) - 1, len(times) - 1))
        expected = lm.rasterize(session.spans(), times.astype("datetime64[ns]"), rows * tick, agg=agg)
        np.testing.assert_array_equal(state, expected.state.values)
        np.testing.assert_allclose(
            liquidity, expected.liquidity.values, rtol=1e-5, atol=1e-37, equal_nan=True
        )


def test_frames__lie_on_the_lattice_of_pictures(page: Any, session: lm.Session) -> None:
    begin, end, low, high = view_of(session)
    tick = session.spans().tick_size
    width, height = page.evaluate("[liqmap.plot().width, liqmap.plot().height]")
    for first, last, bottom, top in [
        (begin, end, low, high),
        (begin + 10**10, begin + 3 * 10**10, low + 3, high - 5),
    ]:
        base = int(page.evaluate("liqmap.meta.spans.base"))
        page.evaluate("v => liqmap.setView(v)", [first - base, last - base, bottom, top])
        drawn = page.evaluate("async () => { await liqmap.painted(); return liqmap.picture.bounds }")
        times, rows = time_columns(first, last, round(width)), price_rows(bottom, top, round(height), tick)
        np.testing.assert_allclose(drawn[:2], times[[0, -1]] - base)
        np.testing.assert_allclose(drawn[2:], rows[[0, -1]] * tick)


def test_scale__is_that_of_the_session_and_stays_while_panning(page: Any, session: lm.Session) -> None:
    ranges = session.time_range, session.price_range
    begin, _, low, high = view_of(session)
    base = int(page.evaluate("liqmap.meta.spans.base"))
    first, middle = begin - base, (low + high) / 2
    for agg, scaling in [("peak", "log"), ("mean", "linear"), ("last", "log"), ("peak", "equalised")]:
        page.evaluate("some => liqmap.choose(some)", {"agg": agg, "scaling": scaling})
        for view in ([first, first + 9 * 10**10, low, high], [first, first + 10**10, middle - 2, middle + 2]):
            page.evaluate("view => liqmap.setView(view)", view)
            drawn = page.evaluate("async () => { await liqmap.painted(); return liqmap.picture }")
            look = Look(scaling=scaling)
            expected = scale_of_session(session.spans(), ranges, agg, round(drawn["steps"][1]), look)
            told = drawn["scale"]
            np.testing.assert_allclose([told["low"], told["high"]], [expected.low, expected.high], rtol=0.01)
            np.testing.assert_allclose(told["sizes"], expected.size([0, 0.5, 1]), rtol=0.03)
            page.evaluate("liqmap.setView(liqmap.view.map((v, k) => k < 2 ? v + 2e10 : v))")
            after = page.evaluate("async () => { await liqmap.painted(); return liqmap.picture.scale }")
            assert after == told


def test_share__is_that_of_the_frame(page: Any, session: lm.Session) -> None:
    begin, end, low, high = view_of(session)
    size = [round(v) for v in page.evaluate("[liqmap.plot().width, liqmap.plot().height]")]
    for agg in ("peak", "mean", "last"):
        page.evaluate("agg => liqmap.choose({agg})", agg)
        drawn = page.evaluate("async () => { await liqmap.painted(); return liqmap.picture }")
        frame = screen(session.spans(), (begin, end), (low, high), *size, "30s", "5min", agg)
        assert drawn["share"] == pytest.approx(frame.carried_share, rel=1e-4)


@pytest.mark.parametrize("look", [
    Look(), Look(theme="light", carried_shown="outline"), Look(palette="classic", scaling="linear"),
    Look(carried=0.3, min_size=1.0), Look(carried_shown="hide", bids=False),
], ids=["default", "light", "classic", "weak", "asks"])  # fmt: skip
def test_colours__are_those_of_pictures(page: Any, session: lm.Session, look: Look) -> None:
    """Zoomed in until a cell has many pixels, each cell's middle has the colour that `shade` gives it."""
    begin = view_of(session)[0]
    base, tick = int(page.evaluate("liqmap.meta.spans.base")), session.spans().tick_size
    first = begin - base + 60 * 10**9
    middle = session.book(np.datetime64(begin + 60 * 10**9, "ns")).query("side == 'bid'")["price"].max()
    choices = {name: getattr(look, name) for name in ("theme", "palette", "scaling", "bids", "asks")}
    choices |= {"strength": look.carried, "carriedShown": look.carried_shown, "minSize": look.min_size}
    page.evaluate("some => liqmap.choose(some)", choices | {"halfLife": None, "prune": None})
    page.evaluate("v => liqmap.setView(v)", [first, first + 10**9, middle - 4, middle + 4])
    image = pixels(page)
    bounds, steps, scale = page.evaluate(
        "[liqmap.picture.bounds, liqmap.picture.steps, liqmap.picture.scale]"
    )
    times = np.arange(bounds[0], bounds[1] + 1, steps[0]).astype(np.int64) + base
    rows = np.arange(round(bounds[2] / tick), round(bounds[3] / tick) + 1, steps[1]).astype(np.int64)
    frame = draw(session.spans(), times, rows, lm.HOLD, "peak")
    expected = shade(frame, look, Scale(scale["low"], scale["high"], look.scaling)).data
    wanted = np.ascontiguousarray(expected).view(np.uint8).reshape(*expected.shape, 4).astype(int)
    centres = (middle + 4 - (rows[:-1] + steps[1] / 2) * tick) / 8 * image.shape[0]
    instants = ((times[:-1] + times[1:]) / 2 - base - first) / 1e9 * image.shape[1]
    r, c = (np.flatnonzero((v > 2) & (v < n - 2)) for v, n in zip((centres, instants), image.shape[:2]))
    seen = image[centres[r].astype(int)[:, None], instants[c].astype(int)]
    off = np.abs(seen - wanted[np.ix_(r, c)]).max(axis=2)
    assert (off <= 8).mean() > 0.999  # a shade; and at the cut-offs a size may be just within or without
    assert (seen[..., 3] > 0).sum() > 500


def share(page: Any) -> float:
    page.evaluate("liqmap.painted()")
    found = re.match(r"([\d.]+) % of the liquidity shown is carried", page.locator("#strip").inner_text())
    assert found is not None
    return float(found[1])


def frame_of(
    page: Any, session: lm.Session, half_life: int | None, prune: int | None
) -> tuple[np.ndarray, np.ndarray]:
    begin, end, low, high = view_of(session)
    times = time_columns(begin, end, 300)
    return grid_of(
        page, times, price_rows(low, high, 300, session.spans().tick_size), half_life, prune, "peak"
    )


def press_to_end(page: Any, name: str, key: str) -> None:
    page.locator(f"#{name}").focus()
    page.keyboard.press(key)
    page.evaluate("liqmap.painted()")


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
      const {data} = document.getElementById("lines").getContext("2d").getImageData(left, top, width, height)
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
        _, until, bid, ask = np.array(told["steps"], float).T
        times = first + (until - plot["left"]) / plot["width"] * (last - first) - 1000
        at = np.searchsorted(quotes.time, times, side="right") - 1
        for line, prices in ((bid, quotes.bid), (ask, quotes.ask)):
            seen = top - (line - plot["top"]) / plot["height"] * (top - bottom)
            np.testing.assert_allclose(seen, prices[at], atol=1e-6)
        named[name] = page.locator(".marks:first-child").inner_text().split("\n")
        narrow = np.abs(bid - ask) < NARROW_PIXELS
        assert [told["one"], told["two"]] == [narrow.any(), not narrow.all()]
        page.screenshot(path=out / f"standalone-touch-{name}.png")
    assert named["near"] == ["best ask", "best bid"]
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
          const layer = document.getElementById("lines"), {width, height} = layer, {left} = liqmap.plot()
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
    page.evaluate("liqmap.choose({strength: 0})")
    gone = pixels(page)
    assert (gone != full).any(axis=2).sum() > 10_000
    assert gone.sum() < full.sum()
    page.evaluate("liqmap.choose({prune: 0})")
    bare = pixels(page)
    page.evaluate("liqmap.choose({strength: 1})")
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
    page.locator("#box").click()
    drag(page, 200, 100)
    boxed, plot = page.evaluate("[liqmap.view, liqmap.plot()]")
    assert boxed[1] - boxed[0] == pytest.approx(200 / plot["width"] * (whole[1] - whole[0]), rel=0.01)
    assert boxed[3] - boxed[2] == pytest.approx(100 / plot["height"] * (whole[3] - whole[2]), rel=0.01)
    page.locator("#box").click()
    drag(page, 100, -50)
    panned = page.evaluate("liqmap.view")
    assert panned[0] - boxed[0] == pytest.approx(-100 / plot["width"] * (boxed[1] - boxed[0]), rel=0.01)
    assert panned[2] - boxed[2] == pytest.approx(-50 / plot["height"] * (boxed[3] - boxed[2]), rel=0.01)


def test_keys__pan_zoom_and_reset(page: Any) -> None:
    whole = page.evaluate("liqmap.view")
    page.locator("#chart").focus()
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
      const layer = document.getElementById("pointer"), {left, top} = layer.getBoundingClientRect()
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


def test_address__brings_back_choices_and_view(visit: Callable, page: Any) -> None:
    assert "#" not in page.url
    view = page.evaluate(
        "() => { const [a, b, c, d] = liqmap.view; return [a + 1e10, b - 2e10, c + 2, d - 3] }"
    )
    page.evaluate("v => liqmap.setView(v)", view)
    some = {
        "halfLife": 90 * 10**9, "prune": None, "agg": "mean", "theme": "light", "palette": "classic",
        "scaling": "linear", "cutoffs": [30, 99], "strength": 0.5, "minSize": 0.25, "carriedShown": "outline",
        "bbo": False,
    }  # fmt: skip
    page.evaluate("some => liqmap.choose(some)", some)
    page.wait_for_function("location.hash.includes('view=')")
    assert "half_life=1.5min" in page.url
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
    page.evaluate("v => liqmap.setView(v)", [end - 10**10, end, bid - 20 * tick, bid + 20 * tick])
    page.evaluate("liqmap.painted()")
    x = box["x"] + plot["left"] + plot["width"] * 0.99
    y = box["y"] + plot["top"] + plot["height"] * (0.5 - 0.5 / 40)
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    page.locator("#tooltip").wait_for()
    words = page.locator("#tooltip").inner_text()
    assert "2026-01-05 00:0" in words
    assert re.search(rf"price\s+{bid:,.1f}\s", words)
    assert re.search(r"side\s+bid", words)
    assert re.search(r"size\s+[\d.]+ AAA", words)
    assert re.search(r"state\s+observed", words)
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
        words = page.locator("#tooltip").inner_text()
        seen |= {word for word in ("observed", "carried", "age", "unknown", "empty") if word in words}
    assert {"observed", "carried", "age"} <= seen


def test_theme__light_is_light_and_shows_the_same(page: Any, out: Path) -> None:
    page.screenshot(path=out / "standalone-dark-1600x900.png")
    page.locator("#theme").click()
    light = pixels(page)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(int(v) for v in re.findall(r"\d+", background)) > 230
    opaque = light[..., 3] > 0
    assert light[opaque][:, :3].mean() > 150
    page.screenshot(path=out / "standalone-light-1600x900.png")


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
    assert page.evaluate("document.getElementById('picture').width") < 1100
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


def test_dense_screen__has_a_cell_for_each_of_its_pixels(chromium: Any, written: Path) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, device_scale_factor=2)
    page = context.new_page()
    page.goto(written.as_uri())
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    dense, plot = page.evaluate("[document.getElementById('picture').width, liqmap.plot()]")
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
