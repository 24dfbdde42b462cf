"""`simulate`: run the kernels and hand back Arrow tables."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.carry import CarryModel, Duration, Mixture
from liqmap.schema import DEPTH, TRADES, Capture, GridError, Keyword, Meta, Sentence
from liqmap.schema.times import Instant, instant
from liqmap.simulation.book import Book, empty_book
from liqmap.simulation.feed import run
from liqmap.simulation.flow import Flow, new_flow
from liqmap.simulation.opening import open_market
from liqmap.simulation.recording import CLOCK, Recording, new_prints, new_rows
from liqmap.simulation.retention import LOST, MOST_RESTING, law_of
from liqmap.simulation.tables import (
    LOTS_PER_COIN,
    Batches,
    Scale,
    depth_batch,
    table_of,
    trades_batch,
    walls_table,
)

TOUCHED = 1 << 16
CHUNK = 1 << 21
WARM_UP, LONGEST_WARM_UP = 200, 10_000
"""Steps before the first message; without a law of retention the former."""

FILLING = (700, 700, 600, 450, 350, 280, 230, 190, 160, 120, 80, 60, 40)


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
    retention : the law of how long orders rest, where one was set.
    """

    depth: pa.Table | None
    walls: pa.Table
    retention: Mixture | None = None


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
    start: Instant = "2026-01-05T00:00:00Z",
    interval_ms: int = 100,
    keep_truth: bool = True,
    retention: Duration | CarryModel = None,
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
    retention : the law of how long orders rest: a half-life such as ``"2min"``, or a `HalfLife`,
        `Exponentials` or `Mixture`, whose weight of an age is the probability that an order, unless it is
        traded, is still there; its size and distance are those that it was placed with. None: makers cancel
        as they please. Under a law they amend nothing, and walls keep to their own. Before the first message
        the market has lived three of the longest half-lives, 10,000 steps at most: with longer ones it is
        still filling.

    Returns
    -------
    ``depth`` (feed ``obN``), ``trades``, ``meta``, ``truth`` (a `Truth`). Sizes are coins, whole lots of
    0.001. ``seq`` is Bybit's ``u``. The first message of each UTC day is a snapshot, as in daily files.
    In an interval the trades come first: they consume the book as the message before left it.

    Raises
    ------
    GridError : a parameter out of its range.
    """
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise GridError(where="simulate", argument="seed", expected="an integer", got=f"{seed!r:.60}")
    seed = int(seed)
    steps = _steps(minutes, interval_ms)
    scale, touch = _scale(price, tick_size)
    _within("levels", levels, 1, 1000)
    _within("activity", activity, 1 / 64, 16)
    _within("volatility", volatility, 0, 16)
    rate = max(1, round(activity * 256))
    law, model = law_of(retention, interval_ms, LOTS_PER_COIN)
    before = min(max(WARM_UP, 3 * int(law.half_lives.max(initial=0)) >> 8), LONGEST_WARM_UP)
    book = empty_book(2 * touch, TOUCHED, seed, law, before + steps)
    flow = new_flow(steps if model is None else before + steps, round(volatility * 256))
    open_market(book, flow, touch, np.array(FILLING, np.int64), levels, rate, before)
    meta = Meta(
        venue="bybit",
        symbol=symbol,
        feed=f"ob{levels}",
        tick_size=scale.tick_size,
        depth_limit=levels,
        window_policy="top_n",
    )
    clock = np.array([(_milliseconds(start), interval_ms, 0, 0)], CLOCK)
    tables = _record(book, flow, clock, rate, levels, steps, keep_truth, scale, seed)
    _check_room(book)
    depth, truth, trades, times = tables
    full = Meta(venue="bybit", symbol=symbol, feed="full", tick_size=scale.tick_size, window_policy="full")
    plain = Meta(venue="bybit", symbol=symbol, tick_size=scale.tick_size, trade_ids="trade")
    return Capture(
        depth=table_of(depth, DEPTH, meta),
        trades=table_of(trades, TRADES, plain),
        meta=meta,
        truth=Truth(
            depth=table_of(truth, DEPTH, full) if keep_truth else None,
            walls=walls_table(book, flow, times, scale),
            retention=model,
        ),
    )


# ------------------------------------------------------------------ parameters


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(float(value)))


def _within(name: str, value: float, low: float, high: float) -> None:
    if not (_is_number(value) and low <= value <= high):
        raise GridError(
            where="simulate", argument=name, expected=f"{low:g} to {high:g}", got=f"{value!r:.60}"
        )


def _steps(minutes: float, interval_ms: int) -> int:
    _within("interval_ms", interval_ms, 10, 60_000)
    if not _is_number(minutes):
        raise GridError(where="simulate", argument="minutes", expected="a number", got=f"{minutes!r:.60}")
    steps = round(minutes * 60_000 / interval_ms)
    if steps < 1 or steps > 1 << 30:
        raise GridError(
            where="simulate", argument="minutes", expected="1 to 2**30 intervals", got=repr(minutes)
        )
    return steps


def _check_room(book: Book) -> None:
    """Refuse a market of which some orders were not written down."""
    if book.resting.counts[LOST]:
        raise GridError(
            where="simulate",
            argument="retention",
            expected=f"a law under which at most {MOST_RESTING:,} orders rest at a time",
            got=f"{int(book.resting.counts[LOST]):,} more",
            remedy=Sentence("Pass less ", Keyword("activity")),
        )


def _scale(price: float, tick_size: float) -> tuple[Scale, int]:
    if not (_is_number(tick_size) and tick_size > 0):
        raise GridError(
            where="simulate", argument="tick_size", expected="a number above 0", got=f"{tick_size!r:.60}"
        )
    if not _is_number(price):
        raise GridError(where="simulate", argument="price", expected="a number", got=f"{price!r:.60}")
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


def _milliseconds(start: Instant) -> int:
    found = instant(start, "start", error=GridError)
    if found is None:
        raise GridError(argument="start", expected="a time like '2026-01-05T00:00:00Z'", got="None")
    return found // 10**6


# ------------------------------------------------------------------ recording


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
    recording = Recording(feed, truth, keep_truth, prints)
    depth: Batches = []
    deep: Batches = []
    trades: Batches = []
    times: list[np.ndarray] = []
    sent, sold, step = 0, 0, 0
    while step < steps:
        step = run(book, flow, recording, clock, rate, levels, steps)
        depth.append(depth_batch(feed, sent, scale))
        if keep_truth:
            deep.append(depth_batch(truth, sent, scale))
        trades.append(trades_batch(prints, sold, scale, seed))
        times.append(feed.time[: feed.n[1]].copy())
        sent += int(feed.n[1])
        sold += int(prints.n[0])
        feed.n[:] = truth.n[:] = prints.n[:] = 0
    return depth, deep, trades, np.concatenate(times)
