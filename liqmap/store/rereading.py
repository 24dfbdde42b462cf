"""Reading while another process joins or removes files of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from liqmap.schema import StoreError

T = TypeVar("T")


def retried(read: Callable[[], T]) -> T:
    """What ``read`` gives, which lists files and then opens them.

    A file may go in between, as when a day is compacted: the second try lists the joined one, which holds the
    same rows.

    Raises
    ------
    StoreError : a file went at the second try too.
    """
    try:
        return read()
    except FileNotFoundError:
        pass
    try:
        return read()
    except FileNotFoundError as error:
        raise StoreError(
            where=error.filename or error,
            expected="the files of the store to stay",
            got="one that went while it was read, twice",
            remedy="Wait until nobody changes the store; if it was removed by hand, "
            "`liqmap store check --repair` says what to ingest again",
        ) from error
