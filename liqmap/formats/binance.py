"""Binance stream captures, NDJSON: diffs (``depthUpdate``), trades, and REST snapshots anywhere between.

A line is ``[local time in ms, us or ns] {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate",...}}`` or
the event alone. Futures diffs say what they follow (``pu``), spot diffs begin at the next id (``U``). ``T``
is the engine's time, ``E`` the push time; spot has only ``E``. A REST snapshot has 1,000 levels a side and no
symbol.
Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams

Lines go through `_binance_scan` first; whatever it does not take is decided here, line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from liqmap.formats import _binance_scan
from liqmap.formats._binance_exact import (
    Diff,
    Trade,
    diff_messages,
    exact_diff,
    exact_snapshot,
    exact_trade,
    local_time,
    snapshot_message,
    trade_rows,
)
from liqmap.formats._binance_order import Order
from liqmap.formats._json_scan import word
from liqmap.formats.decimals import Tick
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.times import Units, is_micro
from liqmap.schema import MISSING, Batch, FormatError, Messages, Meta, Rejected

LEVELS = 1_000
"""Levels a side of a REST snapshot."""

_EVENT = re.compile(rb'"e"\s*:\s*"(depthUpdate|trade|aggTrade)"')
_SYMBOL = re.compile(rb'"e"\s*:\s*"(?:depthUpdate|trade|aggTrade)"[^{}\[\]]*?"s"\s*:\s*"([^"\\\x00-\x1f]+)"')
_LINE = re.compile(rb"\s*(\d{12,19}[ \t]+)?\{")
_SPLIT = re.compile(rb"\s*(?:(\d+)[ \t]+)?(.*)", re.DOTALL)
_LIMITED = re.compile(r"@depth\d")
_FIRST_SNAPSHOT = rb'\s*(\d{12,19}[ \t]+)?\{\s*"lastUpdateId"\s*:\s*\d+'


class BinanceStream:
    """Reader of a Binance capture: one symbol's book and trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        self.meta: dict[str, Meta] = {}
        self._raw = raw
        self._symbol = hints.symbol or _commonest(raw, head)
        self._chosen = hints.symbol is not None
        event = _EVENT.search(head)
        spot = None if event is None else _is_spot(head)
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, spot)
        self.notes = [note] if note else []
        self._feed = hints.feed or "full"
        kinds = set(_EVENT.findall(head))
        self._trades = "aggTrade" if b"aggTrade" in kinds and b"trade" not in kinds else "trade"
        self._tick, self._trade_tick = Tick(hints.tick_size), Tick(hints.tick_size)
        self._order = Order()
        self._units = Units("ms")
        self._left_out: Counter[str] = Counter()
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
        for what, lines in self._left_out.items():
            self.notes.append(f"{name}: {lines:,} lines of {what} were left out")
        if self._order.late:
            self.notes.append(f"{name}: {self._order.late:,} snapshots older than the book were left out")

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
                rejected.append(Rejected(int(count[2]), wrong))
        m, r, _, k = count.tolist()
        micro = is_micro(np.concatenate([whole[:m, 0], trade[:k, 0]]))
        self._units.see(us=micro, ms=~micro)
        diffs = diff_messages(whole[:m], rows[: m + 1], side[:r], price[:r], size[:r]) if m else None
        return diffs, trade_rows(trade[:k], paid[:k], self._forced) if k else None

    def _exact(self, text: bytes, line: int, count: np.ndarray) -> str | None:
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
                return self._foreign(event.get("s"))
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

    def _foreign(self, symbol: Any) -> str | None:
        """What is wrong with an event of another symbol; None where the user said which one to take."""
        if self._chosen and isinstance(symbol, str):
            self._left_out[f"symbol {symbol}"] += 1
            return None
        return f"expected symbol {self._symbol}, got {symbol!r:.40}. Pass symbol= to take one of several"

    def _snapshot(self, event: dict[str, Any], line: int, local: int) -> str | None:
        """Keep a REST snapshot for its place among the diffs, or say what is wrong with it."""
        found = exact_snapshot(event, self._tick)
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


def _commonest(raw: RawFile, head: bytes) -> str:
    found = Counter(_SYMBOL.findall(head)).most_common(1)
    if not found:
        raise FormatError(f"{raw.path}: expected a symbol in its events, got none. Pass symbol=...")
    return found[0][0].decode("utf-8", "replace")


def _is_spot(head: bytes) -> bool | None:
    """Whether the first diff or trade is of spot: only futures diffs have ``pu``, only spot trades ``M``."""
    for line in head.split(b"\n")[:-1]:
        if (event := _EVENT.search(line)) is None:
            continue
        return b'"pu"' not in line if event[1] == b"depthUpdate" else b'"M"' in line
    return None


def _detect(head: bytes) -> bool:
    """Lines of events, or a REST snapshot, each after a local time or none."""
    if not _LINE.match(head):
        return False
    return _SYMBOL.search(head) is not None or re.match(_FIRST_SNAPSHOT, head) is not None


register(
    Format(
        "binance-stream",
        "Binance depthUpdate and trade lines with a REST snapshot, NDJSON, zip or gz",
        detect=_detect,
        open=BinanceStream,
    )
)
