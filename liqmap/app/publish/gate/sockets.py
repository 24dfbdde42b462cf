"""`Sockets`: those that are open."""

from __future__ import annotations

import time
from typing import Any

from liqmap.app.publish.login.attempts import network

RECHECK_MS = 1_000
"""After which a socket whose login is over is closed, whatever is said on it."""


class Sockets(set[Any]):
    """The open `AppSocket`s of a server."""

    def of(self, address: str) -> int:
        """How many visitors at an address have open; of IPv6 at its network, whose addresses one has all."""
        return sum(network(str(socket.request.remote_ip)) == network(address) for socket in self)

    def recheck(self) -> None:
        """Close those whose login is over, and those that nobody is at any more."""
        now = time.monotonic()
        for socket in list(self):
            if socket.still_welcome():
                socket.still_there(now)
