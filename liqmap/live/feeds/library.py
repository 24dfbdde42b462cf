"""Every other venue, through the WebSocket interface of ccxt.

What ccxt hands out is not the venue's message but the book that ccxt keeps, and trades in its own form. Ids,
checksums, and the changes between two books that were handed out are lost: the window policy is
``snapshots``. Lines are those of the format ``ccxt`` (`liqmap.formats.ccxt`).
Source: https://docs.ccxt.com/#/ccxt.pro.manual
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

from liqmap.formats.ccxt.lines import Lines
from liqmap.live.feeds.feed import Feed
from liqmap.live.market import Market
from liqmap.schema import LiveError

EXCHANGES = {
    "okex": "okx",
    "huobi": "htx",
    "gate-io": "gateio",
    "binance-us": "binanceus",
    "crypto-com": "cryptocom",
    "coinbase": "coinbaseexchange",
}
"""What Tardis and liqmap call a venue, and what ccxt does, where these differ."""


class CcxtFeed(Feed):
    """A market of an exchange of ccxt's. exchange : its id there.

    Raises
    ------
    LiveError : another feed than ``ccxt`` is asked for.
    """

    name = "ccxt"

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.exchange = EXCHANGES.get(market.venue, market.venue)
        if market.feed not in (None, self.name):
            raise LiveError(
                where=market,
                argument="feed",
                expected=f"{self.name!r}: books of {market.venue} are those that ccxt hands out",
                got=repr(market.feed),
            )

    def client(self) -> Any:
        """The client of ccxt, not connected yet.

        Raises
        ------
        LiveError : ccxt is not installed, has no such exchange, or no live book of it.
        """
        if find_spec("ccxt") is None:
            raise LiveError(
                where=self.market, expected="the package ccxt", remedy="Run: pip install 'liqmap[live]'"
            )
        import ccxt.pro

        if self.exchange not in ccxt.pro.exchanges:
            near = get_close_matches(self.exchange, ccxt.pro.exchanges, 3)
            raise LiveError(
                where=self.market,
                argument="venue",
                expected="a venue of liqmap's, or an exchange that ccxt streams",
                got=repr(self.market.venue),
                remedy=f"Did you mean {' or '.join(near)}?" if near else "",
            )
        client = getattr(ccxt.pro, self.exchange)({"enableRateLimit": True, "newUpdates": True})
        if not client.has.get("watchOrderBook"):
            raise LiveError(
                where=self.market, expected="an exchange whose book ccxt streams", got=self.exchange
            )
        return client

    def lines(self, client: Any) -> Lines:
        """How to write what is handed out, once the markets are loaded. The symbol may be ccxt's or the
        exchange's own.

        Raises
        ------
        LiveError : there is no such market.
        """
        asked, markets = self.market.symbol, client.markets
        found = markets.get(asked) or (client.markets_by_id.get(asked) or [None])[0]
        if found is None:
            near = get_close_matches(asked, markets, 3)
            raise LiveError(
                where=self.market,
                argument="symbol",
                expected="a market that the venue has",
                got=repr(asked),
                remedy=f"Did you mean {' or '.join(near)}?" if near else "",
            )
        contract = float(found.get("contractSize") or 1) if found.get("contract") else None
        return Lines(self.exchange, self.market.venue, found["symbol"], contract)
