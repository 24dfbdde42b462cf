"""Several depth streams of one market in one capture: which of them is read.

Diffs come at several speeds (``@depth@100ms``, ``@depth@500ms``, ``@depth`` of 250 ms on futures and 1,000
ms on spot), and with retail orders (``@rpiDepth@500ms``): each stream has a chain of its own over the same
ids, so two of them in turn look like gaps and repeats. One is read: the one that the user names as the
feed, else the fastest without retail orders.
Source: https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_STREAM = re.compile(rb'"stream"\s*:\s*"([^"@\\\x00-\x1f]+)@((?:d|rpiD)epth(?:@\d{1,5}ms)?)"')
FIRST_LEVELS = re.compile(rb'"stream"\s*:\s*"([^"@\\\x00-\x1f]+)@depth(\d{1,2})(@\d+ms)?"')
"""A stream of the first levels of a book: its symbol, how many levels, its speed."""

_DIFFS = re.compile(rb'"stream"\s*:\s*"[^"@]+@depth(@\d+ms)?"')
_BARE_DIFF = re.compile(rb'^[ \t]*(?:\d+[ \t]+)?\{\s*"e"\s*:\s*"depthUpdate"', re.MULTILINE)
_NAME = re.compile(r"[^@]+@(?P<kind>(?:d|rpiD)epth)(?P<levels>\d*)(?:@(?P<ms>\d{1,5})ms)?")
FEED = re.compile(r"(?:d|rpiD)epth(?:@\d{1,5}ms)?")
"""A feed that names a stream of diffs."""

RPI = "rpiDepth"


def is_partial(head: bytes) -> bool:
    """Whether the books of a capture are the first levels alone."""
    diffs = _DIFFS.search(head) or _BARE_DIFF.search(head)
    return FIRST_LEVELS.search(head) is not None and diffs is None


def limited(head: bytes) -> set[str]:
    """The feeds of first levels of a capture: ``depth20``."""
    return {f"depth{levels.decode()}" for _, levels, _ in FIRST_LEVELS.findall(head)}


def is_diffs(stream: str) -> bool:
    """Whether a stream by name sends diffs of a book, not its first levels."""
    found = _NAME.fullmatch(stream)
    return found is not None and not found["levels"]


def is_limited(stream: str) -> bool:
    """Whether a stream by name sends the first levels of a book."""
    found = _NAME.fullmatch(stream)
    return found is not None and bool(found["levels"])


def diff_streams(head: bytes, symbol: str) -> list[str]:
    """The streams of diffs of one symbol, by name."""
    found = {
        f"{of.decode('utf-8', 'replace')}@{kind.decode()}"
        for of, kind in _STREAM.findall(head)
        if of.decode("utf-8", "replace").upper() == symbol.upper()
    }
    return sorted(found)


def chosen(streams: Iterable[str], feed: str | None, spot: bool | None) -> str | None:
    """The stream to read: one that the feed names (``depth``, ``depth@500ms``, ``rpiDepth``), the fastest
    of these where several are; None where there is none."""
    names = list(streams)
    if feed is not None and FEED.fullmatch(feed):
        exact = [n for n in names if n.split("@", 1)[1] == feed]
        names = exact or [n for n in names if n.split("@", 1)[1].startswith(f"{feed}@")]
    return min(names, key=lambda name: (RPI in name, milliseconds(name, spot), name), default=None)


def milliseconds(stream: str, spot: bool | None) -> int:
    """How often a stream sends."""
    found = _NAME.fullmatch(stream)
    if found is not None and found["ms"]:
        return int(found["ms"])
    return 1_000 if spot else 250
