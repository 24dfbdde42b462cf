"""Books and trades that ccxt handed out, NDJSON (see `lines`).

Each book replaces the one before (policy ``snapshots``), and is known to the worst level that it lists on a
side: how many levels ccxt hands out is not told. It has the venue's time where ccxt knows it, else that of
its arrival. ``seq`` is that time in us. What changed between two books that were handed out is not there, nor
are the venue's ids: a lost message is not seen. Where listening was interrupted is a gap.
"""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import Any

from liqmap.formats.ccxt.lines import levels_of
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.streams.gathered import GatheredDepth, Level, Trade
from liqmap.formats.streams.stream import CapturedStream
from liqmap.formats.streams.timed_sequence import TimedSequence, Told
from liqmap.formats.text.decimals import Tick, amount, number
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.json_exact import exact_levels
from liqmap.formats.text.json_reader import no_object
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS
from liqmap.schema import Meta, Rejected

_NAME = rb'"([^"\\\x00-\x1f]+)"'
_HEAD = re.compile(
    rb'"ccxt"\s*:\s*' + _NAME + rb'\s*,\s*"venue"\s*:\s*' + _NAME + rb'\s*,\s*"symbol"\s*:\s*' + _NAME
)
_AGGRESSORS = {"buy": 0, "sell": 1, None: -1}


class CcxtStream(CapturedStream):
    """Reader of one market of what ccxt handed out."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = _heads(raw.head())
        super().__init__(raw, hints, Counter(symbol for _, _, symbol in head))
        venues = [venue for _, venue, symbol in head if symbol == self.symbol]
        self.venue = hints.venue or (venues or ["ccxt"])[0]
        self.depth = GatheredDepth("listening was interrupted")
        self._sequence = TimedSequence(self.depth)
        self._goes_on = True
        self._by_arrival = self._has_ids = False
        self._contract: float | None = None

    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        if not isinstance(message, dict):
            return no_object(message)
        if not isinstance(message.get("ccxt"), str) or not isinstance(message.get("symbol"), str):
            return "expected `ccxt` and a `symbol`, got neither or one"
        if message["symbol"] != self.symbol:
            return self.foreign(message["symbol"], line)
        contract = message.get("contract")
        if contract is not None and not number(contract):
            return f"expected `contract` to be what one is worth, got {contract!r:.40}"
        self._contract = float(contract) if contract is not None else self._contract
        if "book" in message:
            return self._book(message["book"], local, line)
        if "trades" in message:
            return self._trades(message["trades"], local, line)
        if message.get("event") == "lost":
            self._goes_on = False
            return None
        return None if message.get("event") == "opened" else "expected `book`, `trades` or an `event`"

    def _book(self, book: Any, local: int, line: int) -> str | None:
        sides = levels_of(book)
        if sides is None:
            return "expected a book of `bids` and `asks`"
        levels: list[Level] = []
        prices: list[Fraction] = []
        for side, pairs in enumerate(sides):
            if (wrong := exact_levels(pairs, side, levels, prices)) is not None:
                return wrong
        ts = self._time(book.get("timestamp"), local)
        if isinstance(ts, str):
            return ts
        self._by_arrival |= book.get("timestamp") is None
        self.tick.add(prices)
        levels = [level for level in levels if level[2]]
        told = Told(True, ts, 0, levels, (ts, hash(tuple(levels))), continues=self._goes_on)
        if self._goes_on and self._sequence.repeats(told, local, line):
            return None
        if not self._goes_on and self._sequence.started:
            self._sequence.break_off(ts, line)
        self._goes_on = True
        self._sequence.give(told, local, line)
        return None

    def _trades(self, entries: Any, local: int, line: int) -> str | None:
        """Trades of a line, all or none."""
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            return "expected `trades` to be a list of trades"
        trades: list[Trade] = []
        prices: list[Fraction] = []
        for entry in entries:
            price, size, side, name = (entry.get(n) for n in ("price", "amount", "side", "id"))
            exact, quantity = number(price), amount(size)
            if not exact:
                return f"expected a positive price, got {price!r:.40}"
            if not quantity:
                return f"expected a positive amount, got {size!r:.40}"
            if side not in _AGGRESSORS:
                return f"expected side buy, sell or none, got {side!r:.40}"
            if name is not None and not isinstance(name, str):
                return f"expected `id` to be a text, got {name!r:.40}"
            ts = self._time(entry.get("timestamp"), local)
            if isinstance(ts, str):
                return ts
            self._has_ids |= name is not None
            prices.append(exact)
            trades.append(Trade(ts, name, _AGGRESSORS[side], float(exact), quantity, -1, line))
        self.trades.tick.add(prices)
        self.trades.extend(trades)
        return None

    @staticmethod
    def _time(ms: Any, local: int) -> int | str:
        """The venue's time in ns, or that of arrival where it is not known; or what is wrong."""
        if ms is None:
            return local or "expected a `timestamp`, or a local time before the line, got neither"
        if type(ms) is not int or not EARLIEST_MS <= ms <= LATEST_MS:
            return f"expected `timestamp` in ms since 1970, of 2000 to 2099, got {ms!r:.40}"
        return ms * 1_000_000

    def last_notes(self) -> list[str]:
        notes, name = super().last_notes(), self.raw.path.name
        if "depth" in self.meta:
            notes.append(
                f"{name}: books as ccxt handed them out, one after the other (policy snapshots): neither ids "
                "nor what changed between two of them are there"
            )
        if self._by_arrival:
            notes.append(f"{name}: books have no time and take that of their arrival")
        return notes

    def depth_meta(self) -> Meta:
        return self._meta(self.tick, feed="ccxt", window_policy="snapshots")

    def trades_meta(self) -> Meta:
        return self._meta(self.trades.tick, trade_ids="trade" if self._has_ids else "none")

    def _meta(self, tick: Tick, **more: Any) -> Meta:
        if self._contract is not None:
            more |= {"size_unit": "contracts", "contract_value": self._contract}
        return Meta(venue=self.venue, symbol=self.symbol, tick_size=tick.size, **more)


def _heads(text: bytes) -> list[tuple[str, ...]]:
    """ccxt's exchange, the venue and the symbol of each line."""
    found = _HEAD.findall(unescaped(text))
    return [tuple(part.decode("utf-8", "replace") for part in one) for one in found]


def _all_symbols(raw: RawFile) -> list[str]:
    """Every market of a file, in the order in which they come."""
    found: dict[str, None] = {}
    for chunk, _ in raw.chunks():
        found |= dict.fromkeys(symbol for _, _, symbol in _heads(chunk))
    return list(found)


register(
    Format(
        "ccxt",
        "books and trades that ccxt handed out, NDJSON",
        detect=lambda head: bool(_heads(head)),
        open=CcxtStream,
        markets=_all_symbols,
    )
)
