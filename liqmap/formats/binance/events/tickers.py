"""Binance's book tickers: what they say, in columns, and one of them exactly.

Futures: ``{"e":"bookTicker","u":...,"s":"BTCUSDT","b":"25.35","B":"31.21","a":"25.36","A":"40.66","T":...,
"E":...}``, where ``T`` is the engine's time. Spot has neither ``e`` nor a time: its time is that of arrival,
before the line. ``u`` is the update id of the book. Price and quantity of an empty side are 0.
Source: https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from liqmap.formats.binance.events.columns import Tickers
from liqmap.formats.binance.events.exact import wrong_time, wrong_whole
from liqmap.formats.text.decimals import Tick, number
from liqmap.formats.text.far_prices import far_prices
from liqmap.formats.text.times import to_ns
from liqmap.schema import MISSING, Quotes, Rejected

_WORDS = rb'"(?:e"\s*:\s*"bookTicker"\s*,\s*"u|u)"\s*:\s*\d+\s*,\s*"s"\s*:\s*"([^"\\\x00-\x1f]+)"'
_SIDE = rb'\s*,\s*"%b"\s*:\s*"[\d.]+"'
_PAIR = rb'(?:\s*,\s*"ps"\s*:\s*"[^"\\\x00-\x1f]+")?'
TICKER = re.compile(rb"\{\s*" + _WORDS + _PAIR + b"".join(_SIDE % key for key in (b"b", b"B", b"a", b"A")))
"""A book ticker, as every market of Binance writes it: its symbol."""

SIDES = (("b", "B", "bid"), ("a", "A", "ask"))


def is_ticker(event: dict[str, Any]) -> bool:
    """Whether an event is a book ticker."""
    kind = event.get("e")
    return kind == "bookTicker" or (kind is None and "u" in event and "B" in event)


def exact_ticker(event: dict[str, Any], local: int, line: int, tick: Tick) -> tuple[Any, ...] | str:
    """A book ticker as `Tickers` has it, or why it is none. Its prices go into ``tick``."""
    ts: Any = 0
    if "e" in event:
        ts = event["T"] if "T" in event else event.get("E")
        if wrong := wrong_time(ts, "T` or `E"):
            return wrong
    if wrong := wrong_whole(event.get("u"), "u", 1):
        return wrong
    sides: list[float] = []
    prices = []
    for key, of_size, side in SIDES:
        price, size = number(event.get(key)), number(event.get(of_size))
        if price is None or size is None or (price == 0) != (size == 0):
            got = f"{event.get(key)!r:.40} and {event.get(of_size)!r:.40}"
            return f"expected a price and a size of the {side}, both above 0 or both 0, got {got}"
        sides += [float(price) or np.nan, float(size) or np.nan]
        prices += [price] if price else []
    tick.add(prices)
    return ts, event["u"], line, local, *sides


def quotes_of(tickers: Tickers, tick: Tick, rejected: list[Rejected]) -> tuple[Quotes | None, int]:
    """Tickers as quotes, and how many have no time at all. Those whose prices leave no tick size for the
    others are ``rejected``."""
    both = np.concatenate([tickers.bid, tickers.ask])
    there = ~np.isnan(both)
    wrong = far_prices(tick, both[there], np.concatenate([tickers.line, tickers.line])[there], rejected)
    keep = (tickers.ts > 0) | (tickers.recv > 0)
    timeless = int((~keep).sum())
    if wrong is not None:
        of = np.zeros(len(both), np.bool_)
        of[there] = wrong
        keep &= ~of.reshape(2, -1).any(axis=0)
    if not keep.any():
        return None, timeless
    ts, seq, _, recv, *sides = (column[keep] for column in tickers)
    arrived = np.where(recv > 0, recv, MISSING)
    return Quotes(np.where(ts > 0, to_ns(ts), arrived), arrived, seq, *sides), timeless


def timeless_note(name: str, count: int) -> str:
    """That tickers without any time were left out."""
    return (
        f"{name}: {count:,} book tickers were left out: those of spot have no time of their own, and no "
        "local time stands before them"
    )


def arrival_note(name: str) -> str:
    """Which time those of spot have."""
    return f"{name}: book tickers of spot have no time of their own and take that of arrival"
