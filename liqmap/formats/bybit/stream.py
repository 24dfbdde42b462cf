"""Bybit v5 stream lines: daily depth archives and WebSocket captures, NDJSON.

A depth line is ``{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":...,"data":{"s":...,"b":[...],
"a":[...],"u":...,"seq":...},"cts":...}``, keys in any order. ``u`` rises by 1 per message, ``data.seq`` does
not. ``cts`` is the engine's time and ``ts`` the push time; old archives have no ``cts``. Before a line
may stand the local time of its arrival, in ms, us or ns: ``1735689600005 {"topic":...}``.
Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook

Lines go through `_bybit_scan` first; whatever it does not take is decided here by `exact`, line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import orjson

from liqmap.compiling import say_if_compiling
from liqmap.formats.bybit import scan as _bybit_scan
from liqmap.formats.bybit.exact import Message, append, exact
from liqmap.formats.bybit.stream_trades import Trades
from liqmap.formats.market import bybit_size_unit, bybit_venue, spelled
from liqmap.formats.raw.file import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.left_out import LeftOut
from liqmap.formats.text.times import local_time
from liqmap.schema import GAP, HEARD, MISSING, SNAPSHOT, UPDATE, Batch, FormatError, Messages, Meta, Rejected

_DEPTH = re.compile(rb'"topic"\s*:\s*"(orderbook\.\d{1,4}\.[^"\\\x00-\x1f]+)"')
TRADE_TOPIC = re.compile(rb'"topic"\s*:\s*"(publicTrade\.[^"\\\x00-\x1f]+)"')
_TOPIC = re.compile(r"orderbook\.(\d{1,4})\.(.+)", re.ASCII | re.DOTALL)
_SPLIT = re.compile(rb"[ \t\r]*(?:(\d+)[ \t\r]+)?(.*)", re.DOTALL)
_CONTROL = ("success", "op", "ret_msg", "req_id", "pong", "ping")


class BybitStream:
    """Reader of Bybit stream lines: one depth feed, and the trades of the same symbol if they are there."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        self.meta: dict[str, Meta] = {}
        self.venue, note = bybit_venue(raw.path, hints.venue)
        self.notes = [note] if note else []
        self._raw = raw
        head = raw.head()
        self._hints = hints = _spelled(head, hints)
        self._depth_topic, self._trade_topic = _topics(head, hints)
        self._tick = Tick(hints.tick_size)
        self._trades = Trades(hints.tick_size)
        self._left_out = LeftOut()
        self._broken = False

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        count = np.zeros(3, np.int64)
        for chunk, position in ahead(self._raw.chunks()):
            rejected: list[Rejected] = []
            count[:2] = 0
            depth = self._scan(chunk, count, rejected)
            trades = self._trades.take()
            self._describe(depth is not None, trades is not None)
            self._broken |= bool(rejected)
            yield Batch(depth=depth, trades=trades, rejected=tuple(rejected), position=position)
        if self._left_out and not self.meta and not self._broken:
            raise self._nothing()
        self.notes += self._left_out.notes(self._raw.path.name)
        if self._raw.damage:
            yield Batch(
                rejected=(Rejected(int(count[2]) + 1, self._raw.damage),), position=self._raw.position
            )

    def _scan(self, chunk: bytes, count: np.ndarray, rejected: list[Rejected]) -> Messages | None:
        """The depth messages of one chunk of whole lines; its trades go to ``self._trades``."""
        say_if_compiling(_bybit_scan.scan)
        text = np.frombuffer(chunk, np.uint8)
        messages, levels = len(text) // 32 + 16, len(text) // 6 + 16
        ts, recv, seq, line = (np.empty(messages, np.int64) for _ in range(4))
        rows = np.zeros(messages + 1, np.int64)
        snapshot = np.empty(messages, np.bool_)
        side = np.empty(levels, np.int8)
        price, size = np.empty(levels), np.empty(levels)
        into = (ts, recv, seq, snapshot, rows, line, side, price, size, self._tick.state, count)
        i = 0
        while True:
            topic, symbol = self._wanted()
            if len(topic):
                i = _bybit_scan.scan(text, i, len(text), topic, symbol, *into)
            if i >= len(text):
                break
            after = chunk.index(b"\n", i) + 1
            count[2] += 1
            found = self._exact(chunk[i : after - 1], int(count[2]))
            i = after
            if isinstance(found, Rejected):
                rejected.append(found)
            elif found is not None:
                append(found, int(count[2]), into)
        m, r = int(count[0]), int(count[1])
        if m == 0:
            return None
        rows = rows[: m + 1]
        replaces = snapshot[:m] | (seq[:m] == 1)
        filled = np.diff(rows) > 0
        event = np.where(replaces, np.where(filled, SNAPSHOT, GAP), np.where(filled, UPDATE, HEARD)).astype(
            np.int8
        )
        return Messages(
            ts=ts[:m] * 1_000_000,
            ts_recv=np.where(recv[:m] > 0, recv[:m], MISSING),
            seq=seq[:m],
            prev=np.where(replaces, -1, seq[:m] - 1),
            event=event,
            rows=rows,
            line=line[:m],
            side=side[:r],
            price=price[:r],
            size=size[:r],
            gap_reason="resync",
        )

    def _wanted(self) -> tuple[np.ndarray, np.ndarray]:
        topic = self._depth_topic or ""
        symbol = topic.split(".", 2)[-1]
        return np.frombuffer(topic.encode(), np.uint8), np.frombuffer(symbol.encode(), np.uint8)

    def _exact(self, text: bytes, line: int) -> Message | Rejected | None:
        """One line of any kind; None for trades (kept aside), blank lines and control messages."""
        if not text.strip():
            return None
        clock, body = _SPLIT.fullmatch(text).groups()  # type: ignore[union-attr]
        recv = local_time(clock)
        if recv is None:
            return Rejected(line, f"expected a local time in ms, us or ns, got {clock.decode()!r:.40}")
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return Rejected(line, f"broken JSON: {error}")
        if not isinstance(message, dict):
            return Rejected(line, f"expected a JSON object, got {type(message).__name__}")
        topic = message.get("topic")
        if topic is None and any(key in message for key in _CONTROL):
            return None
        if not isinstance(topic, str):
            return Rejected(line, "expected a `topic`, got none")
        if topic.startswith("publicTrade."):
            self._trade_topic = self._trade_topic or topic
            if topic != self._trade_topic:
                return self._foreign(line, topic, self._trade_topic)
            wrong = self._trades.add(message)
            return Rejected(line, wrong) if wrong else None
        if not _TOPIC.fullmatch(topic):
            self._left_out[f"topic {topic}"] += 1
            return None
        if self._depth_topic is None and _allowed(topic, self._hints):
            self._depth_topic = topic
        if topic != self._depth_topic:
            return self._foreign(line, topic, self._depth_topic)
        found = exact(message, topic, recv, self._tick)
        return Rejected(line, found) if isinstance(found, str) else found

    def _foreign(self, line: int, topic: str, wanted: str | None) -> Rejected | None:
        """A line of another stream: left out if the user said which one to take, or if it is another depth
        of the same symbol; otherwise the file is not what it seems, and the line counts as lost, though
        nothing of our stream is lost with it."""
        symbol = topic.rsplit(".", 1)[-1]
        if self._hints.symbol or self._hints.feed or (wanted and wanted.rsplit(".", 1)[-1] == symbol):
            self._left_out[f"topic {topic}"] += 1
            return None
        why = f"expected topic {wanted}, got {topic}. Pass symbol= to take one of several markets"
        return Rejected(line, why, foreign=True)

    def _nothing(self) -> FormatError:
        """That only what was not asked for is here."""
        told = {name: getattr(self._hints, name) for name in ("symbol", "feed")}
        asked = [f"{name} {value}" for name, value in told.items() if value]
        remedy = " and ".join(f"{name}=" for name, value in told.items() if value)
        return self._left_out.instead(
            self._raw.path,
            f"lines of {' and '.join(asked)}" if asked else "orderbook or publicTrade lines",
            f"Pass {remedy} of one of these, or leave it out" if asked else "Capture one of those topics",
        )

    def _describe(self, depth: bool, trades: bool) -> None:
        """The metadata of what was found so far; the tick size gets finer as prices come."""
        venue = self.venue
        if "depth" in self.meta or depth:
            limit, symbol = _TOPIC.fullmatch(self._depth_topic or "").groups()  # type: ignore[union-attr]
            self.meta["depth"] = Meta(
                venue=venue,
                symbol=symbol,
                feed=f"ob{limit}",
                tick_size=self._tick.size,
                size_unit=bybit_size_unit(venue, symbol),
                depth_limit=int(limit),
                window_policy="top_n",
            )
        if "trades" in self.meta or trades:
            symbol = (self._trade_topic or "").split(".", 1)[1]
            unit = bybit_size_unit(venue, symbol)
            self.meta["trades"] = Meta(
                venue=venue,
                symbol=symbol,
                tick_size=self._trades.tick.size,
                size_unit=unit,
                trade_ids="trade",
            )


