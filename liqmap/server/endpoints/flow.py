"""What traded: bars, cumulative delta, VWAP, the profile by price."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from liqmap.server.answers.tables import table_of
from liqmap.server.asked import OfVenue, Seconds
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served

BAR = {
    "ts": Column("time", "begin of the bar, ms"),
    "open": Column("number", "quote currency"),
    "high": Column("number", "quote currency"),
    "low": Column("number", "quote currency"),
    "close": Column("number", "quote currency"),
    "volume": Column("number", "size units"),
    "buys": Column("number", "of trades whose aggressor bought, size units"),
    "sells": Column("number", "of trades whose aggressor sold, size units"),
    "unsigned": Column("number", "of trades whose aggressor nobody knows, size units"),
    "delta": Column("number", "buys - sells, size units"),
    "cumulative_delta": Column("number", "since the first bar, size units"),
    "trades": Column("integer", "how many"),
    "end": Column("time", "of the last trade, ms"),
    "notional": Column("number", "sum of price x size"),
    "vwap": Column("number", "volume-weighted price, quote currency", nullable=True),
    "min_delta": Column("number", "least delta within the bar, size units"),
    "max_delta": Column("number", "largest delta within the bar, size units"),
    "complete": Column("flag", "whether the bar is over"),
}

DELTA = {
    "ts": Column("time", "of the trade, ms"),
    "delta": Column("number", "of the trade, size units"),
    "cumulative_delta": Column("number", "since the anchor, size units"),
    "unsigned": Column("number", "since the anchor, of trades whose aggressor nobody knows, size units"),
}

VWAP = {
    "ts": Column("time", "of the trade, ms"),
    "vwap": Column("number", "volume-weighted price since the anchor, quote currency", nullable=True),
    "deviation": Column("number", "volume-weighted standard deviation, quote currency", nullable=True),
}

ROW = {
    "price": Column("number", "lower edge of the row, quote currency"),
    "buys": Column("number", "size units"),
    "sells": Column("number", "size units"),
    "unsigned": Column("number", "size units"),
    "volume": Column("number", "size units"),
}

By = Literal["time", "ticks", "volume", "notional", "range", "imbalance"]
Limit = Annotated[int, Field(ge=1, le=1_000_000)]
Anchor = Annotated[
    Literal["session"] | Seconds, Field(description="where sums begin anew: session, or each so many s")
]


class BarsAsked(OfVenue):
    """Bars of the trades."""

    by: By = Field("time", description="what makes a bar full")
    every: Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False)] = Field(
        60.0, description="of time s; else trades, size units, quote currency, price, |delta|"
    )
    limit: Limit = Field(100_000, description="the last so many bars")


class AnchoredAsked(OfVenue):
    """A sum that runs since an anchor."""

    anchor: Anchor = "session"
    limit: Limit = Field(100_000, description="the last so many trades")


class ProfileAsked(OfVenue):
    """Volume by price."""

    price_bucket: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = Field(
        None, description="height of a row, whole ticks, quote currency; default: one tick"
    )


@endpoint("/api/bars", BAR)
def bars(served: Served, asked: BarsAsked) -> Answer:
    """Bars by time, ticks, volume, notional, range or imbalance."""
    amount = int(asked.every) if asked.every.is_integer() else asked.every
    every = f"{asked.every!r}s" if asked.by == "time" else amount
    frame = served.session(asked).bars(every, asked.by)
    return Answer(table_of(frame.tail(asked.limit), list(BAR)))


@endpoint("/api/cvd", DELTA)
def cvd(served: Served, asked: AnchoredAsked) -> Answer:
    """Cumulative delta: what aggressors bought less what they sold, a row per time of trades."""
    frame = served.session(asked).cumulative_delta(_anchor(asked))
    return Answer(table_of(frame.tail(asked.limit), list(DELTA)))


@endpoint("/api/vwap", VWAP)
def vwap(served: Served, asked: AnchoredAsked) -> Answer:
    """Volume-weighted average price and its deviation since an anchor, a row per time of trades."""
    frame = served.session(asked).vwap(_anchor(asked))
    return Answer(table_of(frame.tail(asked.limit), list(VWAP)))


@endpoint("/api/profile", ROW)
def profile(served: Served, asked: ProfileAsked) -> Answer:
    """Volume by price, rows without a trade between others included."""
    frame = served.session(asked).volume_profile(asked.price_bucket)
    served.limits.check_rows(len(frame), "Ask for a larger price_bucket")
    return Answer(table_of(frame, list(ROW)))


def _anchor(asked: AnchoredAsked) -> str:
    return "session" if asked.anchor == "session" else f"{asked.anchor!r}s"
