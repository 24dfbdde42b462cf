"""Tardis' kinds that are not read.

Source: https://docs.tardis.dev/downloadable-csv-files
"""

from __future__ import annotations

from liqmap.formats.unread import Unread, header_has, register_unread

_FETCH = "Fetch its incremental_book_L2 or book_snapshot_25 for the book, its trades for trades"
_COMMON = ("exchange", "symbol", "timestamp", "local_timestamp")

register_unread(
    Unread(
        "Tardis' options_chain: prices and greeks of many options",
        _FETCH,
        header_has(*_COMMON, "strike_price", "expiration", "underlying_price"),
        always=True,
    ),
    Unread(
        "Tardis' derivative_ticker: funding, open interest and marks",
        _FETCH,
        header_has(*_COMMON, "funding_rate", "open_interest", "mark_price"),
        always=True,
    ),
)
