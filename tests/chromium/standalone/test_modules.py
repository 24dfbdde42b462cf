"""The engine's modules as browsers import them, and several charts of them on one page."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liqmap.browser.bundle import Module, bundle
from liqmap.browser.sources import GIVEN, PAGE, WORKER, names, script, source, write_modules
from tests.chromium.standalone.page import pixels

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

UNBUNDLED = """<script>
const Classic = Worker
Worker = class extends Classic { constructor() { super("/%s", {type: "module"}) } }
</script>
<script type="module" src="/%s"></script>
"""
TWO = """<!DOCTYPE html><link rel="icon" href="data:,"><style>%s
section { width: 700px; height: 400px }</style>
<section></section><section></section>
<script type="module">
import {Chart} from "/chart/chart.js"
import {WorkerSource} from "/source/worker_source.js"
const text = async name => (await fetch(name)).text()
const script = await text("/worker.txt"), data = await text("/data.txt")
const meta = JSON.parse(await text("/meta.json"))
const {tick, places, units, worth, last, themes, sizes, choice, view: whole, spans: header} = meta
const baseSeconds = Number(BigInt(header.base) / 1000000000n)
const market = {tick, places, units, worth, last, base: header.base, baseSeconds}
const open = (host, some) => {
  const source = new WorkerSource(script, {data, header, tick, sizes})
  return new Chart(host, {source, market, themes, whole, choice: {...choice, ...some}})
}
const before = new Set(Object.getOwnPropertyNames(window))
const hosts = [...document.querySelectorAll("section")]
const charts = hosts.map((host, k) => open(host, k ? {theme: "light"} : {}))
await Promise.all(charts.map(chart => chart.open()))
window.added = Object.getOwnPropertyNames(window).filter(name => !before.has(name))
window.charts = charts
</script>
"""
SUM = """async k => {
  await charts[k].painted()
  const {picture} = charts[k].layers
  const {data} = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height)
  return data.reduce((a, b) => a + b)
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def folder(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All modules, the standalone page with these in place of its scripts, and a page with two charts."""
    made, text = tmp_path_factory.mktemp("modules"), written.read_text(encoding="utf-8")
    write_modules(made)
    bundled = text.index("<script>\n")
    (made / "page.html").write_text(text[:bundled] + UNBUNDLED % (WORKER, PAGE), encoding="utf-8")
    (made / "two.html").write_text(TWO % source("chart/chart.css"), encoding="utf-8")
    for name, kind in (("meta.json", "meta"), ("data.txt", "spans")):
        found = re.search(rf'<script type="[^"]*" id="{kind}">(.*?)</script>', text)
        assert found is not None
        (made / name).write_text(found[1], encoding="utf-8")
    (made / "worker.txt").write_text(script(WORKER), encoding="utf-8")
    (made / "alone.js").write_text(bundle("chart/chart.js", source, exports=True), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_modules__are_imported_as_they_are(visit: Callable, served: str) -> None:
    """And export what a bundle takes them to export."""
    page = visit(f"{served}/two.html").page
    for name in names():
        if name not in (WORKER, PAGE):
            exported = page.evaluate("async name => Object.keys(await import(name))", f"/{name}")
            assert sorted(exported) == sorted(Module.of(name, source(name)).exports)
    assert set(GIVEN) < set(names())


def test_bundle__for_a_host_is_a_module(visit: Callable, served: str) -> None:
    page = visit(f"{served}/two.html").page
    page.wait_for_function("window.charts")
    assert page.evaluate("async () => Object.keys(await import('/alone.js'))") == ["Chart"]
    drawn = """async () => {
      const {Chart} = await import("/alone.js"), {source, market, themes, choice, whole} = charts[0]
      source.open = async () => charts[0].data
      const chart = new Chart(document.body, {source, market, themes, choice, whole})
      await chart.open()
      return chart.picture.share == charts[0].picture.share
    }"""
    assert page.evaluate(drawn)


def test_page__of_modules_draws_what_the_bundled_one_does(visit: Callable, page: Any, served: str) -> None:
    other = visit(f"{served}/page.html", 1600, 900).page
    other.wait_for_function("window.liqmap")
    other.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    for some in ({"agg": "mean"}, {"halfLife": None, "prune": None}, {"theme": "light", "agg": "last"}):
        seen, wanted = (
            (opened.evaluate("some => liqmap.choose(some)", some), pixels(opened))[1]
            for opened in (other, page)
        )
        np.testing.assert_array_equal(seen, wanted)


def test_charts__on_one_page_have_nothing_in_common(visit: Callable, served: str, out: Path) -> None:
    page = visit(f"{served}/two.html").page
    page.wait_for_function("window.charts")
    assert page.evaluate("added") == []
    first, second = page.evaluate(SUM, 0), page.evaluate(SUM, 1)
    page.evaluate("charts[0].choose({halfLife: null, prune: null})")
    page.evaluate(
        "charts[0].setView([...charts[0].whole.slice(0, 2), ...charts[0].whole.slice(2).map(v => v + 1)])"
    )
    assert page.evaluate(SUM, 0) != first
    assert page.evaluate(SUM, 1) == second
    assert page.evaluate("charts[1].view") == page.evaluate("charts[1].whole")
    page.screenshot(path=out / "two-charts.png")
    page.mouse.move(350, 600)
    page.locator("section:nth-of-type(2) .readout").wait_for()
    assert not page.locator("section:nth-of-type(1) .readout").is_visible()
    page.evaluate("charts[0].close()")
    assert page.locator("canvas").count() == 3
    page.mouse.wheel(0, -300)
    assert page.evaluate(SUM, 1) != second


MINE = """async () => {
  const host = document.querySelector("section"), told = []
  const cross = {name: "cross", order: 50, needs: "trades", make: () => ({
    draw(ctx, {plot, data}) { ctx.fillRect(plot.left, plot.top, 9, 9); return data.trades.time.length },
    legend: count => [{word: `${count} trades`, colour: "buy"}],
  })}
  const {Chart} = await import("/chart/chart.js"), {MARKS} = await import("/marks/marks.js")
  const {source, market, themes, choice, whole} = charts[0]
  const mine = new Chart(host, {
    source, market, themes, whole, choice: {...choice, bbo: false, cross: true}, marks: [...MARKS, cross],
  })
  mine.data = charts[0].data
  mine.addEventListener("marks", () => told.push(Object.keys(mine.told)))
  mine.drawLines()
  mine.choose({bubbles: false})
  mine.drawLines()
  const {legend} = mine, [said] = legend.find(({name}) => name == "cross").entries
  return [told, legend.map(({name, entries}) => [name, entries.length]), said.word]
}"""


def test_mark__of_ones_own_is_one_registration(visit: Callable, served: str) -> None:
    page = visit(f"{served}/two.html").page
    page.wait_for_function("window.charts")
    told, legend, word = page.evaluate(MINE)
    assert told == [["bubbles", "cross"], ["cross"]]
    assert legend == [["candles", 0], ["bbo", 0], ["mid", 0], ["bubbles", 0], ["cross", 1], ["trust", 0]]
    assert re.fullmatch(r"\d+ trades", word)
