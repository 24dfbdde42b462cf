"""One Parquet file of a store: what its footer says, and what is kept of it in the manifest of its market."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import EVENTS, GAP, SNAPSHOT, Meta, SchemaError, StoreError
from liqmap.store.commit.digests import check_file, is_sound
from liqmap.store.layout import DAY, STAGING, day_name, refuse_links, root_of

if TYPE_CHECKING:
    from liqmap.store.remote.mirror import Mirror

LOST = -2
"""``follows`` of a part that its own source began after a gap."""

REPLACES = b"part_replaces"
"""A key of the metadata of files joined before stores had manifests: the names of those that it replaces."""

PART_MARK = b"part_first_ts"
"""A key that the metadata of every part has, and that of no other table."""

LAYOUT = b"part_layout"
"""A key of the metadata of files that were written to stand in a manifest."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.parquet")
"""Of a part: no folder, nothing hidden."""

NAMED = re.compile(r"-[0-9a-f]{16}$")
"""The end of the name of a part: of its digest."""

FACTS = ("first_ts", "last_ts", "first_seq", "last_seq", "follows", "messages")
CHECK = "`liqmap store check --repair` says what to ingest again"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a part holds. ``follows``: the seq its first message follows; -1 for a snapshot, or LOST."""

    first_ts: int
    last_ts: int
    first_seq: int = -1
    last_seq: int = -1
    follows: int = -1
    first_event: str = ""
    last_event: str = ""
    messages: int = 0

    def to_metadata(self) -> dict[bytes, bytes]:
        return {f"part_{k}".encode(): str(v).encode() for k, v in vars(self).items()}

    @classmethod
    def from_metadata(cls, metadata: dict[bytes, bytes]) -> Facts:
        have = {k[5:].decode(): v.decode() for k, v in metadata.items() if k.startswith(b"part_")}
        return cls(
            first_event=have["first_event"],
            last_event=have["last_event"],
            **{k: int(have[k]) for k in FACTS},
        )


@dataclass(frozen=True, kw_only=True)
class Part:
    """One Parquet file of the store.

    bytes : of the file. digest : of its bytes; empty in a store of before there were manifests.
    listed : whether it was written to stand in a manifest.
    """

    path: Path
    kind: str
    meta: Meta
    facts: Facts
    rows: int
    bytes: int
    digest: str = ""
    listed: bool = True

    @property
    def key(self) -> tuple[int, int]:
        return self.facts.first_ts, self.facts.first_seq

    @property
    def day(self) -> int:
        """The UTC day of its rows, in days since the epoch."""
        return self.facts.first_ts // DAY

    @property
    def date(self) -> str:
        return day_name(self.day)

    @property
    def ends_in_gap(self) -> bool:
        """Its source lost messages at the end of the day; void where another source's part continues it."""
        return self.facts.last_event == EVENTS[GAP]

    def continues(self, before: Part) -> bool:
        """Whether no message is missing between another part and this one."""
        step = self.facts.first_seq - before.facts.last_seq
        if self.facts.follows == LOST:
            return step == 1 and not before.ends_in_gap
        if self.facts.first_event == EVENTS[SNAPSHOT] and step in (0, 1):
            return True
        return self.facts.follows == before.facts.last_seq

    @property
    def is_sound(self) -> bool:
        """Whether the file is there, with the bytes that were written; of a remote store, of their size."""
        if not self.digest:
            return self.path.is_file()
        mirror = _mirror_of(self.path)
        if mirror is None:
            return is_sound(self._place(), self.digest, self.bytes)
        from liqmap.store.remote.fetching import has

        return has(mirror, self)

    def place(self) -> Path:
        """Where the file is: for a moment of a change, in the folder of that change. Of a remote store, it is
        fetched if need be."""
        place = self._place()
        if self.digest and not place.exists() and (mirror := _mirror_of(self.path)) is not None:
            from liqmap.store.remote.fetching import fetch

            fetch(mirror, self)
        return place

    def _place(self) -> Path:
        return self.path if not self.digest or self.path.exists() else _moved(self.path)

    def checked(self) -> Path:
        """Where the file is, its bytes those that were written: they are read once in a process.

        Raises
        ------
        StoreError : they are others.
        FileNotFoundError : there is none any more (see `retried`).
        """
        place = self.place()
        if self.digest:
            refuse_links(root_of(self.path), self.path)
            mirror = None if is_sound(place, self.digest, self.bytes) else _mirror_of(self.path)
            if mirror is not None:
                from liqmap.store.remote.fetching import fetch

                fetch(mirror, self, again=True)
                place = self.path
            check_file(place, self.digest, self.bytes, CHECK, named(self.path))
        return place

    def open(self) -> pq.ParquetFile:
        """The file, to read from; its bytes, and every page of it again, are verified.

        Raises
        ------
        StoreError : it is damaged.
        FileNotFoundError : there is none any more (see `retried`).
        """
        try:
            return pq.ParquetFile(self.checked(), page_checksum_verification=True)
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            raise unreadable(self.path, error) from error


