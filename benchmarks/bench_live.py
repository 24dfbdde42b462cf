"""A live market: from a message sent over a socket to the painted pixel in Chromium, in two parts.

The exchange in a box sends (`Exchange.sent`); ``liqmap app --live`` hears, records and serves; the page
paints. Every message of depth counts, with the first painted picture whose book has it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import liqmap as lm
from liqmap.live.play import Exchange

from .browser import chromium
from .live_page import FAST, Watched, watched
from .report import Told, table
from .sample import real_data

SECONDS, SPEEDS = 20.0, (1.0, 5.0)
"""How long is looked, and at which speeds."""

ASKED = "p50 150 ms"

SIMULATED_MINUTES, HEARD_S = 24, 1200.0
"""Of the simulated market; and how much of it has been heard when it is looked at."""

REAL, REAL_HEARD_S = "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip", 200.0
REAL_TRADES = "derived-usdm-btc/BTCUSDT2024-08-08.csv.gz"


def run(seconds: float = SECONDS) -> list[Told]:
    """A simulated market, and a captured one where there is one."""
    made = lm.simulate(minutes=SIMULATED_MINUTES, seed=1, levels=200, keep_truth=False)
    markets: list[tuple[str, Any, str, float]] = [("simulated", made, "bybit:SIMUSDT:ob200", HEARD_S)]
    real = [path for name in (REAL, REAL_TRADES) if (path := real_data(name)) is not None]
    if len(real) == 2:
        markets.append(("captured", real, "bybit:BTCUSDT:ob200", REAL_HEARD_S))
    found: list[Told] = []
    with chromium() as browser:
        if browser is None:
            print("no Chromium on this machine: a live page is not measured", file=sys.stderr)
            return []
        for name, source, market, heard_s in markets:
            for speed in SPEEDS:
                with tempfile.TemporaryDirectory() as folder:
                    exchange = Exchange(source, "bybit", FAST)
                    times = watched(browser, exchange, market, Path(folder), heard_s, speed, seconds)
                found += _told(f"{name}, {speed:g}x", heard_s, seconds, times)
    return found


def _told(name: str, heard_s: float, seconds: float, times: Watched) -> list[Told]:
    size = f"{name}, {heard_s:.0f} s heard, {len(times.sent) / seconds:.0f}/s"
    pictures = f"{len(times.painted) / seconds:.0f} pictures/s"
    return [
        Told("sent to painted", size, _ms(times.sent_to_painted()), ASKED, pictures),
        Told("... sent to taken", size, _ms(times.sent_to_taken()), "", "socket, raw line, reader, replay"),
        Told("... taken to painted", size, _ms(times.taken_to_painted()), "", "growth, page, picture"),
    ]


def _ms(late: np.ndarray) -> str:
    """Median and 99th percentile."""
    p50, p99 = np.quantile(late, (0.5, 0.99))
    return f"{p50:.0f} ms, p99 {p99:.0f}"


if __name__ == "__main__":
    table(run(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
