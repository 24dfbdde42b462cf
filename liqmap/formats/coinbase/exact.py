"""Coinbase's lines, exactly: the book and the trades that one tells of, of the Exchange and of Advanced
Trade."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from liqmap.formats.streams.gathered import Level, Trade
from liqmap.formats.text.decimals import Tick, amount, number
from liqmap.formats.text.times import iso_to_ns

_SIDES = {"buy": 0, "sell": 1, "bid": 0, "offer": 1}
_AGGRESSORS = {"buy": 1, "sell": 0, "BUY": 1, "SELL": 0}
"""Of the side that a trade tells, which is the maker's."""


class Update(NamedTuple):
    """What one line says of the book: ``ts`` in ns, None where it does not say."""

    snapshot: bool
    ts: int | None
    levels: list[Level]


def exchange_snapshot(message: dict[str, Any], tick: Tick) -> Update | str:
    """A ``snapshot`` of the Exchange, or what is wrong with it. Its prices go into ``tick``."""
    rows = []
    for side, key in (("buy", "bids"), ("sell", "asks")):
        entries = message.get(key)
        if not isinstance(entries, list):
            return f"expected `{key}` to be a list of levels, got {type(entries).__name__}"
        if not all(isinstance(entry, list) and len(entry) == 2 for entry in entries):
            return f"expected `{key}` to have levels [price, size]"
        rows += [(side, price, size) for price, size in entries]
    levels = _levels(rows, tick, removals=False)
    if isinstance(levels, str):
        return levels
    ts = None
    if "time" in message and (ts := iso_to_ns(message["time"])) is None:
        return f"expected `time` to be a time in UTC of 2000 to 2099, got {message['time']!r:.40}"
    return Update(True, ts, levels) if levels else "expected levels, got an empty snapshot"


def exchange_update(message: dict[str, Any], tick: Tick) -> Update | str:
    """An ``l2update`` of the Exchange, or what is wrong with it. Its prices go into ``tick``."""
    ts, changes = iso_to_ns(message.get("time")), message.get("changes")
    if ts is None:
        return f"expected `time` to be a time in UTC of 2000 to 2099, got {message.get('time')!r:.40}"
    if not isinstance(changes, list) or not all(isinstance(c, list) and len(c) == 3 for c in changes):
        return "expected `changes` to be a list of [side, price, size]"
    levels = _levels(changes, tick)
    return levels if isinstance(levels, str) else Update(False, ts, levels)


def advanced_update(event: dict[str, Any], published: int, tick: Tick) -> Update | str:
    """An event of ``l2_data`` that was ``published`` at a time, ns, or what is wrong with it. Its prices go
    into ``tick``. An update has the newest time of its changes, where they say one; those of a snapshot say
    when a level changed, if anything."""
    kind, updates = event.get("type"), event.get("updates")
    if kind not in ("snapshot", "update"):
        return f"expected type snapshot or update, got {kind!r:.40}"
    if not isinstance(updates, list) or not all(isinstance(one, dict) for one in updates):
        return "expected `updates` to be a list of objects"
    rows = [(one.get("side"), one.get("price_level"), one.get("new_quantity")) for one in updates]
    levels = _levels(rows, tick, removals=kind == "update")
    if isinstance(levels, str):
        return levels
    if kind == "snapshot":
        return Update(True, published, levels) if levels else "expected levels, got an empty snapshot"
    times = {when for one in updates if isinstance(when := one.get("event_time"), str)}  # mostly one
    newest = max((iso_to_ns(when) or 0 for when in times), default=0)
    return Update(False, min(newest, published) if newest else published, levels)


def _levels(rows: Sequence[Sequence[Any]], tick: Tick, removals: bool = True) -> list[Level] | str:
    """Levels of (side, price, size), or what is wrong with them."""
    levels: list[Level] = []
    prices: list[Fraction] = []
    for side, price, size in rows:
        exact, quantity = number(price), amount(size)
        if not isinstance(side, str) or side not in _SIDES:
            return f"expected side {' or '.join(_SIDES)}, got {side!r:.40}"
        if not exact:
            return f"expected a positive price, got {price!r:.40}"
        if quantity is None or not (quantity or removals):
            return f"expected a size of 0 or more, above 0 in a snapshot, got {size!r:.40}"
        prices.append(exact)
        levels.append((_SIDES[side], float(price), quantity))
    tick.add(prices)
    return levels


def exact_trade(entry: Any, line: int, tick: Tick) -> Trade | str:
    """A ``match``, or a trade of ``market_trades``, or what is wrong with it. Its price goes into
    ``tick``."""
    if not isinstance(entry, dict):
        return f"expected a trade, got {entry!r:.60}"
    ts, name, side = iso_to_ns(entry.get("time")), entry.get("trade_id"), entry.get("side")
    price, size = number(entry.get("price")), amount(entry.get("size"))
    if ts is None:
        return f"expected `time` to be a time in UTC of 2000 to 2099, got {entry.get('time')!r:.40}"
    if not (type(name) is int and name >= 0) and not (isinstance(name, str) and name):
        return f"expected `trade_id` to be an id, got {name!r:.40}"
    if not price:
        return f"expected a positive price, got {entry.get('price')!r:.40}"
    if not size:
        return f"expected a positive size, got {entry.get('size')!r:.40}"
    if not isinstance(side, str) or side not in _AGGRESSORS:
        return f"expected side buy or sell, got {side!r:.40}"
    tick.add([price])
    return Trade(ts, str(name), _AGGRESSORS[side], float(price), size, -1, line)
