"""Rejected lines: the first ones of a stretch one by one, the others by stretches, in bounded memory.

A file may be nothing but lines that are none, millions to the megabyte when packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from liqmap.schema import Rejected

DETAILED = 1_000
"""Lines that a list has one by one; of others those that follow each other, without a message between them,
are one entry that counts them."""


class RejectedList(list[Rejected]):
    """A list of rejected lines, appended to in the order of the lines."""

    def __init__(self, lines: Iterable[Rejected] = ()) -> None:
        super().__init__()
        self._reach = -1
        self._run: Rejected | None = None  # the last entry, where it is of several lines
        self.extend(lines)

    def append(self, lost: Rejected) -> None:
        """Add a line, or lines that follow each other."""
        if lost.level or not self._goes_on(lost.line, lost.end, lost.count, lost.foreign):
            super().append(lost)
        self._reach = lost.end

    def _goes_on(self, line: int, end: int, count: int, foreign: bool) -> bool:
        """Whether lines were counted with the last entry."""
        if len(self) < DETAILED or line > self._reach + 1:
            return False
        last = self[-1]
        if line <= last.end or last.foreign != foreign or last.level:
            return False
        if last is not self._run:
            last = self[-1] = self._run = replace(last)
        object.__setattr__(last, "count", last.count + count)  # nobody else has it yet, and replace is slow
        object.__setattr__(last, "last", end)
        return True

    def extend(self, lines: Iterable[Rejected]) -> None:
        """Add several."""
        for lost in lines:
            self.append(lost)

    def __iadd__(self, lines: Iterable[Rejected]) -> RejectedList:  # type: ignore[override, misc]
        self.extend(lines)
        return self

    def lose(self, line: int, why: Rejected | str, count: int = 1) -> None:
        """Add so many lines, from this one on, that are wrong in the same way."""
        end = line + count - 1
        if self._goes_on(line, end, count, isinstance(why, Rejected) and why.foreign):
            self._reach = end
            return
        lost = why if isinstance(why, Rejected) else Rejected(line, why)
        single = max(0, min(count, DETAILED - len(self)))
        for number in range(line, line + single):
            self.append(replace(lost, line=number))
        if count > single:
            self.append(replace(lost, line=line + single, count=count - single, last=end))

    def passed(self, first: int, last: int) -> None:
        """None of these lines is a message: lines after them may be counted with lines before them."""
        if first <= self._reach + 1:
            self._reach = max(self._reach, last)


class RejectedLines:
    """Lines that wait as long as a message before them does: a batch tells only of lines between its own."""

    def __init__(self) -> None:
        self._waiting = RejectedList()

    def add(self, rejected: Sequence[Rejected]) -> None:
        """Lines that were rejected since the last call."""
        self._waiting += rejected

    def before(self, line: int | None) -> tuple[Rejected, ...]:
        """Those before the first ``line`` that waits, in order; None: nothing waits, all of them."""
        found = sorted(self._waiting, key=lambda lost: lost.line)
        self._waiting = RejectedList(lost for lost in found if line is not None and lost.line >= line)
        return tuple(found[: len(found) - len(self._waiting)])
