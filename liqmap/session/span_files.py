"""Spans as Arrow IPC files in a folder: written once, mapped into memory from then on.

``bids.arrow`` and ``asks.arrow`` hold tick, start, seen, end, size, by tick and then by time (32 bytes a span
and a bit, for the ticks are run-end encoded); ``window.arrow`` is `Spans.window`; ``index.arrow`` says from
when on they are complete. An open ``end`` is null, as everywhere in Arrow, with `OPEN` under the null: the
column can be used where it lies.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap.schema import OPEN, SIDES, SPANS, TIMESTAMP, Meta
from liqmap.session.array_files import Mapped, read_arrays, write_arrays, write_batch
from liqmap.spans import Spans
from liqmap.spans.spans import SideSpans, windows_of

FILES = tuple(f"{side}s.arrow" for side in SIDES)
COLUMNS = {"start": np.int64, "seen": np.int64, "end": np.int64, "size": np.float64}
WINDOW, INDEX = "window.arrow", "index.arrow"


def write_spans(folder: Path, spans: Spans) -> None:
    """Write spans into an empty folder.

    Raises
    ------
    OSError : it cannot be written.
    """
    index = {"since": np.array([] if spans.since is None else [spans.since], np.int64)}
    for name, s in zip(FILES, spans.sides):
        write_batch(folder / name, _batch(s, spans.meta))
    write_arrays(folder / INDEX, index)
    window = spans.window.drop_columns("worst_price")  # made of the ticks
    columns = [c.combine_chunks() for c in window.columns]
    write_batch(folder / WINDOW, pa.RecordBatch.from_arrays(columns, schema=window.schema))


def read_spans(folder: Path) -> Spans:
    """Spans that `write_spans` wrote, mapped: nothing is read before it is used.

    Raises
    ------
    StoreError : a file is missing or damaged.
    """
    index = read_arrays(folder / INDEX)
    sides = []
    for name in FILES:
        mapped = Mapped(folder / name)
        columns = {n: mapped.values(mapped.batch[n], np.dtype(kind)) for n, kind in COLUMNS.items()}
        runs = mapped.batch["tick"]
        levels = mapped.values(runs.values, np.dtype(np.int32))
        first = np.append(0, mapped.values(runs.run_ends, np.dtype(np.int64)))
        sides.append(SideSpans(np.repeat(levels, np.diff(first)), **columns, levels=levels, first=first))
    window = Mapped(folder / WINDOW).batch
    meta = Meta.from_metadata(window.schema.metadata)
    since = int(index["since"][0]) if len(index["since"]) else None
    return Spans((sides[0], sides[1]), windows_of(pa.Table.from_batches([window])), meta, since)


def _batch(s: SideSpans, meta: Meta) -> pa.RecordBatch:
    """The spans of a side, their arrays as they are."""
    standing = pa.array(s.end != OPEN).buffers()[1]
    end = pa.Array.from_buffers(TIMESTAMP, len(s), [standing, pa.py_buffer(s.end)])
    start, seen = (pa.array(column).view(TIMESTAMP) for column in (s.start, s.seen))
    tick = pa.RunEndEncodedArray.from_arrays(pa.array(s.first[1:]), pa.array(s.levels))
    fields = [pa.field("tick", tick.type, nullable=False), *(SPANS.field(name) for name in COLUMNS)]
    schema = pa.schema(fields, metadata=meta.to_metadata())
    return pa.RecordBatch.from_arrays([tick, start, seen, end, pa.array(s.size)], schema=schema)
