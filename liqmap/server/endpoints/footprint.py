"""The footprint: what was bought and sold in each row of prices of each bar."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from liqmap.analytics.flow import Footprint
from liqmap.server.answers.tables import table_of
from liqmap.server.asked import OfVenue
from liqmap.server.endpoints.flow import BAR
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served

CELL = {
    "bar": Column("integer", "number of the bar, from 0"),
    "ts": Column("time", "begin of the bar, ms"),
    "price": Column("number", "lower edge of the row, quote currency"),
    "buys": Column("number", "size units"),
    "sells": Column("number", "size units"),
    "unsigned": Column("number", "size units"),
    "volume": Column("number", "size units"),
    "delta": Column("number", "buys - sells, size units"),
    "trades": Column("integer", "how many"),
    "buy_imbalance": Column("flag", "buys against the sells one row below"),
    "sell_imbalance": Column("flag", "sells against the buys one row above"),
    "buy_stack": Column("integer", "adjoining rows with a buy imbalance, this one included"),
    "sell_stack": Column("integer", "adjoining rows with a sell imbalance, this one included"),
    "stacked": Column("flag", "whether three or more adjoin"),
}

SUMMARY = {"bar": Column("integer", "number of the bar, from 0")} | BAR | {
    "poc": Column("number", "row with most volume, quote currency", nullable=True),
    "value_area_low": Column("number", "quote currency", nullable=True),
    "value_area_high": Column("number", "quote currency", nullable=True),
    "naked_until": Column("time", "when a trade came back to the poc; null: not yet", nullable=True),
}  # fmt: skip

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class FootprintAsked(OfVenue):
    """A footprint."""

    timeframe: Annotated[str, Field(pattern=r"^[1-9]\d{0,4}[smhd]$")] = Field(
        "1m", description="of a bar: 30s, 1m, 4h, 1d"
    )
    tick_size: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = Field(
        None, description="of the rows, quote currency; default: that of the market"
    )
    ticks_per_row: Annotated[int, Field(ge=1, le=1_000_000)] = Field(1, description="height of a row")
    share: Annotated[float, Field(gt=0, le=1)] = Field(0.7, description="of the volume in the value area")
    ratio: Annotated[float, Field(gt=0, le=1e6)] = Field(3.0, description="of an imbalance, at least")
    limit: Annotated[int, Field(ge=1, le=100_000)] = Field(10_000, description="the last so many bars")


@endpoint("/api/footprint/candles", CELL)
def footprint_candles(served: Served, asked: FootprintAsked) -> Answer:
    """The footprint: a row per bar and row of prices in which something traded."""
    cells = _footprint(served, asked).cells
    last = cells["bar"].max() if len(cells) else 0
    cells = cells[cells["bar"] > last - asked.limit]
    served.limits.check_rows(
        len(cells), "Ask for more ticks_per_row, a longer timeframe, or fewer bars by limit"
    )
    return Answer(table_of(cells, list(CELL)))


@endpoint("/api/footprint/stats", SUMMARY)
def footprint_stats(served: Served, asked: FootprintAsked) -> Answer:
    """What the footprint comes to: a row per bar, with its point of control and value area."""
    return Answer(table_of(_footprint(served, asked).bars.tail(asked.limit), list(SUMMARY)))


def _footprint(served: Served, asked: FootprintAsked) -> Footprint:
    session = served.session(asked)
    tick = session.spans().tick_size if asked.tick_size is None else asked.tick_size
    number, unit = re.fullmatch(r"(\d+)(\w)", asked.timeframe).groups()  # type: ignore[union-attr]
    every = f"{int(number) * UNITS[unit]}s"
    return session.footprint(every, tick * asked.ticks_per_row, share=asked.share, ratio=asked.ratio)
