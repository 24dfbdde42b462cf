"""`replay`, and `Replayer` for a session that comes in pieces."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.schema import (
    MISSING,
    POLICIES,
    SNAPSHOT,
    SNAPSHOTS,
    UPDATE,
    Capture,
    Keyword,
    Meta,
    ReplayError,
    Sentence,
)
from liqmap.schema.arguments import whole_number
from liqmap.spans.depth_limit import Cut
from liqmap.spans.records import Rule
from liqmap.spans.rows import Rows, both, message_offsets, read_rows
from liqmap.spans.sides import Side
from liqmap.spans.spans import SideSpans, Spans, Window
from liqmap.spans.state import head, pack, unpack

CHUNK = 1 << 20
"""Rows worked on at once."""


def replay(depth: pa.Table | Capture, depth_limit: int | None = None) -> Spans:
    """Spans and window of a depth table.

    Parameters
    ----------
    depth : table of schema `DEPTH`, in feed order, with `Meta` in its schema's metadata; or the `Capture`
        that has it.
    depth_limit : replay as if the feed had shown only so many levels a side.

    Returns
    -------
    Spans, the window beside them.

    Raises
    ------
    ReplayError : missing columns or metadata, a policy that cannot be replayed, time running backwards,
        prices that are no ticks.
    """
    depth = _table(depth)
    replayer = Replayer(Meta.from_metadata(depth.schema.metadata), depth_limit)
    replayer.feed(depth)
    return replayer.spans()


def _table(depth: Any) -> pa.Table:
    """The depth that was given, as a table with its metadata."""
    table = depth.depth if isinstance(depth, Capture) else depth
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if not isinstance(table, pa.Table):
        raise ReplayError(
            argument="depth",
            expected="an Arrow table with its Meta, such as session.depth() or lm.read(path).depth",
            got="none" if depth is not table else f"a {type(depth).__module__}.{type(depth).__name__}",
            remedy="A frame says neither market, tick size nor window: "
            "pa.Table.from_pandas(frame).replace_schema_metadata(lm.Meta(...).to_metadata())"
            if hasattr(depth, "columns")
            else "",
        )
    return table


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
        self._asked = (meta, depth_limit)
        self.meta, self._cuts = _plan(meta, depth_limit)
        self._since: int | None = None
        self._sides = (Side(0), Side(1))
        self._pending: list[Rows] = []
        self._last_ts = MISSING

    def feed(self, depth: pa.Table) -> None:
        """Take the next rows. The last message waits for more rows of its own until the next one begins.

        Raises
        ------
        ReplayError : missing columns, time running backwards, prices that are no ticks. Nothing of the
            table has been taken then.
        """
        rows = read_rows(depth, self.meta.tick_size or 0.0, self._last_ts)
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
        return self._close(sides, Side.close)

    def finish(self) -> Spans:
        """`spans`, for the last time: what was gathered is given back, and nothing can be fed afterwards."""
        self.settle()
        return self._close(self._sides, partial(Side.close, consume=True))

    def settle(self) -> None:
        """The last message is complete: it waits for no more rows."""
        for rows in self._pending:
            self._run(self._sides, rows, np.array([0, len(rows)]), self._cuts)
        self._pending = []

    def forget(self) -> None:
        """Drop the spans that have ended so far: `spans` are complete from the last message on."""
        for side in self._sides:
            side.forget()
        self._since = self._heard()

    def forget_all_but(self, number: int) -> int | None:
        """Drop the spans that have ended, but for about so many that did so last: `spans` are complete from
        what is returned on, ns. None: nothing could be dropped."""
        ends = np.sort(np.concatenate([side.last_ends(number + 1) for side in self._sides]))
        if len(ends) <= number:
            return None
        until = int(ends[-number - 1])
        if self._pending:  # of the message that waits nothing has ended yet
            until = min(until, int(self._pending[0].ts[0]) - 1)
        for side in self._sides:
            side.forget_until(until)
        self._since = until if self._since is None else max(until, self._since)
        return self._since

    def begin(self, horizon: int) -> None:
        """Let the spans begin at the last message, as if nothing had been known until ``horizon``.

        `settle` and `forget` first; then the levels carried are dropped that the book last confirmed at
        ``horizon`` (ns) or before, and no level is said to have rested before it. What is left is the same
        however far back the replay began, if a snapshot or a gap stood between there and ``horizon``.
        """
        self.settle()
        for side in self._sides:
            side.begin(horizon)
        self._since = self._heard()

    # ------------------------------------------------------------------ state

    def state(self) -> pa.Table:
        """All that is needed to go on: both books, what is carried, the window, the message that waits.

        The spans that have ended are no part of it. One row of lists (see `state`), to be kept in any format
        that Arrow knows.
        """
        return pack(self._asked, self._sides, self._cuts, self._pending, self._last_ts)

    @classmethod
    def from_state(cls, table: pa.Table, meta: Meta | None = None) -> Replayer:
        """Go on from a `state`; the spans are complete from there.

        Parameters
        ----------
        meta : of the tables to come, where their sources are others; the rest must be as it was.

        Raises
        ------
        ReplayError : not a state, one of another version, or of a feed that ``meta`` does not describe.
        """
        was, depth_limit, last_ts = head(table)
        if meta is not None and replace(meta, sources=was.sources) != was:
            raise ReplayError(where="state of a replay", expected=f"one of {meta}", got=f"one of {was}")
        replayer = cls(meta or was, depth_limit)
        replayer._pending = unpack(table, replayer._sides, replayer._cuts)
        replayer._last_ts = last_ts
        replayer._since = replayer._heard()
        return replayer

    def save(self, path: str | os.PathLike[str]) -> None:
        """`state`, as an Arrow IPC file."""
        table = self.state()
        with pa.ipc.new_file(os.fspath(path), table.schema) as file:
            file.write_table(table)

    @classmethod
    def load(cls, path: str | os.PathLike[str], meta: Meta | None = None) -> Replayer:
        """`from_state`, of a file that `save` wrote.

        Raises
        ------
        ReplayError : as `from_state`, or not an Arrow file.
        """
        try:
            with pa.OSFile(os.fspath(path)) as file:
                table = pa.ipc.open_file(file).read_all()
        except pa.ArrowInvalid as error:
            raise ReplayError(where=path, expected="a file by Replayer.save", got=str(error)) from error
        return cls.from_state(table, meta)

    # ------------------------------------------------------------------

    def _heard(self) -> int | None:
        """ts of the last message taken in; None before the first."""
        return self._sides[0].last or None

    def _close(self, sides: tuple[Side, Side], close: Callable[[Side], tuple[SideSpans, Window]]) -> Spans:
        found = both(close, sides, sum(map(len, sides[0].spans)))
        (bids, bid_window), (asks, ask_window) = found
        return Spans((bids, asks), (bid_window, ask_window), self.meta, self._since)

    def _run(self, sides: tuple[Side, Side], rows: Rows, offsets: np.ndarray, cuts: list[Cut]) -> None:
        """Whole messages, at most about CHUNK rows at once."""
        limit = self.meta.depth_limit or 1  # the whole book: bounded by the snapshot, however short
        rule = Rule(limit, POLICIES.index(str(self.meta.window_policy)))
        begin = 0
        while begin < len(offsets) - 1:
            stop = int(np.searchsorted(offsets, offsets[begin] + CHUNK, side="right")) - 1
            stop = max(begin + 1, stop)
            piece = rows[int(offsets[begin]) : int(offsets[stop])]
            bounds = offsets[begin : stop + 1] - offsets[begin]
            if rule.policy == SNAPSHOTS:  # each message replaces the book, whatever its source calls it
                piece = replace(piece, event=np.where(piece.event == UPDATE, SNAPSHOT, piece.event))
            for cut in cuts:
                piece = cut.feed(piece, bounds)
                bounds = message_offsets(piece.ts, piece.seq, piece.event)
            both(partial(Side.feed, rule=rule, messages=piece.messages(bounds)), sides, len(piece))
            begin = stop


def _plan(meta: Meta, depth_limit: int | None) -> tuple[Meta, list[Cut]]:
    """The meta that the spans will carry, and the cuts that come before the kernel."""
    if meta.tick_size is None:
        raise ReplayError(
            where="depth metadata",
            expected="`tick_size`",
            got="none",
            remedy="Set it in the table's Meta",
        )
    policy = meta.window_policy
    if policy not in POLICIES:
        raise ReplayError(
            where="depth metadata", expected=f"`window_policy` to be one of {POLICIES}", got=repr(policy)
        )
    if depth_limit is not None:
        depth_limit = whole_number(depth_limit, "depth_limit", error=ReplayError)
    native = meta.depth_limit
    if policy == "full":
        if depth_limit is None:
            return meta, []
        return replace(meta, depth_limit=depth_limit, window_policy="top_n"), [Cut(depth_limit)]
    if native is None and depth_limit is None and policy == "snapshots":
        return meta, []  # books of any number of levels: each is known as far as it lists them
    if native is None and depth_limit is None:
        raise ReplayError(
            where="depth metadata",
            expected="`depth_limit` (levels a side)",
            got="none",
            remedy=Sentence("Pass ", Keyword("depth_limit")),
        )
    shown = min(n for n in (native, depth_limit) if n is not None)
    client_limit = (native or shown) if policy == "truncate" else None
    cuts = [] if shown == (client_limit or native) else [Cut(shown, client_limit)]
    return replace(meta, depth_limit=shown), cuts
