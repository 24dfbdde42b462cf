"""Files of an older schema version as the present one has them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import SCHEMA_VERSION, TABLES, StoreError
from liqmap.store.part_writer import encoding
from liqmap.store.parts import check_store, unreadable
from liqmap.store.upkeep import Done, exclusive

Migration = Callable[[str, pa.Table], pa.Table]
"""Kind and rows, with the file's metadata in their schema, of one version: the same of the next."""

MIGRATIONS: dict[int, Migration] = {}
"""By the version that they start from. Version 1 is the first, so that there is none yet."""


def migrate(root: str | os.PathLike[str]) -> Done:
    """Bring every file of an older schema version to the present one; each changes whole or not at all.

    Raises
    ------
    StoreError : not a store, one that cannot be written, or a version that no migration starts from: then
        nothing was changed.
    """
    path = check_store(root)
    with exclusive(path) as work:
        every = [(kind, f) for kind in TABLES for f in sorted((path / kind).rglob("*.parquet"))]
        old = [(kind, f, v) for kind, f in every if (v := _version(f)) < SCHEMA_VERSION]
        for _, file, version in old:
            if any(v not in MIGRATIONS for v in range(version, SCHEMA_VERSION)):
                raise StoreError(
                    where=file,
                    expected=f"a schema_version that can be migrated ({sorted(MIGRATIONS)})",
                    got=str(version),
                    remedy="Remove the file and ingest its source again",
                )
        size = sum(f.stat().st_size for _, f, _ in old)
        for kind, file, version in old:
            os.replace(_migrated(kind, file, version, work / "migrated.parquet"), file)
        return Done(len(old), len(old), size, sum(f.stat().st_size for _, f, _ in old))


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
