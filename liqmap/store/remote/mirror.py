"""The mirror of a remote store: a folder whose manifests are those of the store, and parts as needed.

``.remote.json`` says of what it is a mirror, so that any process that is given the folder may fetch what is
missing in it. Beside each manifest stands the e_tag that it had: the next change of the market is a put on
the condition that it still has it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from liqmap.schema import StoreError, StoreWarning
from liqmap.store.commit.durable import make_folder, replace_file
from liqmap.store.commit.manifest import REPAIR, Manifest, manifests
from liqmap.store.layout import MARKETS, TABLE_FOLDERS, manifest_path, market_of
from liqmap.store.listing import day_folders
from liqmap.store.locks import locked
from liqmap.store.remote.address import STORES, Address, address, cache_folder, mirror_folder
from liqmap.store.remote.client import AT_ONCE, Client, Object
from liqmap.store.remote.faults import Absent, Unreachable
from liqmap.store.remote.names import LISTING, Market, is_market, listed_markets, remote_manifest
from liqmap.store.staging import staged

if TYPE_CHECKING:
    from liqmap.store.parts import Part

MARKER, RECORD, REFRESH = ".remote.json", "remote.json", ".refresh.lock"


class OfflineWarning(StoreWarning):
    """A store cannot be reached: what was read of it earlier is shown."""


@dataclass(frozen=True)
class Record:
    """Of which object a manifest in the mirror is a copy. number : None of one that cannot be read."""

    e_tag: str | None
    version: str | None
    size: int
    number: int | None

    @classmethod
    def read(cls, path: Path) -> Record | None:
        try:
            return cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def object(self, path: str) -> Object:
        """The object as a conditional put names it."""
        return Object(path, self.size, datetime.min, self.e_tag, self.version)


class Mirror:
    """Of a store. token : of this folder, by which it knows its own journals."""

    def __init__(self, root: Path, of: Address, token: str) -> None:
        self.root, self.address, self.token = root, of, token
        self.client = Client(of)
        self.claims: dict[str, Any] = {}
        """By the staged folder of a change under way: what it wrote down (see `claims`)."""
        self.told: dict[str, bytes] = {}
        """Entries of the ledger that the next change takes along, by name; empty: it goes (see `ledger`)."""
        self.takes_turns = False
        """Whether the service was seen to refuse what it should (see `claims`)."""
        self._lock = Lock()
        self._fetching: dict[str, Lock] = {}

    def __repr__(self) -> str:
        return f"<Mirror of {self.address.url}>"

    @property
    def url(self) -> str:
        return self.address.url

    def refresh(self, offline: bool = False) -> None:
        """Take the manifests that have changed.

        Parameters
        ----------
        offline : where no answer comes, what is here is told to be of old, and serves.

        Raises
        ------
        StoreError : no such bucket, no rights, no network; no room here.
        """
        try:
            with self.room():
                self._refresh()
        except Unreachable as error:
            if not (offline and self.is_filled):
                raise
            age = _spelled(time.time() - (self.root / MARKER).stat().st_mtime)
            why = (error.got or "").removeprefix("none: ")
            text = f"{self.url}: no answer ({why}); what was read {age} ago is shown"
            warnings.warn(text, OfflineWarning, stacklevel=3)

    @contextmanager
    def room(self) -> Iterator[None]:
        """What the system says against writing to the mirror, as a `StoreError`."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                where=self.root,
                expected=f"a folder that can be written, for what is read of {self.url}",
                got=str(error.strerror or error),
                remedy="Make room, or name another folder in LIQMAP_CACHE; this one may be removed",
            ) from error

    def refuse_read_only(self) -> None:
        """That the store can be written.

        Raises
        ------
        StoreError : it is one that can only be read.
        """
        if not self.address.writable:
            raise StoreError(
                where=self.url,
                expected="a store that can be written",
                got="one that is only read",
                remedy="Write to it by the address of its bucket, such as s3://bucket/store",
            )

    @property
    def is_filled(self) -> bool:
        """Whether the store was reached before."""
        return bool(manifests(self.root))

    def _refresh(self) -> None:
        before = {market: self._sound_record(market) for market in self._markets_here()}
        if self.address.writable:
            found_now = dict(listed_markets(self.client.list(MARKETS)))
            listed, changed = set(found_now), [m for m, o in found_now.items() if not _same(before.get(m), o)]
        else:
            changed = self._in_listing_file()
            listed = set(changed)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            got = list(threads.map(lambda m: self._get(m, before.get(m)), changed))
        if any(found is not None for found in got) or before.keys() - listed:
            with staged(self.root) as work, locked(self.root / REFRESH):
                for market, found in zip(changed, got):
                    if found is not None and self.record(*market) == before.get(market):
                        self._take(market, *found, work)
                for market in before.keys() - listed:
                    self._leave(market)
        with suppress(OSError):
            os.utime(self.root / MARKER)

    def _get(self, market: Market, before: Record | None) -> tuple[bytes, Object] | None:
        known = before.e_tag if before is not None and not self.address.writable else None
        try:
            return self.client.get(remote_manifest(*market), unless=known)
        except Absent:
            if not self.address.writable:
                text = f"{self.url}: {' '.join(market)} is in the list of markets, and has no manifest there"
                warnings.warn(text, StoreWarning, stacklevel=2)
            return None

    def _in_listing_file(self) -> list[Market]:
        """The markets that the store says it has."""
        try:
            found = self.client.get(LISTING)
            assert found is not None
            said = json.loads(found[0])["markets"]
            return [(venue, symbol) for venue, symbol in said if is_market(venue, symbol)]
        except (Absent, ValueError, KeyError, TypeError):
            raise StoreError(
                where=f"{self.url}/{LISTING}",
                expected="the markets of a store",
                got="none, or what cannot be read",
                remedy="`liqmap store push` writes it",
            ) from None

    def _take(self, market: Market, data: bytes, found: Object, work: Path) -> None:
        """A manifest in the place of the one that was here; files that it does not name go."""
        path = manifest_path(self.root, *market)
        manifest: Manifest | None = None
        with suppress(StoreError):  # of one that is damaged, whoever reads the market is told
            manifest = Manifest.from_bytes(data, self.root, *market)
        number = manifest.number if manifest is not None else None
        before = self.record(*market)
        if number is not None and before is not None and (before.number or 0) > number:
            text = (
                f"{self.url}: the manifest of {' '.join(market)} is older than the one that was there before"
            )
            warnings.warn(f"{text}; `liqmap store check` says what is missing", StoreWarning, stacklevel=5)
        make_folder(path.parent, self.root)
        replace_file(path, data, work)
        self.keep_record(market, found, number, work)
        if manifest is not None:
            manifest.keep()
            self._sweep(manifest)

    def keep_record(self, market: Market, found: Object, number: int | None, work: Path) -> None:
        """Write down of which object the manifest of a market is a copy."""
        record = Record(found.e_tag, found.version, found.size, number)
        path = manifest_path(self.root, *market).with_name(RECORD)
        replace_file(path, json.dumps(asdict(record)).encode(), work)

    def record(self, venue: str, symbol: str) -> Record | None:
        """Of which object the manifest of a market is a copy."""
        path = manifest_path(self.root, venue, symbol)
        return Record.read(path.with_name(RECORD)) if path.is_file() else None

    def _sound_record(self, market: Market) -> Record | None:
        """Of which object a manifest is a copy; None where it was damaged here, so that it comes again."""
        record = self.record(*market)
        if record is not None and record.number is not None:
            try:
                now = Manifest.load(self.root, *market)
            except StoreError:
                now = None
            if now is None:
                manifest_path(self.root, *market).with_name(RECORD).unlink(missing_ok=True)
                return None
        return record

    def _sweep(self, manifest: Manifest) -> None:
        """Remove files that a market has no more."""
        for kind in TABLE_FOLDERS:
            for folder in day_folders(self.root, kind, manifest.venue, manifest.symbol):
                for file in folder.glob("*.parquet"):
                    if file.relative_to(self.root).as_posix() not in manifest.paths:
                        file.unlink(missing_ok=True)
                with suppress(OSError):
                    folder.rmdir()

    def _leave(self, market: Market) -> None:
        """A market that the store has no more: ours keep the manifest of one that is empty."""
        lost = f"has no manifest any more; {REPAIR}, if those are still there"
        text = lost if self.address.writable else "is not in the list of markets any more"
        warnings.warn(f"{self.url}: {' '.join(market)} {text}", StoreWarning, stacklevel=5)
        self._sweep(Manifest(self.root, *market))
        path = manifest_path(self.root, *market)
        for gone in (path.with_name(RECORD), path):
            gone.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()

    def _markets_here(self) -> list[Market]:
        return [market_of(path.relative_to(self.root)) for path in manifests(self.root)]

    @contextmanager
    def applying(self, after: Manifest | None = None) -> Iterator[bool]:
        """Alone with the files of the mirror, for a moment; gives whether no later manifest is here."""
        with locked(self.root / REFRESH):
            now = self.record(after.venue, after.symbol) if after is not None else None
            yield now is None or after is None or (now.number or 0) <= after.number

    def lock_of(self, part: Part) -> Lock:
        """For threads that fetch the same part."""
        with self._lock:
            return self._fetching.setdefault(str(part.path), Lock())

    def place(self, part: Part) -> str:
        """The path of a part in the store."""
        return part.path.relative_to(self.root).as_posix()


