"""The lines in which liqmap keeps what ccxt hands out.

``{"ccxt":"gateio","venue":"gate-io","symbol":"BTC/USDT:USDT","contract":0.0001,...}``, the last of

- ``"book":{"timestamp":...,"nonce":...,"bids":[[price,size],...],"asks":[...]}``, a whole book,
- ``"trades":[{"id":...,"timestamp":...,"price":...,"amount":...,"side":"buy"},...]``, or
- ``"event":"opened"`` and ``"event":"lost","why":...``, between which books follow each other.

Times are ms, null where ccxt knows none. ``contract`` is what a contract is worth, null where sizes are
coins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

TRADE = ("id", "timestamp", "price", "amount", "side")


@dataclass(frozen=True)
class Lines:
    """Lines of one market. exchange : ccxt's name of the venue."""

    exchange: str
    venue: str
    symbol: str
    contract: float | None = None

    def book(self, book: Mapping[str, Any]) -> bytes:
        """A book as ccxt has it; of a level price and size."""
        sides = {name: [[level[0], level[1]] for level in book[name]] for name in ("bids", "asks")}
        told = {"timestamp": book.get("timestamp"), "nonce": book.get("nonce"), **sides}
        return self._line({"book": told})

    def trades(self, trades: Iterable[Mapping[str, Any]]) -> bytes:
        """Trades as ccxt has them."""
        return self._line({"trades": [{name: trade.get(name) for name in TRADE} for trade in trades]})

    def opened(self, version: str) -> bytes:
        """That listening begins, with this version of ccxt."""
        return self._line({"event": "opened", "version": version})

    def lost(self, why: str) -> bytes:
        """That books may be missing between the last one and the next."""
        return self._line({"event": "lost", "why": why})

    def _line(self, told: dict[str, Any]) -> bytes:
        head = {"ccxt": self.exchange, "venue": self.venue, "symbol": self.symbol, "contract": self.contract}
        return orjson.dumps(head | told)


def levels_of(book: object) -> Sequence[Any] | None:
    """Bids and asks of a book; None where it has not both."""
    if not isinstance(book, dict) or "bids" not in book or "asks" not in book:
        return None
    return book["bids"], book["asks"]
