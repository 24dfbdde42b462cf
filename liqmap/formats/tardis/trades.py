"""Tardis ``trades``: ``exchange,symbol,timestamp,local_timestamp,id,side,price,amount``.

``side`` is the taker's, ``unknown`` where the exchange does not say. An empty id is none. Files of
``liquidations`` have the same header, and their trades stand in ``trades`` too: only name and folder tell the
two apart. They are refused; where neither name nor folder says ``trades``, that is assumed, and told.
Source: https://docs.tardis.dev/downloadable-csv-files
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.tardis.file import COMMON, TardisFile
from liqmap.formats.text.csv_columns import NUMBER, PRICE, TEXT, WORD, Column, Read, or_null
from liqmap.formats.text.csv_reader import Exact
from liqmap.formats.text.ids import are_plain, plain_id
from liqmap.schema import AGGRESSORS, FLAGS, TIMESTAMP, TRADES, FormatError, Meta, words

_NAMES = (*COMMON, "id", "side", "price", "amount")
_SIDES = {"buy": 0, "sell": 1, "unknown": -1}
_CODES = np.array(list(_SIDES.values()), np.int8)


class TardisTrades(TardisFile[pa.RecordBatch]):
    """Reader of one trades file."""

    price = 3

    types = {  # noqa: RUF012
        "id": Column(TEXT),
        "side": Column(WORD, tuple(_SIDES)),
        "price": Column(PRICE),
        "amount": Column(NUMBER),
    }

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        kind = _kind(raw.path)
        if kind == "liquidations":
            raise FormatError(
                where=raw.path,
                expected="trades",
                got="Tardis liquidations, as its name or folder says",
                remedy="Leave it out: those of them that traded are in the file of trades",
            )
        super().__init__(raw, hints)
        if kind is None:
            self.notes.append(
                f"{raw.path.name}: neither its name nor its folder says whether it is Tardis trades or "
                "liquidations, which have the same columns; took it as trades. Leave it out if it is not"
            )

    def chunk(self, read: Read, ts: np.ndarray, local: np.ndarray, line: int) -> pa.RecordBatch | None:
        name, side, price, size = (read.column(self.names.index(n)) for n in _NAMES[4:])
        sound = size.min() > 0 and are_plain(name)
        return _record(ts, name, _CODES[side], price, size) if sound else None

    def gather(self, columns: list[tuple[Any, ...]]) -> pa.RecordBatch:
        ts, name, side, price, size = columns[:5]
        return _record(
            np.array(ts), pa.array(name, pa.string()), np.array(side), np.array(price), np.array(size)
        )

    def one(self, cell: dict[str, str], ts: int, local: int) -> Exact:
        if cell["side"] not in _SIDES:
            return f"expected side buy, sell or unknown, got {cell['side']!r:.40}"
        try:
            name = plain_id(cell["id"])
        except ValueError as lost:
            return str(lost)
        found = self.level(cell["price"], cell["amount"])
        if isinstance(found, str):
            return found
        if not found[1]:
            return f"expected a positive amount, got {cell['amount']!r:.40}"
        return ts, name, _SIDES[cell["side"]], *found

    def found(self, rows: pa.RecordBatch | None, last: bool) -> dict[str, Any]:
        if rows is None:
            return {}
        self.meta["trades"] = Meta(
            venue=self.venue,
            symbol=self.symbol,
            tick_size=self.tick.size,
            trade_ids="trade",
            **self.sizes,
        )
        return {"trades": rows}


def _kind(path: Path) -> str | None:
    """``trades`` or ``liquidations``, as the name says or the nearest folder that does; None if none does."""
    kinds = {"trades", "liquidations"}
    said = kinds & set(re.split(r"[^a-z0-9]+", path.name.lower()))
    folders = [part for part in reversed(path.absolute().parts[:-1]) if part in kinds]
    if said:
        return "liquidations" if "liquidations" in said else "trades"
    return folders[0] if folders else None


def _record(
    ts: np.ndarray, name: pa.Array, side: np.ndarray, price: np.ndarray, size: np.ndarray
) -> pa.RecordBatch:
    unknown = side < 0
    return pa.RecordBatch.from_arrays(
        [
            pa.array(ts * 1000).view(TIMESTAMP),
            or_null(name),
            words(side, AGGRESSORS, null=unknown if unknown.any() else None),
            pa.array(price),
            pa.array(size),
            words(np.zeros(len(ts), np.int8), FLAGS, null=np.ones(len(ts), np.bool_)),
        ],
        schema=TRADES,
    )


register(
    Format(
        "tardis-trades",
        "Tardis trades, csv or csv.gz",
        detect=lambda head: tuple(head.split(b"\n", 1)[0].decode("latin-1").strip().split(",")) == _NAMES,
        open=TardisTrades,
    )
)
