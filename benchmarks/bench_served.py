"""A window of 34 minutes over HTTP, beside the original algorithm behind the same framework.

Warm: the same question again, whose answer is kept. Cold: another half-life each time, of an open session.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np

import liqmap as lm
from liqmap.simulation import write_bybit

from .report import Result, Told, table

MINUTES = 34
CLIENTS = 4
WINDOW = "/api/heatmap/bybit/depth?symbol=SIMUSDT&time_bucket_sec=5&price_bucket=1&prune_sec=300"


def store_of(minutes: int = MINUTES) -> str:
    """A simulated session of so many minutes."""
    folder = Path(tempfile.gettempdir(), f"liqmap-bench-served-{minutes}")
    if not (folder / "store").exists():
        capture = lm.simulate(minutes=minutes, seed=11, keep_truth=False)
        report = lm.ingest(write_bybit(capture, folder / "raw"), store=folder / "store")
        assert report.exit_code == 0
    return str(folder / "store")


@contextmanager
def serving(kind: str, store: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.served", kind, store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def asked(
    port: int, paths: Iterator[str], seconds: float, clients: int = CLIENTS
) -> tuple[np.ndarray, float, int]:
    """How long each answer took (s), over how many seconds, and the bytes of one; of several clients."""
    took: list[float] = []
    sizes: list[int] = []
    until = time.perf_counter() + seconds

    def ask() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port)
        while not sizes or time.perf_counter() < until:
            begin = time.perf_counter()
            link.request("GET", next(paths), headers={"Accept-Encoding": "gzip"})
            answer = link.getresponse()
            body = answer.read()
            assert answer.status == 200, body[:200]
            took.append(time.perf_counter() - begin)
            sizes.append(len(body))

    begin = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return np.array(took), time.perf_counter() - begin, sizes[0]


def run(seconds: float = 10.0) -> list[Result | Told]:
    """Throughput as seconds a request, of several clients at once; p50 and p99 beside it."""
    store, size = store_of(), f"{MINUTES} min, 5 s x 1"
    numbers = count()
    with serving("plain", store) as port:
        plain_paths = (f"/heatmap?half_life_sec={30 + next(numbers) / 1000}" for _ in count())
        took, over, length = asked(port, Shared(plain_paths), seconds)
    peer = over / len(took)
    results: list[Result | Told] = [_told("original algorithm, JSON", size, took, length)]
    with serving("ours", store) as port:
        for form in ("json", "columns", "arrow", "parquet", "png"):
            path = f"{WINDOW}&format={form}"
            asked(port, iter([f"{path}&half_life_sec=29"]), 0.0, 1)  # compiles, and opens
            cold = (f"{path}&half_life_sec={30 + next(numbers) / 1000}" for _ in count())
            took, over, length = asked(port, Shared(cold), seconds)
            wanted = "at least 20" if form == "arrow" else ""
            results.append(Result(f"{form}, cold", size, over / len(took), "original, plain", peer, wanted))
            results.append(_told(f"{form}, cold", size, took, length))
            took, over, length = asked(port, Shared(iter(lambda p=path: p, None)), seconds / 2)  # type: ignore[misc]
            results.append(Result(f"{form}, warm", size, over / len(took), "original, plain", peer))
            results.append(_told(f"{form}, warm", size, took, length))
    return results


class Shared:
    """An iterator that several threads take from."""

    def __init__(self, of: Iterator[str]) -> None:
        self._of, self._lock = of, threading.Lock()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        with self._lock:
            return next(self._of)


def _told(name: str, size: str, took: np.ndarray, length: int) -> Told:
    p50, p99 = np.percentile(took, [50, 99]) * 1000
    return Told(
        name, size, f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {length / 1e3:,.0f} kB", "", f"{CLIENTS} clients"
    )


if __name__ == "__main__":
    table(run(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
