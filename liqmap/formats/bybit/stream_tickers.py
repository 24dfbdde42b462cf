"""Best bid and offer of Bybit's ``tickers`` lines, gathered until a batch is taken.

``{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","bid1Price":"79114.50","bid1Size":
"1.496"},"cs":793092205004,"ts":1787590405983}``: a snapshot has all fields, a delta those that changed. Where
a line was lost, a field is unknown until it is told again. ``ts`` is the push time, ``cs`` the cross
sequence, which never falls. Tickers of spot and of options have none of these fields.
Source: https://bybit-exchange.github.io/docs/v5/websocket/public/ticker
"""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.formats.text.best_prices import exact_sides, gathered, near_rows
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS
from liqmap.schema import MISSING, OPEN, Quotes, Rejected

FIELDS = ("bid1Price", "bid1Size", "ask1Price", "ask1Size")


class Tickers:
    """Rows of quotes; ``tick`` is the tick size of their prices. ``told``: whether there was any yet.

    ``incomplete``: lines that tell of best prices, while the others are not known, since the last time that
    somebody took the number.
    """

    def __init__(self, tick_size: float | None = None) -> None:
        self.tick = Tick(tick_size)
        self.told = False
        self.incomplete = 0
        self._known: dict[str, Any] = {}
        self._rows: list[tuple[Any, ...]] = []

    def forget(self) -> None:
        """A line was lost, which may have told of a change."""
        self._known = {}

    def add(self, message: dict[str, Any], symbol: str, local: int, line: int) -> Rejected | None:
        """The quote after one line, if it tells one: returns what is wrong with it."""
        wrong = self._add(message, symbol, local, line)
        if wrong is None:
            return None
        self.forget()
        return Rejected(line, wrong, level=True)

    def _add(self, message: dict[str, Any], symbol: str, local: int, line: int) -> str | None:
        data, ts, seq = message.get("data"), message.get("ts"), message.get("cs", -1)
        if not isinstance(data, dict) or data.get("symbol") != symbol:
            return f"expected `data` of symbol {symbol}, got another or none"
        if message.get("type") not in ("snapshot", "delta"):
            return f"expected type snapshot or delta, got {message.get('type')!r:.40}"
        if type(ts) is not int or not EARLIEST_MS <= ts <= LATEST_MS:
            return f"expected `ts` to be a time in ms since 1970, of 2000 to 2099, got {ts!r:.40}"
        if type(seq) is not int or not -1 <= seq < OPEN:
            return f"expected `cs` to be a whole number, got {seq!r:.40}"
        if message["type"] == "snapshot":
            self.forget()
        told = {name: data[name] for name in FIELDS if name in data}
        self._known |= told
        self.told |= bool(told)
        if len(self._known) < len(FIELDS):
            self.incomplete += bool(told)
            return None
        if not told:
            return None
        bid, bid_size, ask, ask_size = ("0" if self._known[n] == "" else self._known[n] for n in FIELDS)
        sides = exact_sides((bid, bid_size), (ask, ask_size), self.tick)
        if isinstance(sides, str):
            return sides
        self._rows.append((ts * 1_000_000, local or MISSING, seq, *sides, line))
        return None

    def take(self, rejected: list[Rejected]) -> Quotes | None:
        """What was gathered since the last call, or None; quotes whose prices do not fit are ``rejected``."""
        rows, self._rows = self._rows, []
        columns = near_rows(self.tick, list(zip(*rows)) or None, rejected)
        if columns is None:
            self.tick.settle(np.empty(0))
            return None
        return gathered(columns)
