"""BitMEX's rows, exactly: levels of the book, which have ids, and trades."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from liqmap.formats.streams.gathered import Trade
from liqmap.formats.text.decimals import Tick, amount, number
from liqmap.formats.text.times import iso_to_ns

ACTIONS = ("partial", "insert", "update", "delete")
_SIDES = {"Buy": 0, "Sell": 1}
_NO_ID = "00000000-0000-0000-0000-000000000000"


class Row(NamedTuple):
    """One row of ``orderBookL2``: its id, side code, price (None where it does not say), size (0 where it is
    deleted), time in ns (0 where it does not say)."""

    id: int
    side: int
    price: Fraction | None
    size: float
    ts: int


def exact_row(row: dict[str, Any], action: str) -> Row | str:
    """A row of a message of the book, or what is wrong with it."""
    name, side, price = row.get("id"), row.get("side"), row.get("price")
    if type(name) is not int or name < 0:
        return f"expected `id` to be an id, got {name!r:.40}"
    if not isinstance(side, str) or side not in _SIDES:
        return f"expected side Buy or Sell, got {side!r:.40}"
    exact = None
    if price is not None or action in ("partial", "insert"):
        exact = number(price)
        if not exact:
            return f"expected a positive price, got {price!r:.40}"
    size = 0.0 if action == "delete" else amount(row.get("size"))
    if size is None or (not size and action != "delete"):
        return f"expected a positive size, got {row.get('size')!r:.40}"
    ts = 0
    if "timestamp" in row:
        found = iso_to_ns(row["timestamp"])
        if found is None:
            return f"expected `timestamp` to be a time in UTC of 2000 to 2099, got {row['timestamp']!r:.40}"
        ts = found
    return Row(name, _SIDES[side], exact, size, ts)


def exact_trades(rows: list[dict[str, Any]], line: int, tick: Tick) -> list[Trade] | str:
    """Trades of a line, all or none, or what is wrong with them. Their prices go into ``tick``. The side is
    the aggressor's; prints of settlements have none."""
    trades: list[Trade] = []
    prices: list[Fraction] = []
    for row in rows:
        ts, side, name = iso_to_ns(row.get("timestamp")), row.get("side"), row.get("trdMatchID")
        price, size = number(row.get("price")), amount(row.get("size"))
        if ts is None:
            got = f"{row.get('timestamp')!r:.40}"
            return f"expected `timestamp` to be a time in UTC of 2000 to 2099, got {got}"
        if not price:
            return f"expected a positive price, got {row.get('price')!r:.40}"
        if not size:
            return f"expected a positive size, got {row.get('size')!r:.40}"
        if side not in (None, "", "Buy", "Sell"):
            return f"expected side Buy or Sell, got {side!r:.40}"
        if name is not None and not isinstance(name, str):
            return f"expected `trdMatchID` to be an id, got {name!r:.40}"
        prices.append(price)
        own = None if name in (None, "", _NO_ID) else name
        trades.append(Trade(ts, own, _SIDES.get(side or "", -1), float(price), size, -1, line))
    tick.add(prices)
    return trades
