"""What the books of a table say of it: crossed ones that its sides are swapped, and one side in turn with the
other that an empty one means unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

FEWEST = 6
"""Of fewer books nothing is said."""

MANY = 20
"""Fewer crossed ones may be those of an auction."""


class BookChecks:
    """Whole books, counted as they come.

    Parameters
    ----------
    path : of the table. wide : whether a row is a whole book; then what a side does not tell is counted by
        `take_blank`, for a price or size of 0 tells that there is none. told : whether the user says what its
        rows or sides are: then none is refused.
    """

    def __init__(self, path: Path, wide: bool, told: bool) -> None:
        self._path, self._wide, self._told = path, wide, told
        self._books = self._whole = self._crossed = self._locked = 0
        self._without = np.zeros(2, np.int64)

    def take(self, begin: np.ndarray, side: np.ndarray, price: np.ndarray) -> None:
        """Count books that begin at these rows."""
        asks = side == 1
        best_bid = np.maximum.reduceat(np.where(asks, -np.inf, price), begin)
        best_ask = np.minimum.reduceat(np.where(asks, price, np.inf), begin)
        empty = np.array([best_bid == -np.inf, best_ask == np.inf])
        self._books += len(begin)
        self._whole += int(np.count_nonzero(~empty.any(axis=0)))
        self._crossed += int(((best_bid > best_ask) & ~empty.any(axis=0)).sum())
        self._locked += int((best_bid == best_ask).sum())
        if not self._wide:
            self._without += empty.sum(axis=1)

    def take_blank(self, blank: np.ndarray) -> None:
        """Count books in rows, (2, R): of which bids and asks are not told."""
        self._without += blank.sum(axis=1)

    def check(self) -> None:
        """Refuse what all books say, where the user says nothing of them.

        Raises
        ------
        FormatError : many are crossed and none is not, or none has two sides, but now this one and now that.
        """
        if self._told:
            return
        if self._crossed >= MANY and self._crossed == self._whole:
            remedy = (
                Sentence("If bids and asks are swapped, map each to the other: ", Keyword("mapping"))
                if self._wide
                else Sentence("If its sides are swapped, swap them")
            )
            raise FormatError(
                where=self._path,
                expected="books with bids below asks",
                got=f"{self._crossed:,} of {self._books:,} with a bid above an ask",
                remedy=Sentence(remedy, ". If they are so, as in an auction: ", self._layout),
            )
        fewer = int(self._without.min())
        if self._books >= FEWEST and not self._whole and 10 * fewer > self._books:
            bids, asks = self._without.tolist()
            raise FormatError(
                where=self._path,
                expected="books of two sides",
                got=f"of {self._books:,} {bids:,} without bids and {asks:,} without asks, as where nothing "
                "means unchanged",
                remedy=Sentence(
                    "Write every book whole: fill empty cells from the row before. If nothing means that a "
                    "side is empty: "
                    if self._wide
                    else "Write every book whole. If nothing means that a side is empty: ",
                    self._layout,
                ),
            )

    @property
    def _layout(self) -> Keyword:
        return Keyword("mapping", {"layout": "wide" if self._wide else "snapshots"})

    def notes(self) -> list[str]:
        """What some of the books say."""
        name, found = self._path.name, []
        if self._crossed or self._locked:
            swapped = ". Are bids and asks swapped?" if 2 * self._crossed > self._whole else ""
            found.append(
                f"{name}: of {self._books:,} books {self._crossed:,} are crossed (bid above ask) and "
                f"{self._locked:,} locked (bid equal to ask), and were taken as they stand{swapped}"
            )
        for what, count in zip(("bids", "asks"), self._without.tolist()):
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
