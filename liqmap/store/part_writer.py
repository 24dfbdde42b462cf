"""One Parquet file of a store, written row group by row group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import EVENTS, GAP, TABLES, Meta, codes, int64
from liqmap.store.parts import LAYOUT, Facts, Part, open_part

COMPRESSION = {
    "compression": "zstd",
    "compression_level": 1,
    "store_schema": True,
    "write_page_index": True,
    "write_page_checksum": True,
}


class PartWriter:
    """Writes one part and gathers its facts; every `write` is a row group."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path, self.kind = path, kind
        self.ordered = True
        self.facts: Facts | None = None
        self._writer = pq.ParquetWriter(path, TABLES[kind], **encoding(kind))

    def write(self, table: pa.Table) -> None:
        """Rows in the order of the feed, whole messages."""
        if table.num_rows == 0:
            return
        self._gather(table)
        self._writer.write_table(table, row_group_size=table.num_rows)

    def close(self, meta: Meta, follows: int = -1) -> Part:
        assert self.facts is not None
        self.facts = replace(self.facts, follows=follows)
        self._writer.add_key_value_metadata(meta.to_metadata() | self.facts.to_metadata() | {LAYOUT: b"2"})
        self._writer.close()
        return open_part(self.path, self.kind)

    def abort(self) -> None:
        self._writer.close()

    def _gather(self, table: pa.Table) -> None:
        ts = int64(table["ts"])
        low, high = int(ts.min()), int(ts.max())
        if self.kind != "depth":
            self.ordered &= bool((np.diff(ts) >= 0).all())
            if self.facts is None:
                self.facts = Facts(first_ts=low, last_ts=high, messages=len(ts))
                return
            self.ordered &= low >= self.facts.last_ts
            self.facts = replace(
                self.facts,
                first_ts=min(low, self.facts.first_ts),
                last_ts=max(high, self.facts.last_ts),
                messages=self.facts.messages + len(ts),
            )
            return
        seq, event = int64(table["seq"], null=-1), codes(table["event"], EVENTS)
        begins = np.count_nonzero((seq[1:] != seq[:-1]) | (event[1:] != event[:-1])) + 1
        count = begins - np.count_nonzero(event == GAP)
        first = self.facts or Facts(
            first_ts=low, last_ts=high, first_seq=int(seq[0]), first_event=EVENTS[event[0]]
        )
        self.facts = replace(
            first,
            last_ts=high,
            last_seq=int(seq[-1]),
            last_event=EVENTS[event[-1]],
            messages=first.messages + int(count),
        )


def encoding(kind: str) -> dict[str, Any]:
    """Clocks and ids as differences, words and prices by dictionary."""
    if kind == "depth":
        differences = ["ts", "seq"]
        by_dictionary = ["event", "side", "price", "size"]
    elif kind == "orders":
        differences = ["ts", "ts_recv", "seq", "order_id"]
        by_dictionary = ["action", "side", "price", "size"]
    elif kind == "quotes":
        differences = ["ts", "ts_recv", "seq"]
        by_dictionary = ["bid", "bid_size", "ask", "ask_size"]
    else:
        differences = ["ts"]
        by_dictionary = [n for n in TABLES[kind].names if n not in ("ts", "id")]
    return COMPRESSION | {
        "use_dictionary": by_dictionary,
        "column_encoding": dict.fromkeys(differences, "DELTA_BINARY_PACKED"),
    }
