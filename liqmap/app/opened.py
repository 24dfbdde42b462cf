"""Sessions that several visitors look at, each opened and replayed once, within a bound of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from liqmap.schema import SessionError

from .held import held_bytes

SESSIONS_KEPT = 3
"""Sessions whose spans stay in memory, beside those that somebody still looks at."""

MEMORY = 4 * 10**9
"""Bytes that open sessions may hold together: spans, what was derived from them, and frames."""


class Opened:
    """Sessions by key, the least recently used forgotten first; threads may share it.

    Whoever asks for a key while another opens it waits for that one. What cannot be opened is not kept: who
    asks next tries again. A session that has been forgotten while somebody looks at it is found again as long
    as that lasts, and counts.

    Parameters
    ----------
    kept : sessions that stay although nobody looks at them.
    memory : bytes that all sessions may hold together.
    """

    def __init__(self, kept: int = SESSIONS_KEPT, memory: int = MEMORY) -> None:
        self.kept, self.memory = kept, memory
        self._lock = Lock()
        self._sessions: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._alive: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()

    def get(self, key: Hashable, open_session: Callable[[], Any]) -> Any:
        """The session of a key, by ``open_session`` where it is not there yet; raises what that raises.

        Raises
        ------
        SessionError : what others look at leaves no room for it.
        """
        with self._lock:
            session = self._sessions.get(key)
            mine = session is None
            if session is None:
                session = self._sessions[key] = Future()
            self._sessions.move_to_end(key)
            looked_at = self._alive.get(key) if mine else None
            while len(self._sessions) > self.kept:
                self._sessions.popitem(last=False)
        if mine:
            try:
                found = open_session() if looked_at is None else looked_at
                self._admit(key, found)
                session.set_result(found)
            except BaseException as error:
                with self._lock:
                    if self._sessions.get(key) is session:
                        del self._sessions[key]
                session.set_exception(error)
        return session.result()

    @property
    def held(self) -> int:
        """Bytes that the sessions hold now, those that are only looked at included."""
        return held_bytes(list(self._alive.values()))

    def _admit(self, key: Hashable, session: Any) -> None:
        """Count a session among the living, and forget others until there is room for it."""
        try:
            self._alive[key] = session
        except TypeError:  # a plain value, which cannot be looked at from afar
            return
        while self.held > self.memory:
            with self._lock:
                idle = next((k for k, s in self._sessions.items() if k != key and s.done()), None)
                if idle is None:
                    break
                del self._sessions[idle]
        held = self.held
        if held > self.memory:
            del self._alive[key]
            raise SessionError(
                f"{_spell(key)}: expected room for it in the {_size(self.memory)} that open sessions may "
                f"hold, got {_size(held)}. Try again when others have closed theirs, or serve with a larger "
                "--memory"
            )


def _spell(key: Any) -> str:
    """A key as people know it: venue, symbol, feed and day, without how much the store holds of them."""
    return " ".join(part for part in key if isinstance(part, str)) if isinstance(key, tuple) else str(key)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 10**8 else f"{count / 1e6:.1f} MB"
