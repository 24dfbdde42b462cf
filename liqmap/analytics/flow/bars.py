"""Bars of trades: open, high, low, close, volume and delta per time step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import BUY, SELL, UNSIGNED, Traded, Trades
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import GridError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bars:
    """A row per time step in which something traded (B rows).

    time : (B,) int64 ns, where the step begins; ``step`` ns long.
    open, high, low, close : quote currency.
    volume, buys, sells, unsigned : base units, of all, and by aggressor; the last where it is not known.
    delta : ``buys - sells``; cumulative : its sum since the first trade there is, this bar's included;
        before : that sum where the bars begin, also if there are none.
    vwap : the volume-weighted price, NaN of no volume.
    """

    step: int
    time: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    buys: np.ndarray
    sells: np.ndarray
    unsigned: np.ndarray
    count: np.ndarray
    cumulative: np.ndarray
    before: float
    vwap: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    @property
    def delta(self) -> np.ndarray:
        return self.buys - self.sells

    def total(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """``cumulative`` as steps over [begin, end] ns, each bar counted from its end on: time, value."""
        time = np.concatenate([[begin], self.time + self.step, [end]])
        value = np.concatenate([[self.before], self.cumulative])
        return np.clip(time, begin, end), np.append(value, value[-1])

    def to_frame(self) -> pd.DataFrame:
        """A row per bar: see `bars`."""
        import pandas as pd

        times = pd.DatetimeIndex(self.time.view("datetime64[ns]")).tz_localize("UTC")
        prices = {name: getattr(self, name) for name in ("open", "high", "low", "close")}
        volumes = {name: getattr(self, name) for name in ("volume", "buys", "sells", "unsigned", "delta")}
        rest = {"cumulative_delta": self.cumulative, "trades": self.count}
        return pd.DataFrame({"ts": times, **prices, **volumes, **rest})


def bars(trades: Traded | Any, every: Duration = "1min") -> pd.DataFrame:
    """Bars of trades: open, high, low, close, volume and delta per time step.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (pyarrow, pandas, polars) with ``ts``, ``price``, ``size`` and
        ``aggressor``, such as ``session.trades()``. Every trade counts, whatever its flags.
    every : the step; bars begin at its multiples since the epoch, UTC.

    Returns
    -------
    A row per step [ts, ts + every) in which something traded. ``ts`` (UTC): where it begins; ``open, high,
    low, close``: quote currency; ``volume, buys, sells, unsigned``: the market's size unit (base units, or
    contracts), of all trades, of those whose aggressor bought, sold, is not known; ``delta`` and
    ``cumulative_delta``; ``trades``: their number. Steps without a trade have no row.

    Raises
    ------
    GridError : a step that is not above zero.
    SchemaError : no trades: a column is missing, or a number or a time in it.

    Notes
    -----
    With the trades i of a step by time, of equal times in the order of the feed::

        open, close      = p_first, p_last
        high, low        = max p_i, min p_i
        volume           = sum q_i = buys + sells + unsigned
        delta            = buys - sells
        cumulative_delta = sum of delta up to this step, from the first trade given

    Delta is what the aggressors did, as the venue tells it; where ``unsigned`` is not 0 it is that of the
    rest alone, no estimate (Lee and Ready 1991 give one, from quotes).
    """
    step = nanoseconds(every, "every")
    if step is None or step <= 0:
        raise GridError(argument="every", expected="a step such as '1min'", got=repr(every))
    return bars_of(trades_of(trades), step).to_frame()


def bars_of(trades: Trades, step: int, begin: int | None = None, end: int | None = None) -> Bars:
    """Bars of ``step`` ns over [begin, end) ns, whose ends are moved out to whole steps; default all.

    ``cumulative`` counts from the first trade there is, so that a view's bars are those of the whole.
    """
    begin = None if begin is None else begin // step * step
    end = None if end is None else -(-end // step) * step
    first = 0 if begin is None else int(np.searchsorted(trades.time, begin))
    last = len(trades) if end is None else int(np.searchsorted(trades.time, end))
    time, price, size = (a[first:last] for a in (trades.time, trades.price, trades.size))
    sign = trades.aggressor[first:last]
    before = float(trades.signed[:first].sum())
    which = time // step
    at = np.flatnonzero(np.diff(which, prepend=which[0] - 1)) if len(which) else np.empty(0, np.intp)
    if len(at) == 0:
        none = np.empty(0)
        whole = np.empty(0, np.int64)
        return Bars(step, whole, none, none, none, none, none, none, none, none, whole, none, before, none)
    until = np.append(at[1:], len(which))
    buys, sells, unsigned = (
        np.add.reduceat(np.where(sign == s, size, 0.0), at) for s in (BUY, SELL, UNSIGNED)
    )
    volume = np.add.reduceat(size, at)
    vwap = np.add.reduceat(price * size, at) / np.where(volume > 0, volume, np.nan)
    return Bars(
        step, which[at] * step, price[at], np.maximum.reduceat(price, at), np.minimum.reduceat(price, at),
        price[until - 1], volume, buys, sells, unsigned, until - at,
        before + np.cumsum(buys - sells), before, vwap,
    )  # fmt: skip
