"""What a session says of its book by name: thin methods over `liqmap.analytics.book` (see `docs/book.md`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liqmap.analytics import book
from liqmap.carry import Duration

if TYPE_CHECKING:
    import pandas as pd


class Measured:
    """What has spans and trades over a range of time."""

    def stacking(self, every: Duration = "1min", price: float | None = None) -> pd.DataFrame:
        """What was added to and pulled from each row of prices: see `liqmap.stacking`."""
        return book.stacking(self, every, price)

    def order_flow_imbalance(self, every: Duration = "10s", levels: int = 1) -> pd.DataFrame:
        """Order-flow imbalance of regular intervals: see `liqmap.order_flow_imbalance`."""
        return book.order_flow_imbalance(self, every, levels)

    def price_impact(
        self, every: Duration = "10s", window: Duration = "30min", levels: int = 1
    ) -> pd.DataFrame:
        """How far order-flow imbalance moves the mid: see `liqmap.price_impact`."""
        return book.price_impact(self, every, window, levels)

    def kyle_lambda(self, every: Duration = "1min", window: Duration | None = None) -> pd.DataFrame:
        """How far net volume moves the mid: see `liqmap.kyle_lambda`."""
        return book.kyle_lambda(self, every, window)

    def microprice(self, every: Duration | None = None, **options: Any) -> book.Microprice:
        """The micro-price of the market, estimated: see `liqmap.microprice`."""
        return book.microprice(self, every, **options)

    def spreads(self, horizon: Duration = "5s") -> pd.DataFrame:
        """Quoted, effective and realised spread of each trade: see `liqmap.spreads`."""
        return book.spreads(self, horizon)

    def tracker(
        self, every: Duration = "1s", min_size: float = 0.0, half_distance: float = 10.0
    ) -> pd.DataFrame:
        """Large levels near the mid, bids against asks: see `liqmap.tracker`."""
        return book.tracker(self, every, min_size, half_distance)

    def beyond(
        self, low: float | None = None, high: float | None = None, every: Duration = "1min", **carry: Any
    ) -> pd.DataFrame:
        """Liquidity below one price and above another: see `liqmap.beyond`."""
        return book.beyond(self, low, high, every, **carry)
