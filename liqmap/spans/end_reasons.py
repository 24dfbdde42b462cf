"""Why each span's rest ended: what happened when the book last confirmed it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.frames import frame_kind, to_arrow
from liqmap.schema import (
    AGGRESSORS,
    FLAGS,
    FULL,
    OPEN,
    POLICIES,
    TIMESTAMP,
    TOP_N,
    Meta,
    SchemaError,
    codes,
    int64,
    words,
)
from liqmap.spans.levels import BOUNDED, NO_WINDOW
from liqmap.spans.spans import SideSpans, Spans, Window

END_REASONS = (
    "open",
    "left the window",
    "resized",
    "cancelled or traded",
    "cancelled",
    "traded",
    "gap",
    "unknown",
)
STILL_OPEN, LEFT, RESIZED, EITHER, CANCELLED, TRADED, LOST, UNKNOWN = range(8)

TOLERANCE = 10**9
"""ns around a removal in which a trade at its price leaves it open whether it was cancelled: trades and depth
may come by clocks of their own."""

DAY = 86_400 * 10**9
NOT_OF_THE_BOOK = ("rpi", "block")
"""Flags of trades that print without having rested."""


class Prints(NamedTuple):
    """Trades that met the book, by tick and then by time (T trades)."""

    tick: np.ndarray
    ts: np.ndarray
    size: np.ndarray
    aggressor: np.ndarray

    def of(self, keep: np.ndarray) -> Prints:
        return Prints(*(column[keep] for column in self))


def end_reasons(spans: Spans, trades: object = None) -> np.ndarray:
    """Positions in `END_REASONS`, (S,) int8, bids before asks; rules as `Spans.to_pandas` says them.

    Raises
    ------
    SchemaError : trades of another market or unit, or without the columns they need.
    """
    found = [_by_the_book(spans, side) for side in (0, 1)]
    if trades is not None:
        prints, times = read_prints(trades, spans), message_times(spans)
        for side in (0, 1):
            _by_trades(spans.sides[side], side, found[side], prints, times)
    return np.concatenate(found)


def _by_the_book(spans: Spans, number: int) -> np.ndarray:
    """What spans and window say of one side."""
    side = spans.sides[number]
    ended, resumed = side.seen == side.end, _resumed(side)
    kind, worst = _window_at(spans.windows[number], side.seen)
    kind_before, _ = _window_at(spans.windows[number], side.seen - 1)
    beyond = (kind == BOUNDED) & ((side.tick < worst) if number == 0 else (side.tick > worst))
    no_window = kind == NO_WINDOW
    never = no_window & (kind_before == NO_WINDOW)  # it closes at the last message before a gap, or of all
    told = ~(never & (spans.meta.window_policy == POLICIES[TOP_N]))  # without one a removal may be a push
    still = (side.seen >= last_word(spans)) & (side.end == OPEN)
    pushed = still & pushed_at_last(side, number, still, spans.meta)
    carried = np.select([pushed, still, no_window, beyond], [LEFT, STILL_OPEN, LOST, LEFT], UNKNOWN)
    gone = np.where(told, EITHER, UNKNOWN)
    next_size = np.append(side.size, 0)[1:]
    again = np.where(next_size == side.size, UNKNOWN, RESIZED)
    return np.select([ended & resumed, ended], [again, gone], carried).astype(np.int8)


def last_word(spans: Spans) -> int:
    """When the book last said anything, ns: after a gap it may say no more than that carried levels are gone,
    so that nothing is observed as late (`Spans.last`)."""
    ends = [int(s.end.max(where=s.end != OPEN, initial=0)) for s in spans.sides]
    return max(spans.last, *ends)


def pushed_at_last(side: SideSpans, number: int, still: np.ndarray, meta: Meta) -> np.ndarray:
    """Of levels seen until the last message, those that it pushed out: the window closes there, and only the
    number of levels that the feed shows tells."""
    found = np.zeros(len(side), np.bool_)
    if meta.depth_limit is not None and meta.window_policy != POLICIES[FULL]:
        (rows,) = np.nonzero(still)  # by tick, as they stand
        found[rows[meta.depth_limit :] if number else rows[: max(0, len(rows) - meta.depth_limit)]] = True
    return found


def _resumed(side: SideSpans) -> np.ndarray:
    """Whether the level's next span starts where this one ends."""
    same = np.append(side.tick[1:] == side.tick[:-1], False)
    return same & (np.append(side.start, 0)[1:] == side.end) if len(side) else np.zeros(0, np.bool_)


