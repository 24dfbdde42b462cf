"""Twenty viewers of one process, each at its own sliders: failures, latency, memory.

A viewer is a client of bokeh's own protocol: it opens the app as a page does, moves a slider, and waits until
the new picture has come over its WebSocket. Between two moves it looks at the picture for a second.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

import liqmap as lm

from .bench_open import store_of
from .browser import served
from .report import Memory, Told, table

VIEWERS, MOVES, PAUSE_S, PATIENCE_S = 20, 15, 1.0, 60.0


def run(minutes: int = 1440, viewers: int = VIEWERS, moves: int = MOVES) -> list[Memory | Told]:
    """A whole simulated day of 30 million updates."""
    store = store_of(minutes)
    spans = len(lm.open_store(store).session("bybit", "SIMUSDT").spans())
    with served(store) as (url, pid):
        watch = Watch(pid)
        viewer(url, 0, 2)  # the first one compiles, opens and caches
        before = watch.megabytes
        with ThreadPoolExecutor(viewers) as pool:
            seen = [pool.submit(viewer, url, k, moves) for k in range(viewers)]
            seconds, failures = [], []
            for one in seen:
                taken, failed = one.result()
                seconds += taken
                failures += failed
        peak = watch.peak
        time.sleep(40)  # sessions are dropped some half a minute after their visitor
        after = watch.megabytes
        watch.stop()
    for failure in failures:
        print(f"a viewer failed: {failure}", file=sys.stderr)
    size = f"{minutes / 60:.3g} h, {spans / 1e6:.1f} M spans"
    crowd = f"{viewers} viewers x {moves} moves"
    late = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else float("nan")
    middle = statistics.median(seconds) if seconds else float("nan")
    return [
        Told(f"{viewers} viewers, failures", size, f"{len(failures)}", "0", crowd),
        Told("slider move, median", size, f"{middle * 1e3:.0f} ms", "", f"{crowd}, {PAUSE_S:g} s between"),
        Told("slider move, p95", size, f"{late * 1e3:.0f} ms", "", f"{crowd}, {PAUSE_S:g} s between"),
        Memory("server with one viewer", size, before),
        Memory(f"server with {viewers}, peak", size, peak),
        Memory("server when all have left", size, after),
    ]


def viewer(url: str, seed: int, moves: int) -> tuple[list[float], list[str]]:
    """Seconds of each move of one viewer, and what went wrong."""
    from bokeh.client import pull_session

    asyncio.set_event_loop(asyncio.new_event_loop())
    rng, taken = random.Random(seed), []
    try:
        session = pull_session(url=f"{url}/liqmap")
        sliders = [_model(session.document, "half-life"), _model(session.document, "prune")]
        image = _model(session.document, None)
        for move in range(moves):
            time.sleep(PAUSE_S * (0.5 + rng.random()))
            slider = sliders[move % 2]
            stop = rng.choice([k for k in range(6, 30) if k != slider.value])
            shown, begin = image.data["image"][0], time.perf_counter()
            slider.value = stop
            while image.data["image"][0] is shown:
                session.force_roundtrip()
                if time.perf_counter() - begin > PATIENCE_S:
                    raise TimeoutError(f"no picture within {PATIENCE_S:g} s of move {move}")
            taken.append(time.perf_counter() - begin)
        session.close()
    except Exception as error:
        return taken, [f"{type(error).__name__}: {error}"]
    return taken, []


def _model(document: Any, title: str | None) -> Any:
    """The slider of a title, or the data of the picture."""
    for model in document.models:
        kind = type(model).__name__
        if title is None and kind == "figure":
            images = [r for r in model.renderers if type(getattr(r, "glyph", None)).__name__ == "ImageRGBA"]
            if images:
                return images[0].data_source  # below all that lies on it
        if title is not None and kind.endswith("Slider") and title in str(getattr(model, "title", "")):
            return model
    raise LookupError(f"no {title or 'picture'} in the page")


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
