"""`simulate`: run the kernels and hand back Arrow tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pyarrow as pa

from liqmap.schema import (
    AGGRESSORS,
    DEPTH,
    EVENTS,
    FLAGS,
    SIDES,
    TIMESTAMP,
    TRADES,
    WORD,
    Capture,
    GridError,
    Keyword,
    Meta,
    Sentence,
    words,
)
from liqmap.simulation.book import MESSAGE, WALLS, Book, empty_book
from liqmap.simulation.feed import Prints, Rows, new_prints, new_rows, run
from liqmap.simulation.flow import Flow, new_flow
from liqmap.simulation.opening import open_market
from liqmap.simulation.walls import (
    CONSUMED,
    STANDING,
    W_END,
    W_LEFT,
    W_OUTCOME,
    W_SIDE,
    W_SIZE,
    W_START,
    W_TICK,
)

LOTS_PER_COIN = 1000
TOUCHED = 1 << 16
CHUNK = 1 << 21
FILLING = (700, 700, 600, 450, 350, 280, 230, 190, 160, 120, 80, 60, 40)
KINDS = ("wall",)
OUTCOMES = ("standing", "cancelled", "consumed")
WALL_TABLE = pa.schema(
    [
        pa.field("side", WORD, nullable=False),
        pa.field("tick", pa.int32(), nullable=False),
        pa.field("price", pa.float64(), nullable=False),
        pa.field("size", pa.float64(), nullable=False),
        pa.field("start", TIMESTAMP, nullable=False),
        pa.field("end", TIMESTAMP),
        pa.field("kind", WORD, nullable=False),
        pa.field("outcome", WORD, nullable=False),
        pa.field("left", pa.float64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Truth:
    """What no feed tells of a simulated market.

    Attributes
    ----------
    depth : depth table of the whole book at the feed's messages (same ``ts`` and ``seq``): a snapshot,
        then updates, those without a row left out. None if it was not kept.
    walls : a row per wall: ``side``, ``tick``, ``price``, ``size`` when placed (coins), ``start`` and
        ``end`` (the messages that show and no longer show it; null: still standing), ``kind`` (of
        `KINDS`), ``outcome`` (of `OUTCOMES`), ``left`` (coins of it when it ended or the market closed).
    """

    depth: pa.Table | None
    walls: pa.Table


@dataclass(frozen=True)
class Scale:
    """How integers become prices and sizes, exactly as the decimal strings of a file would parse."""

    numerator: int
    denominator: int
    tick_size: float

    @classmethod
    def of(cls, tick_size: float) -> Scale:
        exact = Fraction(repr(float(tick_size)))
        return cls(exact.numerator, exact.denominator, float(tick_size))

    def price(self, tick: np.ndarray) -> np.ndarray:
        return tick.astype(np.int64) * self.numerator / self.denominator


def simulate(
    minutes: float = 30,
    seed: int = 0,
    *,
    levels: int = 200,
    activity: float = 1.0,
    volatility: float = 1.0,
    symbol: str = "SIMUSDT",
    price: float = 65_000.0,
    tick_size: float = 0.1,
    start: str | datetime = "2026-01-05T00:00:00Z",
    interval_ms: int = 100,
    keep_truth: bool = True,
) -> Capture:
    """A limit-order-book market in Bybit's form, with the truth that its feed does not tell.

    Makers place, amend and cancel orders: briefly near the touch, for minutes to hours far from it.
    Aggressors chase a fair value whose volatility clusters, and consume the book. Walls rest at round
    prices and turn the price back or are eaten. Every state is an integer: a seed means the same
    market everywhere.

    Parameters
    ----------
    minutes : length of the market; its steps are ``interval_ms`` long.
    seed : any integer, taken modulo 2**64.
    levels : N, the levels a side that the feed shows, 1 to 1,000.
    activity : scales how much the makers do; 1 gives some 20 rows a message at 200 levels.
    volatility : scales how far the fair value moves in a step.
    price, tick_size : where the market opens, quote currency; 20,000 to 4,000,000 ticks.
    start : time of the first message, UTC if it does not say otherwise.
    interval_ms : engine time between messages, 10 or more.
    keep_truth : False leaves ``truth.depth`` out, for long runs.

    Returns
    -------
    ``depth`` (feed ``obN``), ``trades``, ``meta``, ``truth`` (a `Truth`). Sizes are coins, whole lots of
    0.001. ``seq`` is Bybit's ``u``. The first message of each UTC day is a snapshot, as in daily files.
    In an interval the trades come first: they consume the book as the message before left it.

    Raises
    ------
    GridError : a parameter out of its range.
    """
    steps = _steps(minutes, interval_ms)
    scale, touch = _scale(price, tick_size)
    _within("levels", levels, 1, 1000)
    _within("activity", activity, 1 / 64, 16)
    _within("volatility", volatility, 0, 16)
    rate = max(1, round(activity * 256))
    book = empty_book(2 * touch, TOUCHED, seed)
    flow = new_flow(steps, round(volatility * 256))
    open_market(book, flow, touch, np.array(FILLING, np.int64), levels, rate, 200)
    meta = Meta(
        venue="bybit",
        symbol=symbol,
        feed=f"ob{levels}",
        tick_size=scale.tick_size,
        depth_limit=levels,
        window_policy="top_n",
    )
    clock = np.array([_milliseconds(start), interval_ms, 0, 0], np.int64)
    tables = _record(book, flow, clock, rate, levels, steps, keep_truth, scale, seed)
    depth, truth, trades, times = tables
    full = Meta(venue="bybit", symbol=symbol, feed="full", tick_size=scale.tick_size, window_policy="full")
    plain = Meta(venue="bybit", symbol=symbol, tick_size=scale.tick_size, trade_ids="trade")
    return Capture(
        depth=_table(depth, DEPTH, meta),
        trades=_table(trades, TRADES, plain),
        meta=meta,
        truth=Truth(
            depth=_table(truth, DEPTH, full) if keep_truth else None,
            walls=_walls(book, flow, times, scale),
        ),
    )


# ------------------------------------------------------------------ parameters


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise GridError(where="simulate", argument=name, expected=f"{low:g} to {high:g}", got=repr(value))


def _steps(minutes: float, interval_ms: int) -> int:
    _within("interval_ms", interval_ms, 10, 60_000)
    steps = round(minutes * 60_000 / interval_ms)
    if steps < 1 or steps > 1 << 30:
        raise GridError(
            where="simulate", argument="minutes", expected="1 to 2**30 intervals", got=repr(minutes)
        )
    return steps


def _scale(price: float, tick_size: float) -> tuple[Scale, int]:
    if not tick_size > 0:
        raise GridError(
            where="simulate", argument="tick_size", expected="a number above 0", got=repr(tick_size)
        )
    scale = Scale.of(tick_size)
    touch = round(Fraction(repr(float(price))) / Fraction(scale.numerator, scale.denominator))
    if not 20_000 <= touch <= 4_000_000:
        raise GridError(
            where="simulate",
            argument="price",
            expected="20,000 to 4,000,000 ticks",
            got=f"{touch:,}",
            remedy=Sentence("Pass another ", Keyword("tick_size")),
        )
    return scale, touch


def _milliseconds(start: str | datetime) -> int:
    try:
        moment = datetime.fromisoformat(start) if isinstance(start, str) else start
    except ValueError:
        raise GridError(
            where="simulate", argument="start", expected="a time like '2026-01-05T00:00:00Z'", got=repr(start)
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


# ------------------------------------------------------------------ tables

Batches = list[pa.RecordBatch]


def _record(
    book: Book,
    flow: Flow,
    clock: np.ndarray,
    rate: int,
    levels: int,
    steps: int,
    keep_truth: bool,
    scale: Scale,
    seed: int,
) -> tuple[Batches, Batches, Batches, np.ndarray]:
    """Run to the end, a chunk at a time: batches of depth, truth, trades; ms of every message."""
    feed, prints = new_rows(CHUNK), new_prints(1 << 17)
    truth = new_rows(CHUNK if keep_truth else 1)
    depth: Batches = []
    deep: Batches = []
    trades: Batches = []
    times: list[np.ndarray] = []
    sent, sold, step = 0, 0, 0
    while step < steps:
        step = run(book, flow, feed, truth, keep_truth, prints, clock, rate, levels, steps)
        depth.append(_depth_batch(feed, sent, scale))
        if keep_truth:
            deep.append(_depth_batch(truth, sent, scale))
        trades.append(_trades_batch(prints, sold, scale, seed))
        times.append(feed.time[: feed.n[1]].copy())
        sent += int(feed.n[1])
        sold += int(prints.n[0])
        feed.n[:] = truth.n[:] = prints.n[:] = 0
    return depth, deep, trades, np.concatenate(times)


def _table(batches: Batches, schema: pa.Schema, meta: Meta) -> pa.Table:
    return pa.Table.from_batches(batches, schema=schema).replace_schema_metadata(meta.to_metadata())


def _timestamps(ms: np.ndarray) -> pa.Array:
    return pa.array(ms * 1_000_000, pa.int64()).view(TIMESTAMP)


def _depth_batch(rows: Rows, sent: int, scale: Scale) -> pa.RecordBatch:
    """Rows of a chunk as Arrow; its messages follow ``sent`` earlier ones."""
    n, messages = rows.n
    ends = rows.ends[:messages]
    count = np.diff(ends, prepend=0)
    columns = [
        _timestamps(np.repeat(rows.time[:messages], count)),
        pa.nulls(n, TIMESTAMP),
        pa.array(np.repeat(np.arange(sent + 1, sent + 1 + messages), count)),
        words(np.repeat(rows.event[:messages], count), EVENTS),
        words(rows.side[:n].copy(), SIDES),
        pa.array(scale.price(rows.tick[:n])),
        pa.array(rows.lots[:n] / LOTS_PER_COIN),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=DEPTH)


def _trades_batch(prints: Prints, sold: int, scale: Scale, seed: int) -> pa.RecordBatch:
    n = int(prints.n[0])
    family = seed & 0xFFFFFFFF
    ids = [f"{family:08x}-0000-4000-8000-{i:012x}" for i in range(sold + 1, sold + 1 + n)]
    columns = [
        _timestamps(prints.time[:n]),
        pa.array(ids, pa.string()),
        words(1 - prints.buy[:n], AGGRESSORS),
        pa.array(scale.price(prints.tick[:n])),
        pa.array(prints.lots[:n] / LOTS_PER_COIN),
        words(np.zeros(n, np.int8), FLAGS, null=np.ones(n, bool)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TRADES)


def _walls(book: Book, flow: Flow, times: np.ndarray, scale: Scale) -> pa.Table:
    """The log of walls as Arrow, times instead of message indices."""
    log = flow.walls[: book.s[WALLS]].copy()
    sent = book.s[MESSAGE]
    standing = (log[:, W_OUTCOME] == STANDING) | (log[:, W_END] >= sent)
    log[standing, W_OUTCOME] = STANDING
    log[standing, W_LEFT] = book.wall[log[standing, W_TICK]]
    seen = (log[:, W_START] < sent) & (standing | (log[:, W_END] > log[:, W_START]))
    log, standing = log[seen], standing[seen]
    log[log[:, W_OUTCOME] == CONSUMED, W_LEFT] = 0
    end = times[np.where(standing, 0, log[:, W_END])] * 1_000_000
    columns = [
        words(log[:, W_SIDE], SIDES),
        pa.array(log[:, W_TICK].astype(np.int32)),
        pa.array(scale.price(log[:, W_TICK])),
        pa.array(log[:, W_SIZE] / LOTS_PER_COIN),
        _timestamps(times[log[:, W_START]]),
        pa.array(end, pa.int64(), mask=standing).view(TIMESTAMP),
        words(np.zeros(len(log), np.int8), KINDS),
        words(log[:, W_OUTCOME], OUTCOMES),
        pa.array(log[:, W_LEFT] / LOTS_PER_COIN),
    ]
    return pa.Table.from_arrays(columns, schema=WALL_TABLE)
