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
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from liqmap.formats.binance.exact import (
    Trade,
    exact_diff,
    exact_snapshot,
    exact_trade,
    snapshot_message,
    trade_rows,
)
from liqmap.formats.market import binance_sizes, binance_venue, spelled
from liqmap.formats.raw.file import RawFile, ahead
from liqmap.formats.registry import Hints
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.left_out import LeftOut
from liqmap.formats.text.times import local_time
from liqmap.schema import MISSING, Batch, Messages, Meta, Rejected
from liqmap.schema.messages import join

STREAM = re.compile(rb'"stream"\s*:\s*"([^"@\\\x00-\x1f]+)@depth(\d{1,2})(@\d+ms)?"')
_STREAM = re.compile(r"([^@]+)@depth(\d{1,2})(?:@\d+ms)?")
_DIFFS = re.compile(rb'"stream"\s*:\s*"[^"@]+@depth(@\d+ms)?"')
_BARE_DIFF = re.compile(rb'^\s*(?:\d+[ \t]+)?\{\s*"e"\s*:\s*"depthUpdate"', re.MULTILINE)
_TRADE = re.compile(rb'"e"\s*:\s*"trade"')
_SPLIT = re.compile(rb"\s*(?:(\d+)[ \t]+)?(.*)", re.DOTALL)


def is_partial(head: bytes) -> bool:
    """Whether the books of a capture are partial ones alone."""
    diffs = _DIFFS.search(head) or _BARE_DIFF.search(head)
    return STREAM.search(head) is not None and diffs is None


class BinancePartial:
    """Reader of one partial depth stream of a capture and the trades of its symbol."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        streams = Counter((s.decode("utf-8", "replace"), int(n)) for s, n, _ in STREAM.findall(head))
        common = [s for s, _ in streams.most_common() if hints.feed in (None, f"depth{s[1]}")]
        names = [name.upper() for name, _ in common]
        symbol = (spelled(hints.symbol, names) or hints.symbol.upper()) if hints.symbol else None
        at = names.index(symbol) if symbol in names else 0
        self._symbol = symbol or (names[0] if names else streams.most_common(1)[0][0][0].upper())
        self._levels = common[at][1] if common else 0
        self.meta: dict[str, Meta] = {}
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, b'"lastUpdateId"' in head)
        self.notes = [note] if note else []
        self._raw = raw
        self._hints = hints
        self._tick, self._trade_tick = Tick(hints.tick_size), Tick(hints.tick_size)
        self._kind = "trade" if _TRADE.search(head) else "aggTrade"
        self._trades: list[Trade] = []
        self._left_out = LeftOut()
        self._last = -1

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        line, broken = 0, False
        for chunk, position in ahead(self._raw.chunks()):
            found: list[Messages] = []
            rejected: list[Rejected] = []
            for text in chunk.split(b"\n")[:-1]:
                line += 1
                one = self._exact(text, line) if text.strip() else None
                if isinstance(one, str):
                    rejected.append(Rejected(line, one))
                elif one is not None:
                    found.append(one)
            broken |= bool(rejected)
            yield Batch(
                depth=self._follow(found),
                trades=self._taken(),
                rejected=tuple(rejected),
                position=position,
            )
        if self._left_out and not self.meta and not broken:
            raise self._left_out.instead(
                self._raw.path,
                f"a stream of {self._hints.feed or 'partial depth'} of {self._symbol}",
                "Pass symbol= or feed= of one of these, or leave them out",
            )
        self.notes += self._left_out.notes(self._raw.path.name)
        if self._raw.damage:
            yield Batch(rejected=(Rejected(line + 1, self._raw.damage),), position=self._raw.position)

    def _exact(self, text: bytes, line: int) -> Messages | str | None:
        """One line, what is wrong with it, or None where it is of something else."""
        clock, body = _SPLIT.fullmatch(text).groups()  # type: ignore[union-attr]
        local = local_time(clock)
        if local is None:
            return f"expected a local time in ms, us or ns, got {clock.decode()!r:.40}"
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return f"broken JSON: {error}"
        event = message.get("data") if isinstance(message, dict) else None
        if isinstance(message, dict) and "stream" not in message:
            if "lastUpdateId" in message:
                self._left_out["REST snapshots"] += 1
                return None
            if "result" in message or "error" in message:
                return None
        if not isinstance(event, dict) or not isinstance(message.get("stream"), str):
            return "expected a JSON object with `stream` and `data`, got neither"
        if event.get("e") == self._kind and event.get("s") == self._symbol:
            trade = exact_trade(event, self._trade_tick)
            if isinstance(trade, str):
                return trade
            self._trades += [] if trade is None else [trade]
            return None
        of = _STREAM.fullmatch(message["stream"])
        if of is None or (of[1].upper(), int(of[2])) != (self._symbol, self._levels):
            self._left_out[f"stream {message['stream']}"] += 1
            return None
        return self._message(event, line, local)

    def _message(self, event: dict[str, Any], line: int, local: int) -> Messages | str:
        plain = "lastUpdateId" in event
        if not plain and event.get("s") != self._symbol:
            return f"expected symbol {self._symbol}, got {event.get('s')!r:.40}"
        found = (exact_snapshot if plain else exact_diff)(event, self._tick)
        if isinstance(found, str):
            return found
        if not found.levels or not all(size for _, _, size in found.levels):
            return "expected levels with sizes above 0, got one of 0 or none"
        if not found.ts and not local:
            return "expected a local time before a message that has none of its own, got none"
        told = snapshot_message(found, line, local or MISSING)
        return told if found.ts else replace(told, ts=told.ts_recv)

    def _follow(self, found: list[Messages]) -> Messages | None:
        """One after the other: each follows the one before, whatever its id."""
        depth = join(found)
        if depth is None:
            return None
        newest = np.maximum.accumulate(np.concatenate([[self._last], depth.seq]))
        self._last = int(newest[-1])
        sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self._symbol,
            feed=f"depth{self._levels}",
            tick_size=self._tick.size,
            depth_limit=self._levels,
            window_policy="snapshots",
            **sizes,
        )
        return replace(depth, prev=newest[:-1])

    def _taken(self) -> pa.RecordBatch | None:
        """The trades of the lines since the last call."""
        trades, self._trades = self._trades, []
        if not trades:
            return None
        sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
        self.meta["trades"] = Meta(
            venue=self.venue,
            symbol=self._symbol,
            tick_size=self._trade_tick.size,
            trade_ids="aggregate" if self._kind == "aggTrade" else "trade",
            **sizes,
        )
        whole = np.array([(t.ts, t.id, t.maker, 0) for t in trades], np.int64)
        paid = np.array([(t.price, t.size) for t in trades])
        return trade_rows(whole, paid, [i for i, t in enumerate(trades) if t.forced])
