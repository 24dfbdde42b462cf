"""One connection takes the place of another, and no message is lost or heard twice in the book.

Both send the same feed, shifted by some milliseconds. A message of the book has a position that tells the
state after it from every other. Once both were at one position they send the same: then the old one is
stopped, wherever it is, and the new one is heard from the message after that position. Where ids are not the
same on both, nothing proves that they do; then the new one is heard from its own snapshot on, and the readers
judge whether that is a gap. Trades are heard of both for a while: their ids tell which came twice.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from liqmap.live.feeds import Heard

MOST_LINES = 20_000
"""Lines of the new connection that wait, at most."""

C = TypeVar("C")


class Line(NamedTuple):
    """A message: when it came (local ns), its text, and what it is."""

    ns: int
    text: bytes
    heard: Heard


class Handover(Generic[C]):
    """From one connection to another.

    Parameters
    ----------
    last : the position of the old one; None where its book is not known.

    Attributes
    ----------
    done : the book is that of the new one from here on. joined : and that was found to be the old one's.
    """

    def __init__(self, old: C, new: C, last: Hashable) -> None:
        self._old, self._new = old, new
        self._last, self._lost = last, last is None
        self._before: set[Hashable] = {last} - {None}
        self._seen: set[Hashable] = set()
        self._kept: list[Line] = []
        self._in_step = self.done = self.joined = False

    @property
    def may_force(self) -> bool:
        """Whether the new connection has sent anything of its book."""
        return bool(self._kept)

    @property
    def must_force(self) -> bool:
        """Whether there is nothing to wait for: the old book was lost and the new one is there, or too much
        waits."""
        has_book = self._lost and any(line.heard.snapshot for line in self._kept)
        return not self.done and (has_book or len(self._kept) >= MOST_LINES)

    def take(self, connection: C, line: Line) -> list[Line]:
        """What is heard now that a message came."""
        if line.heard.kind not in ("depth", "garbled"):
            return [line]
        if connection is self._old:
            return [] if self.done or self._in_step else self._of_old(line)
        return [line] if self.done else self._of_new(line)

    def force(self) -> list[Line]:
        """What is heard now, where the old connection ended or no common position was found: the last
        snapshot of the new one and what came after it, or all of it that came."""
        kept, self._kept, self.done = self._kept, [], True
        begins = [i for i, line in enumerate(kept) if line.heard.snapshot]
        return kept[begins[-1] :] if begins else kept

    def _of_old(self, line: Line) -> list[Line]:
        position, self._lost = line.heard.position, line.heard.asks
        if self._lost or position is None:
            return [line]
        self._last = position
        self._before.add(position)
        return [line, *self._join()] if position in self._seen else [line]

    def _of_new(self, line: Line) -> list[Line]:
        self._kept.append(line)
        position = line.heard.position
        if position is None or self._lost:
            return []
        self._seen.add(position)
        return self._join() if self._in_step or position in self._before else []

    def _join(self) -> list[Line]:
        """Both are in step: the old one is heard no more, and the new one from the place on where the old one
        stopped, once it is there."""
        self._in_step = True
        for i, line in enumerate(self._kept):
            if line.heard.position == self._last:
                after, self._kept, self.done, self.joined = self._kept[i + 1 :], [], True, True
                return after
        return []
