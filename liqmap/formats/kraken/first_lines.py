"""What the beginning of a capture of Kraken's streams tells: which markets it has, and in which depths."""

from __future__ import annotations

import re
from collections import Counter

from liqmap.formats.raw import RawFile
from liqmap.formats.text.json_escapes import unescaped

DEPTHS = (10, 25, 100, 500, 1000)
"""Levels a side that can be subscribed."""

_NAME = rb'"([^"\\\x00-\x1f]+)"'
_ENDS = re.compile(rb'"(book-\d{2,4}|trade)"\s*,\s*' + _NAME + rb"\s*\]\s*(?:\n|$)")
"""How lines of version 1 end: their channel and market."""

_BEGINS = re.compile(
    rb'"channel"\s*:\s*"(book|trade)"\s*,\s*"type"\s*:\s*"(?:snapshot|update)"\s*,\s*"data"\s*:\s*\[\s*\{'
    rb'[^{}\[\]\n]*?"symbol"\s*:\s*' + _NAME
)
"""How lines of version 2 begin."""

_STATUS = re.compile(
    rb'"channelName"\s*:\s*"(book-\d{2,4}|trade)"\s*,\s*"event"\s*:\s*"subscriptionStatus"\s*,\s*"pair"\s*:\s*'
    + _NAME
)
"""The answer to a subscription of version 1."""

_RESULT = re.compile(rb'"result"\s*:\s*\{[^{}\n]*"channel"\s*:\s*"book"[^{}\n]*\}')
_SYMBOL = re.compile(rb'"symbol"\s*:\s*' + _NAME)
_DEPTH = re.compile(rb'"depth"\s*:\s*(\d{2,4})\b')
"""The answer to a subscription of version 2."""


def is_book(head: bytes) -> bool:
    """Whether lines are of a book of Kraken's."""
    return any(name.startswith("book") for name, _ in _named(head))


def is_trades(head: bytes) -> bool:
    """Whether lines are of Kraken's trades, and none of a book."""
    return bool(_named(head)) and not is_book(head)


def symbols(head: bytes) -> Counter[str]:
    """The markets of some lines, those of a book before others, by how often they are named."""
    named = _named(head)
    book = Counter(symbol for channel, symbol in named if channel.startswith("book"))
    return book or Counter(symbol for _, symbol in named)


def all_symbols(raw: RawFile) -> list[str]:
    """Every market of a file, in the order in which they come."""
    found: dict[str, None] = {}
    for chunk, _ in raw.chunks():
        found |= dict.fromkeys(_decoded(name[1]) for name in _told(unescaped(chunk)))
    return list(found)


def depths(head: bytes) -> dict[str, list[int]]:
    """The depths of each market: those of the answers to subscriptions, and of the lines of version 1."""
    found: dict[str, list[int]] = {}
    head = unescaped(head)
    for channel, symbol in (*_told(head), *_STATUS.findall(head)):
        if channel.startswith(b"book-"):
            found.setdefault(_decoded(symbol), []).append(int(channel[5:]))
    for result in _RESULT.findall(head):
        symbol, depth = _SYMBOL.search(result), _DEPTH.search(result)
        if symbol and depth:
            found.setdefault(_decoded(symbol[1]), []).append(int(depth[1]))
    return {symbol: sorted({n for n in depths if n in DEPTHS}) for symbol, depths in found.items()}


def _named(head: bytes) -> list[tuple[str, str]]:
    head = unescaped(head)
    return [(_decoded(a), _decoded(b)) for a, b in (*_told(head), *_STATUS.findall(head))]


def _told(text: bytes) -> list[tuple[bytes, bytes]]:
    """Channel and market of lines that have levels or trades."""
    return _ENDS.findall(text) + _BEGINS.findall(text)


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
