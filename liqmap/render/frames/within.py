"""A market whose times are others: what is drawn once of a part of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import Traded
from liqmap.analytics.flow.trades import Trades as TradeArrays
from liqmap.render.frames.market import Market
from liqmap.spans import Spans


class Within(Traded):
    """A market between two times; its books, trades and prices are those of all of it."""

    def __init__(self, market: Market, time_range: tuple[np.datetime64, np.datetime64]) -> None:
        self.market, self.time_range = market, time_range

    @property
    def price_range(self) -> tuple[float, float]:
        return self.market.price_range

    @property
    def others(self) -> list[Spans]:
        """Of several markets as one, the books that are added."""
        return getattr(self.market, "others", [])

    def spans(self, depth_limit: int | None = None) -> Spans:
        return self.market.spans(depth_limit)

    def trades(self) -> pa.Table:
        return self.market.trades()

    def traded(self) -> TradeArrays:
        return self.market.traded() if isinstance(self.market, Traded) else super().traded()
