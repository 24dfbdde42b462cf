"""`traded`: the trades of a session, as overlays and panels take them."""

from __future__ import annotations

from liqmap.analytics.flow.trades import Traded
from liqmap.analytics.flow.trades import Trades as TradeArrays
from liqmap.render.frames.market import Market
from liqmap.render.marks.overlays import Trades


def traded(session: Market) -> Trades:
    """The trades by time: those that a session keeps, else read and ordered now."""
    arrays = session.traded() if isinstance(session, Traded) else TradeArrays.of(session.trades())
    return Trades(arrays.time, arrays.price, arrays.size, arrays.aggressor)


def known_of(trades: Trades, now: int | None) -> Trades:
    """The trades of before ``now``, to which a session is played, wherever a view ends; else all."""
    return trades if now is None else trades.before(now)
