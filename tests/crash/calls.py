"""System calls that touch a store, as they were recorded; and the points at which a command may be killed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

RANDOM = re.compile(r"[0-9a-f]{8,}")
"""What names hold at random, or after the content of a file."""

WRITES = frozenset(
    [
        "write",
        "pwrite64",
        "writev",
        "pwritev",
        "pwritev2",
        "sendfile",
        "copy_file_range",
        "fallocate",
        "truncate",
        "ftruncate",
    ]
)
"""Calls that change the bytes or the length of a file."""

SYNCS = frozenset(("fsync", "fdatasync"))
RENAMES = frozenset(("rename", "renameat", "renameat2"))
LINKS = frozenset(("link", "linkat", "symlink", "symlinkat"))
MAKES_FOLDER = frozenset(("mkdir", "mkdirat"))
REMOVES = frozenset(("unlink", "rmdir"))


@dataclass(frozen=True)
class Call:
    """One system call.

    name : as strace has it; ``unlinkat`` is told as unlink or rmdir. path : below the store, with ``.`` for
    the store itself; of two paths the first, or ``../`` and a name where it lies outside. to : the second.
    made : an open that may make the file or empty it. swaps : a rename after which either has the name of the
    other. error : what the system answered, 0 for success.
    """

    name: str
    path: str
    to: str = ""
    made: bool = False
    swaps: bool = False
    error: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Point(NamedTuple):
    """The ``nth`` call of this kind in a run, counted from 1 over all threads: the process dies before it.

    Neither a number over all calls nor one of each thread would mean the same in every run: threads take
    turns as they like. Names made at random are left out of ``where``.
    """

    name: str
    where: str
    nth: int

    def __str__(self) -> str:
        return f"{self.name} {self.where}" + (f" ({self.nth})" if self.nth > 1 else "")


def kind(call: Call, process: int) -> tuple[str, str]:
    """What a point knows of a call: its name, and its paths without what is random. The number of the process
    may begin a name, as in ``4711-0a1b2c3d``; anywhere else it could be a day that happens to be the same."""
    paths = f"{call.path} -> {call.to}" if call.to else call.path
    paths = re.sub(rf"(?<![^/ ]){process}(?=-)", "#", paths)
    return call.name, RANDOM.sub("#", paths)


class Counting:
    """Gives every call of a run its point."""

    def __init__(self, process: int) -> None:
        self.process = process
        self._seen: Counter[tuple[str, str]] = Counter()

    def point(self, call: Call) -> Point:
        key = kind(call, self.process)
        self._seen[key] += 1
        return Point(*key, self._seen[key])


def points(calls: Iterable[Call], process: int) -> list[Point]:
    """The points of a recorded run, in its order."""
    counting = Counting(process)
    return [counting.point(call) for call in calls]
