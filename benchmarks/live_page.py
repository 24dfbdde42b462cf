"""A live market in a browser, message by message: when it was sent, taken by the session, painted.

An exchange in a box sends them from this process over a socket; ``liqmap app --live`` hears, records and
serves them in one of its own; Chromium paints. All have the clock of one machine.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from liqmap.live.play import Exchange

from .browser import FIND
from .live_server import TAKEN

FAST = 60.0
"""Times real speed at which a market is played until somebody is to look."""

PATIENCE_S = 120.0

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
"""Notes of each picture until when its book had been told, and when the frame with it was painted, ms."""

BASE = "() => stage.chart.market.base"


class Watched:
    """Times (ms since the epoch) of the depth messages of one market.

    sent, taken : by the message's own time (ms), when it was sent, and when the session had taken it.
    painted : of each picture the time (ms) of the last message that its book has, and when it was painted.
    """

    def __init__(
        self, sent: dict[int, float], taken: dict[int, float], painted: list[tuple[float, float]]
    ) -> None:
        self.sent, self.taken, self.painted = sent, taken, painted

    def sent_to_painted(self) -> np.ndarray:
        """ms from each message to the first painted picture that holds it."""
        return np.array(list(self._first_painted(self.sent)))

    def taken_to_painted(self) -> np.ndarray:
        """The second part of the way."""
        return np.array(list(self._first_painted(self.taken)))

    def sent_to_taken(self) -> np.ndarray:
        """The first part: the socket, the raw line, the reader, the replay."""
        return np.array([self.taken[ts] - at for ts, at in self.sent.items() if ts in self.taken])

    def _first_painted(self, begun: dict[int, float]) -> Iterator[float]:
        """Of those messages that some picture has been painted before: it was looked from the beginning."""
        lasts = np.array([last for last, _ in self.painted])
        for ts, at in begun.items():
            k = int(np.searchsorted(lasts, ts))
            if 0 < k < len(lasts):
                yield self.painted[k][1] - at


class Server:
    """``liqmap app --live`` on an exchange, in a process of its own.

    taken : by time of the message (ms), when the session had taken it (ms).
    """

    def __init__(self, exchange: Exchange, market: str, store: Path) -> None:
        argv = ["app", "--live", market, "--url", exchange.url, "--store", str(store), "--port", "0"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.live_server", *argv], stdout=subprocess.PIPE, text=True
        )
        self.taken: dict[int, float] = {}
        self._listens = threading.Event()
        self._url = ""
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        for line in self._process.stdout or ():
            if line.startswith(TAKEN):
                _, ts, now = line.split()
                self.taken[int(ts) // 10**6] = int(now) / 1e6
            elif "http://" in line:
                self._url = next(word for word in line.split() if word.startswith("http"))
                self._listens.set()
        self._listens.set()  # it has ended, with an error of its own

    @property
    def url(self) -> str:
        """Of the app, once it listens."""
        if not self._listens.wait(PATIENCE_S) or not self._url:
            raise RuntimeError("liqmap app --live did not begin to listen")
        return self._url

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def serving(exchange: Exchange, market: str, store: Path) -> Iterator[Server]:
    """A `Server`, until this ends."""
    server = Server(exchange, market, store)
    try:
        yield server
    finally:
        server.stop()


def watched(
    browser: Any, exchange: Exchange, market: str, store: Path, heard_s: float, speed: float, seconds: float
) -> Watched:
    """So many seconds of a market at a speed, once ``heard_s`` of it have been heard."""
    symbol = market.split(":")[1]
    with exchange.running(), serving(exchange, market, store) as server:
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        _forward(exchange, server, heard_s)
        page.goto(f"{server.url}/?last=60s", timeout=1e3 * PATIENCE_S, wait_until="commit")
        page.wait_for_function(FIND, timeout=1e3 * PATIENCE_S)
        _play_at(exchange, speed)
        page.wait_for_timeout(3000)  # what is compiled or made once has been
        begun = time.time_ns()
        page.evaluate(WATCH)
        page.wait_for_timeout(1e3 * seconds)
        painted, base = page.evaluate("painted"), int(page.evaluate(BASE))
        page.close()
        times = {step.number: step.ts // 10**6 for step in exchange.markets[symbol].tape.steps if step.number}
        sent = {
            times[s.label.number]: s.ns / 1e6
            for s in exchange.sent.copy()
            if s.label.number and s.ns >= begun
        }
        taken = {ts: at for ts, at in server.taken.copy().items() if ts in sent}
    return Watched(sent, taken, [((base + last) / 1e6, at) for last, at in painted])


def _forward(exchange: Exchange, server: Server, heard_s: float) -> None:
    """Let so much be sent fast, and taken; from there on it goes at real speed."""
    steps = [step for played in exchange.markets.values() for step in played.tape.steps if step.number]
    until = max(step.ts for step in steps if step.ts <= exchange.begin + heard_s * 1e9) // 10**6
    late = time.monotonic() + PATIENCE_S
    while exchange.clock.now() < until * 10**6:
        time.sleep(0.01)
        if time.monotonic() > late:
            raise RuntimeError("nobody subscribed")
    _play_at(exchange, 1.0)
    while until not in server.taken:
        time.sleep(0.05)
        if time.monotonic() > late:
            raise RuntimeError("the session did not take what was sent")


def _play_at(exchange: Exchange, speed: float) -> None:
    """Go on at another speed."""
    exchange.clock.stop()
    exchange.clock.speed = speed
    exchange.clock.start()
