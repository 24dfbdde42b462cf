"""`Sockets`: those that are open."""

from __future__ import annotations

from typing import Any

RECHECK_MS = 1_000
"""After which a socket whose login is over is closed, whatever is said on it."""


class Sockets(set[Any]):
    """The open `AppSocket`s of a server."""

    def recheck(self) -> None:
        """Close those whose login is over."""
        for socket in list(self):
            socket.still_welcome()
