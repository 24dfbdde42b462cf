"""Sessions that several visitors look at, each opened and replayed once, within a bound of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import partial
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from liqmap.app.data.lately import Lately
from liqmap.app.data.work import Work, Worker
from liqmap.array_bytes import array_bytes
from liqmap.schema import Keyword, Sentence, SessionError

SESSIONS_KEPT = 3
"""Sessions whose spans stay in memory, beside those that somebody still looks at."""

MEMORY = 4 * 10**9
"""Bytes that open sessions may hold together: spans, what was derived from them, and frames."""


class Opened:
    """Sessions by key, the least recently used forgotten first; threads may share it.

    Whoever asks for a key while another opens it gets what that one gets: it is opened once, and is not
    forgotten before it is there. What cannot be opened is not kept: who asks next tries again. A session that
    has been forgotten while somebody looks at it is found again as long as that lasts, and counts.

    Parameters
    ----------
    kept : sessions that stay although nobody looks at them.
    memory : bytes that all sessions may hold together.

    Attributes
    ----------
    lately : what else of their store has been read a moment ago.
    """

    def __init__(self, kept: int = SESSIONS_KEPT, memory: int = MEMORY) -> None:
        self.kept, self.memory = kept, memory
        self.lately = Lately()
        self._lock = Lock()
        self._sessions: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._alive: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()

    def get(self, key: Hashable, open_session: Work) -> Any:
        """The session of a key, by ``open_session`` where it is not there yet; raises what that raises.

        Raises
        ------
        SessionError : what others look at leaves no room for it.
        """
        return self.ask(key, open_session, Worker().submit).result()

    def ask(self, key: Hashable, open_session: Work, submit: Callable[[Work], Any]) -> Future[Any]:
        """The session of a key once it is there; what it raises is what `get` raises.

        Parameters
        ----------
        submit : begins work; it is given the opening, if nobody has begun that yet.
        """
        with self._lock:
            session = self._sessions.get(key)
            if session is not None:
                self._sessions.move_to_end(key)
                return session
            session = self._sessions[key] = Future()
            looked_at = self._alive.get(key)
            if looked_at is not None:
                session.set_result(looked_at)
            self._forget_oldest(key)
        if looked_at is None:
            submit(partial(self._open, key, session, open_session))
        return session

    @property
    def memory_used(self) -> int:
        """Bytes that the sessions hold now, those that are only looked at included."""
        with self._lock:
            sessions = list(self._alive.values())
        return array_bytes(sessions)  # which takes its time: nobody has to wait for it

    def _open(self, key: Hashable, session: Future[Any], open_session: Work) -> None:
        """Open a session, for all who wait for it."""
        found = None
        try:
            found = open_session()
            self._admit(key, found)
            session.set_result(found)
        except BaseException as error:
            found = None  # which the error would keep in memory, as it knows of this call
            with self._lock:
                del self._sessions[key]
            session.set_exception(error)
        with self._lock:
            self._forget_oldest(key)

    def _forget_oldest(self, key: Hashable) -> None:
        """Forget what exceeds the number kept, but neither a key nor what is still being opened."""
        idle = [k for k, s in self._sessions.items() if k != key and s.done()]
        for k in idle[: max(len(self._sessions) - self.kept, 0)]:
            del self._sessions[k]

    def _admit(self, key: Hashable, session: Any) -> None:
        """Count a session among the living, and forget others until there is room for it."""
        try:
            with self._lock:
                self._alive[key] = session
        except TypeError:  # a plain value, which cannot be looked at from afar
            return
        del session
        while (used := self.memory_used) > self.memory:
            with self._lock:
                idle = next((k for k, s in self._sessions.items() if k != key and s.done()), None)
                if idle is not None:
                    del self._sessions[idle]
                    continue
                self._alive.pop(key, None)
            raise SessionError(
                where=_spell(key),
                expected=f"room for it in the {_size(self.memory)} that open sessions may hold",
                got=_size(used),
                remedy=Sentence(
                    "Try again when others have closed theirs, or serve with a larger ", Keyword("memory")
                ),
            )


def _spell(key: Any) -> str:
    """A key as people know it: venue, symbol, feed and day, without how much the store holds of them."""
    return " ".join(part for part in key if isinstance(part, str)) if isinstance(key, tuple) else str(key)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 10**8 else f"{count / 1e6:.1f} MB"
