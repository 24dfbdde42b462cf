"""Out of the store: what is there, and tables of a time range."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap.schema import EVENTS, GAP, MISSING, OPEN, TABLES, Meta, codes, depth_rows, int64
from liqmap.store.layout import check_store
from liqmap.store.listing import list_parts
from liqmap.store.parts import Part, fetch_all, reading
from liqmap.store.rereading import retried

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("venue", "symbol", "feed", "kind", "date", "start", "end", "rows", "bytes")


def sessions(
    root: str | os.PathLike[str], venue: str | None = None, symbol: str | None = None
) -> pd.DataFrame:
    """What a store holds, or of one market: a row per market, feed, table and day, from the manifests alone.

    Returns
    -------
    venue, symbol, feed (None for trades and bands), kind, date (str), start, end (UTC), rows, bytes.

    Raises
    ------
    StoreError : not a store.
    """
    import pandas as pd

    path = check_store(root)
    rows = retried(lambda: _days(path, venue, symbol))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("venue", "symbol", "feed", "kind", "date"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    for name in ("start", "end"):
        table[name] = pd.DatetimeIndex(table[name].astype("datetime64[ns]")).tz_localize("UTC")
    return table.astype({"rows": "int64", "bytes": "int64"})


def _days(path: Path, venue: str | None, symbol: str | None) -> list[tuple[Any, ...]]:
    """The rows of `sessions`, times in ns."""
    days: dict[tuple[str, str, str, str, str], list[Part]] = {}
    for kind in TABLES:
        for part in list_parts(path, kind, venue, symbol):
            meta = part.meta
            days.setdefault((meta.venue, meta.symbol, meta.feed or "", kind, part.date), []).append(part)
    return [
        (
            venue,
            symbol,
            feed or None,
            kind,
            date,
            min(p.facts.first_ts for p in parts),
            max(p.facts.last_ts for p in parts),
            sum(p.rows for p in parts),
            sum(p.bytes for p in parts),
        )
        for (venue, symbol, feed, kind, date), parts in sorted(days.items())
    ]


def read_depth(
    root: str | os.PathLike[str],
    venue: str,
    symbol: str,
    feed: str,
    start: int | None = None,
    end: int | None = None,
) -> pa.Table:
    """Depth rows of one market with start <= ts < end (ns), in the order of the feed.

    A gap row stands between two files that do not continue each other.

    Returns
    -------
    `schema.DEPTH` with the merged Meta in its metadata; empty if the store has nothing there.

    Raises
    ------
    StoreError : not a store.
    """
    return retried(lambda: _read(root, "depth", venue, symbol, feed, start, end))


def read_trades(
    root: str | os.PathLike[str], venue: str, symbol: str, start: int | None = None, end: int | None = None
) -> pa.Table:
    """Trades of one market with start <= ts < end (ns): `schema.TRADES`, as `read_depth`."""
    return retried(lambda: _read(root, "trades", venue, symbol, None, start, end))


def read_orders(
    root: str | os.PathLike[str], venue: str, symbol: str, start: int | None = None, end: int | None = None
) -> pa.Table:
    """Single orders of one market with start <= ts < end (ns): `schema.ORDERS`, as `read_depth`."""
    return retried(lambda: _read(root, "orders", venue, symbol, None, start, end))


def read_quotes(
    root: str | os.PathLike[str], venue: str, symbol: str, start: int | None = None, end: int | None = None
) -> pa.Table:
    """Book tickers of one market with start <= ts < end (ns): `schema.QUOTES`, as `read_depth`."""
    return retried(lambda: _read(root, "quotes", venue, symbol, None, start, end))


def depth_parts(root: str | os.PathLike[str], venue: str, symbol: str, feed: str) -> list[Part]:
    """All files of one feed's depth, in the order of the feed.

    Raises
    ------
    StoreError : not a store.
    """
    return list_parts(check_store(root), "depth", venue, symbol, feed)


def depth_groups(
    parts: Iterable[Part], before: Part | None = None, columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The rows of consecutive files, a row group at a time: what `read_depth` gives at once, or some columns.

    A gap row comes first if the first file does not continue ``before``, the file in front of it. A gap at
    the end of the last file is left out: whether messages are missing there, the file behind it says.
    """
    for part in parts:
        if before is not None and not part.continues(before):
            gap = gap_after(before)
            yield gap if columns is None else gap.select(columns)
        groups = _groups(part, MISSING, OPEN, columns)
        waiting = next(groups)
        for group in groups:
            yield waiting
            waiting = group
        yield waiting.slice(0, waiting.num_rows - 1) if part.ends_in_gap else waiting
        before = part


