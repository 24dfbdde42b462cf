"""What a session says of its trades: bars, footprint, profile, delta, VWAP, sweeps, time and sales."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from liqmap.analytics import flow
from liqmap.analytics.flow.cuts import By
from liqmap.analytics.flow.trades import Traded
from liqmap.carry import Duration
from liqmap.schema.times import TimeRange

if TYPE_CHECKING:
    import pandas as pd


class Tape(Traded):
    """What has trades, and quotes beside them. A method is the verb of its name, which says the options."""

    @abstractmethod
    def bbo(self, source: Literal["book", "ticker"] = "book") -> pd.DataFrame:
        """Best bid and offer, a row per change."""

    def bars(self, every: Duration | float = "1min", by: By = "time") -> pd.DataFrame:
        """Bars by time, ticks, volume, notional, range or imbalance: see `liqmap.bars`."""
        return flow.bars(self, every, by)

    def footprint(
        self, every: Duration | float = "1min", price: float | None = None, by: By = "time", **options: Any
    ) -> flow.Footprint:
        """What was bought and sold in each row of prices of each bar: see `liqmap.footprint`."""
        return flow.footprint(self, every, price, by, **options)

    def volume_profile(self, price: float | None = None, time_range: TimeRange | None = None) -> pd.DataFrame:
        """Volume by price: see `liqmap.volume_profile`, and `liqmap.value_area` for what lies in it."""
        return flow.volume_profile(self, price, time_range=time_range)

    def developing(
        self,
        every: Duration = "1min",
        price: float | None = None,
        share: float = 0.7,
        anchor: Any = "session",
    ) -> pd.DataFrame:
        """Point of control and value area through time: see `liqmap.developing`."""
        return flow.developing(self, every, price, share, anchor)

    def cumulative_delta(self, anchor: Any = "session") -> pd.DataFrame:
        """What aggressors bought less what they sold, since an anchor: see `liqmap.cumulative_delta`."""
        return flow.cumulative_delta(self, anchor)

    def vwap(self, anchor: Any = "session", bands: Sequence[float] = (1.0, 2.0)) -> pd.DataFrame:
        """Volume-weighted average price and its bands, since an anchor: see `liqmap.vwap`."""
        return flow.vwap(self, anchor, bands)

    def sweeps(self, within: Duration = "0ms", min_size: float = 0.0, min_prices: int = 2) -> pd.DataFrame:
        """Trades of one aggressor through several prices, joined: see `liqmap.sweeps`."""
        return flow.sweeps(self, within, min_size, min_prices)

    def time_and_sales(
        self, source: Literal["book", "ticker"] = "book", delay: Duration = "0s"
    ) -> pd.DataFrame:
        """Each trade, the quote that stood before it, its sign, and where it traded: see
        `liqmap.time_and_sales`.

        Parameters
        ----------
        source : of the quotes, as of `bbo`.
        """
        return flow.time_and_sales(self, self.bbo(source), delay)
