"""The markets of a store and their UTC days."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import numpy as np

from liqmap.app.data.watched import grows, watched
from liqmap.app.state.nearest import nearest
from liqmap.render.marks.traded import traded
from liqmap.schema import SessionError
from liqmap.session import Session, Store

LIVE = "live"
"""What stands in the key of a market in place of its feed, while it is listened to."""


class Days(NamedTuple):
    """Days of a market to be opened, and how much of it the store holds: with more, they are others."""

    venue: str
    symbol: str
    feed: str
    first: str
    last: str
    size: tuple[int, int]

    def words(self) -> str:
        """``bybit BTCUSDT ob200, 2025-11-28``."""
        span = self.first if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.venue} {self.symbol} {self.feed}, {span}"

    def open(self, store: Store) -> Session:
        """The session of these days, made `ready`."""
        end = np.datetime64(self.last, "D") + 1
        session = store.session(self.venue, self.symbol, start=self.first, end=str(end), feed=self.feed)
        return ready(session)


class MarketDays(NamedTuple):
    """A market as a store holds it: its UTC days, rising; rows and bytes of all its tables.

    most : rows of depth and trades on the day that has most.
    best : the last day of which at least half as much there is as of any: one just begun is no start.
    """

    venue: str
    symbol: str
    feed: str
    days: tuple[date, ...]
    best: date
    size: tuple[int, int]
    most: int = 0

    def chosen(self, dates: tuple[date, date] | None) -> tuple[date, date]:
        """The days asked for, as far as there are some; without a wish the best.

        Raises
        ------
        SessionError : none of the days asked for is there.
        """
        if dates is None:
            return self.best, self.best
        some = [day for day in self.days if dates[0] <= day <= dates[1]]
        if not some:
            asked = str(dates[0]) if dates[0] == dates[1] else f"{dates[0]} to {dates[1]}"
            market = f"{self.venue} {self.symbol} {self.feed}"
            raise SessionError(
                argument="dates",
                expected=f"days of {market} from {self.days[0]} to {self.days[-1]}",
                got=asked,
            )
        return some[0], some[-1]

    def between(self, dates: tuple[date, date]) -> Days:
        """What to open."""
        return Days(self.venue, self.symbol, self.feed, str(dates[0]), str(dates[1]), self.size)


def ready(session: Any) -> Any:
    """A session whose spans have been replayed and its trades read: what its pictures are made of."""
    session = watched(session)
    session.spans()
    traded(session)
    return session


def key_of(venue: str, symbol: str, feed: str | None) -> str:
    """A market in a link: ``bybit/BTCUSDT/ob200``."""
    return "/".join(word for word in (venue, symbol, feed) if word)


def markets_of(source: Store | Any) -> dict[str, MarketDays | None]:
    """Markets with depth by key; of a single session there is nothing to look up: None."""
    import pandas as pd

    if not isinstance(source, Store):
        return {key_of(source.venue, source.symbol, LIVE if grows(source) else source.feed): None}
    have = source.sessions()
    if not len(have):
        return {}
    size = have.groupby(["venue", "symbol"])[["rows", "bytes"]].sum()
    depth, trades = (have[have["kind"] == kind] for kind in ("depth", "trades"))
    markets: dict[str, MarketDays | None] = {}
    for (venue, symbol, feed), rows in depth.groupby(["venue", "symbol", "feed"]):
        by_day = (rows["end"] - rows["start"]).groupby(rows["date"].astype(str)).sum().sort_index()
        days = tuple(date.fromisoformat(day) for day in by_day.index)
        best = date.fromisoformat(by_day.index[by_day >= by_day.max() / 2][-1])
        total, weight = size.loc[(venue, symbol)]
        traded = trades[(trades["venue"] == venue) & (trades["symbol"] == symbol)]
        told = pd.concat([rows, traded]).groupby("date")["rows"].sum().loc[rows["date"].unique()]
        market = MarketDays(
            str(venue), str(symbol), str(feed), days, best, (int(total), int(weight)), int(told.max())
        )
        markets[key_of(market.venue, market.symbol, market.feed)] = market
    return dict(sorted(markets.items()))


def fullest(markets: dict[str, MarketDays | None]) -> str:
    """The key of the market with the fullest day; of equal ones the first."""
    return max(markets, key=lambda key: 0 if markets[key] is None else markets[key].most)  # type: ignore[union-attr]


def deepest(source: Store | Any, markets: dict[str, MarketDays | None], key: str) -> str:
    """The key of a market that there is: this one, or of ``bybit/BTCUSDT`` its deepest feed.

    Raises
    ------
    SessionError : there is none; says which one its name is like.
    """
    if key in markets:
        return key
    feeds = [full for full in markets if full.rpartition("/")[0] == key]
    if len(feeds) == 1:
        return feeds[0]
    if feeds and isinstance(source, Store):
        market = markets[feeds[0]]
        assert market is not None
        return key_of(market.venue, market.symbol, source.session(market.venue, market.symbol).feed)
    near = nearest(key, [*markets, *(full.rpartition("/")[0] for full in markets)])
    raise SessionError(
        argument="market",
        expected=f"one of {', '.join(markets) or 'none'}",
        got=repr(key),
        remedy=f"Did you mean {near}?" if near else "",
    )
