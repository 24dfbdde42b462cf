"""Large trades, as bubbles over a heatmap."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from liqmap.server.answers.tables import text, times
from liqmap.server.asked import OfVenue
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served

TRADE = {
    "timestamp": Column("time", "of the trade, ms"),
    "price": Column("number", "quote currency"),
    "size": Column("number", "size units"),
    "notional": Column("number", "what it is worth, quote currency"),
    "aggressor": Column("text", "buy or sell; null where nobody says", nullable=True),
}

Notional = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class BubblesAsked(OfVenue):
    """Trades by what they are worth."""

    min_size_usd: Notional = Field(0.0, description="least worth, quote currency")
    max_size_usd: Notional | None = Field(None, description="largest worth, quote currency")
    limit: Annotated[int, Field(ge=1, le=100_000)] = Field(1_000, description="the largest so many")

    @model_validator(mode="after")
    def _rising_sizes(self) -> BubblesAsked:
        if self.max_size_usd is not None and self.max_size_usd < self.min_size_usd:
            raise ValueError("max_size_usd has to be at least min_size_usd")
        return self


@endpoint(
    "/api/heatmap/bubbles", TRADE, {"total": Column("integer", "trades of such a worth, before the limit")}
)
def bubbles(served: Served, asked: BubblesAsked) -> Answer:
    """Large trades, in the order of time: of more than the limit, the largest."""
    trades = served.session(asked).traded()
    worth = trades.price * trades.size
    most = np.inf if asked.max_size_usd is None else asked.max_size_usd
    chosen = np.flatnonzero((worth >= asked.min_size_usd) & (worth <= most))
    total = len(chosen)
    if total > asked.limit:
        chosen = np.sort(chosen[np.argsort(-worth[chosen], kind="stable")[: asked.limit]])
    sign = trades.aggressor[chosen]
    table = pa.table(
        {
            "timestamp": times(trades.time[chosen]),
            "price": trades.price[chosen],
            "size": trades.size[chosen],
            "notional": worth[chosen],
            "aggressor": pa.array(text(("buy", "sell"), np.maximum(sign, 0)).to_pylist()),
        }
    )
    return Answer(table, {"total": total})
