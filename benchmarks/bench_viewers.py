"""Viewers who step once a second, and others who come at once: clients without browsers, and one Chromium.

A browser takes more of this machine than the server does, so many of them would measure each other. A client
asks as the component of the app does, and has a picture once its bytes have come.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import psutil

import liqmap as lm

from .bench_open import store_of
from .browser import Painted, chromium
from .report import Memory, Told, table
from .visitor import Visitor

VIEWERS, CROWD, WITHIN_S, ALONE_S = 10, 25, 5.0, 15.0
"""Who step; who come, and within which time; how long the former step before the latter come."""

FIRST_S, STEP_MS = 3.0, 150.0
"""What is asked of the p95 of a first picture, and of a step."""

OPENING_S = 3.0
"""How often it is looked whether the session is open."""

PATIENCE_S, PAUSE_S, LEFT_S = 60.0, 1.0, 40.0
"""How long a picture may take, how often a viewer steps, when a server has forgotten who left."""

FRAME = 1234, 800
"""Pixels of a picture."""


async def first_picture(visitor: Visitor) -> float:
    """Seconds from asking for the page until its first picture is there."""
    begin = time.perf_counter()
    await visitor.come()
    await visitor.ask("frame", _ask(visitor))
    return time.perf_counter() - begin


async def step(visitor: Visitor, number: int) -> float:
    """Seconds from moving the half-life slider until the picture is there that it asks for."""
    half_life = (5 + number % 12) * 10**9
    begin = time.perf_counter()
    await visitor.tell("half_life_s", "choose", {"count": number, "values": {"half_life_s": half_life}})
    await visitor.ask("frame", _ask(visitor, half_life))
    return time.perf_counter() - begin


def _ask(visitor: Visitor, half_life: int | str = "auto") -> dict[str, Any]:
    """What the component asks of the view that it opens with."""
    return {
        "view": visitor.part("looking")["view"], "size": list(FRAME), "halfLife": half_life, "prune": "auto",
        "agg": "peak", "shown": [True, True], "stable": True,
    }  # fmt: skip


def run(minutes: int = 1440) -> list[Memory | Told]:
    """A whole simulated day of 30 million updates."""
    store = store_of(minutes)
    spans = len(lm.open_store(store).session("bybit", "SIMUSDT").spans())
    with app(store) as (url, pid), ExitStack() as stack:
        thread = stack.enter_context(ThreadPoolExecutor(1))  # Playwright has the loop of this one
        thread.submit(asyncio.run, _warm(url)).result()
        watch = Watch(pid)
        before = watch.megabytes
        visits = _look(stack.enter_context(chromium()), url, lambda: thread.submit(asyncio.run, _visits(url)))
        alone, among, first = visits.result()
        time.sleep(LEFT_S)
        after = watch.megabytes
        watch.stop()
    size = f"{minutes / 60:.3g} h, {spans / 1e6:.1f} M spans"
    ten, crowd = f"{VIEWERS} viewers, a step a second", f"{CROWD} come within {WITHIN_S:g} s"
    return [
        *_told("first picture", size, first, 1.0, "s", f"{FIRST_S:g} s", f"{crowd}, {ten}"),
        *_told("slider step", size, alone, 1e3, "ms", f"{STEP_MS:g} ms", ten),
        *_told("slider step in a crowd", size, among, 1e3, "ms", f"{STEP_MS:g} ms", f"{crowd}, {ten}"),
        Memory("server after its first visitor", size, before),
        Memory("server at most", size, watch.peak),
        Memory("server when all have left", size, after),
    ]


async def _warm(url: str) -> None:
    """Who comes first opens and compiles; the next has a picture with the page."""
    visitor = Visitor(url)
    await visitor.come()
    while not visitor.knows("looking"):
        await asyncio.sleep(OPENING_S)
        visitor.leave()
        visitor = Visitor(url)
        await visitor.come()
    for k in range(3):
        await step(visitor, k)
    visitor.leave()


def _look(browser: Any, url: str, begin: Callable[[], Future[Any]]) -> Future[Any]:
    """One Chromium, whose page is there when the clients ``begin``, steps as well until they have done."""
    if browser is None:
        print("no Chromium on this machine: all visitors are clients without one", file=sys.stderr)
        return begin()
    one = Painted(browser, url, 1280, 720)
    visits = begin()
    while not visits.done():
        one.slide(1 if time.time() % 8 < 4 else -1)
        time.sleep(PAUSE_S)
    one.page.close()
    return visits


def _told(
    name: str, size: str, seconds: list[float], times: float, unit: str, asked: str, how: str
) -> list[Told]:
    """Median and p95."""
    median, p95 = (times * s for s in (statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]))
    return [
        Told(f"{name}, median", size, f"{median:.3g} {unit}", "", how),
        Told(f"{name}, p95", size, f"{p95:.3g} {unit}", f"under {asked}", how),
    ]


async def _visits(url: str) -> tuple[list[float], list[float], list[float]]:
    """Seconds of the steps of those who were alone, of theirs in the crowd, and of its first pictures."""
    viewers = [Visitor(url) for _ in range(VIEWERS)]
    for one in viewers:
        await first_picture(one)
    steps: list[tuple[float, float]] = []
    over = asyncio.Event()
    stepping = [asyncio.create_task(_view(one, k, steps, over)) for k, one in enumerate(viewers)]
    await asyncio.sleep(ALONE_S)
    crowd = [Visitor(url) for _ in range(CROWD)]
    begin = time.perf_counter()
    first = await asyncio.gather(*(_come(one, k * WITHIN_S / CROWD) for k, one in enumerate(crowd)))
    over.set()
    await asyncio.gather(*stepping)
    for one in (*viewers, *crowd):
        one.leave()
    alone = [seconds for at, seconds in steps if at + seconds < begin]
    return alone, [seconds for at, seconds in steps if at >= begin], list(first)


async def _come(visitor: Visitor, after: float) -> float:
    await asyncio.sleep(after)
    return await asyncio.wait_for(first_picture(visitor), PATIENCE_S)


async def _view(visitor: Visitor, number: int, steps: list[tuple[float, float]], over: asyncio.Event) -> None:
    """Step once a second until it is over; what each took, with when it began."""
    await asyncio.sleep(PAUSE_S * number / VIEWERS)
    count = number
    while not over.is_set():
        count, begin = count + 1, time.perf_counter()
        seconds = await asyncio.wait_for(step(visitor, count), PATIENCE_S)
        steps.append((begin, seconds))
        await asyncio.sleep(max(0.0, PAUSE_S - seconds))


@contextmanager
def app(store: Path) -> Iterator[tuple[str, int]]:
    """The address of the app, served as ``liqmap app`` does, and the process that does."""
    argv = [sys.executable, "-m", "liqmap", "app", "--store", str(store), "--port", "0"]
    process: Any = Popen(argv, stdout=PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http")), process.pid
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


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
        return float(self._process.memory_info().rss / 1e6)

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.peak = max(self.peak, self.megabytes)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1440))
