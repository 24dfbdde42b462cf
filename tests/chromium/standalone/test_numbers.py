"""The numbers and colours of the standalone page are those of `rasterize` and of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.browser import standalone_html
from liqmap.carry import HalfLife
from liqmap.render.frames.colour import Look, Scale, scale_of_session, shade
from liqmap.render.frames.frame import draw, price_rows, time_columns
from liqmap.render.frames.share import carried_share
from liqmap.schema import CARRIED, OBSERVED
from tests.chromium.standalone.page import DRAWN, grid_of, ns, pixels, unpacked, view_of
from tests.render.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

CARRIES = [("30s", "5min"), (None, None), ("2s", "20s"), ("10s", None), ("30s", "0s")]


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
    monkeypatch.setattr("liqmap.browser.rules.BLOCKS", blocks)
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
            expected = scale_of_session(session.spans(), ranges, agg, look)
            told = drawn["scale"]
            np.testing.assert_allclose([told["low"], told["high"]], [expected.low, expected.high], rtol=1e-12)
            np.testing.assert_allclose(told["sizes"], expected.size([0, 0.5, 1]), rtol=1e-9)
            page.evaluate("liqmap.setView(liqmap.view.map((v, k) => k < 2 ? v + 2e10 : v))")
            after = page.evaluate("async () => { await liqmap.painted(); return liqmap.picture.scale }")
            assert after == told


def test_share__is_that_of_the_view_in_every_face(page: Any, session: lm.Session) -> None:
    for agg in ("peak", "mean", "last"):
        page.evaluate("agg => liqmap.choose({agg})", agg)
        drawn = page.evaluate("async () => { await liqmap.painted(); return liqmap.picture }")
        scale = scale_of_session(session.spans(), (session.time_range, session.price_range), agg)
        view = session.time_range, session.price_range
        expected = carried_share(session.spans(), view, HalfLife("30s", "5min"), agg, Look(), scale)
        assert drawn["share"] == pytest.approx(expected, rel=1e-5)


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
    choices |= {"carried": look.carried, "carriedShown": look.carried_shown, "minSize": look.min_size}
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
    assert (off <= 1).mean() > 0.9999  # at the cut-offs a size may be just within or without
    assert (seen[..., 3] > 0).sum() > 500
