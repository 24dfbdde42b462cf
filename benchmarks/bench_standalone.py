"""The standalone page in Chromium: from a slider's input to painted pixels, at 1200 x 700.

The peer is the same page painting its last image again, with nothing rasterized: what the browser itself
takes to show an image of that size, the wait for its next frame included. Medians, beside the sizes of files.
A step of the prune under a fitted model, a mixture by size and distance, has that of a half-life as its peer.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import liqmap as lm
from liqmap.browser import standalone_html
from liqmap.carry import spell
from liqmap.spans import touch

from .report import Result, table

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"] + [
    f"--disable-{what}" for what in ("background-networking", "component-update", "sync")
]
PLOT = 1200, 700
ASKED = "50 ms"
ASKED_OF_A_MIXTURE = "3 times the half-life's"
HALF_LIVES = ["5s", "30s", "3min", "30min", None]
CLASSES = 24, 3
"""Of size and of distance."""

STEPS = 40

MEDIAN = """
const median = async work => {
  const times = []
  for (let k = 0; k < STEPS; k++) {
    const began = performance.now()
    work(k)
    await liqmap.painted()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[STEPS >> 1] / 1000
}
""".replace("STEPS", str(STEPS))
SLIDER = f"""async id => {{
  {MEDIAN}
  const range = document.getElementById(id), stops = Number(range.max) + 1
  const step = k => {{
    range.value = (k * 7) % stops
    range.dispatchEvent(new Event("input", {{bubbles: true}}))
  }}
  await median(step)
  return median(step)
}}"""
ZOOM = f"""async () => {{
  {MEDIAN}
  const [begin, end, low, high] = liqmap.meta.view
  return median(k => {{
    const part = 1 - (k % 20) / 40
    liqmap.setView([begin, begin + part * (end - begin), low, low + part * (high - low)])
  }})
}}"""
AGAIN = f"async () => {{ {MEDIAN} return median(() => liqmap.paintAgain()) }}"


class Day:
    """A simulated day, as a session is drawn."""

    def __init__(self) -> None:
        capture = lm.simulate(minutes=1440, seed=7, keep_truth=False)
        self._spans, self._trades = lm.replay(capture.depth), capture.trades
        self.time_range = np.datetime64(self._spans.begin, "ns"), np.datetime64(self._spans.last, "ns")
        best = [tick[size > 0] for _, tick, size in (touch(self._spans, side) for side in (0, 1))]
        low, high = min(t.min() for t in best) - 200, max(t.max() for t in best) + 200
        self.price_range = tuple(self._spans.prices(np.array([low, high])).tolist())

    def spans(self, depth_limit: int | None = None) -> lm.Spans:
        return self._spans

    def trades(self) -> Any:
        return self._trades


def sample(folder: Path) -> lm.Session:
    """The bundled sample."""
    raw = sorted(p for p in SAMPLE.iterdir() if p.suffix in (".zip", ".gz"))
    lm.ingest(raw, store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def mixture(market: Any) -> lm.Mixture:
    """As large as a fitted one, and every class has a share of every half-life."""
    sizes = np.concatenate([side.size for side in market.spans().sides])
    least, most = np.quantile(sizes, [0.01, 0.9999])
    edges = np.geomspace(least, most, CLASSES[0] - 1).tolist()
    shares = np.random.default_rng(0).dirichlet(np.ones(len(HALF_LIVES)), CLASSES)
    return lm.Mixture(HALF_LIVES, 0.999 * shares, edges, [2.0, 10.0])


def run() -> list[Result]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        print("standalone: no Chromium on the PATH, nothing measured", file=sys.stderr)
        return []
    from playwright.sync_api import sync_playwright

    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for name, made in (("sample", lambda: sample(Path(folder))), ("24 h", Day)):
            market = made()
            page = standalone_html(market, Path(folder) / "page.html", carry=mixture(market))
            size = f"{page.stat().st_size / 1e6:.1f} MB, {page.note.split()[0]} spans"
            size += "" if page.resolution is None else f" at {spell(page.resolution)}"
            results += _measured(browser, page, name, size)
        browser.close()
    return results


def _measured(browser: Any, path: Path, name: str, size: str) -> list[Result]:
    page = browser.new_page(viewport={"width": PLOT[0] + 330, "height": PLOT[1] + 170})
    page.goto(path.as_uri())
    page.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    page.evaluate("liqmap.choose({halfLife: 3e10, prune: 3e11})")
    page.evaluate("liqmap.painted()")
    again = page.evaluate(AGAIN)
    results = []
    for agg in ("peak", "mean"):
        page.evaluate("agg => liqmap.choose({agg})", agg)
        for slider in ("half-life", "prune"):
            page.evaluate("liqmap.choose({halfLife: 6e11, prune: null})")
            page.evaluate("liqmap.painted()")
            seconds = page.evaluate(SLIDER, slider)
            results.append(
                Result(f"{slider}, {agg}, {name}", size, seconds, "its last image again", again, ASKED)
            )
    results.append(Result(f"zoom, {name}", size, page.evaluate(ZOOM), "its last image again", again))
    results += _of_a_mixture(page, name, size)
    page.close()
    return results


def _of_a_mixture(page: Any, name: str, size: str) -> list[Result]:
    results = []
    for agg in ("peak", "mean"):
        seconds = []
        for chosen in ("{halfLife: 6e11, prune: null}", "liqmap.meta.choice"):
            page.evaluate(f"agg => liqmap.choose({{...{chosen}, agg}})", agg)
            page.evaluate("liqmap.painted()")
            seconds.append(page.evaluate(SLIDER, "prune"))
        results.append(
            Result(
                f"mixture, prune, {agg}, {name}",
                size,
                seconds[1],
                "half-life",
                seconds[0],
                ASKED_OF_A_MIXTURE,
            )
        )
    return results


if __name__ == "__main__":
    table(run())
