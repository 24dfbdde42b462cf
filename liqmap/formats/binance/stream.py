"""Binance stream captures, NDJSON: diffs (``depthUpdate``), trades, and REST snapshots anywhere between.

A line is ``[local time in ms, us or ns] {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate",...}}`` or
the event alone. Futures diffs say what they follow (``pu``), spot diffs begin at the next id (``U``). ``T``
is the engine's time, ``E`` the push time; spot has only ``E``. A REST snapshot has 1,000 levels a side and no
symbol.
Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams

Lines go through `_binance_scan` first; whatever it does not take is decided here, line by line.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from liqmap.formats.binance import scan as _binance_scan
from liqmap.formats.binance.exact import (
    Diff,
    Trade,
    diff_messages,
    exact_diff,
    exact_snapshot,
    exact_trade,
    snapshot_message,
    trade_rows,
)
from liqmap.formats.binance.head import EVENT, asked, commonest, is_capture, is_spot, symbols_of
from liqmap.formats.binance.order import Order
from liqmap.formats.binance.partial import BinancePartial, is_partial
from liqmap.formats.binance.snapshot_owner import Others
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw.file import RawFile, ahead
from liqmap.formats.registry import Format, Hints, Reader, register
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.json_scan import word
from liqmap.formats.text.left_out import LeftOut
from liqmap.formats.text.times import Units, is_micro, local_time
from liqmap.schema import MISSING, SNAPSHOT, Batch, Messages, Meta, Rejected

LEVELS = 1_000
"""Levels a side of a REST snapshot."""

_SPLIT = re.compile(rb"\s*(?:(\d+)[ \t]+)?(.*)", re.DOTALL)
_LIMITED = re.compile(r"@depth\d")


class BinanceStream:
    """Reader of a Binance capture: one symbol's book and trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        self.meta: dict[str, Meta] = {}
        self._raw = raw
        symbols = symbols_of(head)
        self._symbol = asked(hints.symbol, symbols) if hints.symbol else commonest(raw, symbols)
        self._chosen = hints.symbol is not None
        self._others = Others()
        for symbol in symbols:
            if symbol != self._symbol:
                self._others.expect(symbol)
        self._heard = False
        event = EVENT.search(head)
        spot = None if event is None else is_spot(head)
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, spot)
        self.notes = [note] if note else []
        self._feed = hints.feed or "full"
        kinds = set(EVENT.findall(head))
        self._trades = "aggTrade" if b"aggTrade" in kinds and b"trade" not in kinds else "trade"
        self._tick, self._trade_tick = Tick(hints.tick_size), Tick(hints.tick_size)
        self._order = Order(self._others)
        self._units = Units("ms")
        self._left_out = LeftOut()
        self._snapshots: list[Messages] = []
        self._forced: list[int] = []

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        count = np.zeros(4, np.int64)
        for chunk, position in ahead(self._raw.chunks()):
            count[:2], count[3] = 0, 0
            rejected: list[Rejected] = []
            diffs, trades = self._scan(chunk, count, rejected)
            depth, lost = self._order.push(diffs, self._snapshots, rejected)
            self._snapshots = []
            self._describe(depth, trades)
            yield Batch(depth=depth, trades=trades, rejected=tuple(lost), position=position)
        depth, lost = self._order.finish()
        foreign = self._chosen and bool(self._others)
        if self._left_out and not self._heard and depth is None and (foreign or not (self.meta or lost)):
            raise self._left_out.instead(
                self._raw.path,
                f"events of symbol {self._symbol}",
                "Pass symbol= of one of these, or leave it out",
            )
        if depth is not None and (depth.ts == MISSING).any():
            lost = [Rejected(int(depth.line[0]), "expected a time with the snapshot, got none")]
            depth = None
        if self._raw.damage:
            lost = [*lost, Rejected(int(count[2]) + 1, self._raw.damage)]
        self._describe(depth, None)
        self._tell()
        yield Batch(depth=depth, rejected=tuple(lost), position=self._raw.position)

    def _tell(self) -> None:
        name = self._raw.path.name
        self.notes += self._units.notes(name)
        self.notes += self._left_out.notes(name)
        if self._order.late:
            self.notes.append(f"{name}: {self._order.late:,} snapshots older than the book were left out")
        if self._order.strange:
            self.notes.append(
                f"{name}: {self._order.strange:,} snapshots were left out: they have no symbol, and "
                f"neither ids nor prices tie them to {self._symbol}"
            )

    def _scan(
        self, chunk: bytes, count: np.ndarray, rejected: list[Rejected]
    ) -> tuple[Messages | None, pa.RecordBatch | None]:
        """The diffs and trades of one chunk of whole lines; its snapshots go to ``self._snapshots``."""
        text = np.frombuffer(chunk, np.uint8)
        lines, levels = len(text) // 32 + 16, len(text) // 6 + 16
        whole, trade = np.empty((lines, 5), np.int64), np.empty((lines, 4), np.int64)
        rows, paid = np.zeros(lines + 1, np.int64), np.empty((lines, 2))
        side, price, size = np.empty(levels, np.int8), np.empty(levels), np.empty(levels)
        self._into = (whole, rows, side, price, size, self._tick.state, trade, paid)
        self._forced = []
        symbol = np.frombuffer(self._symbol.encode(), np.uint8)
        trades = word(self._trades)
        i = 0
        while True:
            i = _binance_scan.scan(
                text, i, len(text), symbol, trades, *self._into, self._trade_tick.state, count
            )
            if i >= len(text):
                break
            after = chunk.index(b"\n", i) + 1
            count[2] += 1
            wrong = self._exact(chunk[i : after - 1], int(count[2]), count)
            i = after
            if wrong is not None:
                rejected.append(wrong if isinstance(wrong, Rejected) else Rejected(int(count[2]), wrong))
        m, r, _, k = count.tolist()
        self._heard |= m > 0 or k > 0
        micro = is_micro(np.concatenate([whole[:m, 0], trade[:k, 0]]))
        self._units.see(us=micro, ms=~micro)
        diffs = diff_messages(whole[:m], rows[: m + 1], side[:r], price[:r], size[:r]) if m else None
        return diffs, trade_rows(trade[:k], paid[:k], self._forced) if k else None

    def _exact(self, text: bytes, line: int, count: np.ndarray) -> Rejected | str | None:
        """One line of any kind; what is wrong with it."""
        if not text.strip():
            return None
        clock, body = _SPLIT.fullmatch(text).groups()  # type: ignore[union-attr]
        local = local_time(clock)
        if local is None:
            return f"expected a local time in ms, us or ns, got {clock.decode()!r:.40}"
        try:
            event = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return f"broken JSON: {error}"
        if not isinstance(event, dict):
            return f"expected a JSON object, got {type(event).__name__}"
        stream = event.get("stream")
        if isinstance(stream, str) and "data" in event:
            event = event["data"]
            if not isinstance(event, dict) or _LIMITED.search(stream):
                self._left_out[f"stream {stream}"] += 1
                return None
        if "lastUpdateId" in event and "bids" in event and stream is None:
            return self._snapshot(event, line, local)
        kind = event.get("e")
        if kind == "depthUpdate" or kind == self._trades:
            if event.get("s") != self._symbol:
                return self._foreign(event, line)
            self._heard = True
            taken = exact_diff if kind == "depthUpdate" else exact_trade
            tick = self._tick if kind == "depthUpdate" else self._trade_tick
            found = taken(event, tick)
            if isinstance(found, str):
                return found
            self._append(found, line, local, count)
            return None
        if kind == "bookTicker" or (kind is None and "u" in event and "B" in event):
            return None
        if isinstance(kind, str):
            self._left_out[f"event {kind}"] += 1
        elif "result" not in event and "error" not in event:
            return "expected an event `e` or a snapshot with `lastUpdateId`, got neither"
        return None

    def _foreign(self, event: dict[str, Any], line: int) -> Rejected | None:
        """What is wrong with an event of another symbol; None where the user said which one to take."""
        symbol = event.get("s")
        if isinstance(symbol, str):
            self._others.hear(symbol, event)
            if self._chosen:
                self._left_out[f"symbol {symbol}"] += 1
                return None
        why = f"expected symbol {self._symbol}, got {symbol!r:.40}. Pass symbol= to take one of several"
        return Rejected(line, why, foreign=isinstance(symbol, str))

    def _snapshot(self, event: dict[str, Any], line: int, local: int) -> str | None:
        """Keep a REST snapshot for its place among the diffs, or say what is wrong with it."""
        # one that may be another symbol's leaves our tick as it is until it is known to be ours
        found = exact_snapshot(event, copy.deepcopy(self._tick) if self._others else self._tick)
        if isinstance(found, str):
            return found
        self._snapshots.append(snapshot_message(found, line, local or MISSING))
        return None

    def _append(self, found: Diff | Trade | None, line: int, local: int, count: np.ndarray) -> None:
        """Write one diff or trade after those that the scanner took."""
        whole, rows, side, price, size, _, trade, paid = self._into
        m, r, _, k = count.tolist()
        if isinstance(found, Diff):
            whole[m] = found.ts, found.seq, found.prev, line, local
            for code, at, amount in found.levels:
                side[r], price[r], size[r] = code, at, amount
                r += 1
            rows[m + 1] = r
            count[:2] = m + 1, r
        elif isinstance(found, Trade):
            trade[k] = found.ts, found.id, found.maker, line
            paid[k] = found.price, found.size
            if found.forced:
                self._forced.append(k)
            count[3] = k + 1
        else:
            self._left_out["trades that were none (X is NA)"] += 1

    def _describe(self, depth: Messages | None, trades: pa.RecordBatch | None) -> None:
        """The metadata of what was found so far; the tick size gets finer as prices come."""
        if depth is not None and self._others:
            for i in np.flatnonzero(depth.event == SNAPSHOT):
                prices = depth.price[depth.rows[i] : depth.rows[i + 1]].tolist()
                self._tick.add(Fraction(repr(price)) for price in prices)
        sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
        if "depth" in self.meta or depth is not None:
            self.meta["depth"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                feed=self._feed,
                tick_size=self._tick.size,
                depth_limit=LEVELS,
                window_policy="full",
                **sizes,
            )
        if "trades" in self.meta or trades is not None:
            self.meta["trades"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                tick_size=self._trade_tick.size,
                trade_ids="aggregate" if self._trades == "aggTrade" else "trade",
                **sizes,
            )


def _open(raw: RawFile, hints: Hints) -> Reader:
    partial = is_partial(raw.head()) and hints.feed != "full"
    return (BinancePartial if partial else BinanceStream)(raw, hints)


register(
    Format(
        "binance-stream",
        "Binance depthUpdate and trade lines with a REST snapshot, or partial depth, NDJSON, zip or gz",
        detect=is_capture,
        open=_open,
    )
)
