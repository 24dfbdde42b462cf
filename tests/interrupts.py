"""Ctrl-C at a known place: where the main thread waits for another one, however slow either is."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest

SIGNALLED = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs signals to a thread")

PATIENCE = 60
"""Seconds after which a thread no longer hopes that the main thread will wait."""


class CtrlC:
    """Interrupts of the main thread, sent by another; of the fixture ``ctrl_c``."""

    def __init__(self) -> None:
        self._taken = threading.Event()

    def take(self, number: int, frame: FrameType | None) -> None:
        """Handle the first SIGINT of each `send` as Python does, and tell that it came."""
        if not self._taken.is_set():
            self._taken.set()
            signal.default_int_handler(number, frame)

    def send(self, inside: str) -> bool:
        """Ctrl-C while the main thread waits in a function of that name; whether it then waits there anew."""
        first = next(wait for _ in self._moments() if (wait := self._wait_of_main(inside)[0]))
        self._taken.clear()
        for _ in self._moments():  # one that comes just before the thread sleeps does not wake it
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # type: ignore[arg-type]
            if self._taken.wait(0.01):
                break
        for _ in self._moments():
            wait, within = self._wait_of_main(inside)
            if not within or wait not in (None, first):
                return within
        raise AssertionError

    def _wait_of_main(self, inside: str) -> tuple[FrameType | None, bool]:
        """The call in which the main thread waits for a lock in that function, if it does, and whether it is
        in the function at all. Only there, with all locks released, does it take an interrupt in the wait."""
        top = frame = sys._current_frames()[threading.main_thread().ident]  # type: ignore[index]
        names = set()
        while frame is not None:
            names.add(frame.f_code.co_name)
            frame = frame.f_back  # type: ignore[assignment]
        within = inside in names
        waits = top.f_code is threading.Condition.wait.__code__ and "gotit" in top.f_locals
        return (top if waits and within else None), within

    @staticmethod
    def _moments() -> Iterator[None]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            yield
            time.sleep(0.001)
        raise TimeoutError(f"the main thread did not wait within {PATIENCE} s")
