"""`Served`: the store behind the endpoints, its sessions opened once for all who ask."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from liqmap.app.data.days import Days, MarketDays, key_of, markets_of, ready
from liqmap.app.data.lately import Lately
from liqmap.app.data.opened import Opened
from liqmap.schema import LiqmapError, SessionError
from liqmap.server.asked import OfMarket
from liqmap.server.limits import Limits, Missing, TooMuch
from liqmap.session import Session, Store

KEPT = 6
"""Sessions that stay open."""


class Served:
    """A store, and what is open of it; threads may share it."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self.store, self.limits = store, limits
        self.opened = Opened(KEPT, limits.memory)
        self._lately = Lately()

    def markets(self) -> dict[str, MarketDays]:
        """Markets with depth by ``venue/symbol/feed``, as they were within the last second."""
        return self._lately.get("markets", lambda: markets_of(self.store))

    def version(self, asked: OfMarket) -> tuple[Any, ...]:
        """Changes whenever the store gets more of the market that is asked for, or of any other venue's."""
        same = [key for key, m in self.markets().items() if m.symbol == asked.symbol]
        return tuple((key, self.markets()[key].size) for key in same)

    def versions(self) -> tuple[Any, ...]:
        """Changes whenever the store gets more of anything."""
        return tuple((key, market.size) for key, market in self.markets().items())

    def market(self, asked: OfMarket) -> MarketDays:
        """The market that is asked for.

        Raises
        ------
        Missing : there is none. LiqmapError : several venues have the symbol.
        """
        venue, symbol, feed = getattr(asked, "venue", None), asked.symbol, asked.feed
        markets = self.markets()
        found = [
            m for m in markets.values()
            if m.symbol == symbol and venue in (None, m.venue) and feed in (None, m.feed)
        ]  # fmt: skip
        venues = sorted({m.venue for m in found})
        if not found:
            known = sorted({key_of(m.venue, m.symbol, None) for m in markets.values()})
            raise Missing(
                where="market",
                expected=f"one of {', '.join(known[:20]) or 'none'}{' ...' * (len(known) > 20)}",
                got=key_of(venue or "", symbol, feed),
                remedy="/api/sessions lists them",
            )
        if len(venues) > 1:
            raise LiqmapError(
                argument="venue", expected=f"one of {', '.join(venues)}, as each has {symbol}", got="none"
            )
        if len(found) == 1:
            return found[0]
        deepest = self._lately.get(
            ("deepest", venues[0], symbol), lambda: self.store.session(venues[0], symbol).feed
        )
        return next(m for m in found if m.feed == deepest)

    def days(self, asked: OfMarket) -> Session:
        """The session of the whole UTC days that the range reaches over, replayed; shared by all who ask.

        Raises
        ------
        Missing : nothing lies in the range. TooMuch : more days than one question may reach over.
        """
        days = self._reached(asked)
        return self.opened.get(days, lambda: ready(days.open(self.store)))

    def session(self, asked: OfMarket) -> Session:
        """The session of the very range.

        Raises
        ------
        Missing, TooMuch : as `days`.
        """
        whole = self.days(asked)
        if asked.start_ts is None and asked.end_ts is None:
            return whole
        key = (*self._reached(asked), asked.start_ts, asked.end_ts)
        return self.opened.get(key, lambda: _part(whole, asked))

    def _reached(self, asked: OfMarket) -> Days:
        market = self.market(asked)
        name = key_of(market.venue, market.symbol, market.feed)
        first = market.days[0] if asked.start_ts is None else _day(asked.start_ts)
        last = market.days[-1] if asked.end_ts is None else _day(asked.end_ts - 1)
        some = [day for day in market.days if first <= day <= last]
        if not some:
            there = f"a range in {market.days[0]} to {market.days[-1]} (UTC)"
            raise Missing(where=name, expected=there, got=f"{first} to {last}")
        if len(some) > self.limits.days:
            raise TooMuch(
                where=name,
                expected=f"at most {self.limits.days} days at a time",
                got=str(len(some)),
                remedy="Pass start_ts and end_ts",
            )
        return market.between((some[0], some[-1]))


def _part(whole: Session, asked: OfMarket) -> Session:
    try:
        return whole.sel(asked.start_ts, asked.end_ts)
    except SessionError as error:
        raise Missing.wrapping(error) from None


def _day(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()