def mirror_of(root: str | os.PathLike[str]) -> Mirror | None:
    """What a folder mirrors; None: it is a store by itself."""
    marker = Path(root) / MARKER
    try:
        data = marker.read_bytes()
    except OSError:
        if _is_of_mirrors(marker.parent):
            raise StoreError(
                where=root,
                expected="the mirror of a store",
                got="one that was removed",
                remedy="Open the store by its address: it is made anew",
            ) from None
        return None
    with _mirrors_lock:
        known = _mirrors.get(str(root))
        if known is not None and known[0] == data:
            return known[1]
    try:
        said = json.loads(data)
        of, token = Address(address(said["url"]).url, str(said["endpoint"])), _here(str(said["token"]))
        if of.folder_name != Path(root).name:
            raise ValueError("that of another folder")
    except (ValueError, KeyError, TypeError, StoreError) as error:
        raise StoreError(
            where=marker,
            expected="the address of the store that the folder mirrors",
            got="what is none, or that of another folder",
            remedy="Open the store by its address; the folder may be removed",
        ) from error
    made = Mirror(Path(root), of, token)
    with _mirrors_lock:
        _mirrors[str(root)] = data, made
    return made


def _here(token: str) -> str:
    """By which a mirror knows its own journals: also one that was copied to other machines."""
    return hashlib.sha256(f"{token}\n{socket.gethostname()}".encode()).hexdigest()[:16]


