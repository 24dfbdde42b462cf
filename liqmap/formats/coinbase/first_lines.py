"""What the beginning of a capture of Coinbase's streams tells: which markets it has."""

from __future__ import annotations

import re
from collections import Counter

from liqmap.formats.raw import RawFile
from liqmap.formats.text.json_escapes import unescaped

_NAME = rb'"([^"\\\x00-\x1f]+)"'
_BOOK = re.compile(
    rb'"type"\s*:\s*"(?:snapshot|update|l2update)"\s*,\s*"product_id"\s*:\s*' + _NAME
    + rb'\s*,\s*"(?:bids|asks|changes|updates|time)"'
)  # fmt: skip
_MATCH = re.compile(rb'"type"\s*:\s*"(?:last_)?match"[^\n{}]*?"product_id"\s*:\s*' + _NAME)
_TRADE = re.compile(rb'"trade_id"\s*:\s*"\d+"\s*,\s*"product_id"\s*:\s*' + _NAME)


def is_book(head: bytes) -> bool:
    """Whether lines are of a book of Coinbase's."""
    return bool(_BOOK.search(unescaped(head)))


def is_trades(head: bytes) -> bool:
    """Whether lines are of Coinbase's trades, and none of a book."""
    head = unescaped(head)
    return not _BOOK.search(head) and bool(_MATCH.search(head) or _TRADE.search(head))


def symbols(head: bytes) -> Counter[str]:
    """The markets of some lines, those of a book before others, by how often they are named."""
    head = unescaped(head)
    return _counted(_BOOK.findall(head)) or _counted(_MATCH.findall(head) + _TRADE.findall(head))


def all_symbols(raw: RawFile) -> list[str]:
    """Every market of a file, in the order in which they come."""
    found: dict[str, None] = {}
    for chunk, _ in raw.chunks():
        for pattern in (_BOOK, _MATCH, _TRADE):
            found |= dict.fromkeys(_counted(pattern.findall(unescaped(chunk))))
    return list(found)


def _counted(names: list[bytes]) -> Counter[str]:
    return Counter(name.decode("utf-8", "replace") for name in names)
