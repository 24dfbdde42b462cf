"""A venue whose levels have arbitrary ids, and its lines as BitMEX sends them."""

from __future__ import annotations

import json
import random
from typing import Any

SYMBOL = "XBTUSD"
Row = dict[str, Any]


def at(ms: int) -> str:
    """So many ms after the beginning."""
    return f"2023-11-14T22:{13 + ms // 60_000:02}:{ms // 1_000 % 60:02}.{ms % 1_000:03}Z"


def line(action: str, rows: list[Row], table: str = "orderBookL2", local: str = "", **more: Any) -> str:
    return local + json.dumps(
        {"table": table, "action": action} | more | {"data": rows}, separators=(",", ":")
    )


def row(
    name: int, side: str, size: int | None = None, price: float | None = None, ms: int | None = None
) -> Row:
    """A row; what is None is left out."""
    told: Row = {"symbol": SYMBOL, "id": name, "side": side}
    told |= {key: value for key, value in (("size", size), ("price", price)) if value is not None}
    return told if ms is None else told | {"timestamp": at(ms)}


def trade(n: int, price: float, size: int, side: str | None = "Buy", name: str | None = None) -> str:
    told: Row = {"timestamp": at(1_000 * n), "symbol": SYMBOL}
    told |= {} if side is None else {"side": side}
    name = name or f"d6072f08-9eed-1f1e-f90d-{n:012}"
    told |= {"size": size, "price": price, "tickDirection": "PlusTick", "trdMatchID": name}
    return line("insert", [told], table="trade")


class Venue:
    """A book of rows by id; ``priced``: whether changes tell the price, as since 2023."""

    def __init__(self, seed: int, priced: bool = True) -> None:
        self.random, self.priced = random.Random(seed), priced
        self.rows: dict[int, tuple[str, float, int]] = {}
        self.at: dict[tuple[str, float], int] = {}
        self.ms, self._next = 1_000, 50
        for k in range(8):
            self._add("Buy", (2000 - k) / 2)
            self._add("Sell", (2001 + k) / 2)

    def _add(self, side: str, price: float) -> int:
        self._next += self.random.randint(1, 90)
        self.rows[self._next] = side, price, 100 * self.random.randint(1, 99)
        self.at[side, price] = self._next
        return self._next

    def _row(self, name: int, action: str) -> Row:
        side, price, size = self.rows[name]
        told = price if self.priced or action in ("partial", "insert") else None
        return row(name, side, None if action == "delete" else size, told, self.ms)

    def partial(self) -> str:
        self.ms += 1
        rows = [self._row(name, "partial") for name in self.rows]
        return line("partial", rows, keys=["symbol", "id", "side"], filter={"symbol": SYMBOL})

    def step(self) -> str:
        self.ms += self.random.choice([1, 40, 300])
        side = self.random.choice(["Buy", "Sell"])
        prices: list[float] = []
        for _ in range(self.random.choice([1, 1, 2])):
            price = (self.random.randint(1985, 2000) + (16 if side == "Sell" else 0)) / 2
            prices += [price] if price not in prices else []
        there = [price for price in prices if (side, price) in self.at]
        if not there:
            return line("insert", [self._row(self._add(side, price), "insert") for price in prices])
        names = [self.at[side, price] for price in there]
        if self.random.random() < 0.4:
            rows = [self._row(name, "delete") for name in names]
            for name, price in zip(names, there):
                del self.rows[name], self.at[side, price]
            return line("delete", rows)
        for name in names:
            self.rows[name] = (*self.rows[name][:2], 100 * self.random.randint(1, 99))
        return line("update", [self._row(name, "update") for name in names])


def client(lines: list[str]) -> list[int]:
    """Lines, from 1, that do not fit the rows known from the last partial on; after one nothing is."""
    rows: dict[int, tuple[str, float | None]] | None = None
    wrong = []
    for number, text in enumerate(lines, 1):
        message = json.loads(text)
        if message["action"] == "partial":
            rows = {}
        if rows is None:
            continue
        fits = True
        for one in message["data"]:
            known = rows.get(one["id"])
            if message["action"] in ("partial", "insert"):
                fits &= known is None
            else:
                fits &= known is not None and known[0] == one["side"]
            if message["action"] == "delete":
                rows.pop(one["id"], None)
            else:
                rows[one["id"]] = one["side"], one.get("price")
        if not fits:
            wrong.append(number)
            rows = None
    return wrong
