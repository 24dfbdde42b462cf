"""What is not read of Coinbase's: streams of other kinds."""

from __future__ import annotations

from liqmap.formats.unread import Unread, begins_with, register_unread

register_unread(
    Unread(
        "a capture of Coinbase's stream without a book or trades",
        "Capture its channels level2 (or level2_batch) and matches, or level2 and market_trades",
        begins_with(
            rb'(?:"type"\s*:\s*"(?:ticker|received|open|done|change)"[^\n]{0,2000}?"product_id"'
            rb'|"channel"\s*:\s*"(?:ticker|ticker_batch|candles)"[^\n]{0,2000}?"sequence_num")'
        ),
    ),
)
