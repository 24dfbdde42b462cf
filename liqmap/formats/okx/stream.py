"""OKX stream captures, NDJSON: books and trades of its WebSocket interface, version 5.

A line is
``{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["8476.98","415",
"0","13"],...],"bids":[...],"ts":"1597026383085","checksum":-855196043,"prevSeqId":...,"seqId":...}]}``.
``books`` and ``books-l2-tbt`` show 400 levels a side, ``books50-l2-tbt`` 50 (policy ``top_n``: a level that
is pushed out is sent as size 0; removals of prices that are not in the book are common, and nothing). An
update says what it follows (``prevSeqId``): one without levels, whose two ids are equal, says that nothing
changed, and ids may begin anew without a break. ``books5`` sends the best five levels, each message a book of
its own.

Sizes are coins on spot and contracts elsewhere. ``trades`` joins fills of one order at one price,
``trades-all`` does not.
Source: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from liqmap.formats.market import tardis_sizes
from liqmap.formats.okx.book import COMPARED
from liqmap.formats.okx.exact import exact_book, exact_trades
from liqmap.formats.okx.sequence import OkxSequence
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.streams.stream import CapturedStream
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.json_reader import no_object
from liqmap.schema import FormatError, Meta, Rejected
from liqmap.schema.trust import Proof
from liqmap.schema.wording import Keyword, Sentence

LEVELS = {"books-l2-tbt": 400, "books": 400, "books50-l2-tbt": 50, "books5": 5}
"""Levels a side by channel; of several channels the first is read."""

TRADES = ("trades-all", "trades")
_DATA = re.compile(
    rb'"arg"\s*:\s*\{\s*"channel"\s*:\s*"([^"\\\x00-\x1f]+)"\s*,\s*"instId"\s*:\s*"([^"\\\x00-\x1f]+)"\s*\}'
    rb'\s*,\s*(?:"action"\s*:\s*"[a-z]+"\s*,\s*)?"data"\s*:'
)


class OkxStream(CapturedStream):
    """Reader of one market of a capture of OKX's streams: its book and its trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        found = _told(raw.head())
        super().__init__(raw, hints, _symbols(found))
        self.venue = hints.venue or okx_venue(self.symbol)
        own = {channel for channel, symbol in found if symbol == self.symbol}
        self._channel = self._channel_to_read([c for c in LEVELS if c in own])
        self._trade_channel = next((c for c in TRADES if c in own), None)
        self._sequence = OkxSequence(self.depth)

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        if not isinstance(message, dict):
            return no_object(message)
        if "event" in message or "op" in message:
            return None
        arg, data = message.get("arg"), message.get("data")
        if not isinstance(arg, dict) or not isinstance(data, list):
            return "expected `arg` and `data`, or an `event`, got neither"
        channel, symbol = arg.get("channel"), arg.get("instId")
        if not isinstance(channel, str):
            return "expected a `channel` in `arg`, got none"
        if channel not in LEVELS and channel not in TRADES:
            self.skipped[f"channel {channel}"] += 1
            return None
        if not isinstance(symbol, str):
            return "expected an `instId` in `arg`, got none"
        if symbol != self.symbol:
            return self.foreign(symbol, line)
        if channel in TRADES:
            return self._trades(channel, data, line)
        self._channel = self._channel or channel
        if channel != self._channel:
            self.skipped[f"channel {channel} of {symbol}"] += 1
            return None
        return self._books(message.get("action"), data, local, line)

    def _trades(self, channel: str, data: list[Any], line: int) -> str | None:
        self._trade_channel = self._trade_channel or channel
        if channel != self._trade_channel:
            self.skipped[f"channel {channel} of {self.symbol}"] += 1
            return None
        trades = exact_trades(data, self.symbol, line, self.trades.tick)
        if isinstance(trades, str):
            return trades
        self.trades.extend(trades)
        return None

    def _books(self, action: Any, data: list[Any], local: int, line: int) -> str | None:
        alone = self._channel == "books5"
        if not alone and action not in ("snapshot", "update"):
            return f"expected action snapshot or update, got {action!r:.40}"
        if len(data) != 1:
            return f"expected one book in `data`, got {len(data)}"
        book = exact_book(data[0], self.tick)
        if isinstance(book, str):
            return book
        if alone:
            return self._sequence.add_alone(book, local, line)
        return self._sequence.add(book, action == "snapshot", local, line)

    def _channel_to_read(self, captured: list[str]) -> str | None:
        """The channel that is asked for, or the first of those captured; None where none is known."""
        feed = self.hints.feed
        if feed is None:
            return captured[0] if captured else None
        if feed not in (captured or LEVELS):
            raise FormatError(
                where=self.raw.path,
                expected=f"a feed of {', '.join(captured or LEVELS)}",
                got=repr(feed),
                remedy=Sentence("Pass ", Keyword("feed"), " of these, or leave it out"),
            )
        return feed

    def last_notes(self) -> list[str]:
        notes = super().last_notes()
        if self._sequence.compared:
            notes.append(
                f"{self.raw.path.name}: checksums cover the best {COMPARED} levels of each side; those "
                "beyond are chained by their ids alone"
            )
        return notes

    @property
    def proof(self) -> Proof:
        """Ids since 2022, of whole books none; checksums where they are sent."""
        return Proof(self._channel != "books5" and self._sequence.has_ids, COMPARED)

    def depth_meta(self) -> Meta:
        sizes: dict[str, Any] = tardis_sizes(self.venue, self.symbol)
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed=self._channel,
            tick_size=self.tick.size,
            depth_limit=LEVELS[self._channel or "books"],
            window_policy="snapshots" if self._channel == "books5" else "top_n",
            **sizes,
        )

    def trades_meta(self) -> Meta:
        sizes: dict[str, Any] = tardis_sizes(self.venue, self.symbol)
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            tick_size=self.trades.tick.size,
            trade_ids="trade" if self._trade_channel == "trades-all" else "aggregate",
            **sizes,
        )


