"""What the first rows of a table say of all: whose they are, and the unit of their times."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.formats.tabular.digits import TimeDigits, coarse_times
from liqmap.formats.tabular.meaning.columns import Columns, unit_in
from liqmap.formats.tabular.values import unit_of
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence


class FirstRows(NamedTuple):
    """The first ``rows`` of a table, its ``columns``, and its ``path``."""

    rows: pa.RecordBatch
    columns: Columns
    path: Path

    def venue_said(self, venue: str, asked: str | None) -> str:
        """What the rows of our venue say: its name, or the only one that the table has for it.

        Raises
        ------
        FormatError : the table has several, and none is the one that the user named.
        """
        if asked is None or "venue" not in self.columns.at:
            return venue
        column = self.rows.column(self.columns.at["venue"]).cast(pa.string())
        found = list(dict.fromkeys(v for v in column.to_pylist() if v))
        if len(found) > 1 and venue not in found:
            raise FormatError(
                where=self.path,
                expected=f"venue {venue} in the table",
                got=", ".join(found)[:200],
                remedy=Sentence("Pass ", Keyword("venue"), " one of them"),
            )
        return venue if venue in found or not found else found[0]

    def market(self, role: str, asked: str | None) -> str:
        """The venue or the symbol: what the user says, else the first that the table has.

        Raises
        ------
        FormatError : neither says any.
        """
        if asked is not None:
            return asked
        if role in self.columns.at:
            found = [v for v in self.rows.column(self.columns.at[role]).to_pylist() if v]
            if found:
                return str(found[0])
        raise FormatError(
            where=self.path,
            expected=f"a {role} from a column or from you",
            got="none",
            remedy=Sentence("Pass ", Keyword(role)),
        )

    def time_unit(self, role: str) -> str:
        """The unit of a column of times, ``datetime`` of dates.

        Raises
        ------
        FormatError : another than its name says, days, no times at all, or such that lost digits.
        """
        name = self.columns.at[role]
        unit, said = unit_of(self.rows.column(name)), unit_in(name)
        if said and unit not in (None, "datetime", said):
            raise FormatError(
                where=self.path,
                expected=f"{name} to hold {said} since 1970",
                got=unit,
                remedy="Rename it, or mend its times",
            )
        if unit == "datetime" and _are_days(self.rows.column(name)):
            raise FormatError(
                where=self.path,
                expected=f"{name} to hold times",
                got="days",
                remedy=Sentence("Name another column: ", Keyword("mapping", {role: "COLUMN"})),
            )
        if unit is None and role == "ts_recv" and self.rows.column(name).null_count == self.rows.num_rows:
            return "ns"
        if unit is None:
            got = next((v for v in self.rows.column(name).to_pylist() if v is not None), None)
            raise FormatError(
                where=self.path,
                expected=f"{name} to hold dates, or s, ms, us or ns since 1970, of the years 2000 to 2099",
                got=repr(got),
                remedy=Sentence("Name another column: ", Keyword("mapping", {role: "COLUMN"})),
            )
        lost = TimeDigits(unit).lost(self.rows.column(name))
        if 2 * lost.sum() > self.rows.num_rows - self.rows.column(name).null_count:
            at = self.rows.column(name)[int(np.argmax(lost))].as_py()
            expected, got, remedy = coarse_times(name, unit, str(at))
            raise FormatError(where=self.path, expected=expected, got=got, remedy=remedy)
        return unit


def _are_days(column: pa.Array) -> bool:
    """Whether all that a text says are days: the times of day stand elsewhere, or are lost."""
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return False
    said = [str(value).strip() for value in column.drop_null().to_pylist()]
    return bool(said) and all(len(value) <= len("2024-03-01") for value in said)
