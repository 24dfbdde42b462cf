"""A live market in a browser: from the moment a session takes a message to the painted pixel.

Each message counts with the first picture that holds it: the page notes of every picture until when its book
had been told, and when the frame with it was painted. Page and server have the clock of one machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
from typing import Any

import numpy as np

from .browser import Painted, chromium
from .report import Told, table

WATCH = """() => {
  window.painted = []
  stage.chart.addEventListener("picture", () => {
    const {last} = stage.chart.picture
    requestAnimationFrame(() => {
      const channel = new MessageChannel()  // after the frame that begins now is painted
      channel.port1.onmessage = () => painted.push([last, performance.timeOrigin + performance.now()])
      channel.port2.postMessage(0)
    })
  })
}"""
BASE = "() => Number(BigInt(stage.chart.market.base) / 1000000n)"


def run(seconds: float = 30.0, query: str = "last=60s") -> list[Told]:
    """Ten messages a second and more, over sessions that have been heard for one minute and for twenty."""
    found: list[Told] = []
    with chromium() as browser:
        if browser is None:
            print("no Chromium on this machine: a live page is not measured", file=sys.stderr)
            return []
        for shown_s in (60, 1200):
            found += _measured(browser, shown_s, seconds, query)
    return found


def _measured(browser: Any, shown_s: float, seconds: float, query: str) -> list[Told]:
    minutes = (shown_s + seconds + 60) / 60
    argv = [sys.executable, "-m", "benchmarks.live_server", str(minutes), str(shown_s)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    taken: list[tuple[int, float]] = []
    try:
        url = process.stdout.readline().strip()

        def note() -> None:
            for line in process.stdout or ():
                ts, wall = line.split()
                taken.append((int(ts), float(wall)))

        reader = threading.Thread(target=note, daemon=True)
        reader.start()
        page = Painted(browser, f"{url}/?{query}").page
        page.evaluate(WATCH)
        page.wait_for_timeout(1e3 * seconds)
        painted = page.evaluate("painted")
        base, spans = int(page.evaluate(BASE)) * 10**6, page.evaluate("stage.chart.picture.sizes.length")
        page.close()
        assert spans
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    late = latencies(taken, [(int(last) + base, wall) for last, wall in painted])
    size = f"{shown_s / 60:.0f} min heard, {len(late) / seconds:.0f} messages/s"
    p50, p99 = statistics.median(late), float(np.quantile(late, 0.99))
    rate = len(painted) / seconds
    return [Told("take to painted", size, f"{p50:.0f} ms, p99 {p99:.0f}", "150 ms", f"{rate:.1f} pictures/s")]


def latencies(taken: list[tuple[int, float]], painted: list[tuple[int, float]]) -> list[float]:
    """ms from each message to the first painted picture that holds it; of those within the time looked at.

    Parameters
    ----------
    taken : time of each message, ns, and when it was taken, ms.
    painted : until when the book of each picture was told, ns, and when it was painted, ms.
    """
    lasts = np.array([last for last, _ in painted])
    walls = np.array([wall for _, wall in painted])
    found = []
    for ts, wall in taken:
        k = int(np.searchsorted(lasts, ts))
        if 0 < k < len(lasts):  # one before it was painted too: it was looked for from the beginning
            found.append(float(walls[k] - wall))
    return found


if __name__ == "__main__":
    table(run(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0))
