"""One side at work: fed whole messages, it gathers spans and steps, and puts them in order at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from liqmap.compiling import borrowing, say_if_compiling
from liqmap.schema import MISSING, OPEN
from liqmap.spans.kernel import replay_side
from liqmap.spans.levels import (
    ABSENT,
    IN_BOOK,
    LEFT,
    NO_WINDOW,
    PAGE,
    PAGE_BITS,
    SPAN,
    STEP,
    Levels,
    slot_of,
    tick_of,
    used_pages,
)
from liqmap.spans.records import Messages, Output, Rule
from liqmap.spans.spans import SideSpans, SpanColumns, Window

SMALL, TOO_MANY = 1 << 12, 64
"""Parts of at most so many spans are joined when there are so many of them."""


@dataclass
class Side:
    """One side at work: its levels, and what it has written so far."""

    side: int
    levels: Levels = field(default_factory=Levels)
    spans: list[np.ndarray] = field(default_factory=list)
    steps: list[np.ndarray] = field(default_factory=list)
    last_steps: np.ndarray = field(default_factory=lambda: np.array([(MISSING, NO_WINDOW, 0)], STEP))

    def copy(self) -> Side:
        return Side(self.side, self.levels.copy(), list(self.spans), list(self.steps), self.last_steps)

    @property
    def last(self) -> int:
        """ts of the last message, ns; 0 before the first."""
        return int(self.levels.registers[0]["last"])

    def feed(self, rule: Rule, messages: Messages) -> None:
        """Take whole messages."""
        v = self.levels
        v.make_room(used_pages(messages.tick, messages.side, self.side))
        reg = v.registers[0]
        standing = int(reg["count"] + reg["carried"])
        out = np.empty(standing + np.count_nonzero(messages.side == self.side), SPAN)
        # the last two steps go along: one at an equal ts is overwritten, and may then equal the one before
        seeds = self.last_steps
        steps = np.empty(len(seeds) + len(messages.offsets), STEP)
        steps[: len(seeds)] = seeds
        reg["emitted"], reg["steps"] = 0, len(seeds)
        removed = np.empty(int(np.diff(messages.offsets).max(initial=0)), np.int32)
        say_if_compiling(replay_side)
        replay_side(rule, messages, v.book(self.side), Output(out, steps, removed))
        _append(self.spans, out[: reg["emitted"]])
        steps = steps[: reg["steps"]]
        _append(self.steps, steps[:-2])
        self.last_steps = steps[-2:].copy()

    def forget(self) -> None:
        """Drop the spans that have ended and the window's steps that are over."""
        self.spans, self.steps = [], []
        self.levels.table["spans"] = 0

    def last_ends(self, most: int) -> np.ndarray:
        """When the spans that ended last did, at most so many, ns, rising."""
        found: list[np.ndarray] = []
        for part in reversed(self.spans):
            found.insert(0, part["end"][-most:])
            most -= len(found[0])
            if most <= 0:
                break
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def forget_until(self, until: int) -> None:
        """Drop the spans that ended by ``until``, ns, and the window's steps that were over by then."""
        kept = [part[np.searchsorted(part["end"], until, side="right") :] for part in self.spans]
        whole = np.concatenate([np.empty(0, SPAN), *kept])
        self.spans, v = [whole], self.levels
        slots = (v.pages[(whole["tick"] >> PAGE_BITS) - v.first].astype(np.int64) << PAGE_BITS) + (
            whole["tick"] & (PAGE - 1)
        )
        v.table["spans"] = np.bincount(slots, minlength=len(v.table))
        steps = np.concatenate([np.empty(0, STEP), *self.steps])
        over = int(np.searchsorted(steps["start"], until, side="right")) - 1
        self.steps = [steps[max(over, 0) :].copy()]

    def begin(self, horizon: int) -> None:
        """Begin at the last message: of what is carried, only what was confirmed after ``horizon`` is kept,
        nothing is said to have rested before it, and the window begins now."""
        self.forget()
        table, reg, last = self.levels.table, self.levels.registers[0], self.last
        old = (table["status"] == LEFT) & (table["seen"] <= horizon)
        table["status"][old] = ABSENT
        reg["carried"] -= np.count_nonzero(old)
        table["start"] = np.maximum(table["start"], min(horizon, last))
        _, kind, worst = self.last_steps[-1].tolist()
        now = [] if kind == NO_WINDOW else [(last, kind, worst)]
        self.last_steps = np.array([(MISSING, NO_WINDOW, 0), *now], STEP)

    def close(self, consume: bool = False) -> tuple[SideSpans, Window]:
        """All spans by tick and time, open ones included, and the window ended at the last message.

        ``consume`` gives the memory of what was gathered back while it is put in order: nothing can be fed
        afterwards.
        """
        v = self.levels
        last = self.last
        standing = v.table["status"] != ABSENT
        still = np.empty(np.count_nonzero(standing), SPAN)
        book = v.book(self.side)
        _open_spans(book, last, still)
        counts = v.table["spans"] + standing
        ticks = v.ticks()
        used = np.flatnonzero(counts)
        used = used[np.argsort(ticks[used])]
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[used])])
        cursor = np.empty_like(counts)
        cursor[used] = first[:-1]
        n = int(first[-1])
        placed = SpanColumns.empty(n)
        parts = self.spans if consume else list(self.spans)
        parts.append(still)
        parts.reverse()
        while parts:
            _place(book, cursor, parts.pop(), placed)
        steps = np.concatenate([*self.steps, self.last_steps])
        steps = steps[steps["start"] != MISSING]
        if len(steps) and steps[-1]["kind"] != NO_WINDOW:
            closing = np.array([(last, NO_WINDOW, 0)], STEP)
            steps = np.concatenate([steps[: len(steps) - int(steps[-1]["start"] == last)], closing])
        window = Window(steps["start"].copy(), steps["kind"].astype(np.uint8), steps["worst"].copy())
        levels = ticks[used].astype(np.int32)
        return SideSpans(*placed, levels=levels, first=first), window


