"""Lines that a reader skips because they are of something else, by what they are of."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from liqmap.schema import FormatError
from liqmap.schema.wording import Sentence

SHOWN = 5
"""Of what was skipped, in one error."""


class SkippedLines(Counter[str]):
    """How many lines of what: ``{"symbol ETHUSDT": 21}``."""

    def notes(self, name: str) -> list[str]:
        """A sentence on each."""
        return [f"{name}: {lines:,} lines of {what} were left out" for what, lines in self.items()]

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
