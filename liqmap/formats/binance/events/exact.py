"""Binance events, exactly: one parsed line to a diff, a trade or a snapshot, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.binance.events.columns import Diffs, Trades
from liqmap.formats.text.decimals import Tick, number
from liqmap.formats.text.json_exact import exact_levels
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS, to_ns
from liqmap.schema import (
    AGGRESSORS,
    FLAGS,
    HEARD,
    MISSING,
    OPEN,
    SNAPSHOT,
    TIMESTAMP,
    TRADES,
    UPDATE,
    Messages,
    words,
)

_LIQUIDATION = ("INSURANCE_FUND", "ADL")


@dataclass(frozen=True)
class Diff:
    """One ``depthUpdate``: ``ts`` in ms or us as written, levels as (side code, price, size)."""

    ts: int
    seq: int
    prev: int
    levels: list[tuple[int, float, float]]


@dataclass(frozen=True)
class Trade:
    """One trade; ``maker``: the buyer was the maker, so the aggressor sold."""

    ts: int
    id: int
    maker: bool
    price: float
    size: float
    forced: bool


def exact_diff(event: dict[str, Any], tick: Tick) -> Diff | str:
    """A ``depthUpdate``, or why it is none. Its prices go into ``tick``."""
    ts: Any = event["T"] if "T" in event else event.get("E")
    if wrong := wrong_time(ts, "T` or `E"):
        return wrong
    for name in ("U", "u"):
        if wrong := wrong_whole(event.get(name), name, 1):
            return wrong
    prev = event.get("pu", event["U"] - 1)
    if wrong := wrong_whole(prev, "pu", 0):
        return wrong
    levels = _sides(event, ("b", "a"), tick)
    return levels if isinstance(levels, str) else Diff(ts, event["u"], prev, levels)


def exact_snapshot(event: dict[str, Any], tick: Tick) -> Diff | str:
    """A REST snapshot as a diff that follows nothing; ``ts`` is 0 where it has no time, as on spot."""
    ts = event.get("T", event.get("E", 0))
    wrong = (wrong_time(ts, "T` or `E") if ts != 0 else None) or wrong_whole(
        event["lastUpdateId"], "lastUpdateId", 1
    )
    if wrong:
        return wrong
    levels = _sides(event, ("bids", "asks"), tick)
    if isinstance(levels, str):
        return levels
    if not levels:
        return "expected levels in the snapshot, got none"
    return Diff(ts, event["lastUpdateId"], -1, levels)


def exact_trade(event: dict[str, Any], tick: Tick) -> Trade | str | None:
    """A trade, why it is none, or None where Binance itself says so (``X`` is NA)."""
    kind = event.get("X", "MARKET")
    if kind == "NA":
        return None
    if wrong := wrong_time(event.get("T"), "T"):
        return wrong
    name = "t" if event["e"] == "trade" else "a"
    if wrong := wrong_whole(event.get(name), name, 1):
        return wrong
    price, size = number(event.get("p")), number(event.get("q"))
    if not price:
        return f"expected a positive price, got {event.get('p')!r:.40}"
    if not size:
        return f"expected a positive size, got {event.get('q')!r:.40}"
    if type(event.get("m")) is not bool:
        return f"expected `m` to be true or false, got {event.get('m')!r:.40}"
    tick.add([price])
    forced = kind in _LIQUIDATION
    return Trade(event["T"], event[name], event["m"], float(price), float(size), forced)


def wrong_time(value: Any, name: str) -> str | None:
    """What is wrong with a time in ms or us."""
    ms = value // 1000 if type(value) is int and value >= 1000 * EARLIEST_MS else value
    if type(ms) is int and EARLIEST_MS <= ms <= LATEST_MS:
        return None
    return f"expected `{name}` to be a time in ms or us since 1970, of 2000 to 2099, got {value!r:.40}"


def wrong_whole(value: Any, name: str, least: int) -> str | None:
    """What is wrong with an id."""
    if type(value) is int and least <= value < OPEN:
        return None
    return f"expected `{name}` to be a positive integer, got {value!r:.40}"


def _sides(event: dict[str, Any], names: tuple[str, str], tick: Tick) -> list[tuple[int, float, float]] | str:
    """The levels of both sides in the order of the keys."""
    levels: list[tuple[int, float, float]] = []
    prices: list[Fraction] = []
    for key in [k for k in event if k in names]:
        if wrong := exact_levels(event[key], names.index(key), levels, prices):
            return f"{'bid' if key == names[0] else 'ask'}: {wrong}"
    if missing := [k for k in names if k not in event]:
        return f"expected `{missing[0]}`, got none"
    tick.add(prices)
    return levels


def diff_messages(diffs: Diffs) -> Messages:
    """Diffs as messages, which do not share their memory."""
    return Messages(
        ts=to_ns(diffs.ts),
        ts_recv=np.where(diffs.recv > 0, diffs.recv, MISSING),
        seq=diffs.seq.copy(),
        prev=diffs.prev.copy(),
        event=np.where(np.diff(diffs.rows) > 0, UPDATE, HEARD).astype(np.int8),
        rows=diffs.rows,
        line=diffs.line.copy(),
        **diffs.levels._asdict(),
    )


def snapshot_message(found: Diff, line: int, local: int) -> Messages:
    """One snapshot as a message; its time is MISSING where it has none."""
    side, price, size = zip(*found.levels)
    ts = int(to_ns(np.array([found.ts]))[0]) if found.ts else MISSING
    return Messages(
        ts=np.array([ts]),
        ts_recv=np.array([local]),
        seq=np.array([found.seq]),
        prev=np.array([-1]),
        event=np.array([SNAPSHOT], np.int8),
        rows=np.array([0, len(side)]),
        line=np.array([line]),
        side=np.array(side, np.int8),
        price=np.array(price),
        size=np.array(size),
    )


def trade_rows(trades: Trades, forced: list[int]) -> pa.RecordBatch:
    """Rows of TRADES; ``forced``: which of them are liquidations."""
    plain = np.ones(len(trades.ts), np.bool_)
    plain[forced] = False
    return pa.RecordBatch.from_arrays(
        [
            pa.array(to_ns(trades.ts)).view(TIMESTAMP),
            pa.array(trades.id).cast(pa.string()),
            words(trades.maker, AGGRESSORS),
            pa.array(trades.price.copy()),
            pa.array(trades.size.copy()),
            words(np.full(len(plain), FLAGS.index("liquidation")), FLAGS, null=plain),
        ],
        schema=TRADES,
    )
