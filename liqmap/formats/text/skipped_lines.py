"""Lines that a reader skips because they are of something else, by what they are of."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from liqmap.schema import FormatError, one_line
from liqmap.schema.wording import Sentence

SHOWN = 5
"""Of what was skipped, in one error."""

NOTED = 50
"""Of what was skipped, in notes."""

DISTINCT = 1_000
"""Kinds of lines that are counted apart."""

LONGEST = 200
"""Characters of what is said of a kind."""

OTHERS = "other things"


class SkippedLines(Counter[str]):
    """How many lines of what: ``{"symbol ETHUSDT": 21}``. Every line may be of something else: the first
    kinds are told apart, all lines are counted."""

    _total = 0

    def __setitem__(self, what: str, lines: int) -> None:
        what = one_line(what, LONGEST)
        self._total += lines - self[what]
        if what not in self and len(self) >= DISTINCT:
            lines, what = self[OTHERS] + lines, OTHERS
        super().__setitem__(what, lines)

    @property
    def total_lines(self) -> int:
        """Lines that were skipped so far."""
        return self._total

    def __getitem__(self, what: str) -> int:
        return super().__getitem__(one_line(what, LONGEST))

    def notes(self, name: str) -> list[str]:
        """A sentence on each of the first, and one on the others."""
        said = list(self.items())
        notes = [f"{name}: {lines:,} lines of {what} were left out" for what, lines in said[:NOTED]]
        if more := said[NOTED:]:
            lines = sum(count for _, count in more)
            notes.append(f"{name}: {lines:,} lines of {len(more):,} and more other kinds were left out")
        return notes

    def instead(self, path: Path, wanted: str, remedy: str) -> FormatError:
        """That a file has nothing of what was wanted, and what it has."""
        found = [f"{what} ({lines:,} lines)" for what, lines in self.most_common(SHOWN)]
        more = f" and {len(self) - SHOWN} more" if len(self) > SHOWN else ""
        return FormatError(
            where=path,
            expected=wanted,
            got=f"{', '.join(found)}{more}",
            remedy=Sentence("Nothing could be used. ", remedy),
        )
