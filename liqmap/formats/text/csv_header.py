"""The header of CSV text, and the columns that it must have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence


def first_cells(head: bytes) -> list[str]:
    """The cells of the first line."""
    return head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")


def check_columns(path: Path, form: str, needed: Sequence[str], names: Sequence[str]) -> None:
    """That a header has what its format needs, each once: the format may have been named, not detected.

    Raises
    ------
    FormatError : a column is not there, or twice.
    """
    if any(names.count(name) != 1 for name in needed):
        raise wrong_columns(path, form, names)


def check_header(path: Path, form: str, columns: Sequence[str], names: Sequence[str]) -> None:
    """That a header is just these columns, which are read by their place.

    Raises
    ------
    FormatError : others, or in another order.
    """
    if list(names) != list(columns):
        raise wrong_columns(path, form, names)


def wrong_columns(path: Path, form: str, names: Sequence[str]) -> FormatError:
    """A header that is none of its format."""
    return FormatError(
        where=path,
        expected=f"the columns of {form}",
        got=f"{','.join(names)!r:.80}",
        remedy=Sentence("Leave out ", Keyword("format"), " to have it detected"),
    )
