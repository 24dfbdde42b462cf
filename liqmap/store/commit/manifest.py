"""What a market has: its parts, and the sources that are whole in it. ``.markets/venue=.../symbol=.../``.

Everything that a change makes visible becomes so when this one file is replaced. It is JSON of two lines: the
digest of the second, and the second. Paths do not stand in it: where a part is follows from its table, feed
and day, and its name can be no path.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

from liqmap.schema import TABLES, Meta, SchemaError, Source, StoreError
from liqmap.store.commit.durable import make_folder, replace_file
from liqmap.store.commit.sealed import sealed, unsealed
from liqmap.store.layout import (
    MANIFEST,
    MARKETS,
    day_number,
    manifest_path,
    market_of,
    partition,
    refuse_links,
)
from liqmap.store.parts import NAME, Facts, Part

VERSION = 2
"""Of the layout: in version 1 a store had no manifests."""

REPAIR = "`liqmap store check --repair` makes it anew from the files of the market"


META = tuple(f.name for f in fields(Meta) if f.name != "sources")
_FACTS_OF_META = attrgetter(*META)

MOST_KEPT = 64
_loaded: dict[Path, tuple[tuple[int, int, int], Manifest]] = {}
"""Manifests as they were read last, by time, number and size of the file."""


@dataclass(frozen=True)
class Reading:
    """A source that is whole in a market, read as ``key`` says, and the parts it went to (paths below the
    store)."""

    sha256: str
    key: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """What a market has. ``number`` counts its changes."""

    root: Path
    venue: str
    symbol: str
    number: int = 0
    parts: tuple[Part, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def path(self) -> Path:
        return manifest_path(self.root, self.venue, self.symbol)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Of the parts, below the store."""
        return frozenset(self.place(part) for part in self.parts)

    def place(self, part: Part) -> str:
        """The path of a part below the store."""
        return str(part.path)[len(str(self.root)) + 1 :].replace(os.sep, "/")

    def changed(self, adds: Iterable[Part], drops: Iterable[Part], readings: Iterable[Reading]) -> Manifest:
        """The next one."""
        gone = {self.place(part) for part in drops}
        kept = [part for part in self.parts if self.place(part) not in gone]
        parts = tuple(sorted((*kept, *adds), key=lambda p: (p.kind, p.meta.feed or "", p.key)))
        return replace(self, number=self.number + 1, parts=parts, readings=tuple(readings))

    def save(self, work: Path) -> None:
        """Replace the one on the disk, in one step."""
        folders = _Folders(self.root)
        for part in self.parts:
            if part.path.parent != folders.of(part.kind, part.meta, part.date):
                raise StoreError(
                    where=part.path,
                    expected="a file in the folder of its market and day",
                    got="another folder than its rows are of",
                    remedy="Move it out of the store",
                )
        make_folder(self.path.parent, self.root)
        replace_file(self.path, self.to_bytes(), work)
        self.keep()

    def to_bytes(self) -> bytes:
        """What the file holds."""
        return sealed("manifest", self._to_json())

    def _to_json(self) -> dict[str, Any]:
        metas: dict[tuple[Any, ...], int] = {}
        sources: dict[Source, int] = {}
        parts = [
            {
                "kind": part.kind,
                "date": part.date,
                "name": part.path.name,
                "rows": part.rows,
                "bytes": part.bytes,
                "xxh3_128": part.digest,
                "meta": metas.setdefault(_FACTS_OF_META(part.meta), len(metas)),
                "sources": [sources.setdefault(s, len(sources)) for s in part.meta.sources],
                "facts": list(vars(part.facts).values()),
            }
            for part in self.parts
        ]
        number = {self.place(part): i for i, part in enumerate(self.parts)}
        return {
            "version": VERSION,
            "venue": self.venue,
            "symbol": self.symbol,
            "number": self.number,
            "metas": [dict(zip(META, values)) for values in metas],
            "sources": [[s.name, s.sha256] for s in sources],
            "parts": parts,
            "readings": [[r.sha256, r.key, [number[p] for p in r.parts]] for r in self.readings],
        }

    @classmethod
    def load(cls, root: Path, venue: str, symbol: str) -> Manifest | None:
        """What a market has; None where no manifest says so: it is new, or of an older store.

        Raises
        ------
        StoreError : it is damaged, or of a newer version.
        """
        path = manifest_path(root, venue, symbol)
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                state = status.st_mtime_ns, status.st_ino, status.st_size
                kept = _loaded.get(path)
                if kept is not None and kept[0] == state:
                    return kept[1]
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _damaged(path, error.strerror or str(error)) from error
        refuse_links(root, path)
        found = cls.from_bytes(data, root, venue, symbol)
        if len(_loaded) >= MOST_KEPT:
            _loaded.clear()
        _loaded[path] = state, found
        return found

    def keep(self) -> None:
        """Take this for what the file holds, which was just written: it need not be read."""
        with suppress(OSError):
            status = os.stat(self.path)
            _loaded[self.path] = (status.st_mtime_ns, status.st_ino, status.st_size), self

    @classmethod
    def from_bytes(cls, data: bytes, root: Path, venue: str, symbol: str) -> Manifest:
        """As `load`, of what the file holds."""
        path = manifest_path(root, venue, symbol)
        try:
            have = unsealed(data)
            if have["version"] > VERSION:
                raise StoreError(
                    where=path,
                    expected=f"a manifest of version {VERSION} or before",
                    got=str(have["version"]),
                    remedy="Upgrade liqmap",
                )
            if (have["venue"], have["symbol"]) != (venue, symbol):
                raise _damaged(path, f"that of {have['venue']} {have['symbol']}")
            manifest = cls(root, venue, symbol, int(have["number"]), tuple(_parts(root, have)))
            places = list(map(manifest.place, manifest.parts))
            readings = (
                Reading(sha, key, tuple(places[i] for i in parts)) for sha, key, parts in have["readings"]
            )
            return replace(manifest, readings=tuple(readings))
        except (LookupError, ValueError, TypeError, AttributeError, OverflowError, SchemaError) as error:
            raise _damaged(path, f"{error!s:.200}") from error


