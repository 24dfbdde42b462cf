"""Stores of an older liqmap as the present one has them: manifests, and files of its schema version."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import SCHEMA_VERSION, TABLES, StoreError
from liqmap.store.commit.change import Change
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import check_store
from liqmap.store.listing import files_of, list_parts, markets
from liqmap.store.part_writer import encoding
from liqmap.store.parts import fetch_all, open_part, unreadable
from liqmap.store.remote.publishing import until_agreed
from liqmap.store.upkeep.adoption import adopted
from liqmap.store.upkeep.removal import Done, exclusive

Migration = Callable[[str, pa.Table], pa.Table]
"""Kind and rows, with the file's metadata in their schema, of one version: the same of the next."""

MIGRATIONS: dict[int, Migration] = {}
"""By the version that they start from. Version 1 is the first, so that there is none yet."""


def migrate(root: str | os.PathLike[str]) -> Done:
    """Bring every market to the present layout, and its files of an older schema version to the present one;
    each market changes in one step, and is whole wherever this ends.

    Returns
    -------
    Files that were taken into a manifest or written anew.

    Raises
    ------
    StoreError : not a store, one that cannot be written, a file that cannot be read, or a version that no
        migration starts from: then nothing was changed.
    """
    path = check_store(root)
    if MIGRATIONS:  # versions stand in the files
        fetch_all([part for kind in TABLES for part in list_parts(path, kind)])
    done = Done()
    with exclusive(path) as work:
        found = {market: _old(path, market) for market in markets(path)}
        for market, old in found.items():
            done += until_agreed(path, work, partial(_migrate, path, market, old, work))
    return done


def _migrate(path: Path, market: tuple[str, str], old: dict[Path, int], work: Path) -> Done:
    """One market, whose files of an older version are given."""
    new = Manifest.load(path, *market) is None
    change = Change(adopted(path, *market, work), work)
    for part in change.manifest.parts:
        if (version := old.get(part.path)) is not None:
            made = _migrated(part.kind, part.path, version, work / f"{part.path.stem}.migrated")
            change.join([part], open_part(made, part.kind), part.path.stem[:40])
    files = len(change.manifest.parts) if new else len(old)
    size = sum(p.bytes for p in change.manifest.parts if new or p.path in old)
    if old:
        change.commit()
    return Done(files, files, size, sum(p.bytes for p in change.manifest.parts if new or p.path in old))


def _old(root: Path, market: tuple[str, str]) -> dict[Path, int]:
    """The files of a market of an older schema version, and which."""
    found: dict[Path, int] = {}
    for file in files_of(root, *market):
        version = _version(file)
        if version >= SCHEMA_VERSION:
            continue
        if any(v not in MIGRATIONS for v in range(version, SCHEMA_VERSION)):
            raise StoreError(
                where=file,
                expected=f"a schema_version that can be migrated ({sorted(MIGRATIONS)})",
                got=str(version),
                remedy="Remove the file and ingest its source again",
            )
        found[file] = version
    return found


def _version(file: Path) -> int:
    try:
        return int((pq.read_metadata(file).metadata or {}).get(b"schema_version", SCHEMA_VERSION))
    except (OSError, pa.ArrowException, ValueError) as error:
        raise unreadable(file, error) from error


def _migrated(kind: str, file: Path, version: int, out: Path) -> Path:
    """A file as the present version has it, row group by row group."""
    with (
        pq.ParquetFile(file) as source,
        pq.ParquetWriter(out, TABLES[kind], **encoding(kind)) as writer,
    ):
        metadata = {k: v for k, v in source.metadata.metadata.items() if not k.startswith(b"ARROW:")}
        written = metadata
        for group in range(source.metadata.num_row_groups):
            rows = source.read_row_group(group).replace_schema_metadata(metadata)
            for step in range(version, SCHEMA_VERSION):
                rows = MIGRATIONS[step](kind, rows)
            written = dict(rows.schema.metadata)
            rows = rows.replace_schema_metadata(None).cast(TABLES[kind])
            writer.write_table(rows, row_group_size=rows.num_rows)
        writer.add_key_value_metadata(written | {b"schema_version": str(SCHEMA_VERSION).encode()})
    return out
