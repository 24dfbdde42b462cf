"""A market small enough to know by heart, and the same interface as a session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from liqmap.schema import SPANS, TRADES, WINDOW, Meta
from liqmap.spans import Spans

SECOND = 10**9
BEGIN = int(np.datetime64("2026-01-05T12:00:00", "ns").astype(np.int64))
TICK = 0.5

OBSERVED_BID, CARRIED_BID, SMALL_BID, ASK = 990, 980, 995, 1005
"""Ticks: a level seen for all 600 s, one as large that leaves the window after 200 s, one a tenth of it."""


def _at(seconds: float | None) -> int | None:
    return None if seconds is None else BEGIN + round(seconds * SECOND)


def _table(schema: pa.Schema, rows: list[tuple], meta: Meta) -> pa.Table:
    columns = [pa.array(column).cast(field.type) for column, field in zip(zip(*rows), schema)]
    fields = list(schema)[: len(columns)]  # spans need no prices
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, meta.to_metadata()))


def make_spans() -> Spans:
    """600 s: two walls of 10 coins, one of them carried from 200 s on; best bid 995, best ask 1005."""
    meta = Meta(
        venue="bybit", symbol="BTCUSDT", feed="ob3", tick_size=TICK, depth_limit=3, window_policy="top_n"
    )
    spans = [
        ("bid", CARRIED_BID, 0, 200, None, 10.0), ("bid", OBSERVED_BID, 0, 600, None, 10.0),
        ("bid", SMALL_BID, 0, 600, None, 1.0), ("ask", ASK, 0, 300, 300, 2.0),
        ("ask", ASK, 400, 600, None, 3.0), ("ask", ASK + 2, 0, 600, None, 5.0),
    ]  # fmt: skip
    window = [(side, t, tick, t < 600) for side, worst in (("bid", (975, 985)), ("ask", (1010, 1010)))
              for t, tick in zip((0, 200, 600), (*worst, None))]  # fmt: skip
    return Spans.from_arrow(
        _table(SPANS, [(s, k, _at(a), _at(b), _at(c), z) for s, k, a, b, c, z in spans], meta),
        _table(WINDOW, [(s, _at(t), tick, known) for s, t, tick, known in window], meta),
    )


def lone_message(at: int = BEGIN) -> Spans:
    """The book of one message: a bid at 995, an ask at 996, both carried from then on."""
    meta = Meta(
        venue="bybit", symbol="BTCUSDT", feed="ob3", tick_size=TICK, depth_limit=3, window_policy="top_n"
    )
    rows = [(side, tick, at, at, None, 2.0) for side, tick in (("bid", 995), ("ask", 996))]
    window = [(side, at, None, False) for side in ("bid", "ask")]
    return Spans.from_arrow(_table(SPANS, rows, meta), _table(WINDOW, window, meta))


class Market:
    """What the pictures ask of a session."""

    venue, symbol, feed = "bybit", "BTCUSDT", "ob3"
    time_range = (np.datetime64(BEGIN, "ns"), np.datetime64(BEGIN + 600 * SECOND, "ns"))
    price_range = (970 * TICK, 1015 * TICK)

    def spans(self, depth_limit: int | None = None) -> Spans:
        return self._spans

    @cached_property
    def _spans(self) -> Spans:
        return make_spans()

    @property
    def meta(self) -> Meta:
        return self._spans.meta

    def trades(self) -> pa.Table:
        at = datetime(2026, 1, 5, 12, tzinfo=UTC)
        rows = [
            (10, "buy", 1005, 1.0),
            (10.1, "buy", 1005, 3.0),
            (10.2, "sell", 995, 2.0),
            (500, None, 1000, 0.5),
        ]
        return pa.Table.from_pylist(
            [{"ts": at + timedelta(seconds=t), "id": str(k), "aggressor": side, "price": tick * TICK,
              "size": size, "flags": None} for k, (t, side, tick, size) in enumerate(rows)],
            schema=TRADES,
        )  # fmt: skip


class Lone(Market):
    """A session of one message."""

    time_range = (np.datetime64(BEGIN, "ns"), np.datetime64(BEGIN + 1, "ns"))

    def __init__(self, length: int = 1) -> None:
        self.time_range = (np.datetime64(BEGIN, "ns"), np.datetime64(BEGIN + length, "ns"))

    @cached_property
    def _spans(self) -> Spans:
        return lone_message()

    def trades(self) -> pa.Table:
        return super().trades().slice(0, 0)