def _is_of_mirrors(root: Path) -> bool:
    """Whether a folder is where mirrors are."""
    return root.parent.name == STORES and root.parent == cache_folder() / STORES


_mirrors: dict[str, tuple[bytes, Mirror]] = {}
_mirrors_lock = Lock()


def mirror(text: str) -> Mirror:
    """The mirror of an address; its folder is made where there is none.

    Raises
    ------
    StoreError : not an address, or the cache cannot be written.
    """
    of = address(text)
    root = mirror_folder(of)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if (root / MARKER).exists():
            with suppress(StoreError):
                found = mirror_of(root)
                assert found is not None
                return found
            (root / MARKER).unlink(missing_ok=True)  # damaged
        if not (root / MARKER).exists():
            said = {"url": of.url, "endpoint": of.endpoint, "token": secrets.token_hex(8)}
            with staged(root) as work:
                replace_file(work / f"{MARKER}.made", json.dumps(said).encode(), work)
                with suppress(FileExistsError):  # another process was faster
                    os.link(work / f"{MARKER}.made", root / MARKER)
    except OSError as error:
        raise StoreError(
            where=root,
            expected="a folder for what was read from object storage",
            got=str(error.strerror or error),
            remedy="Name one that can be written in LIQMAP_CACHE",
        ) from error
    found = mirror_of(root)
    assert found is not None
    return found


def _same(before: Record | None, found: Object) -> bool:
    return before is not None and found.e_tag is not None and before.e_tag == found.e_tag


def _spelled(seconds: float) -> str:
    """A time as people say it."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
