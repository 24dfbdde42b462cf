"""`replay`, and `Replayer` for a session that comes in pieces."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa

from liqmap.schema import DEPTH, EVENTS, POLICIES, SIDES, Meta, ReplayError, codes, int64

from .cut import Cut
from .kernel import message_offsets, open_spans, place, replay_side
from .levels import (
    ABSENT,
    CARRIED,
    COUNT,
    EMITTED,
    LAST,
    NO_WINDOW,
    SPAN,
    STEP,
    STEPS,
    Levels,
    steps_back,
    to_ticks,
    used_pages,
)
from .spans import SideSpans, Spans, Window

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 1 << 20
"""Rows worked on at once."""

SMALL, TOO_MANY = 1 << 12, 64
"""Parts of at most so many spans are joined when there are so many of them."""

ALONE = 1 << 14
"""Fewer rows are not worth a second thread."""

BEFORE_ALL = np.iinfo(np.int64).min


def replay(depth: pa.Table, depth_limit: int | None = None) -> Spans:
    """Spans and window of a depth table.

    Parameters
    ----------
    depth : table of schema `DEPTH`, in feed order, with `Meta` in its schema's metadata.
    depth_limit : replay as if the feed had shown only so many levels a side.

    Returns
    -------
    Spans, the window beside them.

    Raises
    ------
    ReplayError : missing columns or metadata, a policy that cannot be replayed, time running backwards,
        prices that are no ticks.
    """
    replayer = Replayer(Meta.from_metadata(depth.schema.metadata), depth_limit)
    replayer.feed(depth)
    return replayer.spans()


@dataclass
class Rows:
    """Depth rows as arrays. ``side`` is -1 where the row has none; prices are whole ticks."""

    ts: np.ndarray
    seq: np.ndarray
    event: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray

    def __post_init__(self) -> None:
        # Arrow's buffers are read-only and joined ones are not: two types to a compiled kernel
        for name, array in vars(self).items():
            view = array.view()
            view.flags.writeable = False
            setattr(self, name, view)

    def __getitem__(self, cut: slice) -> Rows:
        return Rows(*(a[cut] for a in self.arrays()))

    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.ts, self.seq, self.event, self.side, self.tick, self.size

    def __len__(self) -> int:
        return len(self.ts)

    @staticmethod
    def join(parts: list[Rows]) -> Rows:
        if len(parts) == 1:
            return parts[0]
        return Rows(*(np.concatenate(columns) for columns in zip(*(p.arrays() for p in parts), strict=True)))


@dataclass
class _Side:
    """One side at work: its levels, and what it has written so far."""

    side: int
    levels: Levels = field(default_factory=Levels)
    spans: list[np.ndarray] = field(default_factory=list)
    steps: list[np.ndarray] = field(default_factory=list)
    last_steps: np.ndarray = field(default_factory=lambda: np.array([(BEFORE_ALL, NO_WINDOW, 0)], STEP))

    def copy(self) -> _Side:
        return _Side(self.side, self.levels.copy(), list(self.spans), list(self.steps), self.last_steps)

    def feed(self, limit: int, fixed: bool, offsets: np.ndarray, rows: Rows) -> None:
        v = self.levels
        v.make_room(used_pages(rows.tick, rows.side, self.side))
        standing = int(v.registers[COUNT] + v.registers[CARRIED])
        out = np.empty(standing + np.count_nonzero(rows.side == self.side), SPAN)
        # the last two steps go along: one at an equal ts is overwritten, and may then equal the one before
        seeds = self.last_steps
        steps = np.empty(len(seeds) + len(offsets), STEP)
        steps[: len(seeds)] = seeds
        v.registers[EMITTED], v.registers[STEPS] = 0, len(seeds)
        removed = np.empty(int(np.diff(offsets).max(initial=0)), np.int32)
        replay_side(
            self.side, limit, fixed, offsets, rows.ts, rows.event, rows.side, rows.tick, rows.size,
            v.first, v.pages, v.page_tick, v.table, v.registers, removed, out, steps,
        )  # fmt: skip
        _append(self.spans, out[: v.registers[EMITTED]])
        steps = steps[: v.registers[STEPS]]
        _append(self.steps, steps[:-2])
        self.last_steps = steps[-2:].copy()

    def close(self) -> tuple[SideSpans, Window]:
        """All spans by tick and time, open ones included, and the window ended at the last message."""
        v = self.levels
        last = int(v.registers[LAST])
        standing = v.table["status"] != ABSENT
        still = np.empty(np.count_nonzero(standing), SPAN)
        open_spans(v.page_tick, v.table, last, still)
        counts = v.table["spans"] + standing
        ticks = v.ticks()
        used = np.flatnonzero(counts)
        used = used[np.argsort(ticks[used])]
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[used])])
        cursor = np.empty_like(counts)
        cursor[used] = first[:-1]
        n = int(first[-1])
        tick, size = np.empty(n, np.int32), np.empty(n)
        start, seen, end = (np.empty(n, np.int64) for _ in range(3))
        for part in [*self.spans, still]:
            place(v.first, v.pages, cursor, part, tick, start, seen, end, size)
        steps = np.concatenate([*self.steps, self.last_steps])[1:]
        if len(steps) and steps[-1]["kind"] != NO_WINDOW:
            closing = np.array([(last, NO_WINDOW, 0)], STEP)
            steps = np.concatenate([steps[: len(steps) - int(steps[-1]["start"] == last)], closing])
        window = Window(steps["start"].copy(), steps["kind"].astype(np.uint8), steps["worst"].copy())
        levels = ticks[used].astype(np.int32)
        return SideSpans(tick, start, seen, end, size, levels, first), window


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


class Replayer:
    """Replay a session piece by piece: any chunking gives the same spans.

    Parameters
    ----------
    meta : of the depth tables to come; ``tick_size`` and ``window_policy`` are needed.
    depth_limit : replay as if the feed had shown only so many levels a side.

    Raises
    ------
    ReplayError : the meta does not say how to replay.
    """

    def __init__(self, meta: Meta, depth_limit: int | None = None) -> None:
        self.meta, self._cuts = _plan(meta, depth_limit)
        self._sides = (_Side(0), _Side(1))
        self._pending: list[Rows] = []
        self._last_ts = BEFORE_ALL

    def feed(self, depth: pa.Table) -> None:
        """Take the next rows. The last message waits for more rows of its own until the next one begins.

        Raises
        ------
        ReplayError : missing columns, time running backwards, prices that are no ticks. Nothing of the
            table has been taken then.
        """
        rows = self._rows(depth)
        if not len(rows):
            return
        self._last_ts = int(rows.ts[-1])
        rows = Rows.join([*self._pending, rows])
        offsets = message_offsets(rows.ts, rows.seq, rows.event)
        self._run(self._sides, rows, offsets[:-1], self._cuts)
        self._pending = [rows[int(offsets[-2]) :]]

    def spans(self) -> Spans:
        """Spans as of the last message; more may be fed afterwards."""
        sides = self._sides
        if self._pending:
            sides = (sides[0].copy(), sides[1].copy())
            rows = self._pending[0]
            self._run(sides, rows, np.array([0, len(rows)]), [c.copy() for c in self._cuts])
        (bids, bid_window), (asks, ask_window) = _both(_Side.close, sides, sum(map(len, sides[0].spans)))
        return Spans((bids, asks), (bid_window, ask_window), self.meta)

    def _run(self, sides: tuple[_Side, _Side], rows: Rows, offsets: np.ndarray, cuts: list[Cut]) -> None:
        """Whole messages, at most about CHUNK rows at once."""
        limit = self.meta.depth_limit or 1  # the whole book: bounded by the snapshot, however short
        fixed = self.meta.window_policy == "full"
        begin = 0
        while begin < len(offsets) - 1:
            stop = int(np.searchsorted(offsets, offsets[begin] + CHUNK, side="right")) - 1
            stop = max(begin + 1, stop)
            piece = rows[int(offsets[begin]) : int(offsets[stop])]
            bounds = offsets[begin : stop + 1] - offsets[begin]
            for cut in cuts:
                piece = Rows(*cut.feed(bounds, *piece.arrays()))
                bounds = message_offsets(piece.ts, piece.seq, piece.event)
            _both(
                partial(_Side.feed, limit=limit, fixed=fixed, offsets=bounds, rows=piece), sides, len(piece)
            )
            begin = stop

    def _rows(self, depth: pa.Table) -> Rows:
        missing = [c for c in DEPTH.names if c not in depth.column_names and c != "ts_recv"]
        if missing:
            raise ReplayError(f"depth table: expected columns {DEPTH.names}, missing {missing}")
        ts = int64(depth["ts"])
        side = codes(depth["side"], SIDES)
        price = depth["price"].combine_chunks().fill_null(0.0).to_numpy()
        size = depth["size"].combine_chunks().fill_null(0.0).to_numpy()
        tick = np.empty(len(ts), np.int32)
        half = len(ts) // 2
        found = _both(
            lambda cut: to_ticks(*cut, price, self.meta.tick_size, side, tick),
            ((0, half), (half, len(ts))),
            len(ts),
        )
        for bad in [k for k in found if k >= 0]:
            raise ReplayError(
                f"depth row {bad:,}: expected a finite price of ticks {self.meta.tick_size}, got {price[bad]}"
            )
        if steps_back(ts, self._last_ts):
            raise ReplayError(
                "depth table: expected `ts` never to decrease, got a step back. "
                "Keep the feed's order and clamp the clock, as liqmap.read does"
            )
        return Rows(ts, int64(depth["seq"], null=-1), codes(depth["event"], EVENTS), side, tick, size)


def _plan(meta: Meta, depth_limit: int | None) -> tuple[Meta, list[Cut]]:
    """The meta that the spans will carry, and the cuts that come before the kernel."""
    if meta.tick_size is None:
        raise ReplayError("depth metadata: expected `tick_size`, got none. Set it in the table's Meta")
    policy = meta.window_policy
    if policy not in POLICIES:
        raise ReplayError(f"depth metadata: expected `window_policy` to be one of {POLICIES}, got {policy!r}")
    if depth_limit is not None and depth_limit < 1:
        raise ReplayError(f"depth_limit: expected at least 1 level, got {depth_limit}")
    native = meta.depth_limit
    if policy == "full":
        if depth_limit is None:
            return meta, []
        return replace(meta, depth_limit=depth_limit, window_policy="top_n"), [Cut(depth_limit)]
    if native is None and depth_limit is None:
        raise ReplayError(
            "depth metadata: expected `depth_limit` (levels a side), got none. Pass depth_limit="
        )
    shown = min(n for n in (native, depth_limit) if n is not None)
    cuts = [Cut(native or shown, forget=True)] if policy == "truncate" else []
    if shown != native:
        cuts.append(Cut(shown))
    return replace(meta, depth_limit=shown), cuts


def _both(work: Callable[[T], R], halves: tuple[T, T], rows: int) -> list[R]:
    """Do both at once: sides share nothing, and the kernels let go of the interpreter."""
    if rows < ALONE:
        return [work(half) for half in halves]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, halves))
