"""A server of the command line that is watched: its memory, its descriptors, how soon it tells its health."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import psutil

EVERY_S = 0.25


class Look(NamedTuple):
    """at : s since the epoch. memory : MB, resident."""

    at: float
    memory: float
    descriptors: int


class Server:
    """``liqmap app`` with options, started anew at the same port as often as it is asked to."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options, self.port, self.starts = folder, options, 0, 0
        self.start()

    def command(self) -> list[str]:
        """What is run; a port among the options counts less than the one that it had before."""
        return [sys.executable, "-m", "liqmap.cli", "app", *self._options, "--port", str(self.port)]

    def start(self) -> None:
        """Run, and wait until it answers."""
        self.starts += 1
        self.log = self._folder / f"stderr-{self.starts}.txt"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "liqmap app at http://" in line, self.log.read_text()
        self.url = line.split()[3].rstrip("/") + "/"
        self.port = int(self.url.split(":")[2].split("/")[0])
        self._seen = psutil.Process(self.process.pid)

    def look(self) -> Look:
        """As it is now."""
        return Look(time.time(), self._seen.memory_info().rss / 1e6, self._seen.num_fds())

    def settled(self, seconds: float = 2.0) -> Look:
        """As it is over some seconds: the medians."""
        looks = []
        for _ in range(max(1, int(seconds / EVERY_S))):
            looks.append(self.look())
            time.sleep(EVERY_S)
        return Look(looks[-1].at, median(x.memory for x in looks), int(median(x.descriptors for x in looks)))

    def end(self, kill: bool = False) -> int:
        """Ask it to end, or have no mercy; gives the exit code."""
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        code = self.process.wait(timeout=60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    @property
    def said(self) -> str:
        """All that it has written on standard error, of all starts."""
        return "".join(path.read_text() for path in sorted(self._folder.glob("stderr-*.txt")))


class Watch:
    """What a server looked like, and how soon it told its health, while it is watched."""

    def __init__(self, server: Server) -> None:
        self._server, self.looks, self.health = server, list[Look](), list[tuple[float, float]]()
        self._over = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """From here to the end."""
        argv = [sys.executable, "-m", "tests.app.publish.load.health", f"{self._server.url}healthz"]
        asks = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        threads = [threading.Thread(target=self._look), threading.Thread(target=self._hear, args=(asks,))]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            asks.terminate()
            self._over.set()
            for thread in threads:
                thread.join()
            asks.wait()

    def _look(self) -> None:
        while not self._over.wait(EVERY_S):
            try:
                self.looks.append(self._server.look())
            except psutil.Error:  # it is being started anew
                continue

    def _hear(self, asks: subprocess.Popen[str]) -> None:
        assert asks.stdout is not None
        for line in asks.stdout:
            at, took = map(float, line.split())
            self.health.append((at, took))
        asks.stdout.close()

    def slowest(self, begin: float, end: float) -> float:
        """p95 of the health check, ms, of what was asked between two times."""
        took = [ms for at, ms in self.health if begin <= at < end]
        return quantiles(took, n=20)[-1] if len(took) > 1 else float("inf")

    def memory(self, begin: float, end: float) -> float:
        """Median between two times, MB."""
        return median(one.memory for one in self.looks if begin <= one.at < end)

    def descriptors(self, begin: float, end: float) -> int:
        """At most, between two times."""
        return max(one.descriptors for one in self.looks if begin <= one.at < end)
