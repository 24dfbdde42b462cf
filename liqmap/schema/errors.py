"""Errors: one hierarchy, raised with where, expected, got, remedy and the argument that was wrong.

Raise them with these parts, never with a sentence that repeats them:

    raise FormatError(where=path, expected="a header with `price`", got=repr(header),
                      remedy=Sentence("Pass ", Keyword("mapping"), " to name the columns"))
    raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=repr(agg))

``str(error)`` is the line that Python users read; other front ends spell it by `LiqmapError.worded`.
"""

from __future__ import annotations

from typing import Self

from liqmap.printable import printable as printable
from liqmap.schema.wording import PYTHON, Argument, Part, Sentence, Wording


def one_line(text: str, most: int = 1_000) -> str:
    """A sentence that quotes what a file holds, as one line of ``most`` characters: what cannot be printed is
    escaped, and of a long one the middle left out. A `Sentence` keeps its keywords, unless it is too long
    even so."""
    if isinstance(text, Sentence) and not (text.isprintable() and len(text) <= most):
        parts = [part if not isinstance(part, str) else printable(part) for part in text.parts]
        texts = [part for part in parts if isinstance(part, str)]
        longest = max(texts, key=len, default="")
        room = most - (len(Sentence(*parts)) - len(longest))
        if room >= min(len(longest), 20):
            return Sentence(*(_cut(p, room) if p is longest and isinstance(p, str) else p for p in parts))
    return _cut(printable(text), most)


def words_of(error: Exception, most: int = 200) -> str:
    """What an error of another library says, as one line of ``most`` characters."""
    return one_line(" ".join(str(error).split()), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[3 - most // 3 :]}"


class LiqmapError(Exception):
    """Base of every error liqmap raises on purpose.

    Parameters
    ----------
    message : the whole line, where there is nothing to say part by part.
    where : a file and line, a table, an address.
    argument : the argument of a public verb whose value is wrong, as Python names it.
    expected, got : what would have been right, and what came.
    remedy : what to do about it: a sentence or several, without the last full stop.

    Notes
    -----
    Texts may be a `Sentence`, whose arguments each front end spells in its way.
    """

    def __init__(
        self,
        message: str = "",
        *,
        where: object = "",
        argument: str = "",
        expected: str = "",
        got: str = "",
        remedy: str = "",
    ) -> None:
        self.message, self.where, self.argument = message, str(where), argument
        self.expected, self.got, self.remedy = expected, got, remedy
        super().__init__(self.worded(PYTHON))

    @classmethod
    def wrapping(cls, error: LiqmapError, where: object = "") -> Self:
        """An error of this class that says what another says; the place where that came up goes before its
        own. It has no traceback, so that it may be kept."""
        place = ": ".join(part for part in (str(where), error.where) if part)
        return cls(
            error.message,
            where=place,
            argument=error.argument,
            expected=error.expected,
            got=error.got,
            remedy=error.remedy,
        )

    @property
    def sentence(self) -> Sentence:
        """All of it, with the arguments that it names."""
        said: list[list[Part]] = [[self.where], [Argument(self.argument)] if self.argument else []]
        said += [[self.message]]
        faults: list[Part] = ["expected ", self.expected] if self.expected else []
        faults += [", got " if faults else "got ", self.got] if self.got else []
        parts: list[Part] = []
        for piece in (*said, faults):
            if any(piece):
                parts += [": ", *piece] if parts else piece
        return Sentence(*parts, *([". ", self.remedy] if self.remedy else []))

    def worded(self, wording: Wording) -> str:
        """The error as one line, arguments spelled as a front end does."""
        return one_line(wording.spell(self.sentence))


class SchemaError(LiqmapError):
    """A table lacks a column, a word or metadata that its schema promises."""


class FormatError(LiqmapError):
    """A raw file, or a line of it, is not what its format says."""


class FetchError(LiqmapError):
    """A public archive does not give what was asked of it."""


class LiveError(LiqmapError):
    """A live market cannot be listened to: the venue refuses it, or what it takes is not there."""


class StoreError(LiqmapError):
    """The store cannot be read or written, or two sources contradict each other."""


class SessionError(LiqmapError):
    """No such market, feed or time range in the store."""


class ReplayError(LiqmapError):
    """Depth rows that no window policy can replay."""


class GridError(LiqmapError):
    """Edges, ranges or carry parameters that make no grid."""


class StoreWarning(UserWarning):
    """A part of a store is damaged or left over; what is sound is read."""
