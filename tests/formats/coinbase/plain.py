"""A venue with a book, and its lines as Coinbase's two interfaces send them."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

Texts = list[tuple[str, str, str]]
SYMBOL = "BTC-USD"


def at(ms: int) -> str:
    """So many ms after the beginning."""
    return f"2023-11-14T22:{13 + ms // 60_000:02}:{ms // 1_000 % 60:02}.{ms % 1_000:03}000Z"


def exchange_snapshot(levels: Texts, symbol: str = SYMBOL, local: str = "") -> str:
    bids, asks = ([[p, s] for side, p, s in levels if side == name] for name in ("buy", "sell"))
    return local + json.dumps({"type": "snapshot", "product_id": symbol, "bids": bids, "asks": asks})


def exchange_update(levels: Texts, ms: int, symbol: str = SYMBOL, local: str = "") -> str:
    changes = [[side, price, size] for side, price, size in levels]
    return local + json.dumps({"type": "l2update", "product_id": symbol, "changes": changes, "time": at(ms)})


def match(n: int, price: str, size: str, side: str = "sell", kind: str = "match") -> str:
    told: dict[str, Any] = {"type": kind, "trade_id": 1_000 + n, "maker_order_id": "a", "taker_order_id": "b"}
    told |= {"side": side, "size": size, "price": price, "product_id": SYMBOL, "sequence": n}
    return json.dumps(told | {"time": at(1_000 * n)})


def advanced(
    kind: str, levels: Texts, number: int, ms: int, symbol: str = SYMBOL, lag: int = 5, local: str = ""
) -> str:
    """An ``l2_data`` line that was published ``lag`` ms after its levels changed."""
    when = "1970-01-01T00:00:00Z" if kind == "snapshot" else at(ms)
    updates = [
        {"side": {"buy": "bid", "sell": "offer"}[s], "event_time": when, "price_level": p, "new_quantity": q}
        for s, p, q in levels
    ]
    events = [{"type": kind, "product_id": symbol, "updates": updates}]
    return local + envelope("l2_data", number, ms + lag, events)


def advanced_trade(n: int, number: int, price: str, size: str, side: str = "SELL") -> str:
    trade = {"trade_id": str(1_000 + n), "product_id": SYMBOL, "price": price, "size": size, "side": side}
    events = [{"type": "update", "trades": [trade | {"time": at(1_000 * n)}]}]
    return envelope("market_trades", number, 1_000 * n + 100, events)


def envelope(channel: str, number: int, ms: int, events: list[Any]) -> str:
    head = {"channel": channel, "client_id": "", "timestamp": at(ms), "sequence_num": number}
    return json.dumps(head | {"events": events})


class Venue:
    """A book that changes at random; ``book`` has what was written of each level."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.book: dict[tuple[str, Decimal], str] = {}
        for k in range(8):
            self.book["buy", Decimal(1000 - k) / 10] = self.size()
            self.book["sell", Decimal(1001 + k) / 10] = self.size()
        self.ms = 1_000

    def size(self) -> str:
        return f"{self.random.randint(1, 999) / 8:.3f}"

    def levels(self) -> Texts:
        return [(side, f"{price:.2f}", size) for (side, price), size in self.book.items()]

    def step(self) -> Texts:
        """Changes of one message."""
        self.ms += self.random.choice([1, 40, 300])
        found: Texts = []
        for _ in range(self.random.choice([1, 1, 2, 3])):
            side = self.random.choice(["buy", "sell"])
            price = Decimal(self.random.randint(990, 1000) + (11 if side == "sell" else 0)) / 10
            if self.random.random() < 0.4:
                self.book.pop((side, price), None)
                found.append((side, f"{price:.2f}", "0.00000000"))
            else:
                self.book[side, price] = self.size()
                found.append((side, f"{price:.2f}", self.book[side, price]))
        return found
