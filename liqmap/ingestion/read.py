"""One raw file in memory, without a store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from liqmap.formats import Hints
from liqmap.frames import frame_kind
from liqmap.ingestion.files import not_readable, unforeseen
from liqmap.ingestion.report import IngestReport
from liqmap.ingestion.source import Flow
from liqmap.schema import TABLES, Capture, FormatError, LiqmapError
from liqmap.schema.arguments import check_hints, path_text


def read(
    path: str | os.PathLike[str] | Any,
    *,
    venue: str | None = None,
    symbol: str | None = None,
    feed: str | None = None,
    tick_size: float | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002
) -> Capture:
    """One raw file, or a frame, as tables.

    Parameters
    ----------
    path : a file, or a frame of pandas, polars, Arrow or DuckDB: it is read as a table in a file would be, by
        the same rules. An index of pandas counts where it has a name or holds times.
    venue : where it traded, e.g. ``bybit-spot``; else taken from the path, else the derivative market.
    symbol, feed : which of several markets in one capture to take; needed where the file does not say.
    tick_size : quote currency; else the greatest common divisor of the prices as written.
    mapping : of a table, what its columns hold: ``{"price": "px", "size": "qty"}``; ``{"layout": "updates"}``
        (or ``snapshots``, ``wide``, ``trades``) where the columns fit several, ``{"layout": "orders"}`` where
        they tell of single orders.
    format : name of the format; else detected by content.

    Returns
    -------
    ``depth``, ``trades``, ``bands`` (tables, or None), ``meta`` (also in each table's schema), and
    ``report`` with what was lost. ``orders`` (a table of schema `ORDERS`: ts, ts_recv, seq, order_id,
    action, side, price, size) for market-by-order sources, ``quotes`` (schema `QUOTES`: ts, ts_recv,
    seq, bid, bid_size, ask, ask_size) where there are book tickers, else None.

    Raises
    ------
    FormatError : no such file, no known format, or not one line that could be used.
    """
    check_hints(venue, symbol, feed, mapping)
    hints = Hints(venue=venue, symbol=symbol, feed=feed, tick_size=tick_size, mapping=mapping)
    kind = frame_kind(path)
    if kind is None and not isinstance(path, str | os.PathLike):
        raise not_readable("path", path)
    try:
        if kind is not None:
            return _read(f"<{kind}>", hints, format, path)
        return _read(path_text(path, "path", FormatError), hints, format)
    except (LiqmapError, TypeError, KeyboardInterrupt):
        raise
    except Exception as raised:
        raise unforeseen(path if kind is None else f"<{kind}>", raised) from raised


def _read(path: str, hints: Hints, form: str | None, frame: Any = None) -> Capture:
    flow = Flow.open(path, hints, form, frame)
    batches: dict[str, list[pa.RecordBatch]] = {kind: [] for kind in TABLES}
    flow.read(lambda kind, rows: batches[kind].append(rows))
    capture = Capture(report=IngestReport())
    flow.report_to(capture.report)
    for kind in flow.kinds:
        meta = flow.meta(kind)
        table = pa.Table.from_batches(batches[kind], schema=TABLES[kind])
        setattr(capture, kind, table.replace_schema_metadata(meta.to_metadata()))
        capture.meta = meta if capture.meta is None else capture.meta.merge(meta)
    return capture
