"""Many small files of a day into one."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from liqmap.schema import Meta, Source, StoreError, StoreWarning
from liqmap.store.commit.change import Change
from liqmap.store.layout import check_store
from liqmap.store.listing import markets
from liqmap.store.part_writer import PartWriter
from liqmap.store.parts import Part, fetch_all, reading
from liqmap.store.remote.faults import RemoteError
from liqmap.store.remote.publishing import until_agreed
from liqmap.store.scan import depth_groups, gap_after
from liqmap.store.upkeep.adoption import adopted
from liqmap.store.upkeep.removal import Done, drop_spans, exclusive
from liqmap.store.write import ROW_GROUP


def compact(root: str | os.PathLike[str]) -> Done:
    """Join the files of each day of a market into one: rows, order and gaps as they were read before. Trades
    of several kinds of ids stay apart; files of older stores, which do not say theirs, go with the one kind
    that their day has.

    Each day changes in one step, for our own readers and for those of the folders. A market whose manifest or
    files are damaged is warned of, and the others are compacted.

    Raises
    ------
    StoreError : not a store, or one that cannot be written.
    """
    path = check_store(root)
    done = Done()
    with exclusive(path) as work:
        for market in markets(path):
            try:
                done += _compact_market(path, market, work)
            except RemoteError:
                raise
            except StoreError as error:
                warnings.warn(f"{error} ({' '.join(market)} is not compacted)", StoreWarning, stacklevel=2)
    return done


def _compact_market(path: Path, market: tuple[str, str], work: Path) -> Done:
    """Each day of a market in a step of its own."""
    done: list[Done] = []
    until_agreed(path, work, lambda: _compact_days(path, market, work, done))
    return sum(done, Done())


def _compact_days(path: Path, market: tuple[str, str], work: Path, done: list[Done]) -> None:
    """Those that are several files; what was done is added, also where this ends early."""
    manifest = adopted(path, *market, work)
    parts = sorted(manifest.parts, key=lambda p: (p.path.parent.as_posix(), p.key))
    for _, every in groupby(parts, key=lambda p: p.path.parent):
        for day in _alike(list(every)):
            fetch_all(day)
            change = Change(manifest, work)
            joined = change.join(day, join_parts(day, work / "joined.parquet"), "joined")
            manifest = change.commit()
            drop_spans(path, day, work)
            done.append(Done(len(day), 1, sum(p.bytes for p in day), joined.bytes))
            _empty(work)


def _empty(work: Path) -> None:
    """Remove the folders that days had before, so that their space is free again."""
    for folder in work.glob("day-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _alike(day: Sequence[Part]) -> list[list[Part]]:
    """Neighbours of a day, in the order of time, that can be one file: several each."""
    several = len(_kinds(day)) > 1
    groups = [list(g) for _, g in groupby(day, key=lambda p: p.meta.trade_ids if several else None)]
    return [group for group in groups if len(group) > 1]


def _kinds(day: Sequence[Part]) -> set[str]:
    """What is known of the ids of trades."""
    return {part.meta.trade_ids for part in day if part.meta.trade_ids is not None}


def join_parts(day: Sequence[Part], out: Path, sources: tuple[Source, ...] | None = None) -> Part:
    """The files of a day as one. ``sources``: what they are of, where that is not all that they name."""
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
    if sources is not None:
        meta = replace(meta, sources=sources)
    return writer.close(meta, day[0].facts.follows)


def _rows(day: Sequence[Part]) -> Iterator[pa.Table]:
    if day[0].kind == "depth":
        yield from (t.replace_schema_metadata(None) for t in depth_groups(day))
        if day[-1].ends_in_gap:
            yield gap_after(day[-1]).replace_schema_metadata(None)
        return
    for part in day:
        with part.open() as file:
            for group in range(file.metadata.num_row_groups):
                with reading(part):
                    rows = file.read_row_group(group)
                yield rows.replace_schema_metadata(None)
