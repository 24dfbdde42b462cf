"""What is not read of Kraken's: streams of other kinds, answers of its REST interface."""

from __future__ import annotations

import re

from liqmap.formats.unread import Unread, begins_with, register_unread

_BEFORE = rb"\s*(?:\d{12,19}[ \t]+|https?://\S+ -> \d+\.\d+: )?"
_ANSWER = re.compile(_BEFORE + rb'\{\s*"error"\s*:\s*\[[^\]]{0,400}\]\s*,\s*"result"')

register_unread(
    Unread(
        "a capture of Kraken's stream without a book or trades",
        "Capture its channels book and trade",
        begins_with(rb'"channel"\s*:\s*"(?:ticker|level3|ohlc)"\s*,\s*"type"\s*:'),
    ),
    Unread(
        "an answer of Kraken's REST interface, such as its table of markets",
        "Capture its streams, book and trade: prices and sizes as written there tell their decimals",
        lambda head: _ANSWER.match(head) is not None,
    ),
)
