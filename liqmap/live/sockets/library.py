"""Listening through ccxt: it has its own sockets; what it hands out becomes lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from liqmap.formats.ccxt.lines import Lines
from liqmap.live.feeds import Heard
from liqmap.live.feeds.library import CcxtFeed
from liqmap.live.sockets.address import moved
from liqmap.live.sockets.limits import Limits
from liqmap.schema import LiveError, words_of

Give = Callable[[bytes, Heard], None]

CONTROL = Heard("control")


async def listen_by_ccxt(
    feed: CcxtFeed, give: Give, url: str | None, proxy: str | None, limits: Limits, silence_s: float
) -> str:
    """Listen until ccxt gives up, or hands out no book for long; why.

    Raises
    ------
    LiveError : ccxt has no such exchange, or that no such market.
    """
    client = feed.client()
    _reach(client, url, proxy)
    try:
        lines = await _lines(feed, client, limits)
        give(lines.opened(_version()), CONTROL)
        parts = [_books(client, lines, give, silence_s)]
        if client.has.get("watchTrades"):
            parts.append(_trades(client, lines, give))
        why = await _first(parts)
        give(lines.lost(why), CONTROL)
        return why
    except _Unreached as error:
        return str(error)
    finally:
        await client.close()


class _Unreached(Exception):
    """The venue's markets could not be loaded."""


def _reach(client: Any, url: str | None, proxy: str | None) -> None:
    """Let a client use another host, or a proxy."""
    if proxy is not None:
        client.httpProxy = client.wsProxy = proxy
    if url is not None:
        client.urls["api"] = _moved(client.urls["api"], url)


def _moved(addresses: Any, url: str) -> Any:
    """Addresses, as ccxt nests them, on another host."""
    if isinstance(addresses, dict):
        return {name: _moved(inner, url) for name, inner in addresses.items()}
    is_address = isinstance(addresses, str) and "://" in addresses
    return moved(addresses, url) if is_address else addresses


async def _lines(feed: CcxtFeed, client: Any, limits: Limits) -> Lines:
    """How to write the market, once the venue's are known."""
    import ccxt

    try:
        async with asyncio.timeout(6 * limits.open_s):
            await client.load_markets()
    except (ccxt.AuthenticationError, ccxt.NotSupported) as error:
        raise LiveError(where=feed.market, expected="public markets", got=words_of(error)) from error
    except (ccxt.BaseError, TimeoutError) as error:
        raise _Unreached(words_of(error) or "the markets could not be loaded in time") from error
    return feed.lines(client)


async def _books(client: Any, lines: Lines, give: Give, silence_s: float) -> str:
    """Hand on each book that is another than the last; why there are no more."""
    last = b""
    while True:
        async with asyncio.timeout(silence_s):
            book = await client.watch_order_book(lines.symbol)
        line = lines.book(book)
        if line != last:
            last = line
            give(line, Heard("depth", book.get("timestamp"), book.get("nonce"), snapshot=True))


async def _trades(client: Any, lines: Lines, give: Give) -> str:
    """Hand on the trades that are new."""
    while True:
        trades = await client.watch_trades(lines.symbol)
        if trades:
            give(lines.trades(trades), Heard("trades", trades[-1].get("timestamp")))


async def _first(parts: list[Any]) -> str:
    """Run all until one ends; why it did."""
    import ccxt

    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        return "ccxt ended"
    except (ccxt.BadSymbol, ccxt.NotSupported) as error:
        raise LiveError(where="ccxt", expected="a market that is streamed", got=words_of(error)) from error
    except TimeoutError:
        return "no book came for long"
    except ccxt.BaseError as error:
        return words_of(error) or type(error).__name__
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _version() -> str:
    import ccxt

    return str(ccxt.__version__)
