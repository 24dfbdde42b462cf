"""Files of a known venue that are recognisable but not read: what each is, and what to do about it.

A venue's folder says its own, in a module ``unread``, as it registers its formats. Those of venues that
have no folder stand here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liqmap.schema import FormatError
from liqmap.schema.wording import Sentence


@dataclass(frozen=True)
class Unread:
    """What a kind of file is, what to do, and how to know it by its head. ``always``: it is none of ours even
    where a format would take it; else only where none does."""

    what: str
    remedy: str | Sentence
    detect: Callable[[bytes], bool]
    always: bool = False


UNREAD: list[Unread] = []


def register_unread(*kinds: Unread) -> None:
    """Make kinds of files known that are not read."""
    UNREAD.extend(kinds)


def unread(head: bytes, path: Path, always: bool) -> FormatError | None:
    """The error for a file that begins so, where it is of such a kind."""
    for kind in UNREAD:
        if kind.always == always and kind.detect(head):
            expected = "a kind of file that is read"
            return FormatError(where=path, expected=expected, got=kind.what, remedy=kind.remedy)
    return None


def header_has(*names: str) -> Callable[[bytes], bool]:
    """Knows a CSV file by columns that all are in its header."""
    wanted = set(names)

    def detect(head: bytes) -> bool:
        line = head.split(b"\n", 1)[0].decode("latin-1").strip()
        return wanted <= {cell.strip().strip('"') for cell in line.split(",")}

    return detect


def begins_with(pattern: bytes) -> Callable[[bytes], bool]:
    """Knows lines of JSON by what the first object has."""
    found = re.compile(rb"\s*(?:\d{12,19}[ \t]+)?[\[{][^\n]{0,4000}?" + pattern)
    return lambda head: found.match(head) is not None
