"""What the first lines of a Binance capture say: that it is one, its symbols, its market."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import orjson

from liqmap.formats.binance.events.depth_streams import is_partial
from liqmap.formats.binance.events.tickers import TICKER
from liqmap.formats.market import spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.raw.file import HEAD
from liqmap.formats.text.json_escapes import unescaped
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

FAR = 16 * 1024 * 1024
"""Bytes that are looked at where the first of them do not say enough."""

EVENT = re.compile(rb'"e"\s*:\s*"(depthUpdate|trade|aggTrade)"')
_EVENT = rb'"e"\s*:\s*"(?:depthUpdate|trade|aggTrade)"'
_ITS_SYMBOL = rb'"s"\s*:\s*"([^"\\\x00-\x1f]+)"'
_BETWEEN = rb"[^{}\[\]]{0,400}?"
_SYMBOL = re.compile(_EVENT + _BETWEEN + _ITS_SYMBOL)
_SYMBOL_BEFORE = re.compile(_ITS_SYMBOL + _BETWEEN + _EVENT)
_OWN_SYMBOL = re.compile(rb'"symbol"\s*:\s*"([^"\\\x00-\x1f]+)"')
_OPTION = re.compile(r"-\d{6}-\d+(\.\d+)?-[CP]$")
_LINE = re.compile(rb"\s*(\d{12,19}[ \t]+)?(?=\{)")
_PLAIN = rb'(?:\s*"[^"\\]{1,40}"\s*:\s*(?:-?\d{1,20}|"[^"\\]{0,100}"|null|true|false)\s*,){0,20}'
_BOOK = rb'\s*"(?:lastUpdateId"\s*:\s*\d|(?:bids|asks)"\s*:\s*\[\s*\[\s*")'
_CUT_SNAPSHOT = re.compile(rb"\{" + _PLAIN + rb'(?:\s*"result"\s*:\s*\{' + _PLAIN + rb")?" + _BOOK)


MOST_ANSWERS = 20
"""So many lines may stand before the first book."""


def first_bytes(raw: RawFile) -> bytes:
    """The head of a file; more of it where its first line is longer, as a book of 5,000 levels is."""
    head = raw.head()
    return head if len(head) < HEAD or b"\n" in head else raw.head(FAR)


def snapshot_in(message: Any) -> dict[str, Any] | None:
    """The REST snapshot that a message is, in whatever order its keys are, or that the WebSocket API answers
    with (``{"id": ..., "status": 200, "result": {...}}``); None where it is none.

    Source: https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/market-data-requests
    """
    if isinstance(message, dict) and isinstance(message.get("result"), dict):
        message = message["result"]
    is_one = isinstance(message, dict) and "lastUpdateId" in message and "stream" not in message
    return message if is_one and ("bids" in message or "asks" in message) else None


def symbols_of(head: bytes) -> list[str]:
    """Those of the first events, the commonest first."""
    found = _SYMBOL.findall(head) or _SYMBOL_BEFORE.findall(head)
    return [s.decode("utf-8", "replace") for s, _ in Counter(found).most_common()]


def own_symbols(head: bytes) -> list[str]:
    """Those that snapshots say, as COIN-M's do."""
    return [s.decode("utf-8", "replace") for s, _ in Counter(_OWN_SYMBOL.findall(head)).most_common()]


def ticked_symbols(head: bytes) -> list[str]:
    """Those of the first book tickers, the commonest first; not those of options, which are not read."""
    found = [s.decode("utf-8", "replace") for s, _ in Counter(TICKER.findall(head)).most_common()]
    return [symbol for symbol in found if not _OPTION.search(symbol)]


def has_book(head: bytes) -> bool:
    """Whether there is a REST snapshot among the first lines."""
    return re.search(rb'"lastUpdateId"\s*:', head) is not None


def commonest(raw: RawFile, symbols: list[str]) -> str:
    """The first of these.

    Raises
    ------
    FormatError : there is none.
    """
    if not symbols:
        raise FormatError(
            where=raw.path,
            expected="a symbol in its events",
            got="none",
            remedy=Sentence("Pass ", Keyword("symbol"), ", or give it with the file of its diffs"),
        )
    return symbols[0]


def asked(symbol: str, symbols: list[str]) -> str:
    """The symbol asked for, as Binance spells it, which is in capitals where the head has none."""
    return spelled(symbol, symbols) or symbol.upper()


def is_spot(head: bytes) -> bool | None:
    """Whether the first diff or trade is of spot: only futures diffs have ``pu``, only spot trades ``M``;
    where there is none, the first book ticker, of which only those of futures have ``e``."""
    for line in head.split(b"\n")[:-1]:
        if (event := EVENT.search(line)) is None:
            continue
        return b'"pu"' not in line if event[1] == b"depthUpdate" else b'"M"' in line
    ticker = TICKER.search(head)
    return None if ticker is None else b'"bookTicker"' not in ticker[0]


def is_capture(head: bytes) -> bool:
    """Lines of events, book tickers, or a REST snapshot, each after a local time or none."""
    head = unescaped(head)
    line = _LINE.match(head)
    if line is None:
        return False
    return (
        is_partial(head)
        or bool(symbols_of(head) or ticked_symbols(head))
        or _begins_with_snapshot(head[line.end() :])
    )


def _begins_with_snapshot(head: bytes) -> bool:
    """Whether the first line that is no answer is a REST snapshot, or begins like one where it is broken or
    goes on."""
    for _ in range(MOST_ANSWERS):
        first, _, rest = head.partition(b"\n")
        try:
            message = orjson.loads(first)
        except orjson.JSONDecodeError:
            return _CUT_SNAPSHOT.match(head) is not None
        line = _LINE.match(rest)
        if not _is_answer(message) or line is None:
            return snapshot_in(message) is not None
        head = rest[line.end() :]
    return False


def _is_answer(message: Any) -> bool:
    """Whether it says that a stream was asked for, or what went wrong."""
    if not isinstance(message, dict) or snapshot_in(message) is not None:
        return False
    asked = "id" in message and message.get("result", message) is None
    return asked or "error" in message or {"code", "msg"} <= message.keys()
