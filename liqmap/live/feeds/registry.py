"""Which feed a market has: that of its venue, or where liqmap knows none of its own, what ccxt hands out.

To add a venue: one module in this folder, found by being here, with a `Feed` and a `Listener`, registered by

    register("venue", VenueFeed)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from liqmap.live.feeds.feed import Feed
from liqmap.live.market import Market

FEEDS: dict[str, Callable[[Market], Feed]] = {}


def register(venue: str, feed: Callable[[Market], Feed]) -> None:
    """Make a venue known.

    Raises
    ------
    ValueError : it is known already.
    """
    if venue in FEEDS:
        raise ValueError(f"venue {venue!r}: expected a new name, got a known one")
    FEEDS[venue] = feed


def feed_of(market: Market) -> Feed:
    """The feed of a market. Symbols are written as the venue writes them; of venues with a feed of their own,
    people need not mind the case.

    Raises
    ------
    LiveError : no such venue, or no such depth of it.
    """
    _import_all()
    if market.venue in FEEDS:
        return FEEDS[market.venue](replace(market, symbol=market.symbol.upper()))
    from liqmap.live.feeds.library import CcxtFeed

    return CcxtFeed(market)


def _import_all() -> None:
    folder = import_module("liqmap.live.feeds")
    for module in iter_modules(folder.__path__):
        import_module(f"{folder.__name__}.{module.name}")
