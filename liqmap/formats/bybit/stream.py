"""Bybit v5 stream lines: daily depth archives and WebSocket captures, NDJSON.

A depth line is ``{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":...,"data":{"s":...,"b":[...],
"a":[...],"u":...,"seq":...},"cts":...}``, keys in any order. ``u`` rises by 1 per message, ``data.seq``
does not. ``cts`` is the engine's time and ``ts`` the push time; old archives have no ``cts``. Before a line
may stand the local time of its arrival, in ms, us or ns: ``1735689600005 {"topic":...}``. Of several depths
of one symbol the deepest is read, or the one that the user names.
Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook

Lines go through `scan` first; whatever it does not take is decided by `exact`, line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from liqmap.compiling import say_if_compiling
from liqmap.formats.bybit import depth_scan as kernel
from liqmap.formats.bybit.depth_scan import LINES, MESSAGES, ROWS, Output, Wanted
from liqmap.formats.bybit.exact_depth import append, exact
from liqmap.formats.bybit.stream_tickers import FIELDS, Tickers
from liqmap.formats.bybit.stream_trades import Trades
from liqmap.formats.market import bybit_size_unit, bybit_venue, spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import near_levels
from liqmap.formats.text.json_escapes import as_written, unescaped
from liqmap.formats.text.json_reader import JsonLinesReader, no_object
from liqmap.schema import GAP, HEARD, MISSING, SNAPSHOT, UPDATE, Batch, FormatError, Messages, Meta, Rejected
from liqmap.schema.trust import Proof
from liqmap.schema.wording import Keyword, Sentence

DEPTH_TOPIC = re.compile(rb'"topic"\s*:\s*"(orderbook\.\d{1,4}\.[^"\\\x00-\x1f]+)"')
INCOMPLETE = "best prices that changed in part, while the rest was not known (at the start or after a loss)"
TICKER_TOPIC = re.compile(rb'"topic"\s*:\s*"(tickers\.[^"\\\x00-\x1f]+)"')
TRADE_TOPIC = re.compile(rb'"topic"\s*:\s*"(publicTrade\.[^"\\\x00-\x1f]+)"')
_TOPIC = re.compile(r"orderbook\.(\d{1,4})\.(.+)", re.ASCII | re.DOTALL)
_CONTROL = ("success", "op", "ret_msg", "req_id", "pong", "ping")


class BybitStream(JsonLinesReader):
    """Reader of Bybit stream lines: one depth feed, and the trades and tickers of the same symbol if they are
    there."""

    proof, restarts = Proof(chained=True), True

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw)
        self.venue, note = bybit_venue(raw.path, hints.venue)
        self.notes = [note] if note else []
        self._raw_head = raw.head()
        head = unescaped(self._raw_head)
        self._hints = hints = _spelled(head, hints)
        self._depth_topic, self._trade_topic = _topics(head, hints)
        self.also = "quotes" if b'"bid1Price"' in head else ""
        self._tick = Tick(hints.tick_size)
        self._trades = Trades(hints.tick_size)
        self._tickers, self._ticker_topic = Tickers(hints.tick_size), _ticker_topic(head, hints)

    def begin(self, size: int) -> None:
        self._out = Output.room(size)

    def scan(self, text: np.ndarray, at: int, line: int) -> tuple[int, int]:
        if self._depth_topic is None:
            return at, line
        topic, symbol = self._depth_topic, self._depth_topic.split(".", 2)[-1]
        wanted = Wanted(*(np.frombuffer(as_written(n, self._raw_head), np.uint8) for n in (topic, symbol)))
        say_if_compiling(kernel.scan)
        self._out.used[LINES] = line
        at = kernel.scan(text, at, wanted, self._tick.state, self._out)
        return at, int(self._out.used[LINES])

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        depth = near_levels(self._tick, self._depth(), rejected)
        trades = self._trades.take(rejected)
        quotes = self._tickers.take(rejected)
        if self._tickers.incomplete:
            self.skipped[INCOMPLETE] += self._tickers.incomplete
            self._tickers.incomplete = 0
        self._describe(depth is not None, trades is not None, quotes is not None)
        lost = tuple(rejected)
        return Batch(depth=depth, trades=trades, quotes=quotes, rejected=lost, position=position)

    def _depth(self) -> Messages | None:
        """The depth messages of a chunk."""
        out, m, r = self._out, int(self._out.used[MESSAGES]), int(self._out.used[ROWS])
        if m == 0:
            return None
        seq, recv, rows = out.seq[:m], out.recv[:m], out.rows[: m + 1]
        replaces = out.snapshot[:m] | (seq == 1)
        filled = np.diff(rows) > 0
        event = np.where(replaces, np.where(filled, SNAPSHOT, GAP), np.where(filled, UPDATE, HEARD))
        return Messages(
            ts=out.ts[:m] * 1_000_000,
            ts_recv=np.where(recv > 0, recv, MISSING),
            seq=seq,
            prev=np.where(replaces, -1, seq - 1),
            event=event.astype(np.int8),
            rows=rows,
            line=out.line[:m],
            **out.levels.first(r)._asdict(),
            gap_reason="resync",
        )

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        """Trades are kept aside; control messages are nothing."""
        if not isinstance(message, dict):
            return no_object(message)
        topic = message.get("topic")
        if topic is None and any(key in message for key in _CONTROL):
            return None
        if not isinstance(topic, str):
            return "expected a `topic`, got none"
        if topic.startswith("publicTrade."):
            self._trade_topic = self._trade_topic or topic
            if topic != self._trade_topic:
                return self._foreign(line, topic, self._trade_topic)
            return self._trades.add(message, line)
        known = self._tickers.told and topic == self._ticker_topic
        if topic.startswith("tickers.") and (known or _has_best_prices(message)):
            return self._ticker(message, topic, local, line)
        if not _TOPIC.fullmatch(topic):
            self.skipped[f"topic {topic}"] += 1
            return None
        if self._depth_topic is None and _allowed(topic, self._hints):
            self._depth_topic = topic
        if topic != self._depth_topic:
            return self._foreign(line, topic, self._depth_topic)
        found = exact(message, topic, local, self._tick)
        if isinstance(found, str):
            return found
        append(found, line, self._out)
        return None

    def _line(self, text: bytes, line: int) -> Rejected | str | None:
        """What is lost may have told of another best price."""
        wrong = super()._line(text, line)
        if wrong is not None and not (isinstance(wrong, Rejected) and wrong.foreign):
            self._tickers.forget()
        return wrong

    def _ticker(self, message: dict[str, Any], topic: str, local: int, line: int) -> Rejected | None:
        """Take the best prices of a line of the symbol that is read."""
        ours = self._depth_topic or self._trade_topic
        if ours is not None:
            self._ticker_topic = f"tickers.{ours.split('.', 2 if ours is self._depth_topic else 1)[-1]}"
        self._ticker_topic = self._ticker_topic or topic
        if topic == self._ticker_topic:
            return self._tickers.add(message, topic.split(".", 1)[1], local, line)
        if ours is None:
            return self._foreign(line, topic, self._ticker_topic)
        self.skipped[f"topic {topic}"] += 1
        return None

    def _foreign(self, line: int, topic: str, wanted: str | None) -> Rejected | None:
        """A line of another stream: left out if the user said which one to take, or if it is another depth
        of the same symbol; otherwise the file is not what it seems, and the line counts as lost, though
        nothing of our stream is lost with it."""
        symbol = topic.rsplit(".", 1)[-1]
        if self._hints.symbol or self._hints.feed or (wanted and wanted.rsplit(".", 1)[-1] == symbol):
            self.skipped[f"topic {topic}"] += 1
            return None
        why = f"expected topic {wanted}, got {topic}. "
        why = Sentence(why, "Pass ", Keyword("symbol"), " to take one of several markets")
        return Rejected(line, why, foreign=True)

    def nothing_found(self) -> FormatError:
        """That only what was not asked for is here."""
        hints = {name: getattr(self._hints, name) for name in ("symbol", "feed")}
        asked = {name: value for name, value in hints.items() if value}
        remedy = Sentence("Capture one of those topics")
        if asked:
            names = [part for name in asked for part in (" and ", Keyword(name))][1:]
            remedy = Sentence("Pass ", *names, " of one of these, or leave it out")
        wanted = " and ".join(f"{name} {value}" for name, value in asked.items())
        return self.skipped.instead(
            self.raw.path, f"lines of {wanted}" if asked else "orderbook or publicTrade lines", remedy
        )

    def _describe(self, depth: bool, trades: bool, quotes: bool) -> None:
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
        if "quotes" in self.meta or quotes:
            symbol = (self._ticker_topic or "").split(".", 1)[1]
            unit, tick_size = bybit_size_unit(venue, symbol), self._tickers.tick.size
            self.meta["quotes"] = Meta(venue=venue, symbol=symbol, tick_size=tick_size, size_unit=unit)


def _has_best_prices(message: dict[str, Any]) -> bool:
    """Whether a ticker tells a best price; those of spot and options never do."""
    data = message.get("data")
    return isinstance(data, dict) and any(name in data for name in FIELDS)


def _ticker_topic(head: bytes, hints: Hints) -> str | None:
    """The tickers to take where there is nothing else: of the symbol asked for, or the commonest."""
    if hints.symbol is not None:
        return f"tickers.{hints.symbol}"
    found = Counter(t.decode("utf-8", "replace") for t in TICKER_TOPIC.findall(head))
    return found.most_common(1)[0][0] if found else None


def _are_tickers(head: bytes) -> bool:
    """Whether a capture has tickers with best prices, and neither depth nor trades at its beginning."""
    head = unescaped(head)
    others = DEPTH_TOPIC.search(head) or TRADE_TOPIC.search(head)
    return TICKER_TOPIC.search(head) is not None and others is None and b'"bid1Price"' in head


def _allowed(topic: str, hints: Hints) -> bool:
    """Whether the user asked for this depth topic, or for none in particular."""
    _, limit, symbol = topic.split(".", 2)
    return hints.symbol in (None, symbol) and hints.feed in (None, f"ob{limit}")


def _spelled(head: bytes, hints: Hints) -> Hints:
    """The hints with the symbol as Bybit spells it: in capitals, where the head does not have it."""
    if hints.symbol is None:
        return hints
    topics = [*DEPTH_TOPIC.findall(head), *TRADE_TOPIC.findall(head), *TICKER_TOPIC.findall(head)]
    found = [t.decode("utf-8", "replace").rsplit(".", 1)[-1] for t in topics]
    return replace(hints, symbol=spelled(hints.symbol, found) or hints.symbol.upper())


def _deepest(depth: Counter[str], head: bytes) -> list[str]:
    """Topics, the commonest first; but where several of its symbol begin with a snapshot, the deepest of
    these stands before it."""
    topics = [topic for topic, _ in depth.most_common()]
    if len(topics) > 1:
        lines = [line for line in head.split(b"\n") if b'"snapshot"' in line]
        begun = {f[1].decode("utf-8", "replace") for line in lines if (f := DEPTH_TOPIC.search(line))}
        symbols = {topic: topic.split(".", 2)[2] for topic in topics}
        order = {symbol: at for at, symbol in reversed(list(enumerate(symbols.values())))}
        levels = {topic: int(topic.split(".", 2)[1]) if topic in begun else 0 for topic in topics}
        topics.sort(key=lambda topic: (order[symbols[topic]], -levels[topic]))
    return topics


def _topics(head: bytes, hints: Hints) -> tuple[str | None, str | None]:
    """The depth and the trades topic to take: of those of the head that the hints allow."""
    depth = Counter(t.decode("utf-8", "replace") for t in DEPTH_TOPIC.findall(head))
    trades = Counter(t.decode("utf-8", "replace") for t in TRADE_TOPIC.findall(head))
    symbol, feed = hints.symbol, hints.feed
    first = next((topic for topic in _deepest(depth, head) if _allowed(topic, hints)), None)
    if symbol is None and first is not None:
        symbol = first.split(".", 2)[2]
    if symbol is not None:
        return first or (f"orderbook.{feed[2:]}.{symbol}" if feed else None), f"publicTrade.{symbol}"
    return first, trades.most_common(1)[0][0] if trades else None


register(
    Format(
        "bybit-depth",
        "Bybit orderbook.N lines, NDJSON, zip or gz",
        detect=lambda head: DEPTH_TOPIC.search(unescaped(head)) is not None,
        open=BybitStream,
    )
)
register(
    Format(
        "bybit-tickers",
        "Bybit tickers lines with best prices, NDJSON",
        detect=_are_tickers,
        open=BybitStream,
    )
)
