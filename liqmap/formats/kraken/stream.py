"""Kraken stream captures, NDJSON: books and trades of both versions of its WebSocket interface.

Version 1 is ``[1664,{"as":[["13.260800","500.00000000","1618678132.214235"],...],"bs":[...]},"book-1000",
"WAVES/EUR"]`` for a snapshot, and ``[1664,{"a":[...]},{"b":[...],"c":"176333288"},"book-1000",...]`` for an
update: one object, or one for each side. A level has price, size, and when it last changed; one with a
fourth word, ``"r"``, came back from beyond the depth, with the time at which it last changed. Version 2 is
``{"channel":"book","type":"update","data":[{"symbol":...,"bids":[{"price":...,"qty":...}],"asks":[...],
"checksum":...,"timestamp":...}]}``. No removal is sent of what leaves the depth: the client cuts (policy
``truncate``).

Kraken sends no ids. ``seq`` is the time in us, one more than the last where that does not rise; a line that
says exactly what one shortly before it said is that one again. ``ts`` of an update is the newest time of its
levels that are not republished, in version 2 its ``timestamp``. That of a snapshot without one, which says
only when its levels last changed, is the time of its arrival, or of the next update if that is earlier or no
arrival is known: the book stood as it was until then.
Source: https://docs.kraken.com/exchange/api-reference/spot-websocket-v1/book and .../spot-websocket-v2/book
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from liqmap.formats.kraken.book import COMPARED, Decimals
from liqmap.formats.kraken.exact import Update, exact_trades, exact_v1, exact_v2
from liqmap.formats.kraken.first_lines import DEPTHS, all_symbols, depths, is_book, is_trades, symbols
from liqmap.formats.kraken.number_texts import with_texts
from liqmap.formats.kraken.sequence import KrakenSequence
from liqmap.formats.kraken.trade_repeats import TradeRepeats
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.streams.stream import CapturedStream
from liqmap.formats.text.json_reader import no_object
from liqmap.schema import FormatError, Meta, Rejected
from liqmap.schema.trust import Proof
from liqmap.schema.wording import Keyword, Sentence

_FEED = re.compile(r"ob(\d{2,4})", re.ASCII)
_CONTROL = ("event", "method", "error")


class KrakenStream(CapturedStream):
    """Reader of one market of a capture of Kraken's streams: its book and its trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        super().__init__(raw, hints, symbols(head))
        self.venue = hints.venue or "kraken"
        self._depth = self._depth_to_read(depths(head).get(self.symbol, []))
        self._other_depth = 0  # that of the last subscription of version 2, where it is not ours
        self._decimals: Decimals | None = None
        self._sequence = KrakenSequence(self.depth)
        self._repeats = TradeRepeats()
        self._has_ids = False
        self._version = 0  # of the lines that are read: some markets have one name in both

    def parse(self, text: bytes) -> Any:
        """JSON whose prices and sizes are texts: a checksum is one of their digits."""
        return orjson.loads(with_texts(text))

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        if isinstance(message, list):
            return self._v1(message, local, line)
        if not isinstance(message, dict):
            return no_object(message)
        channel = message.get("channel")
        if channel in ("book", "trade") and isinstance(message.get("data"), list):
            return self._v2(message, local, line)
        if channel == "instrument":
            self._learn_decimals(message)
            return None
        if any(key in message for key in _CONTROL):
            self._learn_depth(message)
            return None
        if isinstance(channel, str):
            if channel not in ("heartbeat", "status"):
                self.skipped[f"channel {channel}"] += 1
            return None
        return "expected a `channel` or an `event`, got neither"

    def _v1(self, message: list[Any], local: int, line: int) -> Rejected | str | None:
        """A line of version 1: ``[id, what it tells, perhaps more of it, channel, market]``."""
        if len(message) < 4 or not isinstance(message[-1], str) or not isinstance(message[-2], str):
            return "expected [id, ..., channel, market], got another list"
        channel, symbol = message[-2:]
        if channel != "trade" and not channel.startswith("book-"):
            self.skipped[f"channel {channel}"] += 1
            return None
        if symbol != self.symbol:
            return self.foreign(symbol, line)
        if self._is_other(1):
            return None
        if channel == "trade":
            trades = exact_trades(message[1:-2], line, self.trades.tick)
            if isinstance(trades, str):
                return trades
            self.trades.extend(self._repeats.new(trades))
            return None
        if not channel[5:].isdigit() or int(channel[5:]) not in DEPTHS:
            return f"expected a channel of {', '.join(f'book-{n}' for n in DEPTHS)}, got {channel!r:.40}"
        self._depth = self._depth or int(channel[5:])
        if int(channel[5:]) != self._depth:
            self.skipped[f"channel {channel} of {symbol}"] += 1
            return None
        return self._apply(exact_v1(message[1:-2], self.tick), local, line)

    def _v2(self, message: dict[str, Any], local: int, line: int) -> Rejected | str | None:
        """A line of version 2, of one market."""
        kind, data = message.get("type"), message["data"]
        if kind not in ("snapshot", "update"):
            return f"expected type snapshot or update, got {kind!r:.40}"
        if not data or not all(isinstance(one, dict) and isinstance(one.get("symbol"), str) for one in data):
            return "expected `data` to have objects with a `symbol`"
        foreign = [one["symbol"] for one in data if one["symbol"] != self.symbol]
        if foreign and len(foreign) < len(data):
            return "expected `data` of one market, got several"
        if foreign:
            return self.foreign(foreign[0], line)
        if self._is_other(2):
            return None
        if message["channel"] == "trade":
            trades = exact_trades([data], line, self.trades.tick)
            if isinstance(trades, str):
                return trades
            self._has_ids = True
            self.trades.extend(trades)
            return None
        if self._other_depth:
            self.skipped[f"depth {self._other_depth} of {self.symbol}"] += 1
            return None
        if len(data) > 1:
            return f"expected one book in `data`, got {len(data)}"
        return self._apply(exact_v2(data[0], kind == "snapshot", self.tick), local, line)

    def _is_other(self, version: int) -> bool:
        """Whether a line is of the other version than those that are read: it says again what they say."""
        self._version = self._version or version
        if version != self._version:
            self.skipped[f"version {version} of {self.symbol}"] += 1
        return version != self._version

    def _apply(self, update: Update | str, local: int, line: int) -> str | None:
        """Take what a line says of the book."""
        if isinstance(update, str):
            return update
        if not self._depth and (wrong := self._find_depth(update)) is not None:
            return wrong
        return self._sequence.add(update, local, line, self._depth, self._decimals)

    def _depth_to_read(self, captured: list[int]) -> int:
        """The depth that is asked for, or the deepest of those captured; 0 where none is known."""
        feed = self.hints.feed
        if feed is None:
            return max(captured, default=0)
        found = _FEED.fullmatch(feed)
        asked = int(found[1]) if found else 0
        if asked not in (captured or DEPTHS):
            raise FormatError(
                where=self.raw.path,
                expected=f"a feed of {', '.join(f'ob{n}' for n in captured or DEPTHS)}",
                got=repr(feed),
                remedy=Sentence("Pass ", Keyword("feed"), " of these, or leave it out"),
            )
        return asked

    def _find_depth(self, update: Update) -> str | None:
        """The depth of a book whose subscription was not captured: that of a whole snapshot."""
        sides = [side for side, _, _ in update.levels]
        most = max(sides.count(0), sides.count(1))
        if not update.snapshot or most not in DEPTHS:
            why = (
                "expected the depth of the book, which the answer to its subscription says, or a snapshot of "
            )
            return Sentence(why, "so many levels, got neither. Pass ", Keyword("feed", f"ob{DEPTHS[0]}"))
        self._depth = most
        self.notes.append(
            f"{self.raw.path.name}: the answer to the subscription of {self.symbol} was not captured; took "
            f"the depth {most} of its first snapshot"
        )
        return None

    def _learn_depth(self, message: dict[str, Any]) -> None:
        """What the answer to a subscription says; after one, trades are told that were told before."""
        self._repeats.expect()
        result = message.get("result")
        if not isinstance(result, dict) or result.get("symbol") != self.symbol:
            return
        if result.get("channel") == "book" and (depth := result.get("depth")) in DEPTHS:
            self._depth = self._depth or depth
            self._other_depth = 0 if depth == self._depth else depth

    def _learn_decimals(self, message: dict[str, Any]) -> None:
        """What the channel ``instrument`` says of our market."""
        data = message.get("data")
        pairs = data.get("pairs") if isinstance(data, dict) else None
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, dict) and pair.get("symbol") == self.symbol:
                price, size = pair.get("price_precision"), pair.get("qty_precision")
                if isinstance(price, int) and isinstance(size, int) and 0 <= min(price, size) <= 20:
                    self._decimals = Decimals(price, size)

    def last_lines(self) -> list[Rejected]:
        return self._sequence.finish()

    def last_notes(self) -> list[str]:
        notes, name = super().last_notes(), self.raw.path.name
        if self._sequence.compared and self._depth > COMPARED:
            notes.append(
                f"{name}: checksums cover the best {COMPARED} levels of each side; those beyond are "
                "unverifiable"
            )
        if self._repeats.count:
            notes.append(f"{name}: {self._repeats.count:,} trades that came before were ignored")
        return notes

    @property
    def proof(self) -> Proof:
        """Checksums, which cover all of a shallow book; no ids."""
        return Proof(levels=COMPARED if self._depth > COMPARED else None)

    def depth_meta(self) -> Meta:
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed=f"ob{self._depth}",
            tick_size=self.tick.size,
            depth_limit=self._depth,
            window_policy="truncate",
        )

    def trades_meta(self) -> Meta:
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            tick_size=self.trades.tick.size,
            trade_ids="trade" if self._has_ids else "none",
        )


register(
    Format(
        "kraken-stream",
        "Kraken book lines of WebSocket version 1 or 2, NDJSON, with trades",
        detect=is_book,
        open=KrakenStream,
        markets=all_symbols,
    )
)
register(
    Format(
        "kraken-trades",
        "Kraken trade lines of WebSocket version 1 or 2, NDJSON",
        detect=is_trades,
        open=KrakenStream,
        markets=all_symbols,
    )
)
