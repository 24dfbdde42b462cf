"""Logs of Bitstamp's streams of orders, trades and books: ``<ms> <kind> <json>`` a line.

``1430438404518 order_created {"price": "236.47", "amount": "2.00000000", "id": 65595247, "order_type": 0,
"datetime": "1430438404"}``: the local time, what it is (``order_created``, ``order_changed``,
``order_deleted``, ``trade``, ``order_book``), and the message as it came. There are no ids of messages: the
time in us numbers them, one more than the last where it does not rise. Nothing tells whether one is missing.

A log has two feeds of one market. ``mbo`` is the book that its orders sum to (`liqmap.formats.orders`), with
all that is told of each order, policy ``full``. Orders that rested before it began are not known until they
change or go. So the feed has no window at first; a book of the venue that agrees with the sum as far as it
does makes one (`KnownRange`), and beyond it the levels that were heard of are observed, none is known to be
empty, and those where older orders rest are told too small. ``ob20`` are the books themselves, each of which
replaces the one before (policy ``snapshots``): there are no updates between them, and none says what left it.

An ``order_changed`` tells what is left of an order, and for market orders the price that they have reached.
``order_deleted`` tells what was left: 0 where it was filled. An order that crosses the book is created before
it is matched, so that the sum is crossed for some 100 ms.
Source: https://www.bitstamp.net/websocket/v1/ (the channels live_orders, live_trades and order_book).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from liqmap.formats.bitstamp.exact import KINDS, PLACES, exact_book, exact_order, exact_trade
from liqmap.formats.bitstamp.first_lines import FEED, MBO, feeds, is_log
from liqmap.formats.bitstamp.known_range import KnownRange
from liqmap.formats.orders import Action, GatheredOrders, OrderBook, OrderRow, recorded
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.streams.gathered import Level, Message
from liqmap.formats.streams.stream import CapturedStream
from liqmap.formats.text.json_reader import no_object
from liqmap.schema import HEARD, SNAPSHOT, UPDATE, Batch, FormatError, Meta, Rejected
from liqmap.schema.wording import Keyword, Sentence

_TIMED = re.compile(rb"[ \t]*\d{13}[ \t]")
SYMBOL = "BTCUSD"
"""The only market that the channels without a name are of."""


class BitstampLog(CapturedStream):
    """Reader of one feed of a log, and of its trades; with the feed ``mbo`` of its orders too."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints, Counter())
        self.venue = hints.venue or "bitstamp"
        if not self.symbol:
            self.symbol = SYMBOL
            self.notes.append(
                Sentence(f"{raw.path.name}: took symbol {SYMBOL} (else ", Keyword("symbol"), ")")
            )
        self.feed = _feed_to_read(raw, hints.feed)
        found = FEED.fullmatch(self.feed)
        self._levels = int(found[1]) if found else None
        self._book, self._known, self._orders = OrderBook(PLACES), KnownRange(), GatheredOrders()
        self._seq, self._far = -1, False
        self._counted: Mapping[str, int] = {}
        self._first_id, self._denied, self._at = 1 << 64, 0, 0

    def parse(self, text: bytes) -> Any:
        """The kind of a line, and its JSON."""
        kind, _, body = text.partition(b" ")
        return kind.decode("utf-8", "replace"), orjson.loads(body)

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        kind, data = message
        if not isinstance(data, dict):
            return no_object(data)
        if kind in KINDS:
            return self._order(KINDS[kind], data, local) if self._levels is None else None
        if kind == "trade":
            return self._trade(data, local, line)
        if kind == "order_book":
            return self._told(data, local)
        return f"expected {', '.join(KINDS)}, trade or order_book, got {kind!r:.40}"

    def _line(self, text: bytes, line: int) -> Rejected | str | None:
        """As any line, with a time in ms; after one that is lost, nothing is known to be whole."""
        self._at = line
        timed = _TIMED.match(text) or not text.strip()
        got = text[:20].decode("utf-8", "replace")
        wrong = super()._line(text, line) if timed else f"expected a time in ms before a line, got {got!r}"
        if wrong is not None:
            self._known.forget()
        return wrong

    def _order(self, action: Action, data: dict[str, Any], ts: int) -> str | None:
        """An event of an order: its row, and what it changes."""
        event = exact_order(data)
        if isinstance(event, str):
            return event
        price, size = event.price, event.size
        if action == Action.ADD:
            self._first_id = min(self._first_id, event.order_id)
        elif self._is_older_within(event.order_id, event.side, price):
            self._denied += 1
        levels = self._book.take(action, event.order_id, event.side, price, size)
        if levels:
            self.tick.add([event.exactly])
        self._append(UPDATE if levels else HEARD, ts, levels)
        what, size = recorded(action, size, self._book.rested)
        self._orders.append(OrderRow(ts, ts, self._seq, event.order_id, what, event.side, price, size))
        return None

    def _is_older_within(self, order_id: int, side: int, price: float) -> bool:
        """Whether an order older than the log, of which nothing was told, rests where none should be left."""
        return order_id < self._first_id and (side, price) in self._known and not self._book.knows(order_id)

    def _trade(self, data: dict[str, Any], ts: int, line: int) -> str | None:
        if self._levels is not None and self.hints.each_feed:
            return None  # they are read with the orders
        trade = exact_trade(data, ts, line, self.trades.tick)
        if isinstance(trade, str):
            return trade
        self.trades.extend([trade])
        return None

    def _told(self, data: dict[str, Any], ts: int) -> str | None:
        """The venue's own book: the feed itself, or what proves how far the orders are all there are."""
        book = exact_book(data, self._levels)
        if isinstance(book, str):
            return book
        if self._levels is not None:
            self.tick.add(book.prices)
            self._append(SNAPSHOT, ts, book.levels)
            return None
        if self._known.compare((book.bids, book.asks), self._book.sides):
            rest = [(s, p, mine.size(p)) for s, mine in enumerate(self._book.sides) for p in mine.prices]
            self._append(SNAPSHOT, ts, [level for level in rest if level[:2] in self._known])
            beyond = [level for level in rest if level[:2] not in self._known]
            if beyond:
                self._append(UPDATE, ts, beyond)
        return None

    def _append(self, event: int, ts: int, levels: list[Level]) -> None:
        prev, self._seq = self._seq, max(ts // 1_000, self._seq + 1)
        self.depth.append(Message(ts, ts, self._seq, prev, event, self._at, levels))

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        self._far |= self.tick.torn
        batch = super().take(rejected, position)
        orders = self._orders.take(self.tick.size, self._far)
        before, self._counted = self._counted, dict(self._book.counts)
        new = {name: n - before.get(name, 0) for name, n in self._counted.items() if n > before.get(name, 0)}
        return replace(batch, orders=None if orders is None else lambda: orders, counts=new)

    def last_notes(self) -> list[str]:
        name, known = self.raw.path.name, self._known
        notes = super().last_notes() + self._book.notes(name)
        if self._denied:
            notes.append(
                f"{name}: {self._denied:,} orders older than the log were told of at prices where none "
                "seemed to be left: lines are missing"
            )
        if known.books:
            notes.append(
                f"{name}: {known.agreed:,} of {known.books:,} books of the venue are what the orders sum to; "
                f"{known.less:,} have more at some prices, where orders rest that are older than the log; "
                f"{known.more:,} have less, as where a match was going on"
            )
        return notes

    def depth_meta(self) -> Meta:
        policy = "full" if self._levels is None else "snapshots"
        return Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed=self.feed,
            tick_size=self.tick.size,
            depth_limit=self._levels,
            window_policy=policy,
        )

    def trades_meta(self) -> Meta:
        return Meta(venue=self.venue, symbol=self.symbol, tick_size=self.trades.tick.size, trade_ids="trade")


def _feed_to_read(raw: RawFile, asked: str | None) -> str:
    """The feed that is asked for, else that of the orders, else that of the books.

    Raises
    ------
    FormatError : one is asked for that the log does not have.
    """
    found = feeds(raw)
    if asked is None:
        return found[0] if found else MBO
    if asked not in found:
        raise FormatError(
            where=raw.path,
            expected=f"a feed of {', '.join(found) or 'none'}",
            got=repr(asked),
            remedy=Sentence("Pass ", Keyword("feed"), " of these, or leave it out"),
        )
    return asked


register(
    Format(
        "bitstamp-log",
        "Bitstamp logs of orders, trades and books, a line each",
        detect=is_log,
        open=BitstampLog,
        feeds=feeds,
    )
)
