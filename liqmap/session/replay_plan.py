"""Which days a session's spans are made of, and how far they look back.

A session from a time on begins with the first of its UTC days. What it carries in is what a replay of the
days before finds, beginning with the day in which ``start - look_back`` falls. Where that day does not open
with a snapshot, the replay goes back to a day that does, or that continues nothing. Either way, levels that
the book last confirmed before that day, or in the first message replayed, are left out, and none is said to
have rested earlier. So what is carried in depends on the store and on that day, not on how far back a
replay that happens to be at hand was begun (see `Replayer.begin`): checkpoints that go further back
serve as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, reduce
from itertools import groupby
from pathlib import Path
from typing import Any

from liqmap.schema import EVENTS, MISSING, SNAPSHOT, Meta
from liqmap.store import DAY, Part, day_name

VERSION = 2
"""Raised whenever the spans of the same depth, or the files that hold them, come out otherwise."""


@dataclass(frozen=True)
class ReplayPlan:
    """Which files to replay: whole days of one feed's depth, and the days before that they look back over.

    back : files of the days before, in order. parts : files of the days themselves.
    horizon : ns; levels last confirmed then or before are not carried in.
    to_come : of rows that no file has yet.
    """

    back: tuple[Part, ...]
    parts: tuple[Part, ...]
    horizon: int
    to_come: Meta | None = None

    @cached_property
    def meta(self) -> Meta:
        """Of all files, those looked back over included: spans are in the finest of their ticks."""
        own = [p.meta for p in (*self.back, *self.parts)]
        return reduce(Meta.merge, own if self.to_come is None else [*own, self.to_come])

    @property
    def name(self) -> str:
        """Such as ``2026-01-05``, or ``2026-01-05 to 2026-01-07``."""
        own = self.parts or self.back
        first, last = own[0].date, own[-1].date
        return first if first == last else f"{first} to {last}"

    @property
    def known(self) -> str:
        """The day from which on all levels are carried in that were confirmed; empty: all there are."""
        return "" if self.horizon == MISSING else day_name(self.horizon // DAY)

    def key(self, root: Path, depth_limit: int | None) -> dict[str, Any]:
        """All that the spans depend on, from the footers of the files; nothing is hashed but this."""
        return variant(self.meta, depth_limit) | {
            "days": [self.parts[0].date, self.parts[-1].date],
            "looks_back_to": self.back[0].date if self.back else None,
            "horizon": self.horizon if self.back else None,
            "looks_back_over": digest([facts(p, root) for p in self.back]),
            "parts": [facts(p, root) for p in self.parts],
        }


def plan_replay(
    parts: Sequence[Part], first: int, last: int, back_to: int | None, continued: bool = False
) -> ReplayPlan:
    """The plan of the days ``first`` to ``last``, numbers since the epoch; there may be no files of them yet.

    Parameters
    ----------
    parts : all files of the feed, in order.
    back_to : ns, how far to look back; None: as far as there are files.
    continued : whether rows of these days that no file has yet continue the last file, and replace no book.
    """
    number = [day(p) for p in parts]
    own = tuple(p for p, n in zip(parts, number) if first <= n <= last)
    own_day = day(own[0]) if own else first
    begin = sum(n < own_day for n in number)
    if back_to is None or not parts:
        return ReplayPlan(tuple(parts[:begin]), own, MISSING)
    wanted = min(back_to // DAY, own_day)
    at = next((i for i, n in enumerate(number) if n >= wanted), begin)
    if at == len(parts):
        if not continued:
            return ReplayPlan((), (), MISSING)
        at = number.index(number[-1])
    while at > 0 and not _opens(parts[at]) and parts[at].continues(parts[at - 1]):
        at = number.index(number[at - 1])
    return ReplayPlan(tuple(parts[at:begin]), own, max(wanted * DAY, parts[at].facts.first_ts))


def _opens(part: Part) -> bool:
    """Whether the first message of a file replaces the book."""
    return part.facts.first_event == EVENTS[SNAPSHOT] or part.meta.window_policy == "snapshots"


def day(part: Part) -> int:
    """The UTC day of a file, in days since the epoch."""
    return part.facts.first_ts // DAY


def by_day(parts: Sequence[Part]) -> list[tuple[str, list[Part]]]:
    """Files by the date of their day."""
    return [(day_name(n), list(own)) for n, own in groupby(parts, key=day)]


def between(parts: Sequence[Part], first: str, last: str) -> tuple[Part, ...]:
    """Files of the dates ``first`` to ``last``."""
    return tuple(p for p in parts if first <= p.date <= last)


def variant(meta: Meta, depth_limit: int | None) -> dict[str, Any]:
    """What a replay depends on beside the depth itself."""
    return {
        "version": VERSION,
        "venue": meta.venue,
        "symbol": meta.symbol,
        "feed": meta.feed,
        "tick_size": meta.tick_size,
        "window_policy": meta.window_policy,
        "feed_depth_limit": meta.depth_limit,
        "depth_limit": depth_limit,
    }


def facts(part: Part, root: Path) -> dict[str, Any]:
    """What tells a file from any other that may stand in its place."""
    written = {"xxh3_128": part.digest} if part.digest else {}  # of an older store it is not known
    return (
        asdict(part.facts)
        | written
        | {
            "path": part.path.relative_to(root).as_posix(),
            "rows": part.rows,
            "bytes": part.bytes,
            "sources": [s.sha256 for s in part.meta.sources],
        }
    )


def digest(key: Any) -> str:
    """A short name for a key."""
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