def _append(parts: list[np.ndarray], part: np.ndarray) -> None:
    """Keep a part, a view of a larger array. Small ones are copied, not to hold on to the whole, and joined,
    so that a feed taken message by message costs what its spans cost."""
    if len(part) > SMALL and (part.base is None or 2 * part.nbytes > part.base.nbytes):
        parts.append(part)
        return
    if len(part):
        parts.append(part.copy())
    if len(parts) >= TOO_MANY and all(len(p) <= SMALL for p in parts[-TOO_MANY:]):
        parts[-TOO_MANY:] = [np.concatenate(parts[-TOO_MANY:])]


@borrowing
def _open_spans(book, last, out):
    """Write the spans still open, as they stand at the last message: observed ones are carried from it on."""
    n = 0
    for slot in range(book.table.shape[0]):
        level = book.table[slot]
        if level["status"] != ABSENT:
            out[n]["tick"] = tick_of(book, slot)
            out[n]["start"] = level["start"]
            out[n]["seen"] = last if level["status"] == IN_BOOK else level["seen"]
            out[n]["end"] = OPEN
            out[n]["size"] = level["size"]
            n += 1


@borrowing
def _place(book, cursor, source, placed):
    """Stable counting sort: move spans (`SPAN`) to their level's place in ``placed`` (`SpanColumns`);
    ``cursor`` holds each level's next index, by slot."""
    for i in range(source.shape[0]):
        span = source[i]
        slot = slot_of(book, span["tick"])
        k = cursor[slot]
        cursor[slot] = k + 1
        placed.tick[k] = span["tick"]
        placed.start[k] = span["start"]
        placed.seen[k] = span["seen"]
        placed.end[k] = span["end"]
        placed.size[k] = span["size"]
