"""What the beginning of a log of Bitstamp's streams tells: whether it has orders, and books of how many
levels."""

from __future__ import annotations

import re

import orjson

from liqmap.formats.raw import RawFile

MBO = "mbo"
_ORDER = re.compile(rb"^\d{13} order_(?:created|changed|deleted) \{", re.MULTILINE)
_BOOK = re.compile(rb"^\d{13} order_book (\{.*\})[ \t\r]*$", re.MULTILINE)
_ANY = re.compile(rb"\s*\d{13} (?:order_(?:created|changed|deleted|book)|trade) \{")
FEED = re.compile(r"ob([1-9]\d{0,2})", re.ASCII)


def is_log(head: bytes) -> bool:
    """Whether the first line is one of such a log."""
    return _ANY.match(head) is not None


def feeds(raw: RawFile) -> list[str]:
    """The depth feeds of a log, by its first lines: of its orders, and of its books."""
    head = raw.head()
    found = [MBO] if _ORDER.search(head) else []
    book = next((n for text in _BOOK.findall(head) if (n := _levels(text))), 0)
    return found + ([f"ob{book}"] if book else [])


def _levels(text: bytes) -> int:
    """How many levels a book has on its longer side; 0 where it is none."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return 0
    sides = [data.get(key) for key in ("bids", "asks")] if isinstance(data, dict) else []
    return max((len(side) for side in sides if isinstance(side, list)), default=0)
