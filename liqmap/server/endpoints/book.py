"""Measures of the book: any of the registry, at regular instants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from liqmap.server.answers.tables import table_of
from liqmap.server.asked import OfVenue, Words
from liqmap.server.limits import TooMuch
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served

SAID = {"measures": Column("texts", "columns of the table, beside ts and known")}


class MeasuresAsked(OfVenue):
    """Measures of the book."""

    measures: Words = Field(
        ["mid", "spread", "imbalance@5"],
        description="commas between: mid, spread_bps, imbalance@5, depth@10bps, ofi@1, pulled@5 ...",
    )
    every: Annotated[float, Field(ge=1e-3, le=86_400, allow_inf_nan=False)] = Field(
        1.0, description="distance of the instants, s"
    )


@endpoint("/api/book/measures", None, SAID)
def measures(served: Served, asked: MeasuresAsked) -> Answer:
    """Measures of the book by name at regular instants: a row per instant, of the moment before it."""
    session = served.session(asked)
    begin, end = session.time_range
    count = (end - begin).astype("timedelta64[ns]").astype(float) / 1e9 / asked.every
    if count > served.limits.rows:
        raise TooMuch(
            expected=f"at most {served.limits.rows:,} rows",
            got=f"{count:,.0f}",
            remedy=f"Ask for an every of {asked.every * count / served.limits.rows:.3g} or more",
        )
    names = list(dict.fromkeys(asked.measures))
    frame = session.sample(f"{asked.every!r}s", names)
    return Answer(table_of(frame, ["ts", *names, "known"]), {"measures": names})
