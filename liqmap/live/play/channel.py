"""A played market, and the streams of it that clients subscribe to."""

from __future__ import annotations

from typing import NamedTuple

from liqmap.live.play.book import Book
from liqmap.live.play.connection import Connection
from liqmap.live.play.faults import Placed
from liqmap.live.play.tape import Kind, Level, Step, Tape, Trade
from liqmap.schema import GAP, SNAPSHOT


class Told(NamedTuple):
    """A message as the venue's clients hear it: the text, and the venue's id, -1 where it has none."""

    text: str
    seq: int


class Parcel(NamedTuple):
    """A message of a channel for those who were subscribed when it came; ``number`` as in `Step`."""

    told: Told
    channel: Channel
    number: int
    to: list[Connection]


class Played:
    """A market on the clock.

    Attributes
    ----------
    symbol : as the venue writes it. ts, seq, number : of the last message of its book that was played.
    streamed : id of the last message that was no snapshot, -1 before the first; before : that of the one
    before it, or of a snapshot that came first. broken : whether a gap lies before the last message.
    snapshots : how many there were.
    shift, renumber : added to times (ns) and ids, once the recording begins anew. rounds : how often it did.

    Parameters
    ----------
    counted : give messages ids of our own, which rise by one: those recorded are none of this venue's.
    """

    def __init__(self, tape: Tape, symbol: str, faults: list[Placed], counted: bool) -> None:
        self.tape, self.symbol, self.faults = tape, symbol, faults
        self._counted = counted
        meta = tape.meta
        self.book = Book(meta.depth_limit if meta.window_policy == "truncate" else None)
        self.policy = meta.window_policy
        self.levels = meta.depth_limit if meta.window_policy != "full" else None
        self.ts, self.seq, self.number = tape.begin, 0 if counted else -1, 0
        self.streamed = self.before = -1
        self.snapshots = 0
        self._gap = False
        self.broken = False
        self.shift = self.renumber = self.rounds = 0
        self.channels: dict[str, Channel] = {}

    def play(self, step: Step) -> list[Level]:
        """Bring the book to what a message says; returns that."""
        self.ts = step.ts + self.shift
        if step.event == GAP:
            self.book.known = False
            self._gap = True
            self.seq += self._counted  # one that nobody hears
            return []
        levels = self.tape.levels(step)
        last = self.seq
        if step.event == SNAPSHOT:
            self.snapshots += 1
            self.book.replace(levels)
        else:
            self.book.apply(levels)
        self.seq = self.seq + 1 if self._counted else step.seq + self.renumber
        self.number = step.number
        self.broken = self._gap
        if step.event != SNAPSHOT or self.policy != "full":
            known = [known for known in (self.streamed, last) if known >= 0]
            self.before = known[0] if known else self.seq - 1
            self.streamed = self.seq
            self._gap = False
        return levels

    def traded(self, step: Step) -> list[Trade]:
        """The trades of a message. Once the recording begins anew their ids are others, as times are."""
        trades = self.tape.traded(step)
        return [t._replace(id=self._anew(t.id)) for t in trades] if self.rounds else trades

    def _anew(self, name: str | None) -> str | None:
        if not name:
            return name
        return (
            str(int(name) + self.rounds * self.tape.trade_numbers)
            if name.isdecimal()
            else f"{name}-{self.rounds}"
        )

    def begin_anew(self, shift: int) -> None:
        """Forget the book; times go on ``shift`` (ns) later, ids after the last."""
        ids = [step.seq for step in self.tape.steps if step.number]
        self.shift += shift
        self.rounds += 1
        self.renumber += max(ids) - min(ids) + 1 if ids else 0
        self.faults = []
        self.book.known = False
        self._gap = True

    @property
    def clients(self) -> list[Connection]:
        """All that are subscribed to anything of it."""
        found = {c.number: c for channel in self.channels.values() for c in channel.subscribers}
        return list(found.values())


class Channel:
    """One stream of one market: what its subscribers are sent. A venue has a class for each kind.

    Attributes
    ----------
    held : messages that are kept back until a stretch that a fault reorders ends.
    """

    kind: Kind = "depth"

    def __init__(self, played: Played, name: str) -> None:
        self.played, self.name = played, name
        self.subscribers: list[Connection] = []
        self.held: list[Parcel] = []

    def beginning(self, connection: Connection) -> list[Told]:
        """What a new subscriber is sent first, the book being known."""
        return []

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        """What a message of the market becomes. Called for each of its kind, with or without subscribers."""
        raise NotImplementedError

    def restart(self, empty: bool) -> list[Told]:
        """What subscribers are sent where the service begins anew and connections stay."""
        return []

    @staticmethod
    def spoiled(told: Told) -> Told:
        """The message with a checksum that is wrong; as it is where the venue sends none."""
        return told
