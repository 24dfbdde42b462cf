"""Every other venue, through the WebSocket interface of ccxt.

What ccxt hands out is not the venue's message but the book that ccxt keeps, and trades in its own form. Ids,
checksums, and the changes between two books that were handed out are lost: the window policy is
``snapshots``. Lines are those of the format ``ccxt`` (`liqmap.formats.ccxt`).
Source: https://docs.ccxt.com/#/ccxt.pro.manual
"""

from __future__ import annotations

from liqmap.live.feeds.feed import Feed
from liqmap.live.market import Market

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
    """A market of an exchange of ccxt's. exchange : its id there. name : of the feed, in the store."""

    name = "ccxt"

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.exchange = EXCHANGES.get(market.venue, market.venue)
