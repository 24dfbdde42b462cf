"""What is not read of BitMEX's: books of which a message is no state, and streams of other kinds.

``orderBookL2_25`` deletes what leaves its levels in one message and inserts what comes in another: between
the two a side lacks levels, and nothing says which.
"""

from __future__ import annotations

from liqmap.formats.unread import Unread, begins_with, register_unread

_CAPTURE = "Capture its tables orderBookL2 and trade"

register_unread(
    Unread(
        "BitMEX's orderBookL2_25: a book of 25 levels that is told in parts",
        _CAPTURE,
        begins_with(rb'"table"\s*:\s*"orderBookL2_25"'),
    ),
    Unread(
        "a capture of BitMEX's stream without a book or trades",
        _CAPTURE,
        begins_with(rb'"table"\s*:\s*"(?:quote|instrument|orderBook10|tradeBin\w+|liquidation|funding)"'),
    ),
)
