"""The app in a browser: from a change to painted pixels, beside a plain HoloViews image of as many cells.

Painted: the image's data has arrived in the page, and the next animation frame has begun. Both pages are of
one Panel server; a step of the one comes after a step of the other.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable

import liqmap as lm

from .app_server import FRAME
from .bench_open import store_of
from .browser import Painted, chromium, served
from .report import Added, table

STEPS = 31
SLIDER_MS, VIEW_MS = 30, 60
"""What liqmap may add to the plain image, median ms."""


def run(minutes: int = 1440, steps: int = STEPS) -> list[Added]:
    """A whole simulated day of 30 million updates."""
    store = store_of(minutes)
    session = lm.open_store(store).session("bybit", "SIMUSDT")
    spans = len(session.spans())
    with served(store) as (url, _), chromium() as browser:
        if browser is None:
            print("no Chromium on this machine: the app is not measured", file=sys.stderr)
            return []
        ours = Painted(browser, f"{url}/liqmap")
        ours.fit(*FRAME)
        cells = "x".join(map(str, ours.cells))
        plain = Painted(browser, "{}/plain?width={}&height={}".format(url, *ours.cells))
        size = f"{minutes / 60:.3g} h, {spans / 1e6:.1f} M spans, {cells} cells"
        stops = [12 + k % 2 * 3 + k % 5 for k in range(steps + 1)]
        wheel = [-120 if k % 6 < 3 else 120 for k in range(steps + 1)]
        drags = [60 if k % 4 < 2 else -60 for k in range(steps + 1)]
        results = []
        for name, does, to, asked in (
            ("slider step, painted", Painted.slide, stops, SLIDER_MS),
            ("zoom step, painted", Painted.zoom, wheel, VIEW_MS),
            ("pan step, painted", Painted.pan, drags, VIEW_MS),
        ):
            both = _alternating(does, ours, plain, to)
            medians = [statistics.median(times) for times in both]
            results.append(Added(name, size, *medians, f"plain hv.Image, median of {steps}", asked))
        return results


def _alternating(
    does: Callable[[Painted, int], float], ours: Painted, plain: Painted, to: list[int]
) -> tuple[list[float], list[float]]:
    """ms of each step but the first, of ours and of the plain one."""
    both: tuple[list[float], list[float]] = ([], [])
    for value in to:
        for page, times in zip((ours, plain), both):
            times.append(does(page, value))
    return both[0][1:], both[1][1:]


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1440))
