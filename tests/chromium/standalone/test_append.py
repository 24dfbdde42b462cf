"""A page that is told what has come since it was opened draws what one does that was opened later."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.browser import standalone_html
from liqmap.browser.append import append
from liqmap.browser.content import Content
from liqmap.browser.market import sizes_by_rank
from liqmap.browser.pack import DAY
from liqmap.spans import Replayer, Spans
from tests.chromium.standalone.page import DRAWN, pixels
from tests.render.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

PARTS = 4

APPEND = """async ([packed, view]) => {
  const {chart} = liqmap
  const come = await Promise.all(packed.map(one => chart.source.append(one)))
  for (const part of come) chart.append(part, view)
  chart.setView(view)
  await chart.painted()
  return come.map(({trades}) => trades.time.length)
}"""


class Growing(Market):
    """A simulated market as it was at some moment."""

    def __init__(self, spans: Spans, trades: Any, prices: tuple[float, float]) -> None:
        self._spans, self._trades, self.price_range = spans, trades, prices
        self.time_range = tuple(np.datetime64(t, "ns") for t in (spans.begin, spans.last))  # type: ignore[assignment]

    def trades(self) -> Any:
        return self._trades


def moments() -> list[Growing]:
    capture = lm.simulate(minutes=1, seed=5, levels=60, keep_truth=False)
    whole = lm.replay(capture.depth)
    ticks = np.array([s.levels[[0, -1]] for s in whole.sides])
    prices = tuple(whole.prices(np.array([ticks.min(), ticks.max()])).tolist())
    replayer, found = Replayer(lm.Meta.from_metadata(capture.depth.schema.metadata)), []
    times = capture.trades["ts"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    for part in np.array_split(np.arange(len(capture.depth)), PARTS):
        replayer.feed(capture.depth[part[0] : part[-1] + 1])
        spans = replayer.spans()
        found.append(Growing(spans, capture.trades[: int(np.searchsorted(times, spans.last))], prices))
    return found


def content(market: Growing) -> Content:
    return Content.of(market, market.spans(), market.time_range)


def test_appended__is_drawn_as_if_it_had_been_there(visit: Callable, tmp_path: Path) -> None:
    parts = moments()
    pages = [
        visit(standalone_html(market, tmp_path / f"{k}.html").as_uri(), 900, 600).page
        for k, market in enumerate((parts[0], parts[-1]))
    ]
    for page in pages:
        page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    grown, whole = pages
    base, view = parts[0].spans().begin // DAY * DAY, whole.evaluate("liqmap.view")
    packed = []
    for before, now in zip(parts, parts[1:]):
        one = append(content(before), content(now), base)
        data = base64.b64encode(one.data).decode()
        packed.append({"data": data, "header": one.header, "sizes": sizes_by_rank(now)})
    assert sum(grown.evaluate(APPEND, [json.loads(json.dumps(packed)), view])) > 50
    for choice in ({}, {"halfLife": 10**9}, {"agg": "mean"}, {"prune": None}):
        drawn = []
        for page in pages:
            page.evaluate("some => liqmap.choose(some)", choice)
            page.evaluate("liqmap.painted()")
            told = page.evaluate("[liqmap.picture, liqmap.marks, document.querySelector('#strip').innerText]")
            told[0].pop("ms")
            drawn.append((page.evaluate(DRAWN), pixels(page), told))
        (cells, image, said), (cells_too, image_too, said_too) = drawn
        assert cells == cells_too
        np.testing.assert_array_equal(image, image_too)
        assert said == said_too


def test_appended__what_does_not_follow_is_told(visit: Callable, tmp_path: Path) -> None:
    parts = moments()
    page = visit(standalone_html(parts[0], tmp_path / "a.html").as_uri(), 700, 500).page
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    one = append(content(parts[1]), content(parts[2]), parts[0].spans().begin // DAY * DAY)
    data = {"data": base64.b64encode(one.data).decode(), "header": one.header}
    failed = page.evaluate("one => liqmap.chart.source.append(one).catch(error => String(error))", data)
    assert "append: expected what has come after" in failed
