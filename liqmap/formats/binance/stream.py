"""Binance stream captures, NDJSON: diffs (``depthUpdate``), trades, book tickers, and REST snapshots anywhere
between.

A line is ``[local time in ms, us or ns] {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate",...}}`` or
the event alone. Futures diffs say what they follow (``pu``), spot diffs begin at the next id (``U``). ``T``
is the engine's time, ``E`` the push time; spot has only ``E``. A REST snapshot has 1,000 levels a side and
no symbol. Of several streams of diffs one is read (see `depth_streams`, and `chains` where lines do not name
them).
Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams

Lines go through `scan` first; whatever it does not take is decided by `exact`, line by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.binance.chains import Chains
from liqmap.formats.binance.chunk import Chunk
from liqmap.formats.binance.events.columns import Wanted
from liqmap.formats.binance.events.depth_streams import (
    FEED,
    RPI,
    chosen,
    diff_streams,
    is_diffs,
    is_limited,
    is_partial,
    limited,
)
from liqmap.formats.binance.events.exact import exact_diff, exact_trade
from liqmap.formats.binance.events.first_lines import (
    EVENT,
    asked,
    commonest,
    first_bytes,
    has_book,
    is_capture,
    is_spot,
    own_symbols,
    snapshot_in,
    symbols_of,
    ticked_symbols,
)
from liqmap.formats.binance.events.scan_ticker import FUTURES, SPOT
from liqmap.formats.binance.events.tickers import arrival_note, is_ticker, timeless_note
from liqmap.formats.binance.snapshots.alone import lone_snapshots
from liqmap.formats.binance.snapshots.order import Order
from liqmap.formats.binance.snapshots.owner import Others
from liqmap.formats.binance.snapshots.partial import BinancePartial
from liqmap.formats.binance.snapshots.polled import BinancePolled, is_polled
from liqmap.formats.market import binance_sizes, binance_venue, named_symbol
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, Reader, register
from liqmap.formats.text.json_escapes import as_written, unescaped
from liqmap.formats.text.json_reader import JsonLinesReader, no_object
from liqmap.formats.text.json_scan import word
from liqmap.formats.text.times import is_micro
from liqmap.schema import MISSING, Batch, FormatError, Messages, Meta, Quotes, Rejected
from liqmap.schema.trust import Proof
from liqmap.schema.wording import Keyword, Sentence

LEVELS = 1_000
"""Levels a side of a REST snapshot."""


class BinanceStream(JsonLinesReader):
    """Reader of a Binance capture: one symbol's book and trades."""

    proof = Proof(chained=True)

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, "ms")
        self._raw_head = first_bytes(raw)
        head = unescaped(self._raw_head)
        traded = symbols_of(head) or own_symbols(head)
        symbols = traded or ([] if has_book(head) else ticked_symbols(head))
        self.notes: list[str] = []
        self.named = "" if symbols or hints.symbol else named_symbol(raw.path) or ""
        if self.named:
            self._symbol = self.named
            self.notes.append(f"{raw.path.name}: took the symbol {self.named} from the file's name")
        else:
            self._symbol = asked(hints.symbol, symbols) if hints.symbol else commonest(raw, symbols)
        self._chosen = hints.symbol is not None
        self._others = Others()
        for symbol in symbols:
            if symbol != self._symbol:
                self._others.expect(symbol)
        self._heard = False
        spot = is_spot(head)
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, spot)
        self.notes += [note] if note else []
        self._hints, self._spot = hints, spot
        self.also = "quotes" if traded and ticked_symbols(head) else ""
        streams = diff_streams(head, self._symbol)
        self._stream = chosen(streams, hints.feed, spot)
        self._chains = None if streams else Chains()
        self._passes_tickers = self._chosen or bool(traded)
        kinds = set(EVENT.findall(head))
        told = "aggTrade" if b"aggTrade" in kinds else ""
        self._trades = "trade" if b"trade" in kinds else told
        self._chunk = Chunk(hints.tick_size)
        self._order = Order(self._others, hints.snapshots, getattr(raw, "grows", False))

    def begin(self, size: int) -> None:
        self._chunk.begin(size)

    def scan(self, text: np.ndarray, at: int, line: int) -> tuple[int, int]:
        names = (as_written(name or "", self._raw_head) for name in (self._symbol, self._stream))
        symbol, stream = (np.frombuffer(name, np.uint8) for name in names)
        market = -1 if self._spot is None else SPOT if self._spot else FUTURES
        wanted = Wanted(symbol, stream, word(self._trades), market, self._passes_tickers)
        return self._chunk.scan(text, at, line, wanted)

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        """The diffs, trades and book tickers of a chunk, and the snapshots at their places."""
        times = self._chunk.times()
        self._heard |= len(times) > 0
        micro = is_micro(times)
        self.units.see(us=micro, ms=~micro)
        messages = self._chunk.diffs(rejected, ours=not self._others)
        rows = self._chunk.trades(rejected)
        quotes = self._chunk.quotes(rejected)
        self._heard |= quotes is not None
        if passed := self._chunk.foreign_tickers:
            self.skipped["book tickers of other symbols"] += passed
        if self._chains is not None and messages is not None:
            messages = self._chains.keep(messages)
        depth, lost = self._near_snapshots(*self._order.push(messages, self._chunk.snapshots, rejected))
        self._describe(depth, rows, quotes)
        return Batch(depth=depth, trades=rows, quotes=quotes, rejected=lost, position=position)

    def _near_snapshots(
        self, depth: Messages | None, lost: tuple[Rejected, ...]
    ) -> tuple[Messages | None, tuple[Rejected, ...]]:
        """Snapshots that may have been another symbol's, or are of other files, are now known to be ours."""
        if depth is None or not (self._others or self._hints.snapshots):
            return depth, lost
        return self._chunk.near_snapshots(depth, lost)

    def finish(self, damage: list[Rejected]) -> Iterator[Batch]:
        """What waited for what comes after it."""
        if self._chains is not None:
            self._chains.check(self.raw.path)
        depth, lost = self._near_snapshots(*self._order.finish())
        if self._chunk.timeless and depth is None and not (self.meta or lost):
            raise FormatError(
                where=self.raw.path,
                expected="a local time before each book ticker, as those of spot have no time of their own",
                got="none",
                remedy="Write the time of arrival before each line: `1735689600005 {...}`",
            )
        foreign = self._chosen and bool(self._others)
        if self.skipped and not self._heard and depth is None and (foreign or not (self.meta or lost)):
            raise self.nothing_found()
        asked_stream = self._hints.feed is not None and FEED.fullmatch(self._hints.feed)
        if asked_stream and self._stream is None and any("@" in what for what in self.skipped):
            raise self.nothing_found()
        if depth is not None and (depth.ts == MISSING).any():
            why = "expected a time with the snapshot, or the file of its diffs given with it, got neither"
            lost = (Rejected(int(depth.line[0]), why),)
            depth = None
        self._describe(depth, None)
        self.notes += self.last_notes()
        yield Batch(depth=depth, rejected=(*lost, *damage), position=self.raw.position)

    def nothing_found(self) -> FormatError:
        feed = self._hints.feed
        of = f"symbol {self._symbol}" + (f" and feed {feed}" if feed and FEED.fullmatch(feed) else "")
        more = () if feed is None else (" or ", Keyword("feed"))
        remedy = Sentence("Pass ", Keyword("symbol"), *more, " of one of these, or leave it out")
        return self.skipped.instead(self.raw.path, f"events of {of}", remedy)

    def last_notes(self) -> list[str]:
        name = self.raw.path.name
        found = self.units.notes(name) + self.skipped.notes(name)
        if self._chunk.timeless:
            found.append(timeless_note(name, self._chunk.timeless))
        if self._spot and "quotes" in self.meta:
            found.append(arrival_note(name))
        chains = self._chains
        if chains is not None and (count := chains.others + chains.strange + chains.waiting):
            found.append(
                f"{name}: {count:,} diffs were left out: they overlap others, as those of another speed do"
            )
        if self._order.before:
            found.append(f"{name}: {self._order.before:,} diffs from before the snapshot were left out")
        if self._order.late:
            found.append(f"{name}: {self._order.late:,} snapshots older than the book were left out")
        if self._order.strange:
            found.append(
                f"{name}: {self._order.strange:,} snapshots were left out: they have no symbol, and "
                f"neither ids nor prices tie them to {self._symbol}"
            )
        return found

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        event = message
        if not isinstance(event, dict):
            return no_object(event)
        stream = event.get("stream")
        if isinstance(stream, str) and "data" in event:
            event = event["data"]
            if not isinstance(event, dict) or is_limited(stream):
                self.skipped[f"stream {stream}"] += 1
                return None
        if stream is None and (snapshot := snapshot_in(event)) is not None:
            if isinstance(symbol := snapshot.get("symbol"), str) and symbol != self._symbol:
                self.skipped[f"snapshots of {symbol}"] += 1
                return None
            return self._chunk.append_snapshot(snapshot, line, local, ours=not self._others)
        kind = event.get("e")
        if not self._trades and kind in ("trade", "aggTrade") and event.get("s") == self._symbol:
            self._trades = kind  # the first, where the head has none
        if kind == "depthUpdate" or (kind == self._trades and kind):
            if event.get("s") != self._symbol:
                return self._foreign(event, line)
            if kind == "depthUpdate" and isinstance(stream, str) and not self._is_wanted(stream):
                self.skipped[f"stream {stream}"] += 1
                return None
            self._heard = True
            read = exact_diff if kind == "depthUpdate" else exact_trade
            found = read(event, self._chunk.tick if kind == "depthUpdate" else self._chunk.trade_tick)
            if isinstance(found, str):
                return found
            if found is None:
                self.skipped["trades that were none (X is NA)"] += 1
            else:
                self._chunk.append(found, line, local)
            return None
        if is_ticker(event):
            return self._ticker(event, local, line)
        if isinstance(kind, str):
            self.skipped[f"event {kind}"] += 1
        elif "result" not in event and "error" not in event:
            return "expected an event `e` or a snapshot with `lastUpdateId`, got neither"
        return None

    def _ticker(self, event: dict[str, Any], local: int, line: int) -> Rejected | None:
        """Take a book ticker, or say what is wrong with it: nothing else is lost with one."""
        if event.get("s") != self._symbol:
            if isinstance(event.get("s"), str) and self._passes_tickers:
                self.skipped["book tickers of other symbols"] += 1
                return None
            return self._foreign(event, line)
        spot = "e" not in event
        if self._spot is None:
            self._spot = spot
        if spot != self._spot:
            self.skipped[f"book tickers of {'spot' if spot else 'futures'}, another market"] += 1
            return None
        wrong = self._chunk.append_ticker(event, line, local)
        return None if wrong is None else Rejected(line, wrong, level=True)

    def _is_wanted(self, stream: str) -> bool:
        """Whether diffs of a stream are read: the first are, where the head has none."""
        if not is_diffs(stream):
            return True
        feed = self._hints.feed
        if self._stream is None and self._chains is not None:
            self._stream = chosen([stream], feed, self._spot)
        return stream == self._stream

    def _foreign(self, event: dict[str, Any], line: int) -> Rejected | None:
        """What is wrong with an event of another symbol; None where the user said which one to take."""
        symbol = event.get("s")
        if isinstance(symbol, str):
            self._others.hear(symbol, event)
            if self._chosen:
                self.skipped[f"symbol {symbol}"] += 1
                return None
        why = f"expected symbol {self._symbol}, got {symbol!r:.40}. "
        why = Sentence(why, "Pass ", Keyword("symbol"), " to take one of several")
        return Rejected(line, why, foreign=isinstance(symbol, str))

    def _describe(
        self, depth: Messages | None, trades: pa.RecordBatch | None, quotes: Quotes | None = None
    ) -> None:
        """The metadata of what was found so far; the tick size gets finer as prices come."""
        sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
        if "depth" in self.meta or depth is not None:
            self.meta["depth"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                feed=self._hints.feed or (RPI if RPI in (self._stream or "") else "full"),
                tick_size=self._chunk.tick.size,
                depth_limit=LEVELS,
                window_policy="full",
                **sizes,
            )
        if "trades" in self.meta or trades is not None:
            self.meta["trades"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                tick_size=self._chunk.trade_tick.size,
                trade_ids="aggregate" if self._trades == "aggTrade" else "trade",
                **sizes,
            )
        if "quotes" in self.meta or quotes is not None:
            tick_size = self._chunk.ticker_tick.size
            self.meta["quotes"] = Meta(venue=self.venue, symbol=self._symbol, tick_size=tick_size, **sizes)


def _open(raw: RawFile, hints: Hints) -> Reader:
    head = unescaped(first_bytes(raw))
    if (is_partial(head) and hints.feed != "full") or hints.feed in limited(head):
        return BinancePartial(raw, hints)
    polled = hints.feed != "full" and is_polled(raw, head, len(hints.snapshots))
    return (BinancePolled if polled else BinanceStream)(raw, hints)


register(
    Format(
        "binance-stream",
        "Binance diffs, trades, book tickers with a REST snapshot, partial depth, or snapshots alone, NDJSON",
        detect=is_capture,
        open=_open,
        snapshots=lone_snapshots,
    )
)
