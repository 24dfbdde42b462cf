"""What a trade cost: quoted, effective and realised spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.order_flow import best_before, mid_before
from liqmap.analytics.book.source import market_of
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import BUY, SELL
from liqmap.carry import Duration
from liqmap.fill.snapshots import step_of
from liqmap.schema import SessionError

if TYPE_CHECKING:
    import pandas as pd

SIGN = {BUY: 1.0, SELL: -1.0}


def spreads(source: Any, horizon: Duration = "5s", trades: Any = None) -> pd.DataFrame:
    """Quoted, effective and realised spread of each trade.

    Parameters
    ----------
    source : a `Session`, or spans with ``trades`` beside them.
    horizon : how long after a trade its realised spread is taken.
    trades : a table of trades, or what has them, instead of the session's own. Every trade counts.

    Returns
    -------
    A row per trade: ``ts`` (UTC), ``price``, ``size``; ``sign``, 1 where the aggressor bought, -1 where it
    sold; ``mid``, in the instant before the trade; ``quoted, effective, realised, impact``, quote currency.
    NaN where a side is not observed then; of ``sign`` and what is made of it, where nobody says who traded
    and the price is at the mid; of ``realised`` and ``impact``, where the book ends before the horizon. These
    two are known only at ts + horizon.

    Raises
    ------
    SessionError : no trades. GridError : a horizon that is not above zero.

    Notes
    -----
    With m the mid in the instant before a trade at p, m' that of ``horizon`` later, d its sign::

        quoted    = ask - bid
        effective = 2 d (p - m)
        realised  = 2 d (p - m')
        impact    = 2 d (m' - m) = effective - realised

    Where the venue does not say the aggressor, d is by the quote rule: 1 above the mid, -1 below it.

    Source: Huang, Stoll (1996), Dealer versus auction markets, Journal of Financial Economics 41(3); the
    quote rule: Lee, Ready (1991), Inferring trade direction from intraday data, Journal of Finance 46(2).
    """
    import pandas as pd

    market, later = market_of(source, trades), step_of(horizon, "horizon")
    if market.trades is None or not len(traded := trades_of(market.trades)):
        raise SessionError(argument="trades", expected="trades of the market", got="none")
    spans = market.spans
    (bid, _), (ask, _) = (best_before(spans, n, traded.time) for n in (0, 1))
    mid = (bid + ask) / 2 * spans.tick_size
    sign = np.select([traded.aggressor == one for one in SIGN], list(SIGN.values()), np.nan)
    beside = np.sign(np.round((traded.price - mid) / spans.tick_size, 6))
    sign = np.where(np.isnan(sign) & (beside != 0), beside, sign)
    effective = 2 * sign * (traded.price - mid)
    realised = 2 * sign * (traded.price - mid_before(spans, traded.time + later))
    return pd.DataFrame(
        {
            "ts": pd.DatetimeIndex(traded.time.view("datetime64[ns]"), tz="UTC"),
            "price": traded.price,
            "size": traded.size,
            "sign": sign,
            "mid": mid,
            "quoted": (ask - bid) * spans.tick_size,
            "effective": effective,
            "realised": realised,
            "impact": effective - realised,
        }
    )
