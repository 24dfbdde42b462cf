"""Sessions that several visitors look at, each opened and replayed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any

SESSIONS_KEPT = 3
"""Sessions whose spans stay in memory, beside those that somebody still looks at."""


class Opened:
    """Sessions by key, the least recently used forgotten first; threads may share it.

    Whoever asks for a key while another opens it waits for that one. What cannot be opened is not kept: who
    asks next tries again.
    """

    def __init__(self, kept: int = SESSIONS_KEPT) -> None:
        self.kept = kept
        self._lock = Lock()
        self._sessions: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def get(self, key: Hashable, open_session: Callable[[], Any]) -> Any:
        """The session of a key, by ``open_session`` where it is not there yet; raises what that raises."""
        with self._lock:
            session = self._sessions.get(key)
            mine = session is None
            if session is None:
                session = self._sessions[key] = Future()
            self._sessions.move_to_end(key)
            while len(self._sessions) > self.kept:
                self._sessions.popitem(last=False)
        if mine:
            try:
                session.set_result(open_session())
            except BaseException as error:
                with self._lock:
                    if self._sessions.get(key) is session:
                        del self._sessions[key]
                session.set_exception(error)
        return session.result()
