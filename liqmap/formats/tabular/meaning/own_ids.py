"""Whether the ids of a table's trades name one trade each. Names alone do not say that another source has the
same ids, so stores are told nothing; but within the table a trade that comes again is one."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from liqmap.formats.registry import TradeIds
from liqmap.formats.tabular.meaning.columns import TRADE_IDS, Columns, plain
from liqmap.formats.tabular.meaning.prints import are_prints

HASHED = frozenset({"tid"})
"""Names of ids that another trade may have: Hyperliquid's is a hash of 50 bits of the two orders.
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions"""


def own_ids(columns: Columns, mapping: Mapping[str, str], first: pa.RecordBatch) -> TradeIds | None:
    """The ids of trades, where it is certain that each is of one: by the name of their column, its vendor,
    the user, or because they rise from row to row of what can only be trades. None where a plain ``id`` may
    be that of anything: of an order, of a message of several trades."""
    at, vendor = columns.at, columns.vendor
    if columns.layout != "trades" or "id" not in at:
        return None
    name = plain(at["id"])
    if name in TRADE_IDS:
        return TradeIds(at["id"], conflicts=name not in HASHED)
    theirs = vendor is not None and vendor.layout == "trades"
    if theirs or "id" in mapping or are_prints(at, columns.names, first):
        return TradeIds(at["id"], conflicts=False)
    return None
