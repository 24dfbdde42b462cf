"""Coinbase stream captures, NDJSON: books and trades of the Exchange and of Advanced Trade.

The Exchange (channels ``level2`` and ``level2_batch``) sends ``{"type":"snapshot","product_id":"BTC-USD",
"bids":[["10101.10","0.45"],...],"asks":[...]}``, then ``{"type":"l2update","product_id":...,"time":...,
"changes":[["buy","10101.80","0.16"],...]}``. It has no ids: that a message is missing cannot be seen.
Advanced Trade sends
``{"channel":"l2_data","timestamp":...,"sequence_num":5,"events":[{"type":"update","product_id":...,
"updates":[{"side":"bid","event_time":...,"price_level":...,"new_quantity":...}]}]}``, where ``sequence_num``
counts all messages of a connection, those of other channels and markets too: where it breaks off, a message
of any of them is lost, and so the book of each is unconfirmed.

Both send the whole book (policy ``full``). The side of a trade is the maker's.
Source: https://docs.cdp.coinbase.com/exchange/websocket-feed/channels and
https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/websocket/level2
"""

from __future__ import annotations

from typing import Any

from liqmap.formats.coinbase.connection import Connection
from liqmap.formats.coinbase.exact import (
    Update,
    advanced_update,
    exact_trade,
    exchange_snapshot,
    exchange_update,
)
from liqmap.formats.coinbase.first_lines import all_symbols, is_book, is_trades, symbols
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.streams.gathered import GatheredDepth
from liqmap.formats.streams.stream import CapturedStream
from liqmap.formats.streams.timed_sequence import TimedSequence, Told
from liqmap.formats.text.json_reader import no_object
from liqmap.formats.text.times import iso_to_ns
from liqmap.schema import Meta, Rejected
from liqmap.schema.trust import Proof

_SILENT = ("subscriptions", "heartbeat", "heartbeats", "error", "status", "subscribe", "unsubscribe")
_CONTRACTS = "-CDE"
"""How futures of Coinbase Derivatives end, whose sizes are contracts."""


