"""Binance's REST snapshots, asked for again and again, without diffs: NDJSON, a book a line.

``1709280000030 {"lastUpdateId":9000,"E":...,"T":...,"bids":[...],"asks":[...]}``: spot books have no time
of their own, so theirs is that of arrival, which must stand before the line. None of USD-M and spot has a
symbol: it is that of the trades beside them, or of the file's name, or the user's. Each replaces the book
(policy ``snapshots``); ids that are skipped are no gap.
Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#order-book
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from liqmap.formats.binance.events.exact import exact_snapshot, snapshot_message
from liqmap.formats.binance.events.first_lines import (
    FAR,
    commonest,
    first_bytes,
    own_symbols,
    snapshot_in,
    symbols_of,
)
from liqmap.formats.binance.events.tickers import is_ticker
from liqmap.formats.binance.snapshots.books import SnapshotBooks
from liqmap.formats.binance.snapshots.owner import touch_of
from liqmap.formats.market import binance_venue, named_symbol, spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.raw.file import HEAD
from liqmap.formats.registry import Hints
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.json_reader import no_object
from liqmap.schema import MISSING, OPEN, Batch, FormatError, Messages, Rejected
from liqmap.schema.wording import Keyword, Sentence

_SNAPSHOT = re.compile(rb'"lastUpdateId"\s*:')
_TRADE = re.compile(rb'"e"\s*:\s*"trade"')
_TIME = re.compile(rb'[,{]\s*"[ET]"\s*:')

NEAR = 3_600 * 10**9
"""ns; books of one market so near to each other do not stand at twice the price."""

SOON, LEAP = 60 * 10**9, 1.1
"""ns; within a minute they move by no more than this factor."""

MOST_OLDER = 4
"""One in so many books may be older than the one before, as servers are not all alike."""


def is_polled(raw: RawFile, head: bytes, others: int) -> bool:
    """Whether a capture is of several REST snapshots, with so many ``others`` of further files, and no
    diffs. In so many bytes (`FAR`) without a diff, none is waited for."""
    if b'"depthUpdate"' in head or not _SNAPSHOT.search(head):
        return False
    if len(head) >= HEAD:
        head = unescaped(raw.head(FAR))
    return b'"depthUpdate"' not in head and len(_SNAPSHOT.findall(head)) + others > 1


class BinancePolled(SnapshotBooks):
    """Reader of REST snapshots and of the trades of their symbol."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints)
        head = unescaped(first_bytes(raw))
        own = own_symbols(head)
        traded = symbols_of(head)
        symbols = [*own, *traded]
        self.named = ""
        if hints.symbol is not None:
            self.symbol = spelled(hints.symbol, symbols) or hints.symbol.upper()
        elif not symbols and (name := named_symbol(raw.path)):
            self.symbol = self.named = name
            self.notes.append(f"{raw.path.name}: took the symbol {name} from the file's name")
        else:
            self.symbol = commonest(raw, symbols)
        self._chosen = hints.symbol is not None
        if not own and not self._chosen and len(traded) > 1:
            raise self._refused("trades of one symbol beside snapshots that have none", ", ".join(traded[:5]))
        self.spot = not _TIME.search(head)
        self.venue, note = binance_venue(raw.path, hints.venue, self.symbol, self.spot)
        self.notes += [note] if note else []
        self.feed, self.levels = hints.feed or "snapshots", 0
        self.trades = "trade" if _TRADE.search(head) else "aggTrade"
        self._count = self._older = 0
        self._before: tuple[int, int, float] | None = None
        self._others = sorted(hints.snapshots, key=lambda book: int(book.seq[0]))

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        """A snapshot or a trade; what is of something else is passed over."""
        if not isinstance(message, dict):
            return no_object(message)
        event = message.get("data") if "stream" in message else snapshot_in(message) or message
        if not isinstance(event, dict):
            self.skipped[f"stream {message['stream']}"] += 1
            return None
        if "lastUpdateId" in event:
            return self._snapshot(event, local, line)
        if event.get("e") == self.trades and event.get("s") == self.symbol:
            return self.trade(event, line)
        if is_ticker(event):
            return self.ticker(event, local, line)
        if isinstance(event.get("e"), str):
            of = "" if event.get("s") == self.symbol else f" of {event.get('s')}"
            self.skipped[f"event {event['e']}{of}"] += 1
        elif "result" not in event and "error" not in event:
            return "expected a snapshot with `lastUpdateId`, got none"
        return None

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        own, self.books = self.books, []
        for book in own:
            self._take_others(int(book.seq[0]))
            self.books.append(book)
        for book in self.books:
            self._compare(book)
        return super().take(rejected, position)

    def finish(self, damage: list[Rejected]) -> Iterator[Batch]:
        """The books of other files that come after all of this one."""
        self._take_others(OPEN)
        yield self.take([], self.raw.position)
        yield from super().finish(damage)

    def _take_others(self, until: int) -> None:
        """Those of other files with ids below this one."""
        while self._others and self._others[0].seq[0] < until:
            book = self._others.pop(0)
            self.tick.add(Fraction(repr(price)) for price in book.price.tolist())
            ts = book.ts if book.ts[0] != MISSING else book.ts_recv
            line = self.books[-1].line if self.books else np.ones(1, np.int64)
            self.books.append(replace(book, ts=ts, line=line))

    def last_notes(self) -> list[str]:
        """
        Raises
        ------
        FormatError : many books are older than the one before.
        """
        if self._older * MOST_OLDER > self._count:
            got = f"{self._older:,} of {self._count:,} with a lower id than the one before"
            raise self._refused("snapshots of one market, one after the other", got)
        return super().last_notes()

    def nothing_found(self) -> FormatError:
        remedy = Sentence("Pass ", Keyword("symbol"), " of one of these, or leave it out")
        return self.skipped.instead(self.raw.path, f"snapshots of symbol {self.symbol}", remedy)

    def _snapshot(self, event: dict[str, Any], local: int, line: int) -> Rejected | str | None:
        symbol = event.get("symbol", self.symbol)
        if symbol != self.symbol:
            if self._chosen:
                self.skipped[f"symbol {symbol}"] += 1
                return None
            why = f"expected symbol {self.symbol}, got {symbol!r:.40}. "
            why = Sentence(why, "Pass ", Keyword("symbol"), " to take one of several")
            return Rejected(line, why, foreign=isinstance(symbol, str))
        found = exact_snapshot(event, self.tick)
        if isinstance(found, str):
            return found
        if not all(size for _, _, size in found.levels):
            return "expected levels with sizes above 0, got one of 0"
        if not found.ts and not local:
            return "expected a time with the snapshot, or a local time before it, got none"
        book = snapshot_message(found, line, local or MISSING)
        self.books.append(book if found.ts else replace(book, ts=book.ts_recv))
        return None

    def _compare(self, book: Messages) -> None:
        """Look whether a book can be of the same market as the one before it.

        Raises
        ------
        FormatError : its prices say that it is not.
        """
        deepest = int(max((book.side == 0).sum(), (book.side == 1).sum()))
        self.levels = min(self.levels or deepest, deepest)
        ts, seq, price = int(book.ts[0]), int(book.seq[0]), touch_of(book)
        self._count += 1
        if self._before is not None and price is not None:
            ts_before, seq_before, price_before = self._before
            self._older += seq < seq_before
            most = LEAP if abs(ts - ts_before) < SOON else 2.0
            if abs(ts - ts_before) < NEAR and not 1 / most < price / price_before < most:
                got = f"prices of {price_before:g} and {price:g} one after the other (line {book.line[0]})"
                raise self._refused("snapshots of one market", got)
        if price is not None:
            self._before = ts, seq, price

    def _refused(self, expected: str, got: str) -> FormatError:
        return FormatError(
            where=self.raw.path,
            expected=expected,
            got=got,
            remedy=Sentence("Keep each market in a file of its own, and pass ", Keyword("symbol")),
        )
