"""Files that hold several markets, each of which is read as a source of its own."""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from liqmap.formats import Hints, detect
from liqmap.formats.raw import RawFile
from liqmap.schema import LiqmapError


class Job(NamedTuple):
    """A file or frame, and the one of its markets that is read; None: the one that it holds."""

    path: str
    symbol: str | None = None


def jobs_of(files: Iterable[str], frames: Container[str], hints: Hints, form: str | None) -> list[Job]:
    """A job for each market of the files, in their order. Where the user names a symbol, a file has one."""
    jobs = []
    for path in files:
        found = [] if path in frames or hints.symbol or hints.mapping else _markets(path, form)
        jobs += [Job(path, symbol) for symbol in found] if len(found) > 1 else [Job(path)]
    return jobs


def _markets(path: str, form: str | None) -> list[str]:
    """The symbols of a file whose format tells them; what is wrong with a file is said where it is read."""
    if not Path(path).is_file():  # a pipe can be read but once
        return []
    try:
        raw = RawFile(path)
        known = detect(raw, form)
        return known.markets(raw) if known.markets is not None else []
    except (LiqmapError, OSError, ValueError, OverflowError):
        return []
