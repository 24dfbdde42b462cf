"""The files of a store: where they stand, and what their footers say.

``<store>/depth/venue=bybit/symbol=BTCUSDT/feed=ob200/date=2025-11-28/*.parquet``; trades and bands have no
feed level. Reading the parts of a market in the order of `Part.key` gives the order of the feed. Folders that
start with a dot hold work in progress and what was ingested; no reader of the tables needs them.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.schema import EVENTS, GAP, SNAPSHOT, TABLES, Meta, SchemaError, StoreError
from liqmap.store.rereading import retried

LOST = -2
"""``follows`` of a part that its own source began after a gap."""

REPLACES = b"part_replaces"
PART_MARK = b"part_first_ts"
"""A key that the metadata of every part has, and that of no other table."""

DAY = 86_400_000_000_000
MAKE_ONE = "Make one with `liqmap ingest`"
FACTS = ("first_ts", "last_ts", "first_seq", "last_seq", "follows", "messages")


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
    """One Parquet file of the store."""

    path: Path
    kind: str
    meta: Meta
    facts: Facts
    rows: int
    replaces: tuple[str, ...] = ()
    """Names of files beside it, whose rows it holds: they are not read any more."""

    @property
    def key(self) -> tuple[int, int]:
        return self.facts.first_ts, self.facts.first_seq

    @property
    def date(self) -> str:
        return day_name(self.facts.first_ts // DAY)

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


def day_name(day: int) -> str:
    """A day number since the epoch as 2025-11-28."""
    return str(datetime.date(1970, 1, 1) + datetime.timedelta(days=day))


def market_folder(kind: str, meta: Meta) -> Path:
    """The folder, below the store, of one market's table."""
    levels = [kind, f"venue={quote(meta.venue, safe='')}", f"symbol={quote(meta.symbol, safe='')}"]
    if kind == "depth":
        levels.append(f"feed={quote(meta.feed or 'full', safe='')}")
    return Path(*levels)


def partition(kind: str, meta: Meta, day: int) -> Path:
    """The folder, below the store, of one market's day."""
    return market_folder(kind, meta) / f"date={day_name(day)}"


def check_store(root: str | os.PathLike[str]) -> Path:
    """The path of a store.

    Raises
    ------
    StoreError : nothing there, not a directory, or a directory without tables.
    """
    path = Path(root)
    if os.fspath(root) == "":
        raise StoreError(
            argument="store",
            expected="a directory",
            got="an empty path",
            remedy="Name one, such as data/store",
        )
    if not path.is_dir():
        got = "a file" if path.exists() else "nothing there"
        raise StoreError(where=path, expected="a store (a directory)", got=got, remedy=MAKE_ONE)
    visible = [p.name for p in path.iterdir() if not p.name.startswith(".")]
    if visible and not set(visible) & set(TABLES):  # an empty directory is an empty store
        raise StoreError(
            where=path,
            expected=f"a store with one of {', '.join(TABLES)}/",
            got="a directory without them",
            remedy=MAKE_ONE,
        )
    return path


def open_part(path: Path, kind: str) -> Part:
    """A part by its footer.

    Raises
    ------
    StoreError : not a Parquet file that liqmap wrote.
    FileNotFoundError : there is none any more (see `retried`).
    """
    try:
        footer = pq.read_metadata(path)
        metadata = footer.metadata or {}
        if PART_MARK not in metadata:
            raise StoreError(
                where=path,
                expected="a Parquet file written by liqmap",
                got="another",
                remedy="Move it out of the store",
            )
        return Part(
            path=path,
            kind=kind,
            meta=Meta.from_metadata(metadata),
            facts=Facts.from_metadata(metadata),
            rows=footer.num_rows,
            replaces=tuple(json.loads(metadata.get(REPLACES, b"[]"))),
        )
    except FileNotFoundError:
        raise
    except SchemaError as error:  # of a newer version
        raise StoreError.wrapping(error, path) from error
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> StoreError:
    """What a file of a store should have been."""
    return StoreError(
        where=path,
        expected="a Parquet file written by liqmap",
        got=f"{error!r:.200}",
        remedy="Remove it and ingest its source again",
    )


def list_parts(
    root: Path,
    kind: str,
    venue: str | None = None,
    symbol: str | None = None,
    feed: str | None = None,
    days: tuple[int, int] | None = None,
) -> list[Part]:
    """Parts of one table in the order of the feed; of one market, and of a range of days, if given."""
    parts = retried(lambda: [open_part(f, kind) for f in _files(root, kind, venue, symbol, feed, days)])
    replaced = {part.path.with_name(name) for part in parts for name in part.replaces}
    return sorted((p for p in parts if p.path not in replaced), key=lambda p: p.key)


def _files(
    root: Path,
    kind: str,
    venue: str | None,
    symbol: str | None,
    feed: str | None,
    days: tuple[int, int] | None,
) -> list[Path]:
    wanted = [("venue", venue), ("symbol", symbol), *([("feed", feed)] if kind == "depth" else [])]
    folders = [root / kind]
    for name, value in wanted:
        folders = [f for parent in folders for f in _folders(parent, name, value)]
    dates = [d for folder in folders for d in _folders(folder, "date", None)]
    if days is not None:
        low, high = day_name(days[0]), day_name(days[1])
        dates = [d for d in dates if low <= d.name[5:] <= high]
    return [f for d in dates for f in sorted(d.glob("*.parquet"))]


def _folders(parent: Path, name: str, value: str | None) -> Iterator[Path]:
    if not parent.is_dir():
        return
    for child in sorted(parent.iterdir()):
        key, _, quoted = child.name.partition("=")
        if key == name and (value is None or unquote(quoted) == value) and child.is_dir():
            yield child
