"""Bars of trades: open, high, low, close, volume and delta per time step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import BUY, SELL, Trades
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import GridError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bars:
    """A row per time step in which something traded (B rows).

    time : (B,) int64 ns, where the step begins; ``step`` ns long.
    open, high, low, close : quote currency.
    volume, buys, sells : base units; what has no known aggressor is in ``volume`` alone.
    delta : ``buys - sells``; cumulative : its sum since the first trade there is, this bar's included;
        before : that sum where the bars begin, also if there are none.
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
    count: np.ndarray
    cumulative: np.ndarray
    before: float

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
        """A row per bar: ts (UTC), open, high, low, close, volume, buys, sells, delta, cumulative_delta,
        trades (their number)."""
        import pandas as pd

        times = pd.DatetimeIndex(self.time.view("datetime64[ns]")).tz_localize("UTC")
        prices = {name: getattr(self, name) for name in ("open", "high", "low", "close")}
        volumes = {name: getattr(self, name) for name in ("volume", "buys", "sells", "delta")}
        rest = {"cumulative_delta": self.cumulative, "trades": self.count}
        return pd.DataFrame({"ts": times, **prices, **volumes, **rest})


def bars(trades: pa.Table, every: Duration = "1min") -> pd.DataFrame:
    """Bars of a table of trades.

    Parameters
    ----------
    trades : schema `TRADES`, such as ``session.trades()``; every trade counts, whatever its flags.
    every : the step; bars begin at its multiples since the epoch.

    Returns
    -------
    A row per step in which something traded, see `Bars.to_frame`.

    Raises
    ------
    GridError : a step that is not above zero.
    """
    step = nanoseconds(every, "every")
    if step is None or step <= 0:
        raise GridError(argument="every", expected="a step such as '1min'", got=repr(every))
    return bars_of(Trades.of(trades), step).to_frame()


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
        return Bars(step, whole, none, none, none, none, none, none, none, whole, none, before)
    until = np.append(at[1:], len(which))
    buys, sells = (np.add.reduceat(np.where(sign == s, size, 0.0), at) for s in (BUY, SELL))
    return Bars(
        step, which[at] * step, price[at], np.maximum.reduceat(price, at), np.minimum.reduceat(price, at),
        price[until - 1], np.add.reduceat(size, at), buys, sells, until - at,
        before + np.cumsum(buys - sells), before,
    )  # fmt: skip
