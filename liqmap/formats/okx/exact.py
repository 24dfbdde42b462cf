"""OKX's lines, exactly: the book and the trades that one tells of."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from liqmap.formats.streams.gathered import Level, Trade
from liqmap.formats.text.decimals import Tick, amount, number
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS
from liqmap.schema import OPEN

_SIDES = {"buy": 0, "sell": 1}


class Book(NamedTuple):
    """What one message says of the book: ``ts`` in ns; the ids None where it has none, and ``checksum`` where
    there is none, or 0, which says nothing."""

    ts: int
    seq: int | None
    prev: int | None
    levels: list[Level]
    texts: list[str]
    checksum: int | None


def exact_book(data: Any, tick: Tick) -> Book | str:
    """One object of the ``data`` of a line, or what is wrong with it. Its prices go into ``tick``."""
    if not isinstance(data, dict):
        return f"expected a book in `data`, got {data!r:.60}"
    ts = _milliseconds(data.get("ts"))
    if ts is None:
        return f"expected `ts` to be a time in ms since 1970, of 2000 to 2099, got {data.get('ts')!r:.40}"
    seq, prev = data.get("seqId"), data.get("prevSeqId")
    for name, value in (("seqId", seq), ("prevSeqId", prev)):
        if value is not None and (type(value) is not int or not -1 <= value < OPEN):
            return f"expected `{name}` to be an id, got {value!r:.40}"
    levels: list[Level] = []
    texts: list[str] = []
    prices: list[Fraction] = []
    for side, key in enumerate(("bids", "asks")):
        entries = data.get(key)
        if not isinstance(entries, list):
            return f"expected `{key}` to be a list of levels, got {type(entries).__name__}"
        for entry in entries:
            if not isinstance(entry, list) or not 2 <= len(entry) <= 4:
                return f"expected [price, size, 0, orders], got {entry!r:.60}"
            price, size = number(entry[0]), amount(entry[1])
            if not price or type(entry[0]) is not str:
                return f"expected a positive price as text, got {entry[0]!r:.40}"
            if size is None or type(entry[1]) is not str:
                return f"expected a size of 0 or more as text, got {entry[1]!r:.40}"
            prices.append(price)
            levels.append((side, float(entry[0]), size))
            texts.append(f"{entry[0]}:{entry[1]}")
    checksum = data.get("checksum")
    if checksum is not None and (type(checksum) is not int or not -(1 << 31) <= checksum < 1 << 32):
        return f"expected a checksum of 32 bits, got {checksum!r:.40}"
    tick.add(prices)
    return Book(ts, seq, prev, levels, texts, checksum or None)


def exact_trades(data: list[Any], symbol: str, line: int, tick: Tick) -> list[Trade] | str:
    """The trades of a line, all or none, or what is wrong with them. Their prices go into ``tick``. ``side``
    is the aggressor's."""
    trades: list[Trade] = []
    prices: list[Fraction] = []
    for entry in data:
        if not isinstance(entry, dict):
            return f"expected a trade, got {entry!r:.60}"
        ts, name = _milliseconds(entry.get("ts")), entry.get("tradeId")
        price, size, side = number(entry.get("px")), amount(entry.get("sz")), entry.get("side")
        if entry.get("instId", symbol) != symbol:
            return f"expected symbol {symbol}, got {entry['instId']!r:.40}"
        if ts is None:
            return (
                f"expected `ts` to be a time in ms since 1970, of 2000 to 2099, got {entry.get('ts')!r:.40}"
            )
        if not isinstance(name, str) or not name:
            return f"expected `tradeId` to be an id, got {name!r:.40}"
        if not price:
            return f"expected a positive price, got {entry.get('px')!r:.40}"
        if not size:
            return f"expected a positive size, got {entry.get('sz')!r:.40}"
        if side not in ("buy", "sell"):
            return f"expected side buy or sell, got {side!r:.40}"
        prices.append(price)
        trades.append(Trade(ts, name, _SIDES[side], float(price), size, -1, line))
    if not trades:
        return "expected trades, got none"
    tick.add(prices)
    return trades


def _milliseconds(text: Any) -> int | None:
    """A time in ms, as text, as ns; None where it is none of 2000 to 2099."""
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= 15):
        return None
    return int(text) * 1_000_000 if EARLIEST_MS <= int(text) <= LATEST_MS else None
