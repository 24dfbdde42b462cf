"""What readers of text have in common: what they found, what they skipped, and what is said at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from liqmap.formats.raw import RawFile
from liqmap.formats.text.skipped_lines import SkippedLines
from liqmap.formats.text.times import Units
from liqmap.schema import Batch, FormatError, Meta, Rejected


class TextReader(ABC):
    """A file of lines (a `Reader`): `JsonLinesReader` and `CsvReader` say how it is walked.

    Attributes
    ----------
    skipped : lines of something else than what is read, which are passed over. units : those of the times.
    broken : whether a line was rejected.
    """

    venue: str

    def __init__(self, raw: RawFile, usual_unit: str | None = None) -> None:
        self.raw = raw
        self.meta: dict[str, Meta] = {}
        self.notes: list[str] = []
        self.skipped = SkippedLines()
        self.units = Units(usual_unit)
        self.broken = False

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """What the file holds, in its order, in bounded memory."""

    def finish(self, damage: list[Rejected]) -> Iterator[Batch]:
        """What comes after the last chunk: here a ``damage`` of the file, if there is one.

        Raises
        ------
        FormatError : all lines were of something else.
        """
        self.check_found()
        self.notes += self.last_notes()
        if damage:
            yield Batch(rejected=tuple(damage), position=self.raw.position)

    def check_found(self) -> None:
        """That not all lines were skipped.

        Raises
        ------
        FormatError : they were.
        """
        if self.skipped and not self.meta and not self.broken:
            raise self.nothing_found()

    def nothing_found(self) -> FormatError:
        """That the file has nothing but what was skipped."""
        return self.skipped.instead(self.raw.path, "lines of its format", "Leave out what it was asked for")

    def last_notes(self) -> list[str]:
        """What is to be said once all lines were read."""
        name = self.raw.path.name
        return self.skipped.notes(name) + self.units.notes(name)

    def damage(self, line: int) -> list[Rejected]:
        """What is wrong with the file after so many lines, if anything is."""
        return [Rejected(line + 1, self.raw.damage)] if self.raw.damage else []
