"""Many small files of a day into one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import TABLES, Meta
from liqmap.store.part_writer import PartWriter
from liqmap.store.parts import Part, check_store, list_parts
from liqmap.store.scan import depth_groups, gap_after
from liqmap.store.sources import settle
from liqmap.store.upkeep import Done, drop_spans, exclusive
from liqmap.store.write import ROW_GROUP


def compact(root: str | os.PathLike[str]) -> Done:
    """Join the files of each day of a market into one: rows, order and gaps as they were read before. Trades
    of several kinds of ids stay apart; files of older stores, which do not say theirs, go with the one kind
    that their day has.

    A joined file names those that it replaces, and from the instant it appears they are not read any more:
    then they are removed.

    Raises
    ------
    StoreError : not a store, or one that cannot be written.
    """
    path = check_store(root)
    files = joined = size = joined_size = 0
    with exclusive(path) as work:
        for kind in TABLES:
            parts = sorted(list_parts(path, kind), key=lambda p: (p.path.parent.as_posix(), p.key))
            for folder, every in groupby(parts, key=lambda p: p.path.parent):
                for day in _alike(list(every)):
                    files, size = files + len(day), size + sum(p.path.stat().st_size for p in day)
                    whole = _join(day, work / "joined.parquet")
                    names = " ".join(whole.replaces).encode()
                    to = folder / f"joined-{hashlib.sha256(names).hexdigest()[:16]}.parquet"
                    os.replace(whole.path, to)
                    joined, joined_size = joined + 1, joined_size + to.stat().st_size
                    drop_spans(path, day, work)
                    settle(path, folder, work)
    return Done(files, joined, size, joined_size)


def _alike(day: Sequence[Part]) -> list[list[Part]]:
    """Neighbours of a day, in the order of time, that can be one file: several each."""
    several = len(_kinds(day)) > 1
    groups = [list(g) for _, g in groupby(day, key=lambda p: p.meta.trade_ids if several else None)]
    return [group for group in groups if len(group) > 1]


def _kinds(day: Sequence[Part]) -> set[str]:
    """What is known of the ids of trades."""
    return {part.meta.trade_ids for part in day if part.meta.trade_ids is not None}


def _join(day: Sequence[Part], out: Path) -> Part:
    """The files of a day as one."""
    writer = PartWriter(out, day[0].kind)
    pending: list[pa.Table] = []
    for rows in _rows(day):
        pending.append(rows)
        if sum(map(len, pending)) >= ROW_GROUP:
            writer.write(pa.concat_tables(pending).unify_dictionaries())
            pending = []
    if pending:
        writer.write(pa.concat_tables(pending).unify_dictionaries())
    meta = replace(reduce(Meta.merge, (part.meta for part in day)), trade_ids=next(iter(_kinds(day)), None))
    return writer.close(meta, day[0].facts.follows, tuple(part.path.name for part in day))


def _rows(day: Sequence[Part]) -> Iterator[pa.Table]:
    if day[0].kind == "depth":
        yield from (t.replace_schema_metadata(None) for t in depth_groups(day))
        if day[-1].ends_in_gap:
            yield gap_after(day[-1]).replace_schema_metadata(None)
        return
    for part in day:
        with pq.ParquetFile(part.path) as file:
            for group in range(file.metadata.num_row_groups):
                yield file.read_row_group(group).replace_schema_metadata(None)
