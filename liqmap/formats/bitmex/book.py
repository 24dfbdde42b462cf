"""The rows of a BitMEX book by their ids: which price each has, and whether a message fits what is known.

Nothing is computed from an id: the price of one is what a message said. A message that changes or deletes a
row that is not there, or inserts one that is, proves that another is missing: BitMEX numbers none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from liqmap.formats.bitmex.exact import Row
from liqmap.formats.streams.gathered import Level


class BitmexBook:
    """``known``: whether all rows are, so that a message has to fit them."""

    def __init__(self) -> None:
        self.known = False
        self._rows: dict[int, tuple[int, Fraction]] = {}

    def levels(self, action: str, rows: Sequence[Row]) -> tuple[list[Level], list[Fraction]] | str:
        """The levels that rows of a message say, and their prices, or what is wrong with one."""
        levels, prices = [], []
        for row in rows:
            price = row.price
            if price is None:
                known = None if action == "partial" else self._rows.get(row.id)
                if known is None:
                    return f"expected a price, or a row {row.id} that was told before, got neither"
                price = known[1]
            prices.append(price)
            levels.append((row.side, float(price), row.size))
        return levels, prices

    def apply(self, action: str, rows: Sequence[Row]) -> bool:
        """Take the rows of a message; whether they fit what was known."""
        if action == "partial":
            self._rows.clear()
            self.known = True
        fits = True
        for row in rows:
            before = self._rows.get(row.id)
            if action in ("partial", "insert"):
                fits &= before is None
            else:
                fits &= before is not None and before[0] == row.side
                fits &= row.price is None or before is None or before[1] == row.price
            price = row.price if row.price is not None else before[1] if before else None
            if action == "delete":
                self._rows.pop(row.id, None)
            elif price is not None:
                self._rows[row.id] = row.side, price
        was, self.known = self.known, self.known and fits
        return fits or not was
