"""What a feed is, and what one connection to it tells: without a socket, and without a clock.

A `DirectFeed` says where to connect, what to send, and which REST calls there are. A `Listener` takes the
messages of one connection, one by one, and says of each what it is. That is as much as it takes to keep a
stream up: whether a message was lost is judged for good by the readers of `liqmap.formats`, from the same
messages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import Any, Literal, NamedTuple

import orjson

from liqmap.live.market import Market
from liqmap.schema import LiveError, one_line

Kind = Literal["depth", "trades", "control", "pong", "refused", "garbled"]

MALFORMED = "a message that is no JSON of this feed"


class Heard(NamedTuple):
    """What a message is.

    ts_ms : the venue's time, ms since the epoch; None where it has none.
    position : of a message of the book, what tells the state after it from every other: two connections that
        are at one position have one book.
    snapshot : it replaces the book. asks : the book is not known, so that a fresh snapshot is needed.
    broken : why the messages before do not lead to this one; empty where they do.
    checked : whether the checksum that it has agrees; None where it has none, or none was compared.
    why : of one that is ``refused``, in the venue's words. lasting : asked again, it would be refused again.
    ends_soon : the venue is about to close the connection.
    """

    kind: Kind
    ts_ms: float | None = None
    position: Hashable = None
    snapshot: bool = False
    asks: bool = False
    broken: str = ""
    checked: bool | None = None
    why: str = ""
    lasting: bool = True
    ends_soon: bool = False


CONTROL = Heard("control")
PONG = Heard("pong")


class Listener(ABC):
    """One connection. known : whether the messages so far give the book."""

    def __init__(self) -> None:
        self.known = False

    @abstractmethod
    def hear(self, message: bytes) -> Heard:
        """What the next message is. It never raises, whatever came."""

    def refresh(self) -> tuple[str, ...]:
        """What to send for a fresh snapshot; nothing where it comes by REST."""
        return ()

    def snapshot(self, body: bytes) -> Heard:
        """What a REST snapshot is that came now. It never raises."""
        raise NotImplementedError

    def follow(self, other: Listener) -> None:
        """Another connection, which was heard until now, was at a position that this one was at too: what
        that one knew, this one knows."""
        self.known = self.known or other.known

    def garbled(self) -> Heard:
        """A message that nothing can be made of: one of the book may be lost with it."""
        self.known = False
        return Heard("garbled", asks=True, broken=MALFORMED)


class Feed:
    """One market's depth and trades. name : of the depth, as the store calls it: ``ob1000``, ``full``."""

    name: str

    def __init__(self, market: Market) -> None:
        self.market = market


class DirectFeed(Feed, ABC):
    """A feed that is heard from the venue itself.

    Attributes
    ----------
    url : of the WebSocket.
    ping : what to send every ``ping_s`` seconds; None where the venue does not expect it.
    lifetime_s : after so long a connection is replaced by another, without a gap; None: never.
    snapshot_url : where snapshots come by REST. time_url : where the venue's clock is asked for.
    """

    url: str
    ping: str | None = None
    ping_s = 20.0
    lifetime_s: float | None = None
    snapshot_url: str | None = None
    time_url: str | None = None

    @abstractmethod
    def subscribe(self) -> tuple[str, ...]:
        """What to send once a connection is open."""

    @abstractmethod
    def listener(self) -> Listener:
        """For the messages of a new connection."""

    def time_ms(self, body: bytes) -> float | None:
        """The venue's clock as an answer of ``time_url`` has it, ms since the epoch."""
        return None

    def refusal(self, status: int, body: bytes) -> str:
        """Why the market is refused for good, in the venue's words, as an answer to a REST call says; empty
        where another attempt may help."""
        return ""


def levels_of(market: Market, depths: Sequence[int]) -> int:
    """Levels a side of the feed that is wanted, of those that a venue has; by default the last of them.

    Raises
    ------
    LiveError : there is no such feed.
    """
    names = {f"ob{depth}": depth for depth in depths}
    if market.feed is not None and market.feed not in names:
        raise LiveError(
            where=market, argument="feed", expected=f"one of {', '.join(names)}", got=repr(market.feed)
        )
    return names[market.feed or f"ob{depths[-1]}"]


def parsed(message: bytes) -> Any:
    """The JSON of a message; None where it is none."""
    try:
        return orjson.loads(message)
    except orjson.JSONDecodeError:
        return None


def inside(value: Any, *names: str) -> Any:
    """What stands in an object under a name, and in that under the next; None where one is not there."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def words(value: object) -> str:
    """A venue's words, in one line."""
    return one_line(" ".join(str(value).split()), 200)
