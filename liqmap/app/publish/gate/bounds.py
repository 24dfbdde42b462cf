"""How much the server takes, how long it waits, and the connections that wait."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

KIB = 1024

ADDRESS = 60 * KIB
"""Of the address of a request, in characters: the app says what it cannot take of one that is shorter."""

PARAMETERS = 2_000
"""Of an address; a link has at most some 60."""

HEADERS = 64 * KIB
"""Of a request, all together, its address among them; a browser's have 1 or 2 KiB."""

BODY = 64 * KIB
"""Of a request: nothing but a login has one, of some 200 bytes."""

MESSAGE = 1024 * KIB
"""Of a message on a socket: what a page says has at most some KiB."""

REQUEST_S = 20
"""From the connection, or the first of a request, to the last of it."""

IDLE_S = 65
"""Between two requests on a connection: proxies keep theirs for a minute."""

PER_SECOND, BURST = 300, 1_500
"""Parts of messages that are taken of a socket, three of which are a message, and how many at once."""

PULL_S = 20
"""From the socket to the first that its page asks."""

PING_S = 30
"""Without a word on a socket, until it is asked for a sign of life."""

SILENCE_S = 65
"""Without a sign of life, nor anything taken of what is sent, until it is closed."""

CONNECTIONS = 64
"""Of one address that wait for a request; the one that waits longest has to go. Browsers have six or so."""

ANSWERS = 64
"""Of one address that are made and not taken; the one that waits longest has to go."""

ANSWER_S, SLOWEST = 30, KIB
"""Between two looks at an answer that is being taken, and the least bytes a second that are taken of it."""

SOCKETS = 100
"""Of one address, where nobody logs in."""

SERVER: dict[str, Any] = {
    "max_header_size": HEADERS, "max_body_size": BODY, "max_buffer_size": 2 * MESSAGE,
    "idle_connection_timeout": IDLE_S, "body_timeout": REQUEST_S,
}  # fmt: skip
"""What tornado's server is told."""

APPLICATION: dict[str, Any] = {
    "websocket_max_message_size": MESSAGE, "keep_alive_milliseconds": 0,
}  # fmt: skip
"""What bokeh's application is told. Of its own keep-alive nobody looks at the answers."""


def refusal(address: str) -> int:
    """The status by which the address of a request is refused that no link of ours has; 0 if it is not."""
    if len(address) > ADDRESS or address.count("&") >= PARAMETERS:
        return 414
    path = unquote_to_bytes(address.partition("?")[0])
    return 400 if any(byte < 32 or byte == 127 for byte in path) else 0


class Waiting:
    """Connections that wait for a request, or for the rest of one, by where they come from."""

    def __init__(self, limit: int = CONNECTIONS) -> None:
        self.limit = limit
        self._addresses: dict[Any, str] = {}
        self._by_address: dict[str, dict[Any, None]] = {}

    def __len__(self) -> int:
        return len(self._addresses)

    def begin(self, address: str, connection: Any) -> Any | None:
        """A connection begins to wait; gives the one that has to go for it, if any."""
        self.end(connection)
        waiting = self._by_address.setdefault(address, {})
        waiting[connection] = None
        self._addresses[connection] = address
        if len(waiting) <= self.limit:
            return None
        last = next(iter(waiting))
        self.end(last)
        return last

    def end(self, connection: Any) -> None:
        """It has its request, or is closed."""
        address = self._addresses.pop(connection, None)
        if address is not None:
            waiting = self._by_address[address]
            del waiting[connection]
            if not waiting:
                del self._by_address[address]
