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


class Slot:
    """The place of one piece of work in the order of all.

    Parameters
    ----------
    first : set when all before this one have ended; None where nothing runs beside it.
    stop : set when the work is called off.
    """

    def __init__(self, first: threading.Event | None = None, stop: threading.Event | None = None) -> None:
        self._first, self._stop = first, stop

    def raise_if_stopped(self) -> None:
        """
        Raises
        ------
        Stopped : the work was called off.
        """
        if self._stop is not None and self._stop.is_set():
            raise Stopped

    def wait_until_first(self) -> None:
        """Until all before this one have ended; raises as `raise_if_stopped`."""
        if self._first is not None:
            self._first.wait()
        self.raise_if_stopped()


def in_order(work: Callable[[Item, Slot], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """What becomes of each item, in their order, at most ``jobs`` of them at work at one time.

    One after the other in this thread where ``jobs`` is 1, so that Ctrl-C reaches the work itself; else an
    interrupt or an error calls off the threads, waits for them and is raised.
    """
    if jobs == 1 or len(items) < 2:
        for item in items:
            yield work(item, Slot())
        return
    stop = threading.Event()
    ended = [threading.Event() for _ in range(len(items) + 1)]  # all before item i have
    ended[0].set()
    failed: list[BaseException] = []

    def run(number: int) -> Result:
        slot = Slot(ended[number], stop)
        try:
            slot.raise_if_stopped()  # an interrupt may come before the rest of the line is cancelled
            return work(items[number], slot)
        except BaseException as error:
            failed.append(error)
            stop.set()
            raise
        finally:
            ended[number].wait()
            ended[number + 1].set()

    pool = ThreadPoolExecutor(min(jobs, len(items)), thread_name_prefix="liqmap-ingest")
    try:
        for found in [pool.submit(run, number) for number in range(len(items))]:
            yield found.result()
    except Stopped:  # the error of a later one called off this one
        raise failed[0] from None
    finally:
        stop.set()
        for event in ended:
            event.set()
        pool.shutdown(wait=True, cancel_futures=True)
