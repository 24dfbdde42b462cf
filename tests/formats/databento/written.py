"""Databento files for tests, made of the vendor's own records and encoders."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import databento_dbn as dbn
import pyarrow as pa

Levels = Sequence[tuple[float, int]]
T = 1_703_462_400_000_000_000
UNIT = 10**9
ES = 17077

ACTIONS = {
    "A": dbn.Action.ADD, "C": dbn.Action.CANCEL, "M": dbn.Action.MODIFY, "R": dbn.Action.CLEAR,
    "T": dbn.Action.TRADE, "F": dbn.Action.FILL, "N": dbn.Action.NONE,
}  # fmt: skip
SIDES = {"B": dbn.Side.BID, "A": dbn.Side.ASK, "N": dbn.Side.NONE}
SCHEMAS = {
    "mbo": dbn.Schema.MBO, "mbp-1": dbn.Schema.MBP_1, "mbp-10": dbn.Schema.MBP_10, "tbbo": dbn.Schema.TBBO,
    "trades": dbn.Schema.TRADES,
}  # fmt: skip


def units(price: float | None) -> int:
    return dbn.UNDEF_PRICE if price is None else round(price * 4) * UNIT // 4


def order(
    n: int, action: str, side: str = "N", price: float | None = None, size: int = 0, key: int = 0,
    flags: int = dbn.F_LAST, *, ts: int | None = None, instrument: int = ES, publisher: int = 1,
) -> Any:  # fmt: skip
    """Record ``n`` of a file: its time and sequence number follow from it."""
    at = T + n * 1_000 if ts is None else ts
    return dbn.MBOMsg(
        publisher, instrument, at, key, units(price), size, ACTIONS[action], SIDES[side], at + 500, flags,
        0, 400, 100 + n,
    )  # fmt: skip


def shown(
    n: int, bids: Levels, asks: Levels, *, levels: int, action: str = "A", side: str = "B",
    price: float | None = 100.0, size: int = 1, flags: int = dbn.F_LAST, ts: int | None = None,
    instrument: int = ES,
) -> Any:  # fmt: skip
    """A record of mbp-1 or mbp-10 that shows these levels."""
    at = T + n * 1_000 if ts is None else ts
    pairs = []
    for i in range(levels):
        bid = (units(bids[i][0]), bids[i][1]) if i < len(bids) else (dbn.UNDEF_PRICE, 0)
        ask = (units(asks[i][0]), asks[i][1]) if i < len(asks) else (dbn.UNDEF_PRICE, 0)
        pairs.append(dbn.BidAskPair(bid[0], ask[0], bid[1], ask[1], bool(bid[1]), bool(ask[1])))
    kind, what = (dbn.MBP1Msg, pairs[0]) if levels == 1 else (dbn.MBP10Msg, pairs)
    return kind(
        1,
        instrument,
        at,
        units(price),
        size,
        ACTIONS[action],
        SIDES[side],
        0,
        at + 500,
        flags,
        400,
        100 + n,
        what,
    )


def trade(n: int, side: str, price: float, size: int) -> Any:
    at = T + n * 1_000
    return dbn.TradeMsg(
        1, ES, at, units(price), size, dbn.Action.TRADE, SIDES[side], 0, at + 500, 0, 400, 100 + n
    )


def header(schema: str | None, symbols: dict[str, Sequence[int]], ts_out: bool = False) -> bytes:
    """Symbols with their instruments, one day each."""
    day = dt.date(2023, 12, 25)
    mappings = []
    for name, ids in symbols.items():
        days = [(day + dt.timedelta(i), day + dt.timedelta(i + 1), str(n)) for i, n in enumerate(ids)]
        spans = [SimpleNamespace(start_date=a, end_date=b, symbol=n) for a, b, n in days]
        mappings.append(SimpleNamespace(raw_symbol=name, intervals=spans))
    made = dbn.Metadata(
        "GLBX.MDP3", T, dbn.SType.RAW_SYMBOL, dbn.SType.INSTRUMENT_ID, SCHEMAS[schema] if schema else None,
        list(symbols), [], [], mappings, T + 86_400 * UNIT, ts_out=ts_out,
    )  # fmt: skip
    return bytes(made)


def dbn_bytes(schema: str, records: Iterable[Any], symbols: dict[str, Sequence[int]] | None = None) -> bytes:
    return header(schema, {"ESH4": [ES]} if symbols is None else symbols) + b"".join(
        bytes(r) for r in records
    )


def csv_bytes(data: bytes, **pretty: bool) -> bytes:
    """The same as the vendor's encoder writes it: ``pretty_px``, ``pretty_ts``, ``map_symbols``."""
    out = io.BytesIO()
    coder = dbn.Transcoder(out, dbn.Encoding.CSV, dbn.Compression.NONE, **pretty)
    coder.write(data)
    coder.flush()
    return out.getvalue()


def write(path: Path, data: bytes, packed: bool = False) -> Path:
    path.write_bytes(pa.compress(data, "zstd", asbytes=True) if packed else data)
    return path