@contextmanager
def reading(part: Part) -> Iterator[None]:
    """What a library says against the rows of a part, as a `StoreError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise unreadable(part.path, error) from error


def are_sound(parts: Sequence[Part]) -> bool:
    """Whether all files of some parts of a market are there, with the bytes that were written. Of a remote
    store, whether it has them, with their sizes: whatever the mirror has."""
    mirror = _mirror_of(parts[0].path) if parts else None
    if mirror is None:
        return all(part.is_sound for part in parts)
    from liqmap.store.remote.fetching import has_all

    return has_all(mirror, parts)


def fetch_all(parts: Sequence[Part]) -> None:
    """Of a remote store, get several parts at a time; else nothing is to be done."""
    if parts and (mirror := _mirror_of(parts[0].path)) is not None:
        from liqmap.store.remote.fetching import fetch_missing

        fetch_missing(mirror, parts)


def named(path: Path) -> str:
    """A part, or the folder of a day, as a user names it: by the address of a remote store."""
    mirror = _mirror_of(path)
    return f"{mirror.url}/{path.relative_to(mirror.root).as_posix()}" if mirror is not None else str(path)


def _mirror_of(path: Path) -> Mirror | None:
    """Of what store the store of a part is a mirror, if it is one."""
    from liqmap.store.remote.mirror import mirror_of

    return mirror_of(root_of(path))


def _moved(path: Path) -> Path:
    """A file that a change under way, or one that was cut short, has in its folder: names are never used
    twice. As it was if it is nowhere."""
    found = sorted((root_of(path) / STAGING).glob(f"*/*/{path.name}"))
    return found[0] if found else path


def read_footer(path: Path) -> tuple[dict[bytes, bytes], int]:
    """The metadata and the number of rows of a part.

    Raises
    ------
    StoreError : not a Parquet file that liqmap wrote.
    FileNotFoundError : there is none any more (see `retried`).
    """
    try:
        footer = pq.read_metadata(path)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, error) from error
    metadata = footer.metadata or {}
    if PART_MARK not in metadata:
        raise StoreError(
            where=path,
            expected="a Parquet file written by liqmap",
            got="another",
            remedy="Move it out of the store",
        )
    return metadata, footer.num_rows


def open_part(path: Path, kind: str, root: Path | None = None, digest: str = "") -> Part:
    """A part by its footer.

    Parameters
    ----------
    root : the store, if links are to be refused on the way to the file.

    Raises
    ------
    StoreError : not a Parquet file that liqmap wrote, or a symbolic link.
    FileNotFoundError : there is none any more (see `retried`).
    """
    if root is not None:
        refuse_links(root, path)
    metadata, rows = read_footer(path)
    try:
        return Part(
            path=path,
            kind=kind,
            meta=Meta.from_metadata(metadata),
            facts=Facts.from_metadata(metadata),
            rows=rows,
            bytes=path.stat().st_size,
            digest=digest,
            listed=LAYOUT in metadata,
        )
    except FileNotFoundError:
        raise
    except SchemaError as error:  # of a newer version
        raise StoreError.wrapping(error, path) from error
    except (OSError, KeyError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise unreadable(path, error) from error


def replaced_by(path: Path) -> list[str]:
    """Names of files beside a joined one, whose rows it holds: plain names, whatever its footer says."""
    try:
        said: Any = json.loads(read_footer(path)[0].get(REPLACES, b"[]"))
    except (ValueError, RecursionError) as error:
        raise unreadable(path, error) from error
    names = said if isinstance(said, list) else []
    return [name for name in names if isinstance(name, str) and NAME.fullmatch(name) and name != path.name]


def unreadable(path: Path, error: Exception) -> StoreError:
    """What a file of a store should have been."""
    return StoreError(
        where=path,
        expected="a Parquet file written by liqmap",
        got=f"{error!r:.200}",
        remedy="Remove it and ingest its source again",
    )
