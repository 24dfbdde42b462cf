"""Work on the network that ends in time: a server that sends a byte now and then holds nobody for ever."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK = 0.1
"""Seconds between two looks at whether the work should stop."""


class Late(Exception):
    """The time was up."""


class TimeLimit:
    """So many seconds from now on; None for no end."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = math.inf if seconds is None else seconds
        self._until = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self._until - time.monotonic())

    def run(self, work: Callable[[Permit], T], stopped: Callable[[], bool]) -> T:
        """What ``work`` returns or raises.

        It runs in a thread of its own: one that waits for a name, a handshake or a header cannot be ended
        from outside, only left alone. It then has lost its permit, so that it writes nothing any more.

        Raises
        ------
        Late : the time was up before. None of what `work` raises after that is seen.
        """
        permit, done = Permit(), threading.Event()
        result: list[T] = []
        failure: list[BaseException] = []

        def target() -> None:
            try:
                result.append(work(permit))
            except BaseException as error:  # raised again where the result is wanted
                failure.append(error)
            finally:
                done.set()

        threading.Thread(target=target, name="liqmap-ask", daemon=True).start()
        try:
            while not done.wait(min(LOOK, self.left)):
                if self.left == 0:
                    raise Late
                if stopped():
                    done.wait(1.0)  # it looks by itself, unless the server is silent
                    break
        finally:
            permit.withdraw()
        if failure:
            raise failure[0]
        if not result:
            raise Late
        return result[0]


class Permit:
    """Leave to write, until it is withdrawn; who writes holds it meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given = True

    def __enter__(self) -> None:
        self._lock.acquire()
        if not self._given:
            self._lock.release()
            raise Late

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def withdraw(self) -> None:
        """Nobody who has it begins to write from now on."""
        with self._lock:
            self._given = False
