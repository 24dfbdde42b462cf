"""What is not read of OKX's: streams of other kinds."""

from __future__ import annotations

from liqmap.formats.unread import Unread, begins_with, register_unread

register_unread(
    Unread(
        "a capture of OKX's stream without books or trades",
        "Capture its channels books and trades",
        begins_with(rb'"arg"\s*:\s*\{[^{}]*"channel"\s*:\s*"[^"]+"[^{}]*"inst(?:Id|Type)"'),
    ),
)
