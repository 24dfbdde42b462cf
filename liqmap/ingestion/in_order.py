"""Work on many things side by side, in threads, what must be in order in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Stopped(Exception):
    """The others were interrupted: nothing more is to be done."""


class Turn:
    """The place of one piece of work in the order of all."""

    def __init__(self, come: threading.Event | None = None, stop: threading.Event | None = None) -> None:
        self._come, self._stop = come, stop

    def check(self) -> None:
        """
        Raises
        ------
        Stopped : the work was called off.
        """
        if self._stop is not None and self._stop.is_set():
            raise Stopped

    def wait(self) -> None:
        """Until all before this one have ended; raises as `check`."""
        if self._come is not None:
            self._come.wait()
        self.check()


def in_order(work: Callable[[Item, Turn], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """What becomes of each item, in their order, at most ``jobs`` of them at work at one time.

    One after the other in this thread where ``jobs`` is 1, so that Ctrl-C reaches the work itself; else an
    interrupt or an error calls off the threads, waits for them and is raised.
    """
    if jobs == 1 or len(items) < 2:
        for item in items:
            yield work(item, Turn())
        return
    stop = threading.Event()
    come = [threading.Event() for _ in range(len(items) + 1)]
    come[0].set()
    failed: list[BaseException] = []

    def run(number: int) -> Result:
        turn = Turn(come[number], stop)
        try:
            turn.check()  # an interrupt may come before the rest of the line is taken back
            return work(items[number], turn)
        except BaseException as error:
            failed.append(error)
            stop.set()
            raise
        finally:
            come[number].wait()
            come[number + 1].set()

    pool = ThreadPoolExecutor(min(jobs, len(items)), thread_name_prefix="liqmap-ingest")
    try:
        for found in [pool.submit(run, number) for number in range(len(items))]:
            yield found.result()
    except Stopped:  # the error of a later one called off this one
        raise failed[0] from None
    finally:
        stop.set()
        for event in come:
            event.set()
        pool.shutdown(wait=True, cancel_futures=True)
