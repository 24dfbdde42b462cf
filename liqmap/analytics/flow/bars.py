"""Bars of trades: open, high, low, close, volume and delta, by time or by what was traded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.cuts import By, Cuts, Rule, cuts_of, rule_of
from liqmap.analytics.flow.kernels.records import BarSums
from liqmap.analytics.flow.kernels.summing import sum_bars
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.carry import Duration
from liqmap.spans.rows import both

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bars:
    """A row per bar of trades (B rows).

    step : ns of a bar of time, 0 of others.
    time : (B,) int64 ns, where a bar of time begins; of others the time of their first trade.
    end : (B,) int64 ns, of the last trade.
    open, high, low, close : quote currency.
    volume, buys, sells, unsigned : base units, of all, and by aggressor; the last where it is not known.
    delta : ``buys - sells``; cumulative : its sum since the first trade there is, this bar's included;
        before : that sum where the bars begin, also if there are none.
    min_delta, max_delta : the least and most that delta came to within the bar, from 0 on.
    notional : price x size; vwap : the volume-weighted price, NaN of no volume.
    complete : (B,) bool, whether no later trade can change the bar.
    """

    step: int
    time: np.ndarray
    end: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    buys: np.ndarray
    sells: np.ndarray
    unsigned: np.ndarray
    count: np.ndarray
    delta: np.ndarray
    cumulative: np.ndarray
    before: float
    min_delta: np.ndarray
    max_delta: np.ndarray
    notional: np.ndarray
    vwap: np.ndarray
    complete: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    def total(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """``cumulative`` as steps over [begin, end] ns, each bar counted from its end on: time, value."""
        known = self.time + self.step if self.step else self.end
        time = np.concatenate([[begin], known, [end]])
        value = np.concatenate([[self.before], self.cumulative])
        return np.clip(time, begin, end), np.append(value, value[-1])

    def to_frame(self) -> pd.DataFrame:
        """A row per bar: see `bars`."""
        import pandas as pd

        prices = {name: getattr(self, name) for name in ("open", "high", "low", "close")}
        volumes = {name: getattr(self, name) for name in ("volume", "buys", "sells", "unsigned", "delta")}
        counts = {"cumulative_delta": self.cumulative, "trades": self.count, "end": utc(self.end)}
        names = ("notional", "vwap", "min_delta", "max_delta", "complete")
        rest = {name: getattr(self, name) for name in names}
        return pd.DataFrame({"ts": utc(self.time), **prices, **volumes, **counts, **rest})


def utc(time: np.ndarray) -> pd.DatetimeIndex:
    """Times in ns as users have them; `MISSING` is NaT."""
    import pandas as pd

    return pd.DatetimeIndex(time.view("datetime64[ns]"), dtype="datetime64[ns, UTC]")


def bars(trades: Traded | Any, every: Duration | float = "1min", by: By = "time") -> pd.DataFrame:
    """Bars of trades: open, high, low, close, volume and delta, by time or by what was traded.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (pyarrow, pandas, polars) with ``ts``, ``price``, ``size`` and
        ``aggressor``, such as ``session.trades()``. Every trade counts, whatever its flags.
    every : what a bar holds: a duration where ``by`` is ``time``, else a number.
    by : ``time``: bars begin at multiples of ``every`` since the epoch, UTC. The others begin with the first
        trade given, and one ends

        - ``ticks``: after so many trades;
        - ``volume``: with the trade that brings its volume to ``every`` (size units) or more;
        - ``notional``: with the trade that brings its sum of |price| x size to ``every`` or more;
        - ``imbalance``: with the trade that brings its |delta| to ``every`` (size units) or more;
        - ``range``: before the trade with which high - low would be above ``every`` (quote currency).

        Trades are never divided, and what is above ``every`` is not carried into the next bar.

    Returns
    -------
    A row per bar with a trade. ``ts`` (UTC): where a bar of time begins, of others the time of their first
    trade; ``open, high, low, close``: quote currency; ``volume, buys, sells, unsigned``: the market's size
    unit (base units, or contracts), of all trades, of those whose aggressor bought, sold, is not known;
    ``delta`` and ``cumulative_delta``; ``trades``: their number; ``end``: the time of the last; ``notional``;
    ``vwap``; ``min_delta``, ``max_delta``; ``complete``: whether no later trade can change the bar: only the
    last one may not be.

    Raises
    ------
    GridError : another ``by``, or an ``every`` that is none of its kind.
    SchemaError : no trades: a column is missing, or a number or a time in it, or a size is below 0.

    Notes
    -----
    With the trades i of a bar by time, of equal times in the order of the feed::

        open, close      = p_first, p_last
        high, low        = max p_i, min p_i
        volume           = sum q_i = buys + sells + unsigned
        delta            = buys - sells
        cumulative_delta = sum of delta up to this bar, from the first trade given
        min_delta        = min(0, min over n of delta of the first n trades of the bar); max_delta alike
        notional         = sum p_i q_i
        vwap             = sum p_i q_i / sum q_i, NaN of no volume

    Sizes of at most 12 decimals are added as whole numbers of their unit: sums are exact, and ten times 0.1
    ends a bar of 1. ``notional`` is quote currency where sizes are coins; of contracts it is still to be
    multiplied by what one is worth. Delta is what the aggressors did, as the venue tells it; where
    ``unsigned`` is not 0 it is that of the rest alone, no estimate (`time_and_sales` gives one, from quotes).
    Source: López de Prado (2018), Advances in Financial Machine Learning, 2.3, whose imbalance bars have a
    threshold that follows what is expected; here it is the given one.
    """
    rule = rule_of(every, by)
    found = trades_of(trades)
    return counted(found, cuts_of(found, rule)).to_frame()


def bars_of(trades: Trades, step: int, begin: int | None = None, end: int | None = None) -> Bars:
    """Bars of ``step`` ns over [begin, end) ns, whose ends are moved out to whole steps; default all.

    ``cumulative`` counts from the first trade there is, so that a view's bars are those of the whole.
    """
    begin = None if begin is None else begin // step * step
    end = None if end is None else -(-end // step) * step
    first = 0 if begin is None else int(np.searchsorted(trades.time, begin))
    last = len(trades) if end is None else int(np.searchsorted(trades.time, end))
    value, per_unit = trades.amounts
    before = float((value[:first] * trades.direction[:first]).sum()) / per_unit
    part = trades.part(first, last)
    found = counted(part, cuts_of(part, Rule("time", step)), before)
    if last < len(trades) and len(found):
        found.complete[-1] = True
    return found


def counted(trades: Trades, cuts: Cuts, before: float = 0.0) -> Bars:
    """The bars that begin at cuts; ``before`` is what delta came to before the first trade."""
    start, number = cuts.start, len(cuts)
    columns, sums = trades.columns, BarSums.empty(number)

    def work(part: slice) -> None:
        sum_bars(cuts.of(part), columns, BarSums(*(column[part] for column in sums)))

    both(work, cuts.halves, len(trades))
    per_unit = trades.amounts.per_unit
    buys, sells, unsigned = sums.buys, sums.sells, sums.unsigned
    volume = (buys + sells + unsigned) / per_unit
    cumulative = (np.rint(before * per_unit) if per_unit > 1 else before) + np.cumsum(buys - sells)
    first = trades.time[start[:-1]]
    complete = np.ones(number, np.bool_)
    complete[-1:] = cuts.ended
    return Bars(
        step=cuts.step,
        time=first // cuts.step * cuts.step if cuts.step else first,
        end=trades.time[start[1:] - 1],
        open=sums.open, high=sums.high, low=sums.low, close=sums.close,
        volume=volume, buys=buys / per_unit, sells=sells / per_unit, unsigned=unsigned / per_unit,
        count=np.diff(start),
        delta=(buys - sells) / per_unit,
        cumulative=cumulative / per_unit,
        before=before,
        min_delta=sums.min_delta / per_unit, max_delta=sums.max_delta / per_unit,
        notional=sums.notional,
        vwap=sums.notional / np.where(volume > 0, volume, np.nan),
        complete=complete,
    )  # fmt: skip
