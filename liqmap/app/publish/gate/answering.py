"""Connections that are sent an answer: whoever does not take it has to go."""

from __future__ import annotations

from typing import Any, NamedTuple

from tornado.ioloop import IOLoop

from liqmap.app.internals.tornado import taken, unsent
from liqmap.app.publish.gate.bounds import ANSWER_S, ANSWERS, SLOWEST


class _Taking(NamedTuple):
    """Whose connection it is, and the next look at what it has taken."""

    address: str
    timer: Any


class Answering:
    """What an answer has of memory and files stays until it is taken, so that who takes none of it has both.

    Parameters
    ----------
    limit : answers of one address that wait to be taken.
    seconds : after which it is looked at what was taken of an answer.
    """

    def __init__(self, limit: int = ANSWERS, seconds: float = ANSWER_S) -> None:
        self.limit, self.seconds = limit, seconds
        self._taking: dict[Any, _Taking] = {}

    def __len__(self) -> int:
        return len(self._taking)

    def begin(self, address: str, connection: Any) -> Any | None:
        """A request is complete; gives the connection that has to go for it, if any: the one that has waited
        longest, with an answer that is made and not taken."""
        self.end(connection)
        if connection.stream.closed():  # what was read of it before is still answered
            return None
        last = self._last_of(address)
        self.end(last)
        self._taking[connection] = _Taking(address, self._look_later(connection))
        return last

    def end(self, connection: Any) -> None:
        """The answer was taken, or the connection is closed."""
        taking = self._taking.pop(connection, None)
        if taking is not None:
            IOLoop.current().remove_timeout(taking.timer)

    def _last_of(self, address: str) -> Any | None:
        of = (connection for connection, taking in self._taking.items() if taking.address == address)
        waiting = [connection for connection in of if unsent(connection.stream)]
        return waiting[0] if len(waiting) >= self.limit else None

    def _look_later(self, connection: Any) -> Any:
        at = unsent(connection.stream), taken(connection.stream)
        return IOLoop.current().call_later(self.seconds, self._look, connection, *at)

    def _look(self, connection: Any, waiting: int, before: int) -> None:
        """Close a connection that takes next to nothing, of ``waiting`` bytes at the last look."""
        if waiting and taken(connection.stream) - before < min(waiting, SLOWEST * self.seconds):
            self._taking.pop(connection)
            connection.stream.close()
        else:
            timer = self._look_later(connection)
            self._taking[connection] = self._taking[connection]._replace(timer=timer)
