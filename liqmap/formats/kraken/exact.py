"""Kraken's lines, exactly: what one says of a book, and its trades."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from liqmap.formats.streams.gathered import Level, Trade
from liqmap.formats.text.decimals import Tick, amount, number
from liqmap.formats.text.times import iso_to_ns, seconds_to_ns

_SIDES = ("bids", "asks")
_AGGRESSORS = {"b": 0, "s": 1, "buy": 0, "sell": 1}


class Update(NamedTuple):
    """What one line says of the book: ``ts`` in ns, None where it does not say; ``newest``, the time of the
    level that changed last; ``checksum``, None where there is none."""

    snapshot: bool
    ts: int | None
    newest: int
    levels: list[Level]
    texts: list[tuple[str, str]]
    checksum: int | None


def exact_v1(parts: list[Any], tick: Tick) -> Update | str:
    """The objects of a line of version 1, or what is wrong with them. Their prices go into ``tick``."""
    if not all(isinstance(part, dict) for part in parts):
        return "expected objects of levels"
    keys = [key for part in parts for key in part if key != "c"]
    snapshot = "as" in keys or "bs" in keys
    if not keys or not set(keys) <= ({"as", "bs"} if snapshot else {"a", "b"}) or len(set(keys)) < len(keys):
        return (
            f"expected levels under `a` and `b`, or `as` and `bs`, got {', '.join(map(str, keys)) or 'none'}"
        )
    levels: list[Level] = []
    texts: list[tuple[str, str]] = []
    prices: list[Fraction] = []
    ts = newest = 0
    for part in parts:
        for key, entries in part.items():
            if key == "c":
                continue
            if not isinstance(entries, list):
                return f"expected a list of levels, got {type(entries).__name__}"
            for entry in entries:
                if not isinstance(entry, list) or not 3 <= len(entry) <= 4 or entry[3:] not in ([], ["r"]):
                    return f"expected [price, size, time], got {entry!r:.80}"
                wrong = _level(entry[0], entry[1], int(key[0] == "a"), levels, texts, prices)
                if wrong:
                    return wrong
                at = seconds_to_ns(entry[2])
                if at is None:
                    return f"expected a time in s since 1970, of 2000 to 2099, got {entry[2]!r:.40}"
                newest = max(newest, at)
                if len(entry) == 3:
                    ts = max(ts, at)
    sums = [part["c"] for part in parts if "c" in part]
    checksum = _checksum(sums[-1]) if sums else None
    if sums and checksum is None:
        return f"expected a checksum of 32 bits, got {sums[-1]!r:.40}"
    if not levels:
        return "expected levels, got none"
    tick.add(prices)
    return Update(snapshot, None if snapshot else ts or None, newest, levels, texts, checksum)


def exact_v2(book: dict[str, Any], snapshot: bool, tick: Tick) -> Update | str:
    """The book of a line of version 2, or what is wrong with it. Its prices go into ``tick``.

    Levels are in the order of the line, as those of version 1 are: the side first that stands first.
    """
    levels: list[Level] = []
    texts: list[tuple[str, str]] = []
    prices: list[Fraction] = []
    first = next((key for key in book if key in _SIDES), "bids")
    for key in _SIDES if first == "bids" else _SIDES[::-1]:
        side, entries = _SIDES.index(key), book.get(key)
        if not isinstance(entries, list):
            return f"expected `{key}` to be a list of levels, got {type(entries).__name__}"
        for entry in entries:
            if not isinstance(entry, dict):
                return f"expected a level with `price` and `qty`, got {entry!r:.60}"
            wrong = _level(entry.get("price"), entry.get("qty"), side, levels, texts, prices)
            if wrong:
                return wrong
    if snapshot and not levels:
        return "expected levels, got an empty snapshot"
    ts = None
    if "timestamp" in book or not snapshot:
        ts = iso_to_ns(book.get("timestamp"))
        if ts is None:
            return (
                f"expected `timestamp` to be a time in UTC of 2000 to 2099, got {book.get('timestamp')!r:.40}"
            )
    checksum = _checksum(book.get("checksum"))
    if checksum is None and "checksum" in book:
        return f"expected a checksum of 32 bits, got {book['checksum']!r:.40}"
    tick.add(prices)
    return Update(snapshot, ts, ts or 0, levels, texts, checksum)


def _level(
    price: Any,
    size: Any,
    side: int,
    levels: list[Level],
    texts: list[tuple[str, str]],
    prices: list[Fraction],
) -> str | None:
    """Append a level, or say what is wrong with it."""
    exact, quantity = number(price), amount(size)
    if not exact:
        return f"expected a positive price, got {price!r:.40}"
    if quantity is None:
        return f"expected a size of 0 or more, got {size!r:.40}"
    price, size = price if type(price) is str else repr(price), size if type(size) is str else repr(size)
    prices.append(exact)
    levels.append((side, float(price), quantity))  # of the text: that of a fraction is the same, and slow
    texts.append((price, size))
    return None


def _checksum(value: Any) -> int | None:
    """A checksum: text in version 1, a number in version 2."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    return value if type(value) is int and 0 <= value < 1 << 32 else None


def exact_trades(parts: list[Any], line: int, tick: Tick) -> list[Trade] | str:
    """The trades of a line, all or none, or what is wrong with them. Their prices go into ``tick``.

    Version 1: ``[price, size, time, side, kind of order, more]``; version 2: objects with a ``trade_id``. The
    side is the aggressor's.
    """
    if len(parts) != 1 or not isinstance(parts[0], list) or not parts[0]:
        return "expected a list of trades"
    trades: list[Trade] = []
    prices: list[Fraction] = []
    for entry in parts[0]:
        name: Any = None
        if isinstance(entry, list) and len(entry) >= 4:
            given, size, when, side = entry[:4]
            ts = seconds_to_ns(when)
        elif isinstance(entry, dict):
            given, size, when, side = (entry.get(n) for n in ("price", "qty", "timestamp", "side"))
            ts, name = iso_to_ns(when), entry.get("trade_id")
            if type(name) is not int or name < 0:
                return f"expected `trade_id` to be an id, got {name!r:.40}"
        else:
            return f"expected a trade, got {entry!r:.60}"
        price, quantity = number(given), amount(size)
        if not price:
            return f"expected a positive price, got {given!r:.40}"
        if not quantity:
            return f"expected a positive size, got {size!r:.40}"
        if ts is None:
            return f"expected a time of 2000 to 2099, got {when!r:.40}"
        if not isinstance(side, str) or side not in _AGGRESSORS:
            return f"expected side buy or sell, got {side!r:.40}"
        prices.append(price)
        number_ = None if name is None else str(name)
        trades.append(Trade(ts, number_, _AGGRESSORS[side], float(price), quantity, -1, line))
    tick.add(prices)
    return trades
