"""Errors: one hierarchy, raised with where, expected, got, remedy and the argument that was wrong.

Raise them with these parts, never with a sentence that repeats them:

    raise FormatError(where=path, expected="a header with `price`", got=repr(header),
                      remedy=Sentence("Pass ", Keyword("mapping"), " to name the columns"))
    raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=repr(agg))

``str(error)`` is the line that Python users read; other front ends spell it by `LiqmapError.worded`.
"""

from __future__ import annotations

from liqmap.schema.wording import PYTHON, Wording


def one_line(text: str, most: int = 1_000) -> str:
    """A sentence that quotes what a file holds, as one line of ``most`` characters: what cannot be printed is
    escaped, and of a long one the middle left out."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
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
    Texts may be a `Sentence`, whose keywords each front end spells in its way.
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

    def worded(self, wording: Wording) -> str:
        """The error as one line, arguments spelled as a front end does."""
        subject = wording.subject(self.argument) if self.argument else ""
        faults = [f"expected {wording.spell(self.expected)}"] if self.expected else []
        faults += [f"got {wording.spell(self.got)}"] if self.got else []
        said = [self.where, subject, wording.spell(self.message), ", ".join(faults)]
        line = ": ".join(part for part in said if part)
        return one_line(f"{line}. {wording.spell(self.remedy)}" if self.remedy else line)


class SchemaError(LiqmapError):
    """A table lacks a column, a word or metadata that its schema promises."""


class FormatError(LiqmapError):
    """A raw file, or a line of it, is not what its format says."""


class FetchError(LiqmapError):
    """A public archive does not give what was asked of it."""


class StoreError(LiqmapError):
    """The store cannot be read or written, or two sources contradict each other."""


class SessionError(LiqmapError):
    """No such market, feed or time range in the store."""


class ReplayError(LiqmapError):
    """Depth rows that no window policy can replay."""


class GridError(LiqmapError):
    """Edges, ranges or carry parameters that make no grid."""
