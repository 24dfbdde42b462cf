"""Whether the ids of a table's trades name one trade each. Names alone do not say that another source has the
same ids, so stores are told nothing; but within the table a trade that comes again is one, where all of its
columns say so."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from liqmap.formats.registry import TradeIds
from liqmap.formats.tabular.meaning.columns import SAID, TRADE_IDS, Columns, plain
from liqmap.formats.tabular.meaning.prints import are_prints

COMPARED = ("ts", "id", "price", "size", "venue", "symbol", *SAID)
"""Roles of which two rows are compared."""

FOLLOWING = frozenset({
    "cost", "date", "datetime", "notional", "quoteamount", "quoteqty", "quotequantity", "quotesize",
    "quotevolume", "turnover",
})  # fmt: skip
"""Plain names of what follows from the others: price times size, and the time as a text."""


def own_ids(columns: Columns, mapping: Mapping[str, str], first: pa.RecordBatch) -> TradeIds | None:
    """What is known of the ids of trades: by the name of their column, its vendor, or because they rise from
    row to row of what can only be trades; certain where no other column may tell two of them apart. None
    where a plain ``id`` may be that of anything; one that the user maps may be an order's."""
    at, vendor = columns.at, columns.vendor
    if columns.layout != "trades" or "id" not in at:
        return None
    theirs = vendor is not None and vendor.layout == "trades"
    if theirs or plain(at["id"]) in TRADE_IDS or are_prints(at, columns.names, first):
        compared = {at[role] for role in COMPARED if role in at}
        unread = {plain(name) for name in columns.names if name not in compared}
        return TradeIds(certain=theirs or unread <= FOLLOWING)
    return TradeIds(certain=False) if "id" in mapping else None
