"""`Limits`: how much one question may ask for; what is more is refused with what to ask instead."""

from __future__ import annotations

from dataclasses import dataclass, fields

from liqmap.app.data.opened import MEMORY
from liqmap.schema import LiqmapError


class TooMuch(LiqmapError):
    """More than one answer may hold."""


class Slow(LiqmapError):
    """An answer that took longer than one may."""


class Missing(LiqmapError):
    """No such market, or nothing of it in the range."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of an answer.

    cells : of a grid that is computed. rows : of a table that is sent. pixels : of a picture.
    days : UTC days of a market that one question may reach over.
    seconds : that an answer may take. at_once : answers that are computed at one time.
    memory : bytes that open sessions may hold; answers : bytes of answers that are kept to be given again.
    """

    cells: int = 5_000_000
    rows: int = 1_000_000
    pixels: int = 3840 * 2160
    days: int = 7
    seconds: float = 30.0
    at_once: int = 2
    memory: int = MEMORY
    answers: int = 200_000_000

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not value > 0:
                raise LiqmapError(argument=one.name, expected="a number above zero", got=repr(value))

    def check_rows(self, rows: int, remedy: str) -> None:
        """Refuse a table that is too long.

        Raises
        ------
        TooMuch : with the remedy.
        """
        if rows > self.rows:
            raise TooMuch(expected=f"at most {self.rows:,} rows", got=f"{rows:,}", remedy=remedy)
