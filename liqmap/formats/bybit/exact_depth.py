"""Bybit's depth lines, exactly: one parsed line to a message, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from liqmap.formats.bybit.depth_scan import MESSAGES, ROWS, Output
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.json_exact import exact_levels
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS
from liqmap.schema import OPEN


@dataclass
class Message:
    """One depth line, exactly: ``ts`` in ms, the local time ``recv`` in ns (0 for none), levels as (side
    code, price, size)."""

    ts: int
    recv: int
    seq: int
    snapshot: bool
    levels: list[tuple[int, float, float]] = field(default_factory=list)


def exact(message: dict[str, Any], topic: str, recv: int, tick: Tick) -> Message | str:
    """A parsed depth line of ``topic`` that came at ``recv``, or why it is not one. Its prices go into
    ``tick``."""
    symbol = topic.split(".", 2)[2]
    kind, data = message.get("type"), message.get("data")
    if kind not in ("snapshot", "delta"):
        return f"expected type snapshot or delta, got {kind!r}"
    if not isinstance(data, dict):
        return "expected `data` to be an object"
    if data.get("s") != symbol:
        return f"expected symbol {symbol}, got {data.get('s')!r}"
    ts, seq = message["cts"] if "cts" in message else message.get("ts"), data.get("u")
    if type(ts) is not int or not EARLIEST_MS <= ts <= LATEST_MS:
        return f"expected `cts` or `ts` to be a time in ms since 1970, of 2000 to 2099, got {ts!r:.40}"
    if type(seq) is not int or not 1 <= seq < OPEN:
        return f"expected `u` to be a positive integer, got {seq!r:.40}"
    levels: list[tuple[int, float, float]] = []
    prices: list[Fraction] = []
    for key in [k for k in data if k in ("a", "b")]:
        wrong = exact_levels(data[key], "ba".index(key), levels, prices)
        if wrong:
            return f"{'bid' if key == 'b' else 'ask'}: {wrong}"
    if missing := [k for k in "ba" if k not in data]:
        return f"expected `{missing[0]}` in data, got none"
    tick.add(prices)
    return Message(ts, recv, seq, kind == "snapshot", levels)


def append(message: Message, line: int, out: Output) -> None:
    """Write one message after those that the scanner took."""
    m, r = int(out.used[MESSAGES]), int(out.used[ROWS])
    out.ts[m], out.recv[m], out.seq[m] = message.ts, message.recv, message.seq
    out.snapshot[m], out.line[m] = message.snapshot, line
    for code, at, amount in message.levels:
        out.levels.side[r], out.levels.price[r], out.levels.size[r] = code, at, amount
        r += 1
    out.rows[m + 1] = r
    out.used[MESSAGES], out.used[ROWS] = m + 1, r