def _allowed(topic: str, hints: Hints) -> bool:
    """Whether the user asked for this depth topic, or for none in particular."""
    _, limit, symbol = topic.split(".", 2)
    return hints.symbol in (None, symbol) and hints.feed in (None, f"ob{limit}")


def _spelled(head: bytes, hints: Hints) -> Hints:
    """The hints with the symbol as Bybit spells it: in capitals, where the head does not have it."""
    if hints.symbol is None:
        return hints
    topics = [*_DEPTH.findall(head), *TRADE_TOPIC.findall(head)]
    found = [t.decode("utf-8", "replace").rsplit(".", 1)[-1] for t in topics]
    return replace(hints, symbol=spelled(hints.symbol, found) or hints.symbol.upper())


def _topics(head: bytes, hints: Hints) -> tuple[str | None, str | None]:
    """The depth and the trades topic to take: the commonest of the head that the hints allow."""
    depth = Counter(t.decode("utf-8", "replace") for t in _DEPTH.findall(head))
    trades = Counter(t.decode("utf-8", "replace") for t in TRADE_TOPIC.findall(head))
    symbol, feed = hints.symbol, hints.feed
    first = next((topic for topic, _ in depth.most_common() if _allowed(topic, hints)), None)
    if symbol is None and first is not None:
        symbol = first.split(".", 2)[2]
    if symbol is not None:
        return first or (f"orderbook.{feed[2:]}.{symbol}" if feed else None), f"publicTrade.{symbol}"
    return first, trades.most_common(1)[0][0] if trades else None


register(
    Format(
        "bybit-depth",
        "Bybit orderbook.N lines, NDJSON, zip or gz",
        detect=lambda head: _DEPTH.search(head) is not None,
        open=BybitStream,
    )
)
