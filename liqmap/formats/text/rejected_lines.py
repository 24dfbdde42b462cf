"""Rejected lines, given out in step with the messages that stand around them."""

from __future__ import annotations

from collections.abc import Sequence

from liqmap.schema import Rejected


class RejectedLines:
    """Lines that wait as long as a message before them does: a batch tells only of lines between its own."""

    def __init__(self) -> None:
        self._waiting: list[Rejected] = []

    def add(self, rejected: Sequence[Rejected]) -> None:
        """Lines that were rejected since the last call."""
        self._waiting += rejected

    def before(self, line: int | None) -> tuple[Rejected, ...]:
        """Those before the first ``line`` that waits, in order; None: nothing waits, all of them."""
        found = sorted(self._waiting, key=lambda lost: lost.line)
        self._waiting = [lost for lost in found if line is not None and lost.line >= line]
        return tuple(found[: len(found) - len(self._waiting)])