def okx_venue(symbol: str) -> str:
    """The venue of an instrument, by the form of its name: ``BTC-USDT``, ``-SWAP``, ``-250328``, ``-C``."""
    parts = symbol.split("-")
    if parts[-1] == "SWAP":
        return "okex-swap"
    return {1: "okex", 2: "okex", 3: "okex-futures"}.get(len(parts), "okex-options")


def _told(head: bytes) -> Counter[tuple[str, str]]:
    """Channel and symbol of lines that have data."""
    return Counter(
        (channel.decode("utf-8", "replace"), symbol.decode("utf-8", "replace"))
        for channel, symbol in _DATA.findall(unescaped(head))
    )


def _symbols(found: Counter[tuple[str, str]]) -> Counter[str]:
    """Symbols, those of a book before others."""
    for channels in (LEVELS, TRADES):
        symbols: Counter[str] = Counter()
        for (channel, symbol), count in found.items():
            symbols[symbol] += count if channel in channels else 0
        if symbols := +symbols:
            return symbols
    return Counter()


def _all_symbols(raw: RawFile) -> list[str]:
    """Every market of a file, in the order in which they come."""
    found: dict[str, None] = {}
    for chunk, _ in raw.chunks():
        told = _told(chunk)
        found |= dict.fromkeys(symbol for channel, symbol in told if channel in LEVELS or channel in TRADES)
    return list(found)


def _is_book(head: bytes) -> bool:
    return any(channel in LEVELS for channel, _ in _told(head))


def _is_trades(head: bytes) -> bool:
    return not _is_book(head) and any(channel in TRADES for channel, _ in _told(head))


register(
    Format(
        "okx-stream",
        "OKX books lines of its WebSocket interface, NDJSON, with trades",
        detect=_is_book,
        open=OkxStream,
        markets=_all_symbols,
    )
)
register(
    Format(
        "okx-trades",
        "OKX trades lines of its WebSocket interface, NDJSON",
        detect=_is_trades,
        open=OkxStream,
        markets=_all_symbols,
    )
)
