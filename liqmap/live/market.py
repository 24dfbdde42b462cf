"""A market that is listened to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from liqmap.schema import LiveError

_FEED = re.compile(r"ob\d{1,4}|full|(?:d|rpiD)epth\d*(?:@\d{1,5}ms)?|ccxt")


@dataclass(frozen=True)
class Market:
    """Where it trades, what trades, and which depth of it: None for the deepest that is told in full."""

    venue: str
    symbol: str
    feed: str | None = None

    @classmethod
    def parse(cls, text: str) -> Market:
        """``bybit:BTCUSDT``, ``bybit:BTCUSDT:ob200``, ``gateio:BTC/USDT:USDT``: what follows the last colon
        is a feed where it is spelled like one.

        Raises
        ------
        LiveError : no venue or no symbol.
        """
        venue, _, rest = text.strip().partition(":")
        symbol, _, last = rest.rpartition(":")
        feed = last if symbol and _FEED.fullmatch(last) else None
        symbol = symbol if feed else rest
        if not venue or not symbol:
            raise LiveError(
                argument="market",
                expected="venue:SYMBOL or venue:SYMBOL:feed",
                got=repr(text),
                remedy="Such as bybit:BTCUSDT, binance-futures:BTCUSDT, kraken:BTC/USD, bybit:BTCUSDT:ob200",
            )
        return cls(venue.lower(), symbol, feed)

    def __str__(self) -> str:
        return ":".join(part for part in (self.venue, self.symbol, self.feed) if part)