def _window_at(window: Window, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kind and worst tick of the steps that begin at these times or before."""
    step = np.searchsorted(window.start, at, side="right")
    return np.append(NO_WINDOW, window.kind)[step], np.append(0, window.worst)[step]


def message_times(spans: Spans) -> np.ndarray:
    """Times at which anything of the book changed: of all messages but those that changed nothing."""
    found = [w.start for w in spans.windows]
    for side in spans.sides:
        found += [side.start, side.seen, side.end[side.end != OPEN]]
    return np.unique(np.concatenate(found))


def _by_trades(side: SideSpans, number: int, reason: np.ndarray, prints: Prints, times: np.ndarray) -> None:
    """Tell, of what was removed or became less, what trades explain; in place."""
    less = np.where(reason == RESIZED, side.size - np.append(side.size, 0)[1:], side.size)
    (asked,) = np.nonzero(((reason == RESIZED) & (less > 0)) | (reason == EITHER))
    if not (len(asked) and len(prints.ts)):
        return
    tick, end = side.tick[asked].astype(np.int64), side.end[asked]
    before = np.append(0, times)[np.searchsorted(times, end)]
    taker = AGGRESSORS.index("sell" if number == 0 else "buy")
    hits = prints.of(prints.aggressor == taker)
    first, stop = _between(hits, tick, before, end)
    traded = _sums(hits.size, first, stop) >= less[asked] * (1 - 1e-9)
    reason[asked[traded]] = TRADED
    may_be = prints.of((prints.aggressor == taker) | (prints.aggressor < 0))
    first, stop = _between(may_be, tick, before - TOLERANCE, end + TOLERANCE)
    told = (end >= prints.ts.min()) & (end <= prints.ts.max()) & np.isin(end // DAY, prints.ts // DAY)
    gone = (reason[asked] == EITHER) & (first == stop) & told
    reason[asked[gone]] = CANCELLED


def _between(
    prints: Prints, tick: np.ndarray, after: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the trades at a tick with after < ts <= until begin and stop."""
    times = np.unique(prints.ts)
    keys = (prints.tick << 32) + np.searchsorted(times, prints.ts)
    first, stop = (
        np.searchsorted(keys, (tick << 32) + np.searchsorted(times, at, side="right"))
        for at in (after, until)
    )
    return first, stop


def _sums(sizes: np.ndarray, first: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Sums of ``sizes[first:stop]``, each by itself: running totals would leave residue."""
    found, some = np.zeros(len(first)), stop > first
    if some.any():
        cuts = np.stack([first[some], stop[some]], axis=1).ravel()
        found[some] = np.add.reduceat(np.append(sizes, 0.0), cuts)[::2]
    return found


def read_prints(trades: object, spans: Spans) -> Prints:
    """The trades that met levels of these spans.

    Parameters
    ----------
    trades : a table or frame of schema `TRADES` (``flags`` and ``id`` may be missing), or what has such as
        ``trades``: a session, a capture.

    Raises
    ------
    SchemaError : they are of another market or unit, or lack a column.
    """
    if frame_kind(trades) is None:
        trades = getattr(trades, "trades", trades)
        trades = trades() if callable(trades) else trades
    _check_market(trades, spans)
    table = to_arrow(trades, "trades")
    missing = [name for name in ("ts", "aggressor", "price", "size") if name not in table.column_names]
    if missing or not pa.types.is_timestamp(table.schema.field("ts").type):
        raise SchemaError(
            where="trades",
            expected="columns ts (times), aggressor, price and size",
            got=", ".join(f"{field.name} {field.type}" for field in table.schema),
        )
    price, size = (table[name].cast(pa.float64()).to_numpy() for name in ("price", "size"))
    exact = price / spans.tick_size
    tick = np.rint(np.where(np.isfinite(exact), exact, 0)).astype(np.int64)
    keep = (np.abs(exact - tick) < 0.01) & (size > 0)
    if "flags" in table.column_names:
        flags = codes(table["flags"].cast(pa.string()), FLAGS)
        keep &= ~np.isin(flags, [FLAGS.index(flag) for flag in NOT_OF_THE_BOOK])
    ts = int64(table["ts"].cast(TIMESTAMP))
    aggressor = codes(table["aggressor"].cast(pa.string()), AGGRESSORS)
    order = np.lexsort((ts, tick))
    return Prints(tick, ts, size, aggressor).of(order[keep[order]])


def _check_market(trades: object, spans: Spans) -> None:
    """That trades which say what they are of are of the market of the spans, in its unit."""
    metadata = trades.schema.metadata if isinstance(trades, pa.Table) else None
    if not metadata or b"venue" not in metadata:
        return
    theirs, own = Meta.from_metadata(metadata), spans.meta
    for name in ("venue", "symbol", "size_unit"):
        if getattr(theirs, name) != getattr(own, name):
            raise SchemaError(
                where="trades", expected=f"{name} {getattr(own, name)}", got=str(getattr(theirs, name))
            )


FRAME = ("side", "price", "tick", "start", "seen", "end", "size", "age", "end_reason")


def spans_table(spans: Spans, trades: object = None) -> pa.Table:
    """What `Spans.to_pandas` gives, as an Arrow table."""
    table = spans.to_arrow().replace_schema_metadata(None)
    seen, end = int64(table["seen"]), int64(table["end"], null=spans.last)
    age = np.maximum(end - seen, 0) / 1e9
    table = table.append_column("age", pa.array(age))
    return table.append_column("end_reason", words(end_reasons(spans, trades), END_REASONS)).select(FRAME)
