"""The manifest of a market made anew, where the one on object storage is gone or cannot be read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.digests import digest_file, is_sound
from liqmap.store.commit.durable import make_folder
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import ASIDE, partition
from liqmap.store.parts import NAMED, Part, open_part
from liqmap.store.remote.claims import pendings
from liqmap.store.remote.client import Object
from liqmap.store.remote.faults import Absent, Refused, RemoteError
from liqmap.store.remote.lost import objects_of
from liqmap.store.remote.mirror import Mirror
from liqmap.store.remote.names import Market, remote_manifest
from liqmap.store.upkeep.adoption import from_parts
from liqmap.store.upkeep.finding import Finding


@dataclass
class _Found:
    """Of a market. names : of the files that the sources of a part that is left out had."""

    parts: list[Part] = field(default_factory=list)
    lost: list[Finding] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def rebuild_remote(mirror: Mirror, market: Market, work: Path) -> list[Finding]:
    """From all the objects of the market, whose bytes are read; those that are damaged are kept aside and
    told, copies and other strangers are left where they are. Of a change under way, the objects of before it,
    or those of after it where it had begun to remove the others.

    Raises
    ------
    StoreError : the store cannot be reached or written, or another writer was faster.
    """
    there = _unreadable(mirror, market)
    objects = {o.path for o in objects_of(mirror, market)}
    left = _left_out(mirror, market, objects)
    found = _Found()
    for path in sorted(objects):
        _look_at(mirror, path, path in left, work, found)
    made = from_parts(mirror.root, *market, found.parts)
    made = replace(made, number=max(made.number + 1, int(time.time())))  # above what any mirror has seen
    name = remote_manifest(*market)
    try:
        put = mirror.client.put_over(name, made.to_bytes(), there)
    except (Absent, Refused):
        raise _overtaken(mirror, name) from None
    with mirror.applying():
        made.save(work)
        mirror.keep_record(market, put, made.number, work)
    mirror.client.delete(f.where.removeprefix(f"{mirror.url}/") for f in found.lost)
    whole = {reading.sha256 for reading in made.readings}
    again = sorted({name for sha, name in found.names.items() if sha not in whole})
    return [*found.lost, *(Finding("partial", name, (name,), market=market) for name in again)]


def put_back(mirror: Mirror, part: Part) -> bool:
    """Put a part into the store again whose object is damaged or gone, if the mirror still has its bytes.

    Raises
    ------
    StoreError : the store cannot be reached or written.
    """
    if not is_sound(part.path, part.digest, part.bytes):
        return False
    place = mirror.place(part)
    mirror.client.put(place, part.path)
    mirror.refresh()
    now = Manifest.load(mirror.root, part.meta.venue, part.meta.symbol)
    if now is None or place not in now.paths:  # another writer took it out meanwhile
        mirror.client.delete([place])
    return True


def _unreadable(mirror: Mirror, market: Market) -> Object | None:
    """The object of the manifest that is to be replaced; None: it is gone."""
    name = remote_manifest(*market)
    try:
        found = mirror.client.get(name)
    except Absent:
        return None
    assert found is not None
    try:
        Manifest.from_bytes(found[0], mirror.root, *market)
    except StoreError:
        return found[1]
    raise _overtaken(mirror, name)


def _overtaken(mirror: Mirror, name: str) -> RemoteError:
    return RemoteError(
        where=f"{mirror.url}/{name}",
        expected="nobody else to change the market",
        got="another writer",
        remedy="Do it again",
    )


def _left_out(mirror: Mirror, market: Market, objects: Iterable[str]) -> set[str]:
    """Objects of changes under way, or whose writers died, that a market did not have before them, or has not
    after them."""
    there, left = set(objects), set()
    for _, pending in pendings(mirror):
        if (pending.venue, pending.symbol) == market:
            done = bool(set(pending.drops) - there)
            left |= set(pending.drops if done else pending.adds)
    return left


def _look_at(mirror: Mirror, path: str, is_left_out: bool, work: Path, found: _Found) -> None:
    """Take an object for a part, for damaged, or for none of ours."""
    kind, name = path.partition("/")[0], path.rpartition("/")[2]
    made = work / name
    try:
        with made.open("wb") as file:
            for chunk in mirror.client.chunks(path):
                file.write(chunk)
    except Absent:
        return
    part: Part | None = None
    with suppress(StoreError):
        part = open_part(made, kind)
    own, sources = mirror.root / path, part.meta.sources if part is not None else ()
    if part is not None and made.stem.endswith(digest_file(made)[:16]):
        if own != mirror.root / partition(kind, part.meta, part.day) / name:
            pass  # a copy
        elif is_left_out:
            found.names |= {s.sha256: s.name for s in sources}
        else:
            _place(own, made, mirror.root)
            found.parts.append(replace(part, path=own))
    elif NAMED.search(made.stem) and not is_left_out:
        _place(mirror.root / ASIDE / path, made, mirror.root)
        found.lost.append(Finding("damaged", f"{mirror.url}/{path}", tuple(s.name for s in sources)))
    made.unlink(missing_ok=True)


def _place(path: Path, made: Path, root: Path) -> None:
    make_folder(path.parent, root)
    os.replace(made, path)
