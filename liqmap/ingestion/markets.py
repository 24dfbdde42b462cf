"""Files that hold several markets, or several depth feeds of one: each is read as a source of its own."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from liqmap.formats import Hints, detect
from liqmap.formats.raw import RawFile
from liqmap.schema import LiqmapError


class Job(NamedTuple):
    """A file or frame, and the one of its markets and of its feeds that is read; None: what it holds."""

    path: str
    symbol: str | None = None
    feed: str | None = None

    def hints(self, hints: Hints) -> Hints:
        """What its reader is told, beside what the user says."""
        if self.symbol is not None:
            hints = replace(hints, symbol=self.symbol, each_market=True)
        return hints if self.feed is None else replace(hints, feed=self.feed, each_feed=True)


def jobs_of(files: Iterable[str], frames: Container[str], hints: Hints, form: str | None) -> list[Job]:
    """A job for each market and each feed of the files, in their order. Where the user names one, a file has
    one."""
    jobs = []
    for path in files:
        markets, feeds = _parts(path, form) if path not in frames and not hints.mapping else ([], [])
        symbols = markets if len(markets) > 1 and not hints.symbol else [None]
        names = feeds if len(feeds) > 1 and not hints.feed else [None]
        jobs += [Job(path, symbol, feed) for symbol in symbols for feed in names]
    return jobs


def _parts(path: str, form: str | None) -> tuple[list[str | None], list[str | None]]:
    """The symbols and the feeds of a file whose format tells them; what is wrong with a file is said where it
    is read."""
    if not Path(path).is_file():  # a pipe can be read but once
        return [], []
    try:
        raw = RawFile(path)
        known = detect(raw, form)
        return _told(known.markets, raw), _told(known.feeds, raw)
    except (LiqmapError, OSError, ValueError, OverflowError):
        return [], []


def _told(tell: Callable[[RawFile], list[str]] | None, raw: RawFile) -> list[str | None]:
    return [] if tell is None else list(tell(raw))
