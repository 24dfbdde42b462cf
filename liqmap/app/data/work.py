"""Where long work is done: here and now, or elsewhere while the page answers (see `background`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

Work = Callable[[], Any]
Then = Callable[["Future[Any]"], None]


class Worker:
    """Does work here and now."""

    def submit(self, work: Work) -> Future[Any]:
        """Begin the work; gives what will come of it."""
        future: Future[Any] = Future()
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)
        return future

    def submit_long(self, work: Work) -> Future[Any]:
        """The same of work that takes so long that nothing else may wait for it."""
        return self.submit(work)

    def hand_on(self, future: Future[Any], then: Then) -> None:
        """Hand on what came of work, done here or by others."""
        wait([future])
        then(future)
