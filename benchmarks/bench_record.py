"""The recorder at 20 times the real speed: its share of a core, and whether it loses anything.

An exchange in a box plays a market from this process; ``liqmap record`` records it in one of its own. The
peer hears the same over the same socket, and only writes the lines: what any recorder has to do.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

import liqmap as lm
from liqmap.live.play import Exchange

from .report import Told, table
from .sample import real_data

SPEED = 20.0

PATIENCE_S = 60.0

SKIPPED_S, FLUSH_S = 2.0, 2.0
"""Seconds from the first message on that are not counted, as kernels are loaded then; and after the last one
that are, as it is flushed then."""

BOTH = (("-m", "liqmap", "record"), ("-m", "benchmarks.plain_recorder"))
"""Ours, and the peer: take a market, ``--url`` and ``--store``."""


@dataclass
class Case:
    """A market to play: what, as which venue, and what is recorded of it."""

    title: str
    source: Any
    venue: str
    market: str


@dataclass
class Recorded:
    """What a recorder did.

    core : share of one. sent, lines : messages. said : what it printed.
    seconds : from the first message to the last. speed : of the market, as it was really played.
    """

    core: float
    sent: int
    lines: int
    said: dict[str, Any]
    seconds: float
    speed: float


def run() -> list[Told]:
    """A simulated market of 50 messages a second, and captures where there are some."""
    warm = Case("", lm.simulate(minutes=1, seed=2, keep_truth=False), "bybit", "bybit:SIMUSDT:ob200")
    recorded(warm, BOTH[0])  # compiles
    found: list[Told] = []
    for case in cases():
        ours, plain = (recorded(case, argv) for argv in BOTH)
        found += _told(case, ours, plain)
    return found


def cases() -> list[Case]:
    made = lm.simulate(minutes=4, seed=1, interval_ms=20, keep_truth=False)
    found = [Case("simulated ob200, 20 ms", made, "bybit", "bybit:SIMUSDT:ob200")]
    names = ("2024-08-08_BTCUSDT_ob200.data.zip", "BTCUSDT2024-08-08.csv.gz")
    derived = [path for name in names if (path := real_data(f"derived-usdm-btc/{name}")) is not None]
    if len(derived) == len(names):
        found.append(Case("captured, Bybit ob200", derived, "bybit", "bybit:BTCUSDT:ob200"))
    if (stream := real_data("binance/usdm_btcusdt_20240808.gz")) is not None:
        found.append(Case("captured, Binance diffs", stream, "binance", "binance-futures:BTCUSDT"))
    return found


def recorded(case: Case, argv: tuple[str, ...]) -> Recorded:
    """Play a market to a recorder, and look at its processor time meanwhile."""
    exchange = Exchange(case.source, case.venue, SPEED)
    with exchange.running(), tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *argv, case.market, "--url", exchange.url, "--store", folder, "--json"]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        process = psutil.Process(child.pid)
        _until(lambda: exchange.count > 0)
        time.sleep(SKIPPED_S)
        begun, before, at = time.monotonic(), _seconds(process), exchange.clock.now()
        exchange.wait(10 * PATIENCE_S)
        seconds = time.monotonic() - begun
        speed = (exchange.end - at) / 1e9 / seconds
        time.sleep(FLUSH_S)
        core = (_seconds(process) - before) / seconds
        child.send_signal(signal.SIGTERM)
        said, _ = child.communicate(timeout=PATIENCE_S)
        lines = sum(map(_is_of_a_stream, _lines(Path(folder))))
    return Recorded(core, exchange.count, lines, json.loads(said), seconds, speed)


def _told(case: Case, ours: Recorded, plain: Recorded) -> list[Told]:
    (market,) = ours.said["markets"]
    lost = ours.sent - ours.lines
    size = f"{case.title}, {ours.sent / 1e3:.1f} k messages"
    a_message = 1e6 * ours.core * ours.seconds / ours.sent
    return [
        Told("recorder at 20x", size, f"{ours.core:.0%}", "", f"of a core; lines alone {plain.core:.0%}"),
        Told("... played", size, f"{ours.speed:.1f}x", f"{SPEED:g}x", f"{a_message:.0f} us of CPU a message"),
        Told("... not recorded", size, f"{lost + market['dropped']}", "0", f"{market['gaps']} gaps"),
    ]


def _seconds(process: psutil.Process) -> float:
    """Of all its threads."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _until(holds: Callable[[], bool]) -> None:
    late = time.monotonic() + PATIENCE_S
    while not holds():
        time.sleep(0.01)
        if time.monotonic() > late:
            raise RuntimeError("the recorder did not subscribe")


def _lines(folder: Path) -> list[bytes]:
    """Of all raw files."""
    found: list[bytes] = []
    for path in folder.rglob("*.ndjson.zst"):
        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
            found += stream.read().splitlines()
    return found


def _is_of_a_stream(line: bytes) -> bool:
    """Whether a line is no answer: to a subscription, a ping, or over REST."""
    return b'"topic":' in line or b'"e":' in line


if __name__ == "__main__":
    table(run())
