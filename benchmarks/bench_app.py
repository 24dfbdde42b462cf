"""The app in a browser: from the event of a hand to painted pixels, beside a plain HoloViews image of as many
cells.

Painted: a task that the frame began after the picture has come gives way to. Both pages are of one Panel
server; a step of the one comes after a step of the other.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import liqmap as lm

from .bench_open import store_of
from .browser import Painted, chromium, served
from .report import Told, table
from .sample import sample_store

STEPS = 31
OPENED = 7
"""Pages that are opened one after the other."""

Step = tuple[str, Callable[[Painted, int], tuple[float, float]], list[int], str, str]


def run(minutes: int = 1440, steps: int = STEPS) -> list[Told]:
    """A whole simulated day of 30 million updates, and the bundled sample."""
    large, small = store_of(minutes), sample_store()
    return [
        *_measured(large, ("50 ms", "34 ms", "80 ms", "60 ms", "20/s"), steps),
        *_measured(small, ("34 ms", "34 ms", "80 ms", "60 ms", "25/s"), steps),
    ]


def _measured(store: Path, asked: tuple[str, ...], steps: int) -> list[Told]:
    """What was asked: of a slider's step, of a first picture, of zoom and pan, of a drag."""
    (row,) = lm.open_store(store).sessions().query("kind == 'depth'").itertuples()
    spans = len(lm.open_store(store).session(row.venue, row.symbol).spans())
    with served(store) as (url, _), chromium() as browser:
        if browser is None:
            print("no Chromium on this machine: the app is not measured", file=sys.stderr)
            return []
        Painted(browser, f"{url}/liqmap").page.close()  # who comes first opens and compiles
        opened = []
        for _ in range(OPENED):
            one = Painted(browser, f"{url}/liqmap")
            opened.append(one.first_ms)
            one.page.close()
        ours = Painted(browser, f"{url}/liqmap")
        width, height = ours.size()
        plain = Painted(browser, f"{url}/plain?width={width}&height={height}")
        size = f"{row.symbol}, {spans / 1e6:.2f} M spans, {width} x {height}"
        found = [Told("first picture", size, _ms(opened), "1,500 ms", f"page opened {OPENED} times, warm")]
        slider, first, zoom, pan, drag = asked
        wheel = [-120 if k % 6 < 3 else 120 for k in range(steps + 1)]
        some: list[Step] = [
            ("slider", Painted.slide, [1 if k % 4 < 2 else -1 for k in range(steps + 1)], "", slider),
            ("zoom", Painted.zoom, wheel, first, zoom),
            ("pan", Painted.pan, [60 if k % 4 < 2 else -60 for k in range(steps + 1)], first, pan),
        ]
        for name, does, to, asked_first, asked_exact in some:
            both = _alternating(does, ours, plain, to)
            peer = f"plain hv.Image {_ms([exact for _, exact in both[1]])}"
            if asked_first:
                found.append(Told(f"{name}, first", size, _ms([f for f, _ in both[0]]), asked_first, ""))
            found.append(Told(f"{name}, exact", size, _ms([e for _, e in both[0]]), asked_exact, peer))
        found.append(Told("slider dragged", size, f"{ours.drag_slider():.1f}/s", drag, "60 events a second"))
        found.append(Told("play", size, f"{ours.play():.1f}/s", "20/s", ""))
        return found


def _ms(times: list[float]) -> str:
    """Median and 95th percentile."""
    return f"{statistics.median(times):.0f} ms, {sorted(times)[round(0.95 * (len(times) - 1))]:.0f}"


def _alternating(
    does: Callable[[Painted, int], tuple[float, float]], ours: Painted, plain: Painted, to: list[int]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """ms of each step but the first, of ours and of the plain one; of that, which at times does not follow a
    pan, without those that it leaves out."""
    from playwright.sync_api import TimeoutError as Lost

    both: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for value in to:
        both[0].append(does(ours, value))
        try:
            both[1].append(does(plain, value))
        except Lost:
            print("a step that the plain image has left out", file=sys.stderr)
    return both[0][1:], both[1][1:]


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1440))
