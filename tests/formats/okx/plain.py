"""A client of OKX's book, written plainly, and a venue with a deep book that feeds it."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any
from zlib import crc32

Texts = list[tuple[str, str, str]]


class PlainBook:
    """Both sides by price: what was written of each level."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[Decimal, tuple[str, str]]] = {"bids": {}, "asks": {}}

    def apply(self, levels: Texts) -> None:
        for side, price, size in levels:
            if Decimal(size) == 0:
                self.sides[side].pop(Decimal(price), None)
            else:
                self.sides[side][Decimal(price)] = price, size

    def listed(self, depth: int) -> Texts:
        return [
            (side, *self.sides[side][price])
            for side in ("bids", "asks")
            for price in sorted(self.sides[side], reverse=side == "bids")[:depth]
        ]

    def checksum(self) -> int:
        best = [[f"{p}:{s}" for side, p, s in self.listed(25) if side == name] for name in ("bids", "asks")]
        text = []
        for k in range(25):
            text += [side[k] for side in best if k < len(side)]
        value = crc32(":".join(text).encode())
        return value - (1 << 32) if value >= 1 << 31 else value


def line(
    levels: Texts,
    *,
    seq: int | None,
    prev: int | None,
    checksum: int | None,
    ts: int = 1_700_000_000_000,
    action: str | None = "update",
    channel: str = "books",
    symbol: str = "BTC-USDT",
    local: str = "",
) -> str:
    """A line with these levels; what is None is left out."""
    data: dict[str, Any] = {
        k: [[p, s, "0", "1"] for side, p, s in levels if side == k] for k in ("asks", "bids")
    }
    data["ts"] = str(ts)
    more = {"checksum": checksum, "prevSeqId": prev, "seqId": seq}
    data |= {name: value for name, value in more.items() if value is not None}
    message: dict[str, Any] = {"arg": {"channel": channel, "instId": symbol}}
    message |= {} if action is None else {"action": action}
    return local + json.dumps(message | {"data": [data]}, separators=(",", ":"))


class Venue:
    """A deep book of which the best levels are fed: what leaves them is sent as size 0, and so are some
    prices that are not there."""

    def __init__(self, seed: int, depth: int = 400, ids: bool = True, checked: bool = True) -> None:
        self.random = random.Random(seed)
        self.depth, self.ids, self.checked = depth, ids, checked
        self.channel = {400: "books", 50: "books50-l2-tbt"}[depth]
        self.deep, self.shown = PlainBook(), PlainBook()
        for k in range(depth + 30):
            self.deep.apply([("bids", self.price(10_000 - k), self.size())])
            self.deep.apply([("asks", self.price(10_001 + k), self.size())])
        self.shown.apply(self.deep.listed(depth))
        self.seq, self.ts = 1_000, 1_700_000_000_000

    def price(self, tick: int) -> str:
        return f"{tick / 10:.1f}"

    def size(self) -> str:
        return self.random.choice(["1", "0.5", "12.25", "0.00000001", f"{self.random.randint(1, 9999)}"])

    def line(self, levels: Texts, action: str, prev: int) -> str:
        checksum = self.shown.checksum() if self.checked else 0
        ids = (self.seq, prev) if self.ids else (None, None)
        return line(
            levels,
            seq=ids[0],
            prev=ids[1],
            checksum=checksum,
            ts=self.ts,
            action=action,
            channel=self.channel,
        )

    def snapshot(self) -> str:
        return self.line(self.shown.listed(self.depth), "snapshot", -1)

    def step(self) -> str:
        prev = self.seq
        self.seq += self.random.choice([1, 7, 12])
        self.ts += 100
        if self.random.random() < 0.05:
            self.seq = prev
            return self.line([], "update", prev)
        side = self.random.choice(["bids", "asks"])
        best = max(self.deep.sides["bids"]) if side == "bids" else min(self.deep.sides["asks"])
        away = self.random.choice([0, 0, 1, 2, 5, 20, 24, 40, self.depth - 1])
        tick = int(best * 10) + (away if side == "asks" else -away)
        self.deep.apply([(side, self.price(tick), "0" if self.random.random() < 0.4 else self.size())])
        now, before = set(self.deep.listed(self.depth)), set(self.shown.listed(self.depth))
        prices = {level[:2] for level in now}
        told = [(s, p, "0") for s, p, _ in sorted(before) if (s, p) not in prices] + sorted(now - before)
        if self.random.random() < 0.1:
            told.append((side, "1.5", "0"))
        self.shown.apply(told)
        return self.line(told, "update", prev)

    def lines(self, count: int) -> list[str]:
        return [self.snapshot(), *(self.step() for _ in range(count))]


def client(lines: list[str]) -> tuple[list[int], list[int], int]:
    """Lines, from 1, that break the chain, those whose checksum is not that of the book, and how many
    agree."""
    book: PlainBook | None = None
    last, broken, wrong, agreed = -1, [], [], 0
    for number, text in enumerate(lines, 1):
        message = json.loads(text)
        data = message["data"][0]
        levels = [(side, p, s) for side in ("bids", "asks") for p, s, *_ in data[side]]
        seq, prev = data.get("seqId"), data.get("prevSeqId")
        if message["action"] == "snapshot":
            book = PlainBook()
        elif seq is not None and prev != last:
            if seq <= last:
                continue
            broken.append(number)
            book = None
        last = last if seq is None else seq
        if book is None:
            continue
        book.apply(levels)
        if data["checksum"] == 0:
            continue
        if data["checksum"] == book.checksum():
            agreed += 1
        else:
            wrong.append(number)
            book = None
    return broken, wrong, agreed