def _parts(root: Path, have: dict[str, Any]) -> list[Part]:
    metas = [Meta(**meta) for meta in have["metas"]]
    sources = [Source(name=name, sha256=sha) for name, sha in have["sources"]]
    folders = _Folders(root)
    parts = []
    for entry in have["parts"]:
        meta = replace(metas[entry["meta"]], sources=tuple(sources[i] for i in entry["sources"]))
        if entry["kind"] not in TABLES or not NAME.fullmatch(entry["name"]):
            raise ValueError(f"no table and name: {entry['kind']!r} {entry['name']!r}")
        if (meta.venue, meta.symbol) != (have["venue"], have["symbol"]):
            raise ValueError(f"a part of {meta.venue} {meta.symbol}")
        if not all(type(entry[name]) is int and entry[name] >= 0 for name in ("rows", "bytes")):
            raise ValueError("rows and bytes that are no counts")
        parts.append(
            Part(
                path=folders.of(entry["kind"], meta, entry["date"]) / entry["name"],
                kind=entry["kind"],
                meta=meta,
                facts=Facts(**dict(zip(Facts.__dataclass_fields__, entry["facts"], strict=True))),
                rows=entry["rows"],
                bytes=entry["bytes"],
                digest=entry["xxh3_128"],
            )
        )
    return parts


class _Folders:
    """The folders of the days of a store, each spelled once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: dict[tuple[str, str, str, str | None, str], Path] = {}

    def of(self, kind: str, meta: Meta, date: str) -> Path:
        key = kind, meta.venue, meta.symbol, meta.feed, date
        if key not in self._made:
            self._made[key] = self._root / partition(kind, meta, day_number(date))
        return self._made[key]


def refuse_listed(root: Path, parts: Iterable[Part]) -> None:
    """That files of a market without a manifest are of before there were any.

    Raises
    ------
    StoreError : they were written to stand in one, so that it was lost.
    """
    for part in parts:
        if part.listed:
            path = manifest_path(root, part.meta.venue, part.meta.symbol)
            raise _damaged(path, "none, and files that have one")


def _damaged(path: Path, got: str) -> StoreError:
    return StoreError(where=path, expected="the manifest of a market", got=got, remedy=REPAIR)


def manifests(root: Path) -> list[Path]:
    """The manifests of a store."""
    return sorted((root / MARKETS).glob(f"venue=*/symbol=*/{MANIFEST}"))


def markets_of(root: Path) -> list[tuple[str, str]]:
    """The markets that have a manifest."""
    return [market_of(path.relative_to(root)) for path in manifests(root)]
