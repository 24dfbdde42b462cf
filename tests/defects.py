"""Users are told in one line that a reader failed, and the other files are read; a test has to fail."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from liqmap.ingestion import files


class _Raising(logging.Handler):
    """Raises where a defect is logged: what a reader did not foresee, while it is being handled."""

    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(record.getMessage())


_RAISING = _Raising(logging.ERROR)


def raise_defects() -> None:
    """From here on a defect of a reader raises, instead of refusing the file."""
    files.log.addHandler(_RAISING)


@contextmanager
def told_as_users_are() -> Iterator[None]:
    """Where a test looks at what users are told of a defect."""
    files.log.removeHandler(_RAISING)
    try:
        yield
    finally:
        files.log.addHandler(_RAISING)