def last_message(parts: Sequence[Part], end: int) -> int | None:
    """ts of the last message before ``end`` (ns) in files that are in order; None if there is none."""
    for part in reversed(parts):
        with part.open() as file:
            for group in reversed(range(file.metadata.num_row_groups)):
                if file.metadata.row_group(group).column(0).statistics.min_raw >= end:
                    continue
                with reading(part):
                    rows = file.read_row_group(group, columns=["ts", "event"])
                ts = int64(rows["ts"])
                ts = ts[(ts < end) & (codes(rows["event"], EVENTS) != GAP)]
                if len(ts):
                    return int(ts[-1])
    return None


def bounds_of(start: int | None, end: int | None) -> tuple[int, int]:
    """Half-open bounds, None being no bound."""
    return MISSING if start is None else start, OPEN if end is None else end


def parts_of(
    root: str | os.PathLike[str],
    kind: str,
    venue: str,
    symbol: str,
    feed: str | None,
    low: int,
    high: int,
) -> tuple[list[Part], dict[int, str]]:
    """Parts that hold rows of the range, and how each joins the next: ``whole`` or ``broken``."""
    if kind == "depth" and feed is None:
        return [], {}
    every = list_parts(check_store(root), kind, venue, symbol, feed)
    parts = [p for p in every if p.facts.first_ts < high and p.facts.last_ts >= low]
    fetch_all(parts)
    joins = {}
    if kind == "depth" and parts:
        after = every[every.index(parts[0]) : every.index(parts[-1]) + 2]
        for i, (a, b) in enumerate(zip(after, after[1:])):
            if low <= a.facts.last_ts < high:
                joins[i] = "whole" if b.continues(a) else "broken"
    return parts, joins


def _read(
    root: str | os.PathLike[str],
    kind: str,
    venue: str,
    symbol: str,
    feed: str | None,
    start: int | None,
    end: int | None,
) -> pa.Table:
    low, high = bounds_of(start, end)
    parts, joins = parts_of(root, kind, venue, symbol, feed, low, high)
    schema = TABLES[kind]
    tables: list[pa.Table] = []
    for number, part in enumerate(parts):
        groups = list(_groups(part, low, high))
        if part.ends_in_gap and joins.get(number) == "whole" and part.facts.last_ts < high:
            groups[-1] = groups[-1].slice(0, groups[-1].num_rows - 1)
        tables += groups
        if joins.get(number) == "broken" and not part.ends_in_gap:
            tables.append(gap_after(part))
    metas = [p.meta for p in parts]
    meta = reduce(Meta.merge, metas) if metas else Meta(venue=venue, symbol=symbol, feed=feed)
    table = pa.concat_tables(tables) if tables else schema.empty_table()
    if kind != "depth" and any(a.facts.last_ts > b.facts.first_ts for a, b in zip(parts, parts[1:])):
        order = np.argsort(int64(table["ts"]), kind="stable")  # one lies in a hole of another
        table = table.unify_dictionaries().take(pa.array(order))
    return table.replace_schema_metadata(meta.to_metadata())


def _groups(part: Part, low: int, high: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The rows of a part in the range; row groups outside it are not read."""
    schema = TABLES[part.kind]
    if columns is not None:
        schema = pa.schema([schema.field(name) for name in columns])
    with part.open() as file:
        meta = file.metadata
        for group in range(meta.num_row_groups):
            stats = meta.row_group(group).column(0).statistics
            if stats.max_raw < low or stats.min_raw >= high:
                continue
            with reading(part):
                table = file.read_row_group(group, columns).cast(schema)
            if stats.min_raw < low or stats.max_raw >= high:
                ts = int64(table["ts"])
                table = table.filter(pa.array((ts >= low) & (ts < high)))
            yield table.replace_schema_metadata(None)


def gap_after(part: Part) -> pa.Table:
    ts, seq = np.array([part.facts.last_ts]), np.array([part.facts.last_seq])
    no = np.zeros(1)
    row = depth_rows(ts, np.array([MISSING]), seq, np.array([GAP], np.int8), np.array([-1], np.int8), no, no)
    return pa.Table.from_batches([row])
