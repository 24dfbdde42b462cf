"""A client of Kraken's book, written plainly: decimals in dicts, sorted for every checksum; its lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from heapq import nlargest, nsmallest
from zlib import crc32

Texts = tuple[str, str]
"""Price and size as written."""


class PlainBook:
    """Both sides by price: what was written of each level."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.sides: dict[str, dict[Decimal, Texts]] = {"b": {}, "a": {}}

    def apply(self, levels: Iterable[tuple[str, str, str]]) -> None:
        """Levels (``b`` or ``a``, price, size), in their order; then the cut."""
        for side, price, size in levels:
            if Decimal(size) == 0:
                self.sides[side].pop(Decimal(price), None)
            else:
                self.sides[side][Decimal(price)] = price, size
        for side in "ba":
            if len(self.sides[side]) > self.depth:
                for price in self.ordered(side)[self.depth :]:
                    del self.sides[side][price]

    def ordered(self, side: str) -> list[Decimal]:
        return sorted(self.sides[side], reverse=side == "b")

    def top(self) -> list[list[Texts]]:
        """The best 10 asks and bids."""
        best = nsmallest(10, self.sides["a"]), nlargest(10, self.sides["b"])
        return [[self.sides[side][price] for price in prices] for side, prices in zip("ab", best)]

    def checksum(self) -> int:
        text = ""
        for side in self.top():
            for number in (number for level in side for number in level):
                text += str(int(number.replace(".", "")))
        return crc32(text.encode())

    def levels(self) -> set[tuple[str, float, float]]:
        return {(s, float(p), float(q)) for s in "ba" for p, q in self.sides[s].values()}


def v1_snapshot(
    book: PlainBook, time: str = "1700000000.000001", pair: str = "XBT/USD", local: str = ""
) -> str:
    sides = {f"{s}s": [[*book.sides[s][p], time] for p in book.ordered(s)] for s in "ab"}
    return local + json.dumps([1, sides, f"book-{book.depth}", pair])


def v1_update(
    book: PlainBook,
    levels: list[tuple[str, str, str]],
    time: str,
    pair: str = "XBT/USD",
    local: str = "",
    again: frozenset[int] = frozenset(),
    apart: bool = True,
) -> str:
    """Levels applied to the book, as a line, an object for each side if ``apart``; ``again``: which of the
    levels are republished."""
    book.apply(levels)
    entries = [(s, [p, q, time, *(["r"] if k in again else [])]) for k, (s, p, q) in enumerate(levels)]
    sides: dict[str, list[list[str]]] = {}
    for side, entry in entries:
        sides.setdefault(side, []).append(entry)
    parts: list[dict[str, object]] = (
        [{side: found} for side, found in sides.items()] if apart else [{**sides}]
    )
    parts[-1]["c"] = str(book.checksum())
    return local + json.dumps([1, *parts, f"book-{book.depth}", pair])


def v2_line(
    kind: str,
    levels: list[tuple[str, str, str]],
    checksum: int,
    timestamp: str | None,
    symbol: str = "BTC/USD",
    local: str = "",
) -> str:
    """A line of version 2, numbers as these texts."""

    def side(name: str) -> str:
        return ",".join(f'{{"price":{p},"qty":{q}}}' for s, p, q in levels if s == name)

    when = "" if timestamp is None else f',"timestamp":"{timestamp}"'
    return (
        f'{local}{{"channel":"book","type":"{kind}","data":[{{"symbol":"{symbol}","bids":[{side("b")}],'
        f'"asks":[{side("a")}],"checksum":{checksum}{when}}}]}}'
    )


def v2_snapshot(
    book: PlainBook, timestamp: str | None = None, symbol: str = "BTC/USD", local: str = ""
) -> str:
    levels = [(s, *book.sides[s][p]) for s in "ba" for p in book.ordered(s)]
    return v2_line("snapshot", levels, book.checksum(), timestamp, symbol, local)


def v2_update(
    book: PlainBook,
    levels: list[tuple[str, str, str]],
    timestamp: str,
    symbol: str = "BTC/USD",
    local: str = "",
) -> str:
    book.apply(levels)
    return v2_line("update", levels, book.checksum(), timestamp, symbol, local)


def answer(depth: int, symbol: str = "BTC/USD") -> str:
    result = {"channel": "book", "depth": depth, "snapshot": True, "symbol": symbol}
    return json.dumps({"method": "subscribe", "result": result, "success": True})
