"""`Silence`: for how long nothing has been heard of a live market."""

from __future__ import annotations

import time
from typing import Any
from weakref import ref


class Silence:
    """By the clock of this machine: the venue's, and that of a day that is rehearsed, are others.

    Where a session has a status, that says when a message was heard last, were it one without a row; else it
    is when the session was last seen to grow.
    """

    def __init__(self, session: Any) -> None:
        self._session = ref(session)
        self._version: Any = None
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """s, from 0."""
        session = self._session()
        if session is None:
            return time.monotonic() - self._since
        if session.version != self._version:
            self._version, self._since = session.version, time.monotonic()
        heard = getattr(status_of(session), "last_ns", 0)
        return max((time.time_ns() - heard) / 1e9 if heard else time.monotonic() - self._since, 0.0)


def status_of(session: Any) -> Any:
    """The status of a live session's feed, a `liqmap.live.status.MarketStatus`; None where it has none."""
    status = getattr(session, "status", None)
    return status() if callable(status) else status
