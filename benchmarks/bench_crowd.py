"""Visitors who come at once, while others step once a second: all but one are clients without a browser.

A browser takes more of this machine than the server does, so many of them would measure each other. One Chromium
is among those who step. What a visitor says and hears of a picture is `first_picture` and `step`, and nothing else.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import liqmap as lm

from .bench_open import store_of
from .bench_viewers import PATIENCE_S, PAUSE_S, VIEW
from .browser import Painted, chromium
from .report import Told, table
from .visitor import Visitor, changed

VIEWERS, CROWD, WITHIN_S, ALONE_S = 10, 25, 5.0, 15.0
"""Who step; who come, and within which time; how long the former step before the latter come."""

FIRST_S, STEP_MS = 3.0, 150.0
"""What is asked of the p95 of a first picture, and of a step."""


async def first_picture(visitor: Visitor) -> float:
    """Seconds from asking for the page until its first picture is there: it comes with the document."""
    return await visitor.come()


async def step(visitor: Visitor, number: int) -> float:
    """Seconds from moving the half-life slider until another picture is there."""
    slider = visitor.model("Slider", title="^half-life")
    begin = time.perf_counter()
    await visitor.say(changed(slider, "value", 8 + number % 12))
    while True:
        for event in (await visitor.hear()).content["events"]:
            if event["kind"] == "ColumnDataChanged" or event.get("attr") == "data":
                seconds = time.perf_counter() - begin
                await visitor.say(changed(event.get("model") or event["column_source"], "tags", [number]))
                return seconds


def run(minutes: int = 1440) -> list[Told]:
    """A whole simulated day of 30 million updates."""
    store = store_of(minutes)
    spans = len(lm.open_store(store).session("bybit", "SIMUSDT").spans())
    with app(store) as url, ExitStack() as stack:
        browser = stack.enter_context(chromium())
        if browser is None:
            print("no Chromium on this machine: all visitors are clients without one", file=sys.stderr)
        else:
            one = Painted(browser, url, 1280, 720)
            one.page.evaluate(VIEW, [1, 60, PAUSE_S, PATIENCE_S])
        thread = stack.enter_context(ThreadPoolExecutor(1))  # Playwright has the loop of this one
        alone, among, first = thread.submit(asyncio.run, _visits(url)).result()
    size = f"{minutes / 60:.3g} h, {spans / 1e6:.1f} M spans"
    ten, crowd = f"{VIEWERS} viewers, a step a second", f"{CROWD} come within {WITHIN_S:g} s"
    return [
        *_told("first picture", size, first, 1.0, "s", f"{FIRST_S:g} s", f"{crowd}, {ten}"),
        *_told("slider step", size, alone, 1e3, "ms", f"{STEP_MS:g} ms", ten),
        *_told("slider step in a crowd", size, among, 1e3, "ms", f"{STEP_MS:g} ms", f"{crowd}, {ten}"),
    ]


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
    """Seconds of the steps of those who were there alone, of theirs in the crowd, and of its first pictures."""
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
def app(store: Path) -> Iterator[str]:
    """The address of the app, served as ``liqmap app`` does."""
    argv = [sys.executable, "-m", "liqmap", "app", "--store", str(store), "--port", "0"]
    process: Any = Popen(argv, stdout=PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1440))
