"""The book at one instant."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from liqmap.schema import SIDES
from liqmap.server.answers.tables import table_of
from liqmap.server.asked import AtVenue, Ms
from liqmap.server.limits import Missing
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served

LEVEL = {
    "side": Column("text", "bid or ask"),
    "price": Column("number", "quote currency"),
    "size": Column("number", "last known size, size units"),
    "state": Column("text", "observed or carried"),
    "age_ms": Column("number", "since the book last confirmed it, ms"),
}


class SnapshotAsked(AtVenue):
    """A book at an instant."""

    timestamp: Ms | None = Field(
        None, description="ms since 1970, UTC; default: the last instant of the range"
    )
    levels: Annotated[int, Field(ge=1, le=10_000)] = Field(
        100, description="best levels a side, carried ones included"
    )


@endpoint(
    "/api/heatmap/{venue}/orderbook/snapshot", LEVEL, {"timestamp": Column("integer", "of the book, ms")}
)
def snapshot(served: Served, asked: SnapshotAsked) -> Answer:
    """The book at an instant, best levels first: what is observed, and what is carried, by its last size."""
    around = asked
    if asked.timestamp is not None and asked.start_ts is None and asked.end_ts is None:
        around = asked.model_copy(update={"start_ts": asked.timestamp, "end_ts": asked.timestamp + 1})
    session = served.days(around)
    first, last = (int(t.astype("datetime64[ms]").astype(np.int64)) for t in session.time_range)
    at = last if asked.timestamp is None else asked.timestamp
    if not first <= at <= last:
        raise Missing(where="timestamp", expected=f"{first} to {last}", got=str(at))
    book = session.book(np.datetime64(at, "ms"))
    best = [book[book["side"] == side].head(asked.levels) for side in SIDES]
    frame = pd.concat(best, ignore_index=True)
    frame["age_ms"] = frame["age"] * 1000
    return Answer(table_of(frame, list(LEVEL)), {"timestamp": at})
