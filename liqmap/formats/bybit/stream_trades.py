"""Trades of Bybit's publicTrade lines, gathered until a batch is taken."""

from __future__ import annotations

from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.text.decimals import Tick, number
from liqmap.formats.text.far_prices import far_prices
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS
from liqmap.schema import TIMESTAMP, TRADES, WORD, Rejected

_AGGRESSOR = {"Buy": "buy", "Sell": "sell"}


class Trades:
    """Column lists of TRADES; ``tick`` is the tick size of their prices."""

    def __init__(self, tick_size: float | None = None) -> None:
        self.tick = Tick(tick_size)
        self._rows: list[tuple[int, str | None, str | None, float, float, str | None]] = []
        self._lines: list[int] = []

    def add(self, message: dict[str, Any], line: int) -> str | None:
        """The trades of one line, all or none: returns what is wrong with it."""
        data = message.get("data")
        if not isinstance(data, list):
            return "expected `data` to be a list of trades"
        rows, prices = [], []
        for trade in data:
            if not isinstance(trade, dict):
                return "expected a trade to be an object"
            ts, name, price, size = (
                trade.get("T"),
                trade.get("i"),
                number(trade.get("p")),
                number(trade.get("v")),
            )
            if type(ts) is not int or not EARLIEST_MS <= ts <= LATEST_MS:
                return f"expected `T` to be a time in ms since 1970, of 2000 to 2099, got {ts!r:.40}"
            if not price:
                return f"expected a positive price, got {trade.get('p')!r:.40}"
            if not size:
                return f"expected a positive size, got {trade.get('v')!r:.40}"
            if trade.get("S") not in _AGGRESSOR:
                return f"expected side Buy or Sell, got {trade.get('S')!r:.40}"
            if trade.get("s") != message["topic"].split(".", 1)[1]:
                return f"expected symbol {message['topic'].split('.', 1)[1]}, got {trade.get('s')!r:.40}"
            flag = "block" if trade.get("BT") is True else "rpi" if trade.get("RPI") is True else None
            name = None if name in (None, "") else str(name)
            rows.append((ts * 1_000_000, name, _AGGRESSOR[trade["S"]], float(price), float(size), flag))
            prices.append(price)
        self._rows += rows
        self._lines += [line] * len(rows)
        self.tick.add(prices)
        return None

    def take(self, rejected: list[Rejected]) -> pa.RecordBatch | None:
        """What was gathered since the last call, or None; trades whose prices do not fit are ``rejected``."""
        rows, lines = self._rows, self._lines
        self._rows, self._lines = [], []
        if not rows:
            return None
        wrong = far_prices(self.tick, np.array([row[3] for row in rows]), np.array(lines), rejected)
        if wrong is not None:
            rows = list(compress(rows, ~wrong))
        if not rows:
            return None
        ts, name, aggressor, price, size, flags = zip(*rows)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(ts, pa.int64()).view(TIMESTAMP),
                pa.array(name, pa.string()),
                pa.array(aggressor, pa.string()).cast(WORD),
                pa.array(price, pa.float64()),
                pa.array(size, pa.float64()),
                pa.array(flags, pa.string()).cast(WORD),
            ],
            schema=TRADES,
        )
