"""``--live``: markets that a command listens to while it runs, or that another process records."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from liqmap.cli.arguments import path
from liqmap.schema import Keyword, Sentence, SessionError

EVERY = ""
"""``--live`` without a market: those of the store, as another process records them."""

FIRST = "10min"
"""A page waits for the first message of a market for so long."""

Sessions = Mapping[str, Callable[[], Any]]
"""By key, as the app has it, what gives the session of a live market once its first message is there."""


def add_live(parser: argparse.ArgumentParser) -> None:
    """``--live``, and where it connects."""
    group = parser.add_argument_group("live markets")
    group.add_argument(
        "--live", dest="live", action="append", nargs="?", const=EVERY, metavar="VENUE:SYMBOL",
        help="record a market such as bybit:BTCUSDT into the store, and show it as it comes; repeatable. "
        "Without a market: show what another process, such as liqmap record, writes into the store",
    )  # fmt: skip
    group.add_argument("--raw", type=path, metavar="DIR", help="folder of the messages as they came")
    group.add_argument("--url", metavar="URL", help="a host in the venue's place, such as one of liqmap play")
    group.add_argument("--proxy", metavar="URL", help="to connect through")


@contextmanager
def listening(args: argparse.Namespace) -> Iterator[Sessions]:
    """The markets asked for, listened to until this ends; none where none were.

    Raises
    ------
    LiqmapError : no such market; a market and none at once; a store without markets.
    """
    asked = args.live or []
    if not asked:
        yield {}
        return
    if EVERY in asked:
        if len(asked) > 1:
            raise SessionError(
                argument="live",
                expected="markets to record, or none to show those of the store",
                got="both",
                remedy=Sentence("Leave out ", Keyword("live"), " without a market"),
            )
        markets = stored(args.store)
        how: dict[str, Any] = {"record": False, "start": newest_day(args.store)}
    else:
        markets, how = named(asked), {"raw": args.raw, "url": args.url, "proxy": args.proxy}
    from liqmap.live.follow import live

    with ExitStack() as stack:
        found: dict[str, Callable[[], Any]] = {}
        for (venue, feed), symbols in markets.items():
            listened = stack.enter_context(live(venue, symbols, args.store, feed=feed, **how))
            for symbol in symbols:
                found[f"{venue}/{symbol}/live"] = partial(listened.session, symbol, timeout=FIRST)
        yield found


Markets = dict[tuple[str, str | None], list[str]]
"""Symbols by venue and feed."""


def named(texts: list[str]) -> Markets:
    """Of texts such as ``bybit:BTCUSDT`` and ``bybit:BTCUSDT:ob200``.

    Raises
    ------
    LiqmapError : no market.
    """
    from liqmap.live.market import Market

    found: Markets = {}
    for market in dict.fromkeys(map(Market.parse, texts)):
        found.setdefault((market.venue, market.feed), []).append(market.symbol)
    return found


def newest_day(store: Any) -> str:
    """The last UTC day of which a store has depth: what was recorded of it is shown too."""
    from liqmap.session import open_store

    have = open_store(store).sessions()
    return str(have.loc[have["kind"] == "depth", "date"].max())


def stored(store: Any) -> Markets:
    """Those of which a store has depth.

    Raises
    ------
    SessionError : it has of none.
    """
    from liqmap.session import open_store

    have = open_store(store).sessions()
    depth = have[have["kind"] == "depth"] if len(have) else have
    if not len(depth):
        raise SessionError(
            where=str(store),
            expected="markets that are recorded into it",
            got="none",
            remedy="Run `liqmap record` first, or name a market: --live bybit:BTCUSDT",
        )
    found: Markets = {}
    for venue, symbol in depth[["venue", "symbol"]].drop_duplicates().itertuples(index=False):
        found.setdefault((str(venue), None), []).append(str(symbol))
    return found
