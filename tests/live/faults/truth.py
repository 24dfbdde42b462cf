"""What a recording shows as observed, held against what was really so: plain Python over rows and spans.

The truth is the book of the rows that are served, after each of their messages; a price that it does not list
has no orders. It shows at least as many levels as the recording.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa

from liqmap.schema import Meta

SIDES = ("bid", "ask")
Levels = dict[int, float]
"""Sizes by tick."""


class Change(NamedTuple):
    """A message of the truth: its number from 1, time (ns), and (side, tick, size) of what it says."""

    number: int
    ts: int
    snapshot: bool
    rows: list[tuple[str, int, float]]


class Wrong(NamedTuple):
    """A cell that is shown as observed and was not so: from when, ns; where; what is shown (0: nothing rests
    there), and what was true; its rank of the true levels of its side, 0 for the best."""

    ts: int
    side: str
    tick: int
    shown: float
    true: float
    rank: int


def changes(depth: pa.Table, tick_size: float) -> list[Change]:
    """The messages of a book in their order, gaps left out."""
    columns = ["ts", "seq", "event", "side", "price", "size"]
    table = depth.select(columns).set_column(0, "ts", depth["ts"].cast(pa.int64()))
    found: list[Change] = []
    for (ts, _, event), rows in groupby(table.to_pylist(), key=lambda r: (r["ts"], r["seq"], r["event"])):
        if event != "gap":
            said = [(r["side"], round(r["price"] / tick_size), r["size"]) for r in rows if r["side"]]
            found.append(Change(len(found) + 1, ts, event == "snapshot", said))
    return found


def apply(book: dict[str, Levels], change: Change) -> None:
    """Bring a book to what a message says."""
    if change.snapshot:
        for side in SIDES:
            book[side].clear()
    for side, tick, size in change.rows:
        if size:
            book[side][tick] = size
        else:
            book[side].pop(tick, None)


def best_of(sizes: Levels, side: str, levels: int | None) -> Levels:
    """The best so many levels of a side; all for None."""
    return dict(sorted(sizes.items(), reverse=side == "bid")[:levels])


class Shown:
    """What spans and window say is observed, instant after instant."""

    def __init__(self, spans: Any, tick_size: float) -> None:
        ratio = round(spans.tick_size / tick_size)  # a recording may not have heard of every price
        self.book: dict[str, Levels] = {side: {} for side in SIDES}
        self._bounds: dict[str, list[tuple[int, int | None, bool]]] = {side: [] for side in SIDES}
        self._begin: dict[int, list[tuple[str, int, float]]] = defaultdict(list)
        self._end: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for row in _plain(spans.to_arrow()):
            if row["start"] < row["seen"]:
                self._begin[row["start"]].append((row["side"], row["tick"] * ratio, row["size"]))
                self._end[row["seen"]].append((row["side"], row["tick"] * ratio))
        for row in _plain(spans.window):
            worst = None if row["worst_tick"] is None else row["worst_tick"] * ratio
            self._bounds[row["side"]].append((row["start"], worst, row["known"]))

    @property
    def instants(self) -> set[int]:
        """When anything of it changes, ns."""
        steps = {start for steps in self._bounds.values() for start, _, _ in steps}
        return steps | set(self._begin) | set(self._end)

    def move(self, ts: int) -> None:
        """Go on to an instant, none of `instants` left out."""
        for side, tick in self._end.get(ts, ()):
            del self.book[side][tick]
        for side, tick, size in self._begin.get(ts, ()):
            assert tick not in self.book[side]
            self.book[side][tick] = size

    def window(self, side: str, ts: int) -> tuple[bool, int | None]:
        """Whether there is a window then, and its worst tick."""
        steps = self._bounds[side]
        at = bisect_right(steps, ts, key=lambda step: step[0]) - 1
        return (False, None) if at < 0 else (steps[at][2], steps[at][1])


def _plain(table: pa.Table) -> list[dict[str, Any]]:
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(i, field.name, table[field.name].cast(pa.int64()))
    return table.to_pylist()  # type: ignore[no-any-return]


def contradictions(spans: Any, truth: list[Change], tick_size: float) -> Iterator[Wrong]:
    """Every cell that is shown as observed and that the truth contradicts, at the instant at which it begins
    or goes on: each message of either is one."""
    shown, book = Shown(spans, tick_size), {side: {} for side in SIDES}  # type: Shown, dict[str, Levels]
    waiting = iter(truth)
    following = next(waiting, None)
    for ts in sorted(shown.instants | {change.ts for change in truth}):
        while following is not None and following.ts <= ts:
            apply(book, following)
            following = next(waiting, None)
        shown.move(ts)
        for side in SIDES:
            for tick, size, true in _differing(shown, book[side], side, ts):
                better = (t > tick if side == "bid" else t < tick for t in book[side])
                yield Wrong(ts, side, tick, size, true, sum(better))


def _differing(shown: Shown, true: Levels, side: str, ts: int) -> Iterator[tuple[int, float, float]]:
    """(tick, shown size, true size) of one side at an instant."""
    observed = shown.book[side]
    for tick, size in observed.items():
        if true.get(tick) != size:
            yield tick, size, true.get(tick, 0.0)
    known, worst = shown.window(side, ts)
    if known:
        for tick, size in true.items():
            inside = worst is None or (tick >= worst if side == "bid" else tick <= worst)
            if inside and tick not in observed:
                yield tick, 0.0, size


def tick_size_of(depth: pa.Table) -> float:
    return Meta.from_metadata(depth.schema.metadata).tick_size or 0.0
