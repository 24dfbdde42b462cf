"""What the books of a table say of it: crossed ones that its sides are swapped, and one side in turn with the
other that an empty one means unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

FEWEST = 6
"""Of fewer books nothing is said."""


class BookChecks:
    """Whole books, counted as they come.

    Parameters
    ----------
    path : of the table. wide : whether a row is a whole book.
    """

    def __init__(self, path: Path, wide: bool) -> None:
        self._path, self._wide = path, wide
        self._books = self._crossed = self._locked = 0
        self._without = [0, 0]

    def take(self, begin: np.ndarray, side: np.ndarray, price: np.ndarray) -> None:
        """Count books that begin at these rows."""
        asks = side == 1
        best_bid = np.maximum.reduceat(np.where(asks, -np.inf, price), begin)
        best_ask = np.minimum.reduceat(np.where(asks, price, np.inf), begin)
        self._books += len(begin)
        self._crossed += int((best_bid > best_ask).sum())
        self._locked += int((best_bid == best_ask).sum())
        self._without[0] += int((best_bid == -np.inf).sum())
        self._without[1] += int((best_ask == np.inf).sum())

    def check(self) -> None:
        """Refuse what most of all books say.

        Raises
        ------
        FormatError : most are crossed, or most have one side, now this one and now that.
        """
        if self._books < FEWEST:
            return
        if 2 * self._crossed > self._books:
            raise FormatError(
                where=self._path,
                expected="books with bids below asks",
                got=f"{self._crossed:,} of {self._books:,} with a bid above an ask",
                remedy=Sentence("If bids and asks are swapped, map each to the other: ", Keyword("mapping"))
                if self._wide
                else "Are its sides swapped, or are these no levels of a book?",
            )
        fewer, more = sorted(self._without)
        if 2 * (fewer + more) > self._books and 10 * fewer > self._books:
            raise FormatError(
                where=self._path,
                expected="books of two sides",
                got=f"of {self._books:,} {self._without[0]:,} without bids and {self._without[1]:,} without "
                "asks, as where nothing means unchanged",
                remedy="Write every book whole: fill empty cells from the row before"
                if self._wide
                else Sentence("Write every book whole, or pass ", Keyword("mapping", {"layout": "updates"})),
            )

    def notes(self) -> list[str]:
        """What some of the books say."""
        name, found = self._path.name, []
        if self._crossed or self._locked:
            found.append(
                f"{name}: of {self._books:,} books {self._crossed:,} are crossed (bid above ask) and "
                f"{self._locked:,} locked (bid equal to ask), and were taken as they stand"
            )
        for what, count in zip(("bids", "asks"), self._without):
            if count:
                found.append(
                    f"{name}: {count:,} of {self._books:,} books tell no {what}: taken for books without "
                    "any. If that means unchanged, fill them from the book before"
                )
        return found


def crossed_note(name: str, count: int, of: int) -> list[str]:
    """What is said where most of the first books of updates are crossed. It is no proof: a level that was not
    told to be gone may stand there as well."""
    if of < FEWEST or 2 * count <= of:
        return []
    return [
        f"{name}: after {count:,} of its first {of:,} messages a bid is above an ask, as where sides are "
        "swapped, or levels stay that are gone: taken as they stand"
    ]
