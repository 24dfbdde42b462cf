"""A market that grows as a test says: a simulated one, revealed step by step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

import liqmap as lm
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus
from liqmap.schema import Meta, int64
from liqmap.session.shown_prices import price_range
from liqmap.spans import Replayer, Spans

SECOND = 10**9


@lru_cache(maxsize=2)
def simulated(minutes: float = 2.0, levels: int = 40) -> Any:
    """Depth and trades of a market."""
    return lm.simulate(minutes=minutes, seed=3, levels=levels, keep_truth=False)


class Revealed:
    """What the app asks of a `LiveSession`: it knows what has been revealed so far, and tells when more has.

    Parameters
    ----------
    shown_s : seconds of it that are known from the start.
    """

    venue, symbol, feed = "bybit", "SIMUSDT", "ob40"

    def __init__(self, capture: Any, shown_s: float = 10.0) -> None:
        self._depth, self._all_trades = capture.depth, capture.trades
        self._at, self._traded_at = int64(self._depth["ts"]), int64(self._all_trades["ts"])
        self.begin, self.end = int(self._at[0]), int(self._at[-1])
        self._replayer = Replayer(Meta.from_metadata(self._depth.schema.metadata))
        self._rows = self._trade_rows = 0
        self._lock = threading.Lock()
        self._calls: list[Callable[[], None]] = []
        self._spans: tuple[int, Spans] | None = None
        self.version = self.last = self.replays = 0
        self.closed = False
        self._status = MarketStatus(Market(self.venue, self.symbol), state="live", lag_ms=21.0)
        self._heard_ns = time.time_ns()
        self.reveal(shown_s)

    def reveal(self, seconds: float) -> None:
        """So many seconds more come to be known."""
        self.reveal_to((self.last or self.begin) + round(seconds * SECOND))

    def reveal_to(self, until: int) -> None:
        """All up to a time."""
        with self._lock:
            rows = int(np.searchsorted(self._at, until, side="right"))
            self._trade_rows = int(np.searchsorted(self._traded_at, until, side="right"))
            if rows > self._rows:
                self._replayer.feed(self._depth[self._rows : rows])
                self.last = int(self._at[rows - 1])
                self._heard_ns = time.time_ns()
            self._rows = rows
            self.version += 1
        for call in list(self._calls):
            call()

    def play(self, speed: float = 1.0, step_s: float = 0.05) -> None:
        """Reveal the rest by the clock."""
        began, first = time.monotonic(), self.last
        while self.last < self.end and not self.closed:
            self.reveal_to(first + round(speed * (time.monotonic() - began) * SECOND))
            time.sleep(step_s)

    def close(self) -> None:
        self.closed = True
        for call in list(self._calls):
            call()

    def on_grown(self, call: Callable[[], None]) -> Callable[[], None]:
        self._calls.append(call)
        return lambda: self._calls.remove(call)

    def spans(self, depth_limit: int | None = None) -> Spans:
        with self._lock:
            if self._spans is None or self._spans[0] != self._rows:
                self._spans = self._rows, self._replayer.spans()
                self.replays += 1
            return self._spans[1]

    def status(self) -> MarketStatus:
        return replace(self._status, messages=self._rows, last_ns=self._heard_ns)

    def trades(self) -> pa.Table:
        return self._all_trades[: self._trade_rows]

    @property
    def meta(self) -> Meta:
        return self.spans().meta

    @property
    def time_range(self) -> tuple[np.datetime64, np.datetime64]:
        return np.datetime64(self.begin, "ns"), np.datetime64(self.last, "ns")

    @property
    def price_range(self) -> tuple[float, float]:
        found = price_range(self.spans(), self.begin, self.last)
        assert found is not None
        return found
