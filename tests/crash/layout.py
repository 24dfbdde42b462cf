"""Which files of a store mean what: all that the tests of this folder assume of its layout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.crash.calls import LINKS, REMOVES, RENAMES, Point


@dataclass(frozen=True)
class Layout:
    """Which files of a store mean what: patterns of paths below it, where ``*`` stands for slashes too.

    commits : files whose appearance makes a change visible. passing : work in progress and locks, of which
    nothing has to last. made_anew : what is derived, and is made anew where it is missing or damaged.
    """

    commits: tuple[str, ...] = (".markets/*.json",)
    passing: tuple[str, ...] = (".staging", ".staging/*", "*.lock")
    made_anew: tuple[str, ...] = (".spans", ".spans/*")

    def is_commit(self, path: str) -> bool:
        return self.lasts(path) and _matches(path, self.commits)

    def lasts(self, path: str) -> bool:
        return not (path.startswith("../") or _matches(path, self.passing) or _matches(path, self.made_anew))


LAYOUT = Layout()


def moves(points: Iterable[Point], layout: Layout = LAYOUT) -> list[Point]:
    """Those of calls that change which files there are, of files that last: they are few, and matter most."""
    names = RENAMES | LINKS | REMOVES
    return [p for p in points if p.name in names and any(map(layout.lasts, p.where.split(" -> ")))]


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
