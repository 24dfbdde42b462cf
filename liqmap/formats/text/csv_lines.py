"""Lines of CSV text one by one, and the columns that their header must have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from liqmap.schema import FormatError, Rejected


def first_cells(head: bytes) -> list[str]:
    """The cells of the first line."""
    return head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")


def check_columns(path: Path, form: str, needed: Sequence[str], names: Sequence[str]) -> None:
    """That a header has what its format needs, each once: it may have been told, not detected.

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
    got = ",".join(names)
    return FormatError(
        f"{path}: expected the columns of {form}, got {got!r:.80}. Leave out format= to have it detected"
    )


def by_line(
    text: bytes,
    line: int,
    exact: Callable[[list[str]], tuple[Any, ...] | str | None],
    rejected: list[Rejected],
) -> list[tuple[Any, ...]] | None:
    """What ``exact`` makes of the cells of each line, as columns, the last of them the lines' numbers; None
    if there are none. What it says is wrong with a line goes to ``rejected``, and one of which it makes
    None is passed over; ``line`` lines came before."""
    rows = []
    for raw in text.split(b"\n")[:-1]:
        line += 1
        if not raw.strip():
            continue
        found = exact(raw.rstrip(b"\r").decode("utf-8", "replace").split(","))
        if isinstance(found, str):
            rejected.append(Rejected(line, found))
        elif found is not None:
            rows.append((*found, line))
    return list(zip(*rows)) or None
