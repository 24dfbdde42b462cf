"""Who is told that something has grown: on a thread of its own, at most one call waiting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger("liqmap.live")


class Listeners:
    """Calls that are made after each `tell`; those that come while calls are under way become one.

    The thread is there from the first listener on, and ends with `close`. A listener that raises is logged
    with its traceback (logger ``liqmap.live``), and called again the next time.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: list[Callable[[], None]] = []
        self._wake = threading.Condition()
        self._news, self._closed = False, False
        self._thread: threading.Thread | None = None

    def add(self, call: Callable[[], None]) -> Callable[[], None]:
        """Call it from now on; what is returned ends that."""
        with self._wake:
            self._calls = [*self._calls, call]
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

        def remove() -> None:
            with self._wake:
                self._calls = [other for other in self._calls if other is not call]

        return remove

    def tell(self) -> None:
        """There is something new; returns at once."""
        with self._wake:
            self._news = True
            self._wake.notify()

    def close(self) -> None:
        """What is new is told once more, then never again."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._news or self._closed)
                if not self._news:
                    return
                self._news, calls = False, self._calls
            for call in calls:
                try:
                    call()
                except Exception:
                    LOG.exception("a listener of %s", self._name)
