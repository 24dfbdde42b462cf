"""Reading while another process joins or removes files of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from liqmap.schema import StoreError

T = TypeVar("T")

TRIES = 100
"""A compaction changes a market day by day: a reader of many days may meet each change."""


def retried(read: Callable[[], T]) -> T:
    """What ``read`` gives, which lists files and then opens them.

    A file may go in between, as when a day is compacted: the next try lists the joined one, which holds the
    same rows.

    Raises
    ------
    StoreError : a file is missing, and still is when it is listed again.
    """
    missing: set[str] = set()
    for _ in range(TRIES):
        try:
            return read()
        except FileNotFoundError as error:
            last, name = error, str(error.filename or error)
            if name in missing:
                break
            missing.add(name)
    raise StoreError(
        where=last.filename or last,
        expected="the files of the store to stay",
        got="one that is gone",
        remedy="`liqmap store check --repair` says what to ingest again, if nobody changes the store now",
    ) from last
