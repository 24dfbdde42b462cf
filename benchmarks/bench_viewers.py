"""Twenty viewers of one process, each at its own sliders, and twenty after them: failures, latency, memory.

A viewer is a page in Chromium: it moves its half-life or prune slider, waits until the new picture has come,
looks at it for a second, and moves again. All pages share one Chromium, and this machine with the server.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from typing import Any

import psutil

import liqmap as lm

from .bench_open import store_of
from .browser import Painted, chromium, served
from .report import Memory, Told, table

VIEWERS, MOVES, PAUSE_S, PATIENCE_S = 20, 15, 1.0, 60.0
CROWDS = 2
"""The second must find the memory that the first has left."""

VIEW = """([seed, moves, pause, patience]) => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const sliders = ["half-life", "prune"].map(
    name => models.find(m => "value" in m && m.type.endsWith("Slider") && (m.title ?? "").startsWith(name)))
  const random = () => (seed = seed * 16807 % 2147483647) / 2147483647
  const sleep = s => new Promise(done => setTimeout(done, 1000 * s))
  window.seen = {moves_ms: [], failed: null, over: false}
  const view = async () => {
    for (let move = 0; move < moves; move++) {
      await sleep(pause * (0.5 + random()))
      const slider = sliders[move % 2]
      let stop = slider.value
      while (stop == slider.value) stop = 6 + Math.floor(24 * random())
      const before = watched.changed, begin = performance.now()
      slider.value = stop
      while (watched.changed == before) {
        if (performance.now() - begin > 1000 * patience) throw `no picture for move ${move}`
        await sleep(0.005)
      }
      seen.moves_ms.push(watched.changed - begin)
    }
  }
  view().catch(error => { seen.failed = String(error) }).finally(() => { seen.over = true })
}"""
"""What one viewer does; ``watched`` is of `browser.WATCH`."""


def run(minutes: int = 1440, viewers: int = VIEWERS, moves: int = MOVES) -> list[Memory | Told]:
    """A whole simulated day of 30 million updates."""
    store = store_of(minutes)
    spans = len(lm.open_store(store).session("bybit", "SIMUSDT").spans())
    with served(store) as (url, pid), chromium() as browser:
        if browser is None:
            print("no Chromium on this machine: viewers are not measured", file=sys.stderr)
            return []
        first = Painted(browser, f"{url}/liqmap", 1280, 720)  # who comes first opens and compiles
        first.slide(12)
        watch = Watch(pid)
        before = watch.megabytes
        first.page.close()
        visits, peaks = [], []
        for _ in range(CROWDS):
            watch.peak = 0.0
            visits += _visits(browser, f"{url}/liqmap", viewers, moves)
            peaks.append(watch.peak)
            time.sleep(40)  # sessions are dropped some half a minute after their visitor
        after = watch.megabytes
        watch.stop()
    failures = [t["failed"] for t in visits if t["failed"]]
    for failure in failures:
        print(f"a viewer failed: {failure}", file=sys.stderr)
    moves_ms = [ms for t in visits for ms in t["moves_ms"]] or [float("nan")] * 2
    size, crowd = f"{minutes / 60:.3g} h, {spans / 1e6:.1f} M spans", f"{viewers} viewers x {moves} moves"
    each = f"{crowd}, {PAUSE_S:g} s between"
    return [
        Told(f"{CROWDS} x {viewers} viewers, failures", size, f"{len(failures)}", "0", crowd),
        Told("slider move, median", size, f"{statistics.median(moves_ms):.0f} ms", "", each),
        Told("slider move, p95", size, f"{statistics.quantiles(moves_ms, n=20)[-1]:.0f} ms", "", each),
        Memory("server with one viewer", size, before),
        *(Memory(f"crowd {k} of {viewers}, peak", size, peak) for k, peak in enumerate(peaks, 1)),
        Memory("server when all have left", size, after),
    ]


def _visits(browser: Any, url: str, viewers: int, moves: int) -> list[dict[str, Any]]:
    """So many at once, until all are done and have left; what each has seen."""
    pages = [Painted(browser, url, 1280, 720) for _ in range(viewers)]
    for k, one in enumerate(pages):
        one.page.evaluate(VIEW, [k + 1, moves, PAUSE_S, PATIENCE_S])
    for one in pages:
        one.page.wait_for_function("() => seen.over", polling=500, timeout=1e3 * PATIENCE_S * moves)
    visits = [one.page.evaluate("() => seen") for one in pages]
    for one in pages:
        one.page.close()
    return visits


class Watch:
    """Memory of a process, MB, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.peak = self.megabytes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @property
    def megabytes(self) -> float:
        """Now: the resident set, mapped files included."""
        return self._process.memory_info().rss / 1e6

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.peak = max(self.peak, self.megabytes)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1440))
