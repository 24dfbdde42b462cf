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
from liqmap.formats.text.best_prices import exact_sides, far_quotes
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.times import to_ns
from liqmap.schema import MISSING, Quotes, Rejected

_WORDS = rb'"(?:e"\s*:\s*"bookTicker"\s*,\s*"u|u)"\s*:\s*\d+\s*,\s*"s"\s*:\s*"([^"\\\x00-\x1f]+)"'
_SIDE = rb'\s*,\s*"%b"\s*:\s*"[\d.]+"'
_PAIR = rb'(?:\s*,\s*"ps"\s*:\s*"[^"\\\x00-\x1f]+")?'
TICKER = re.compile(rb"\{\s*" + _WORDS + _PAIR + b"".join(_SIDE % key for key in (b"b", b"B", b"a", b"A")))
"""A book ticker, as every market of Binance writes it: its symbol."""


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
    bid, ask = ((event.get(price), event.get(size)) for price, size in ("bB", "aA"))
    sides = exact_sides(bid, ask, tick)
    if isinstance(sides, str):
        return sides
    return ts, event["u"], line, local, *sides


def quotes_of(tickers: Tickers, tick: Tick, rejected: list[Rejected]) -> tuple[Quotes | None, int]:
    """Tickers as quotes, and how many have no time at all. Those whose prices leave no tick size for the
    others are ``rejected``."""
    wrong = far_quotes(tick, tickers.bid, tickers.ask, tickers.line, rejected)
    keep = (tickers.ts > 0) | (tickers.recv > 0)
    timeless = int((~keep).sum())
    if wrong is not None:
        keep &= ~wrong
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
