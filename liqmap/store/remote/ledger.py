"""What is kept of sources, ``.sources/<sha256>.json``, between a mirror and its store.

An entry tells of a source and decides nothing: whether the source is whole the manifests say. So it is read
when it is asked for, and put on condition, with the entries of others for the same source kept.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from liqmap.schema import StoreError
from liqmap.store.commit.durable import make_folder, replace_file
from liqmap.store.commit.manifest import Manifest, markets_of
from liqmap.store.layout import SOURCES
from liqmap.store.remote.client import AT_ONCE, Object
from liqmap.store.remote.faults import Absent, Refused, RemoteError, Unreachable
from liqmap.store.remote.mirror import Mirror
from liqmap.store.staging import staged

TAGS = ".sources.json"
"""In the mirror: the e_tag of the object that each is a copy of."""

NAME = re.compile(r"[0-9a-f]{64}\.json")
TRIES = 20


def fetch_source(mirror: Mirror, sha256: str) -> None:
    """Take what the store keeps of one source.

    Raises
    ------
    StoreError : the store cannot be reached.
    """
    name = f"{sha256}.json"
    path = mirror.root / SOURCES / name
    if not NAME.fullmatch(name):
        return
    try:
        found = mirror.client.get(f"{SOURCES}/{name}")
    except Absent:
        if name not in mirror.told:
            path.unlink(missing_ok=True)
        return
    assert found is not None
    with mirror.room(), staged(mirror.root) as work:
        _keep(mirror, path, found[0], work)


def fetch_sources(mirror: Mirror, offline: bool = True) -> None:
    """Take all that has changed.

    Parameters
    ----------
    offline : where no answer comes, what is here serves.

    Raises
    ------
    StoreError : the store cannot be reached.
    """
    try:
        with mirror.room():
            _fetch_sources(mirror)
    except Unreachable:
        if not offline:
            raise


def _fetch_sources(mirror: Mirror) -> None:
    folder = mirror.root / SOURCES
    if not mirror.address.writable:
        _fetch_named(mirror, folder)
        return
    listed = {Path(o.path).name: o for o in mirror.client.list(SOURCES)}
    listed = {name: found for name, found in listed.items() if NAME.fullmatch(name)}
    tags = _tags(mirror.root)
    here = {path.name for path in folder.glob("*.json") if NAME.fullmatch(path.name)}
    changed = [n for n, o in listed.items() if n not in here or o.e_tag is None or tags.get(n) != o.e_tag]
    gone = here - listed.keys() - set(mirror.told)
    if not changed and not gone:
        return
    with ThreadPoolExecutor(AT_ONCE) as threads:
        got = list(threads.map(lambda name: _get(mirror, name), changed))
    with staged(mirror.root) as work, mirror.applying():
        for name, found in zip(changed, got):
            if found is not None and name not in mirror.told:
                _keep(mirror, folder / name, found[0], work)
                tags[name] = found[1].e_tag or ""
        for name in gone:
            (folder / name).unlink(missing_ok=True)
        kept = {name: tag for name, tag in tags.items() if name in listed}
        make_folder(folder, mirror.root)
        replace_file(mirror.root / TAGS, json.dumps(kept).encode(), work)


def _fetch_named(mirror: Mirror, folder: Path) -> None:
    """Of a store that cannot be listed, what is kept of the sources that its manifests name."""
    names: set[str] = set()
    for market in markets_of(mirror.root):
        with suppress(StoreError):
            manifest = Manifest.load(mirror.root, *market)
            names |= {f"{r.sha256}.json" for r in manifest.readings} if manifest is not None else set()
    wanted = sorted(name for name in names if NAME.fullmatch(name) and not (folder / name).exists())
    with ThreadPoolExecutor(AT_ONCE) as threads:
        got = list(threads.map(lambda name: _get(mirror, name), wanted))
    with staged(mirror.root) as work:
        for name, found in zip(wanted, got):
            if found is not None:
                _keep(mirror, folder / name, found[0], work)


def tell_source(mirror: Mirror, sha256: str) -> None:
    """What the mirror keeps of a source is new: the next change of the store takes it along."""
    name = f"{sha256}.json"
    path = mirror.root / SOURCES / name
    mirror.told[name] = path.read_bytes() if path.exists() else b""


def send_sources(mirror: Mirror) -> None:
    """Put what is new into the store, and remove what is kept no more.

    Raises
    ------
    StoreError : the store cannot be reached or written.
    """
    for name, data in list(mirror.told.items()):
        if not data:
            mirror.client.delete([f"{SOURCES}/{name}"])
        else:
            _send(mirror, name, data)
        mirror.told.pop(name, None)


def _send(mirror: Mirror, name: str, data: bytes) -> None:
    """With the entries that another writer made of other ways to read the source."""
    path = f"{SOURCES}/{name}"
    for _ in range(TRIES):
        try:
            found = mirror.client.get(path)
        except Absent:
            found = None
        own = _list(data)
        keys = {entry.get("key") for entry in own}
        others = [e for e in _list(found[0] if found else b"") if e.get("key") not in keys]
        whole = json.dumps([*others, *own], indent=1).encode()
        if found is not None and found[0] == whole:
            return
        with suppress(Refused, Absent):
            mirror.client.put_over(path, whole, found[1] if found else None)
            return
    raise RemoteError(where=f"{mirror.url}/{path}", expected="one writer", got="several, again and again")


def _tags(root: Path) -> dict[str, str]:
    try:
        said = json.loads((root / TAGS).read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _list(data: bytes) -> list[dict[str, Any]]:
    try:
        have = json.loads(data)
    except (ValueError, RecursionError):
        return []
    return [entry for entry in have if isinstance(entry, dict)] if isinstance(have, list) else []


def _get(mirror: Mirror, name: str) -> tuple[bytes, Object] | None:
    with suppress(Absent):
        return mirror.client.get(f"{SOURCES}/{name}")
    return None


def _keep(mirror: Mirror, path: Path, data: bytes, work: Path) -> None:
    make_folder(path.parent, mirror.root)
    if not path.exists() or path.read_bytes() != data:
        replace_file(path, data, work)