class CoinbaseStream(CapturedStream):
    """Reader of one market of a capture of Coinbase's streams: its book and its trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints, symbols(raw.head()))
        self.venue = hints.venue or "coinbase"
        self.depth = GatheredDepth("sequence")
        self._sequence = TimedSequence(self.depth)
        self._connection = Connection()
        self._snapshot_ts = 0
        self._kind = ""  # which of the two interfaces the book is read of

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        if not isinstance(message, dict):
            return no_object(message)
        if "sequence_num" in message and "channel" in message:
            return self._advanced(message, local, line)
        kind, symbol = message.get("type"), message.get("product_id")
        if not isinstance(kind, str):
            return "expected a `type`, or a `channel` with a `sequence_num`, got neither"
        if kind in _SILENT:
            return None
        if kind not in ("snapshot", "l2update", "match", "last_match"):
            self.skipped[f"type {kind}"] += 1
            return None
        if not isinstance(symbol, str):
            return f"expected a `product_id`, got {symbol!r:.40}"
        if symbol != self.symbol:
            return self.foreign(symbol, line)
        if kind in ("match", "last_match"):
            return self._trade(message, line)
        if self._is_other("exchange"):
            return None
        read = exchange_snapshot if kind == "snapshot" else exchange_update
        return self._give(read(message, self.tick), local, line)

    def _advanced(self, message: dict[str, Any], local: int, line: int) -> Rejected | str | None:
        """A line of Advanced Trade: its events of our market."""
        channel, count, events = (message.get(n) for n in ("channel", "sequence_num", "events"))
        if type(count) is not int or count < 0:
            return f"expected `sequence_num` to be a number of 0 or more, got {count!r:.40}"
        if not self._connection.follow(count, message.get("timestamp"), channel):
            self.skipped["messages told before, by their sequence_num"] += 1
            return None
        if channel in _SILENT:
            return None
        if channel not in ("l2_data", "market_trades"):
            self.skipped[f"channel {channel}"] += 1
            return None
        published = iso_to_ns(message.get("timestamp"))
        if published is None:
            got = f"{message.get('timestamp')!r:.40}"
            return f"expected `timestamp` to be a time in UTC of 2000 to 2099, got {got}"
        if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            return "expected `events` to be a list of objects"
        if channel == "market_trades":
            return self._advanced_trades(events, line)
        own = [event for event in events if event.get("product_id") == self.symbol]
        if len(own) < len(events):
            other = next(event.get("product_id") for event in events if event not in own)
            if not isinstance(other, str):
                return f"expected a `product_id`, got {other!r:.40}"
            if not own:
                return self.foreign(other, line)
        if len(own) != 1:
            return None if not events else f"expected one event of a market, got {len(own)}"
        if self._is_other("advanced"):
            return None
        return self._give(advanced_update(own[0], published, self.tick), local, line)

    def _advanced_trades(self, events: list[dict[str, Any]], line: int) -> Rejected | str | None:
        """The trades of a line that are of our market, all or none."""
        found, foreign = [], ""
        for event in events:
            trades = event.get("trades")
            if not isinstance(trades, list):
                return "expected `trades` to be a list of trades"
            for entry in trades:
                symbol = entry.get("product_id") if isinstance(entry, dict) else None
                if not isinstance(symbol, str):
                    return f"expected a trade with a `product_id`, got {entry!r:.60}"
                if symbol != self.symbol:
                    foreign = symbol
                    continue
                trade = exact_trade(entry, line, self.trades.tick)
                if isinstance(trade, str):
                    return trade
                found.append(trade)
        self.trades.extend(found)
        return self.foreign(foreign, line) if foreign and not found else None

    def _trade(self, message: dict[str, Any], line: int) -> str | None:
        trade = exact_trade(message, line, self.trades.tick)
        if isinstance(trade, str):
            return trade
        self.trades.extend([trade])
        return None

    def _is_other(self, kind: str) -> bool:
        """Whether a line is of the other interface than the one that is read: it is then left out."""
        self._kind = self._kind or kind
        if kind != self._kind:
            self.skipped[f"the other interface's book of {self.symbol}"] += 1
        return kind != self._kind

    def _give(self, update: Update | str, local: int, line: int) -> str | None:
        """Take what a line says of the book."""
        if isinstance(update, str):
            return update
        ts = update.ts
        if update.snapshot:
            self._snapshot_ts = ts or 0
        elif ts is not None:
            ts = max(ts, self._snapshot_ts)  # a snapshot has the time of its sending, which is later
        told = Told(update.snapshot, ts, 0, update.levels, (update.snapshot, ts, tuple(update.levels)))
        if self._kind == "exchange" and self._sequence.repeats(told, local, line):
            return None
        if self._connection.mend() and not update.snapshot:
            self._sequence.break_off(ts or 0, line)
        self._sequence.give(told, local, line)
        return None

    def last_lines(self) -> list[Rejected]:
        return self._sequence.finish()

    def last_notes(self) -> list[str]:
        notes = super().last_notes()
        if self._kind == "exchange":
            notes.append(
                f"{self.raw.path.name}: level2 has neither ids nor checksums; that a "
                "message is missing cannot be seen"
            )
        return notes

    @property
    def proof(self) -> Proof:
        """Advanced Trade numbers the messages of a connection, the Exchange none."""
        return Proof(chained=self._kind == "advanced")

    def depth_meta(self) -> Meta:
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed="full",
            tick_size=self.tick.size,
            window_policy="full",
            size_unit=self._size_unit,
        )

    def trades_meta(self) -> Meta:
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            tick_size=self.trades.tick.size,
            trade_ids="trade",
            size_unit=self._size_unit,
        )

    @property
    def _size_unit(self) -> str:
        return "contracts" if self.symbol.endswith(_CONTRACTS) else "coins"


register(
    Format(
        "coinbase-stream",
        "Coinbase level2 lines of the Exchange or Advanced Trade, NDJSON, with trades",
        detect=is_book,
        open=CoinbaseStream,
        markets=all_symbols,
    )
)
register(
    Format(
        "coinbase-trades",
        "Coinbase match or market_trades lines, NDJSON",
        detect=is_trades,
        open=CoinbaseStream,
        markets=all_symbols,
    )
)
