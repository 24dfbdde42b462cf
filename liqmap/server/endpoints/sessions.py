"""What the store has."""

from __future__ import annotations

from liqmap.server.answers.tables import table_of
from liqmap.server.asked import Asked
from liqmap.server.registry import Answer, Column, endpoint
from liqmap.server.served import Served

COLUMNS = {
    "venue": Column("text", "such as bybit"),
    "symbol": Column("text", "such as BTCUSDT"),
    "feed": Column("text", "of depth, such as ob200", nullable=True),
    "kind": Column("text", "depth, trades, bands, orders, quotes"),
    "date": Column("text", "UTC day"),
    "start": Column("time", "of the first row"),
    "end": Column("time", "of the last row"),
    "rows": Column("integer", "rows"),
    "bytes": Column("integer", "bytes on disk"),
}


@endpoint("/api/sessions", COLUMNS)
def sessions(served: Served, asked: Asked) -> Answer:
    """What the store has: a row per market, feed, kind and UTC day."""
    have = served.store.sessions()
    return Answer(table_of(have.assign(date=have["date"].astype(str)), list(COLUMNS)))
