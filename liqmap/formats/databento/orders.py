"""Databento's market-by-order records as rows of ORDERS, a row per record."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from liqmap.formats.databento.records import (
    ADD,
    F_TOB,
    NONE,
    SELL,
    TRADE,
    chosen,
    priceless,
    prices,
    received,
    sideless,
    stamps,
)
from liqmap.formats.text.decimals import Tick
from liqmap.schema import ACTIONS, MISSING, ORDERS, SIDES, TIMESTAMP, words


def order_rows(records: np.ndarray, tick: Tick) -> pa.RecordBatch:
    """All records but those that do nothing (N), as rows of ORDERS. New orders and trades whose price cannot
    be said are left out; what befalls an order that may be known is there, without a price."""
    action, none = records["action"], priceless(records["price"])
    top = (records["flags"] & F_TOB) > 0
    lost = none & ((action == TRADE) | ((action == ADD) & ~top))
    kept = (action != NONE) & ~lost
    records, none = chosen(records, kept), none[kept]
    came = received(records)
    code = np.zeros(256, np.int8)
    code[list(b"ACMTFR")] = range(6)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(stamps(records)).view(TIMESTAMP),
            pa.array(came, mask=came == MISSING).view(TIMESTAMP),
            pa.array(records["sequence"].astype(np.int64)),
            pa.array(np.ascontiguousarray(records["order_id"])),
            words(code[records["action"]], ACTIONS),
            words((records["side"] == SELL).astype(np.int8), SIDES, null=sideless(records)),
            pa.array(prices(np.where(none, 0, records["price"]), tick), mask=none),
            pa.array(records["size"].astype(np.float64)),
        ],
        schema=ORDERS,
    )
