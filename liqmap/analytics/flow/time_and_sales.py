"""Time and sales: each trade with the quote that stood before it, who was its aggressor, and where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from liqmap.analytics.flow.bars import utc
from liqmap.analytics.flow.kernels.signing import place_trades, sign_trades
from liqmap.analytics.flow.source import table_of, trades_of
from liqmap.analytics.flow.sweeps import joined_of
from liqmap.analytics.flow.trades import BUY, SELL, Traded, Trades
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import AGGRESSORS, GridError, SchemaError
from liqmap.schema.arguments import numbers
from liqmap.schema.times import instants

if TYPE_CHECKING:
    import pandas as pd

RULES = (None, "venue", "quote", "tick")
PLACES = (None, "inside", "at", "through")


@runtime_checkable
class Quoting(Protocol):
    """What has best bids and offers."""

    def bbo(self) -> pd.DataFrame:
        """A row per change: ts, bid, ask."""


class Quotes(NamedTuple):
    """Best prices from each time on (K): (K,) int64 ns, not falling; quote currency, NaN where not known."""

    time: np.ndarray
    bid: np.ndarray
    ask: np.ndarray

    def before(self, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Bid and ask in the instant before each time; NaN before the first."""
        at = np.searchsorted(self.time, time, side="left") - 1
        bid, ask = (np.append(column, np.nan)[at] for column in (self.bid, self.ask))
        return bid, ask


class Signs(NamedTuple):
    """Of N trades. sign : (N,) int8, `BUY`, `SELL` or `UNSIGNED`; rule : (N,) int8, places in `RULES`;
    place : (N,) int8, places in `PLACES`; beyond : (N,) quote currency."""

    sign: np.ndarray
    rule: np.ndarray
    place: np.ndarray
    beyond: np.ndarray


def time_and_sales(
    trades: Traded | Any, quotes: pd.DataFrame | Any = None, delay: Duration = "0s"
) -> pd.DataFrame:
    """Time and sales: each trade, the quote that stood before it, its sign, and where it traded.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (see `bars`).
    quotes : best prices, a row per change, with ``ts``, ``bid`` and ``ask``: ``session.bbo()``, or
        ``session.bbo("ticker")``. Default: the session's own book.
    delay : how much older than the trade a quote must be. Lee and Ready took 5 s, as trades were then
        reported late; at venues of today it is 0.

    Returns
    -------
    A row per trade, by time: ``ts`` (UTC), ``price``, ``size``; ``aggressor``, as the venue told it, missing
    where it did not; ``sign``, 1 bought, -1 sold, 0 not known; ``rule``, what says so: ``venue``, ``quote``
    or ``tick``, the last two being estimates; ``bid``, ``ask``, that stood in the instant before the trade
    (before that less ``delay``); ``at``, where it traded; ``beyond``, how far beyond the quote, quote
    currency, 0 within it; ``joined``, the number of the joined trade that it is part of, from 0 (trades of
    one time by one aggressor, see `sweeps`).

    Raises
    ------
    GridError : no quotes, or a delay below zero.
    SchemaError : no trades (see `bars`), or no such frame of quotes.
    SessionError : a session without depth, and no quotes given.

    Notes
    -----
    The venue's word goes before all. Where it says nothing, with the mid m = (bid + ask) / 2::

        quote rule   p > m: bought; p < m: sold
        tick rule    p = m: bought if the last other price was lower, sold if it was higher

    Without a bid and an ask, or where they are crossed (bid > ask), nothing is estimated; nor at the mid
    before any other price. Source: Lee and Ready (1991), Inferring trade direction from intraday data,
    Journal of Finance 46(2). On Nasdaq 19 % of such signs were wrong (Ellis, Michaely and O'Hara 2000), so
    that they stand apart: ``aggressor`` is never filled in.

    ``at`` is by price alone, whoever was the aggressor: ``inside`` where bid < p < ask, ``at`` where p is one
    of them, ``through`` where p > ask or p < bid (a trade-through: a better price stood), missing without a
    quote of both sides. The second price of a sweep is through, as one quote stood before all of it; the
    first trade of each ``joined`` says whether quotes and trades agree.
    """
    import pandas as pd

    late = nanoseconds(delay, "delay")
    if late is None or late < 0:
        raise GridError(argument="delay", expected="a duration such as '0s'", got=repr(delay))
    found = trades_of(trades)
    bid, ask = _quotes(trades, quotes).before(found.time - late)
    signs = signs_of(found, bid, ask)
    direction = np.where(signs.sign == BUY, 1, np.where(signs.sign == SELL, -1, 0)).astype(np.int8)
    return pd.DataFrame(
        {
            "ts": utc(found.time),
            "price": found.price,
            "size": found.size,
            "aggressor": _words((*AGGRESSORS, None), found.aggressor),
            "sign": direction,
            "rule": _words(RULES, signs.rule),
            "bid": bid,
            "ask": ask,
            "at": _words(PLACES, signs.place),
            "beyond": signs.beyond,
            "joined": joined_of(found, 0),
        }
    )


def signs_of(trades: Trades, bid: np.ndarray, ask: np.ndarray) -> Signs:
    """Signs and places of trades by the quotes (N,) that stood before them, NaN where not known."""
    columns, count = trades.columns, len(trades)
    sign, rule, place = (np.empty(count, np.int8) for _ in range(3))
    found = Signs(sign, rule, place, np.empty(count))
    sign_trades(columns, bid, ask, found.sign, found.rule)
    place_trades(columns.price, bid, ask, found.place, found.beyond)
    return found


def _words(words: tuple[str | None, ...], codes: np.ndarray) -> Any:
    import pandas as pd

    return pd.Categorical.from_codes(
        np.array([-1 if word is None else [w for w in words if w].index(word) for word in words])[codes],
        categories=[word for word in words if word],
    )


def _quotes(trades: Any, given: Any) -> Quotes:
    """Best prices that were given, or a session's own."""
    if given is None:
        if not (isinstance(trades, Traded) and isinstance(trades, Quoting)):
            raise GridError(
                argument="quotes",
                expected="best prices: a frame with ts, bid and ask",
                got="none, and trades that have none",
                remedy="Pass session.bbo(), or the session in place of its trades",
            )
        given = trades.bbo()
    try:
        table = table_of(given)
    except SchemaError as error:
        raise SchemaError(argument="quotes", expected="a frame with ts, bid and ask", got=error.got) from None
    missing = [name for name in ("ts", "bid", "ask") if name not in table.column_names]
    if missing:
        got = f"no {', no '.join(missing)}"
        raise SchemaError(argument="quotes", expected="the columns ts, bid, ask", got=got)
    time = instants(table["ts"].to_numpy(), "quotes", SchemaError)
    prices = (numbers(table[name].to_numpy(), "quotes", SchemaError) for name in ("bid", "ask"))
    order = np.argsort(time, kind="stable")
    return Quotes(time[order], *(column[order] for column in prices))
