"""Binance's partial depth streams (``@depth5``, ``10``, ``20``), NDJSON: a line is the top of the book.

Futures send ``depthUpdate`` events that hold the top levels, spot the levels alone, ``{"stream":
"btcusdt@depth20","data":{"lastUpdateId":...,"bids":[...],"asks":[...]}}``, with neither time nor symbol: the
symbol is that of the stream, the time that of arrival, which must stand before the line. Each message
replaces the book (policy ``snapshots``); ids that are skipped are no gap, for these streams only sample.
Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

from liqmap.formats.binance.events.depth_streams import FIRST_LEVELS, milliseconds
from liqmap.formats.binance.events.exact import (
    exact_diff,
    exact_snapshot,
    snapshot_message,
)
from liqmap.formats.binance.events.tickers import is_ticker
from liqmap.formats.binance.snapshots.books import SnapshotBooks
from liqmap.formats.market import binance_venue, spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.formats.text.json_escapes import unescaped
from liqmap.schema import MISSING, FormatError, Messages, Rejected
from liqmap.schema.wording import Keyword, Sentence

_STREAM = re.compile(r"([^@]+)@depth(\d{1,2})(?:@\d+ms)?")
_TRADE = re.compile(rb'"e"\s*:\s*"trade"')


class BinancePartial(SnapshotBooks):
    """Reader of one partial depth stream of a capture and the trades of its symbol."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints)
        head = unescaped(raw.head())
        found = FIRST_LEVELS.findall(head)
        streams = Counter((s.decode("utf-8", "replace"), int(n)) for s, n, _ in found)
        common = [s for s, _ in streams.most_common() if hints.feed in (None, f"depth{s[1]}")]
        names = [name.upper() for name, _ in common]
        symbol = (spelled(hints.symbol, names) or hints.symbol.upper()) if hints.symbol else None
        self.symbol = symbol or (names[0] if names else streams.most_common(1)[0][0][0].upper())
        at = names.index(self.symbol) if self.symbol in names else 0
        self.levels = max((n for name, n in common if name.upper() == names[at]), default=0)
        spot = b'"lastUpdateId"' in head and b'"pu"' not in head
        speeds = [
            f"{s.decode('utf-8', 'replace')}@depth{n.decode()}{speed.decode()}"
            for s, n, speed in found
            if (s.decode("utf-8", "replace").upper(), int(n)) == (self.symbol, self.levels)
        ]
        self._stream = min(set(speeds), key=lambda stream: (milliseconds(stream, spot), stream), default=None)
        self.venue, note = binance_venue(raw.path, hints.venue, self.symbol, spot)
        self.spot = spot
        self.notes = [note] if note else []
        self._hints = hints
        self.trades = "trade" if _TRADE.search(head) else "aggTrade"
        self.feed = f"depth{self.levels}"

    def nothing_found(self) -> FormatError:
        wanted = f"a stream of {self._hints.feed or 'partial depth'} of {self.symbol}"
        pass_ = ("Pass ", Keyword("symbol"), " or ", Keyword("feed"))
        remedy = Sentence(*pass_, " of one of these, or leave them out")
        return self.skipped.instead(self.raw.path, wanted, remedy)

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        """What is of something else is passed over."""
        event = message.get("data") if isinstance(message, dict) else None
        if isinstance(message, dict) and "stream" not in message:
            if "lastUpdateId" in message:
                self.skipped["REST snapshots"] += 1
                return None
            if "result" in message or "error" in message:
                return None
        if not isinstance(event, dict) or not isinstance(message.get("stream"), str):
            return "expected a JSON object with `stream` and `data`, got neither"
        if event.get("e") == self.trades and event.get("s") == self.symbol:
            return self.trade(event, line)
        if is_ticker(event):
            return self.ticker(event, local, line)
        of = _STREAM.fullmatch(message["stream"])
        is_ours = of is not None and (of[1].upper(), int(of[2])) == (self.symbol, self.levels)
        if is_ours and self._stream is None:
            self._stream = message["stream"]
        if not is_ours or message["stream"] != self._stream:
            self.skipped[f"stream {message['stream']}"] += 1
            return None
        found = self._message(event, line, local)
        if isinstance(found, str):
            return found
        self.books.append(found)
        return None

    def _message(self, event: dict[str, Any], line: int, local: int) -> Messages | str:
        plain = "lastUpdateId" in event
        if not plain and event.get("s") != self.symbol:
            return f"expected symbol {self.symbol}, got {event.get('s')!r:.40}"
        found = (exact_snapshot if plain else exact_diff)(event, self.tick)
        if isinstance(found, str):
            return found
        if not found.levels or not all(size for _, _, size in found.levels):
            return "expected levels with sizes above 0, got one of 0 or none"
        if not found.ts and not local:
            return "expected a local time before a message that has none of its own, got none"
        book = snapshot_message(found, line, local or MISSING)
        return book if found.ts else replace(book, ts=book.ts_recv)
