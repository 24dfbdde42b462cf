"""BitMEX stream captures, NDJSON: the whole book (``orderBookL2``) and trades of its WebSocket interface.

A line is ``{"table":"orderBookL2","action":"update","data":[{"symbol":"XBTUSD","id":8799473750,"side":"Buy",
"size":2333935},...]}``. ``partial`` is the whole book; ``insert``, ``update`` and ``delete`` change rows by
their id. Since 2023 every row has its price, before only those of ``partial`` and ``insert``: others have the
price that their id was told with. Since February 2022 a row has the ``timestamp`` of the engine; before that
the time is that of arrival, which must stand before the line. Sizes are contracts.

There are neither numbers nor checksums. A message is known to be missing where another does not fit the rows
(see `book`): that is a gap.
Source: https://www.bitmex.com/app/wsAPI and https://blog.bitmex.com/api_announcement/
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from liqmap.formats.bitmex.book import BitmexBook
from liqmap.formats.bitmex.exact import ACTIONS, exact_row, exact_trades
from liqmap.formats.market import tardis_sizes
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.streams.gathered import GatheredDepth
from liqmap.formats.streams.stream import CapturedStream
from liqmap.formats.streams.timed_sequence import TimedSequence, Told
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.json_reader import no_object
from liqmap.schema import Meta, Rejected

_CONTROL = ("info", "success", "subscribe", "unsubscribe", "request", "error", "op", "status")
_NAME = rb'"([^"\\\x00-\x1f]+)"'
_TABLE = re.compile(rb'"table"\s*:\s*"(orderBookL2|trade)"[^\n]{0,2000}?"data"\s*:\s*\[')
_ROW = re.compile(rb'\{[^{}\n]*?"symbol"\s*:\s*' + _NAME + rb'[^{}\n]*?"side"\s*:\s*"(?:Buy|Sell)"')


class BitmexStream(CapturedStream):
    """Reader of one market of a capture of BitMEX's streams: its book and its trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints, _symbols(raw.head()))
        self.venue = hints.venue or "bitmex"
        self.depth = GatheredDepth("row that does not fit")
        self._sequence = TimedSequence(self.depth)
        self._book = BitmexBook()
        self._by_arrival = False

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        if not isinstance(message, dict):
            return no_object(message)
        table, action, data = message.get("table"), message.get("action"), message.get("data")
        if table is None and any(key in message for key in _CONTROL):
            return None
        if not isinstance(table, str):
            return "expected a `table`, got none"
        if table not in ("orderBookL2", "trade"):
            self.skipped[f"table {table}"] += 1
            return None
        if action not in ACTIONS:
            return f"expected action {', '.join(ACTIONS)}, got {action!r:.40}"
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            return "expected `data` to be a list of rows"
        if any(not isinstance(row.get("symbol"), str) for row in data):
            return "expected rows with a `symbol`"
        own = [row for row in data if row["symbol"] == self.symbol]
        if not own:
            return self._without_ours(message, line)
        if table == "orderBookL2":
            return self._rows(str(action), own, local, line)
        if action not in ("partial", "insert"):
            return f"expected action partial or insert of trades, got {action!r:.40}"
        trades = exact_trades(own, line, self.trades.tick)
        if isinstance(trades, str):
            return trades
        self.trades.extend(trades)
        return None

    def _without_ours(self, message: dict[str, Any], line: int) -> Rejected | str | None:
        """A message without rows of our market: of others, or one that says that there are none."""
        named = message.get("filter")
        asked = named.get("symbol") if isinstance(named, dict) else None
        if message["data"]:
            return self.foreign(message["data"][0]["symbol"], line)
        if message["table"] == "orderBookL2" and message["action"] == "partial" and asked == self.symbol:
            return "expected rows, got an empty book"
        return None

    def _rows(self, action: str, data: list[dict[str, Any]], local: int, line: int) -> str | None:
        """Take the rows of our book."""
        rows = []
        for entry in data:
            row = exact_row(entry, action)
            if isinstance(row, str):
                return row
            rows.append(row)
        found = self._book.levels(action, rows)
        if isinstance(found, str):
            return found
        ts = max(row.ts for row in rows)
        self._by_arrival |= ts == 0
        ts = ts or local
        if not ts:
            return "expected a `timestamp` in the rows, or a local time before the line, got neither"
        levels, prices = found
        told = Told(action == "partial", ts, 0, levels, (action, ts, tuple(rows)))
        self.tick.add(prices)
        if self._sequence.repeats(told, local, line, known=self._book.known):
            return None
        if not self._book.apply(action, rows):
            self._sequence.break_off(ts, line)
        self._sequence.give(told, local, line)
        return None

    def last_notes(self) -> list[str]:
        notes, name = super().last_notes(), self.raw.path.name
        if self._by_arrival:
            notes.append(f"{name}: rows have no time and take that of their arrival")
        if "depth" in self.meta:
            notes.append(
                f"{name}: orderBookL2 has neither numbers nor checksums; that a message is "
                "missing is seen only where a later one does not fit"
            )
        return notes

    def depth_meta(self) -> Meta:
        sizes: dict[str, Any] = tardis_sizes("bitmex", self.symbol)
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed="full",
            tick_size=self.tick.size,
            window_policy="full",
            **sizes,
        )

    def trades_meta(self) -> Meta:
        sizes: dict[str, Any] = tardis_sizes("bitmex", self.symbol)
        tick_size = self.trades.tick.size
        return Meta(venue=self.venue, symbol=self.symbol, tick_size=tick_size, trade_ids="trade", **sizes)


def _tables(text: bytes) -> set[bytes]:
    return set(_TABLE.findall(text))


def _symbols(head: bytes) -> Counter[str]:
    """The markets of some lines, those of a book before others, by how many rows they have."""
    head = unescaped(head)
    books: Counter[str] = Counter()
    trades: Counter[str] = Counter()
    for line in head.split(b"\n"):
        if (found := _TABLE.search(line)) is not None:
            names = (name.decode("utf-8", "replace") for name in _ROW.findall(line))
            (books if found[1] == b"orderBookL2" else trades).update(names)
    return books or trades


def _all_symbols(raw: RawFile) -> list[str]:
    """Every market of a file, in the order in which they come."""
    found: dict[str, None] = {}
    for chunk, _ in raw.chunks():
        for line in unescaped(chunk).split(b"\n"):
            if _TABLE.search(line) is not None:
                found |= dict.fromkeys(name.decode("utf-8", "replace") for name in _ROW.findall(line))
    return list(found)


def _is_book(head: bytes) -> bool:
    return b"orderBookL2" in _tables(unescaped(head))


def _is_trades(head: bytes) -> bool:
    return _tables(unescaped(head)) == {b"trade"}


register(
    Format(
        "bitmex-stream",
        "BitMEX orderBookL2 lines, NDJSON, with trades",
        detect=_is_book,
        open=BitmexStream,
        markets=_all_symbols,
    )
)
register(
    Format(
        "bitmex-trades",
        "BitMEX trade lines, NDJSON",
        detect=_is_trades,
        open=BitmexStream,
        markets=_all_symbols,
    )
)
