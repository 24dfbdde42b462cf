"""How a change of a mirror becomes one of the store: the manifest is put on the condition that it still is
the one that the change began with.

In this order: what will come and go is written down; the parts; what is known of the sources; the manifest,
which is the change; then the objects that nothing names any more go, and what was written down. Names of
parts hold the token of their writer, so that no two writers ever mean one object by one name, and what a dead
one left may go once its put can only be refused.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from liqmap.schema import StoreError
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import MARKETS
from liqmap.store.remote.claims import PENDING, Claim, Pending, dead
from liqmap.store.remote.client import Object
from liqmap.store.remote.faults import Absent, Refused, RemoteError, TakenForDead
from liqmap.store.remote.fetching import has
from liqmap.store.remote.ledger import send_sources
from liqmap.store.remote.lost import is_lost, refuse_lost
from liqmap.store.remote.mirror import Mirror, mirror_of
from liqmap.store.remote.names import LISTING, Market, listed_markets, remote_manifest

if TYPE_CHECKING:
    from liqmap.store.parts import Part

T = TypeVar("T")
UPLOADS = 4
"""Parts on their way at one time."""
TRIES, GONE, DEATHS = 60, 10, 3


class Overtaken(Exception):
    """Another writer changed the market first: the change is to be made again, of what there is now."""


def until_agreed(root: Path, work: Path, step: Callable[[], T]) -> T:
    """Make a change, and again where other writers came between; of a store by itself, once.

    Parameters
    ----------
    work : the staged folder of the change.

    Raises
    ------
    StoreError : others came between, again and again.
    """
    mirror = mirror_of(root)
    if mirror is None:
        return step()
    try:
        gone = dead = 0
        for again in range(TRIES):
            try:
                return step()
            except Overtaken:
                pass
            except TakenForDead:  # its names are not used again: another may be removing them
                dead += 1
                if dead > DEATHS:
                    raise
                _give_up(mirror, work)
            except FileNotFoundError:  # a part that another writer has replaced
                gone += 1
                if gone > GONE:
                    raise
            time.sleep(random.uniform(0, 0.05 * min(again + 1, 20)))
            mirror.refresh()
        raise RemoteError(
            where=mirror.url,
            expected="a market that nobody else changes for a moment",
            got=f"one that changed {TRIES} times",
            remedy="Do it again later",
        )
    finally:
        _release(mirror, work)


def token_of(mirror: Mirror, work: Path) -> str:
    """What the names of a change's parts hold."""
    return _claim(mirror, work).token


def _claim(mirror: Mirror, work: Path) -> Claim:
    return mirror.claims.setdefault(str(work), Claim(mirror, secrets.token_hex(8)))


def publish(
    mirror: Mirror,
    before: Manifest,
    after: Manifest,
    adds: Sequence[tuple[Path, Part]],
    drops: Sequence[Part],
    work: Path,
) -> Object:
    """Make a change one of the store.

    Parameters
    ----------
    before, after : what the market has, and will have.
    adds : each new part: the finished file, and as it will be.
    work : the staged folder of the change.

    Returns
    -------
    The manifest that the store has now.

    Raises
    ------
    Overtaken : another writer changed the market first.
    StoreError : the store cannot be reached or written.
    """
    market = before.venue, before.symbol
    record = mirror.record(*market)
    if before.number != (record.number if record is not None else 0):
        raise Overtaken
    path = remote_manifest(*market)
    claim = _claim(mirror, work)
    if claim.pending is not None and (claim.pending.venue, claim.pending.symbol) != market:
        _give_up(mirror, work)  # of another market of the source, in which another writer was faster
        claim = _claim(mirror, work)
    claim.say(*market, [mirror.place(part) for _, part in adds], [mirror.place(part) for part in drops])
    if record is None:
        refuse_lost(mirror, market)
    with ThreadPoolExecutor(UPLOADS) as threads:
        list(threads.map(lambda add: _upload(mirror, claim, *add), adds))
    send_sources(mirror)
    there = _put(mirror, claim, path, after.to_bytes(), record.object(path) if record is not None else None)
    if record is None:
        _list_market(mirror, market)
    with suppress(StoreError):  # what was written down stays, and the next write does it
        said = claim.pending
        every = (*said.adds, *said.drops) if said is not None else ()  # of tries that were refused too
        mirror.client.delete(place for place in every if place not in after.paths)
        claim.end(remove=True)
    claim.end(remove=False)
    mirror.claims.pop(str(work), None)
    return there


def _upload(mirror: Mirror, claim: Claim, made: Path, part: Part) -> None:
    """A part, unless an earlier try of the same change has left it there."""
    place = mirror.place(part)
    if place in claim.uploaded and has(mirror, part):
        return
    mirror.client.put(place, made)
    claim.uploaded.add(place)


def _put(mirror: Mirror, claim: Claim, path: str, data: bytes, before: Object | None) -> Object:
    """The manifest, if it still is what it was."""
    claim.unknown = True
    try:
        there = mirror.client.put_over(path, data, before)
    except (Refused, Absent):  # the answer to an earlier try of the same put may have been lost
        with suppress(Absent):
            found = mirror.client.get(path)
            if found is not None and found[0] == data:
                claim.unknown = False
                return found[1]
        claim.unknown = False
        raise Overtaken from None
    claim.unknown = False
    return there


def _release(mirror: Mirror, work: Path) -> None:
    """Take back what a change that did not come about has left in the store. Where it is not known whether it
    did, or no answer comes, the next write does that."""
    mirror.told.clear()
    _give_up(mirror, work)


def _give_up(mirror: Mirror, work: Path) -> None:
    claim = mirror.claims.pop(str(work), None)
    if claim is None:
        return
    try:
        if claim.pending is not None and not claim.unknown:
            _remove_unlisted(mirror, claim.pending)
            claim.end(remove=True)
    except (StoreError, Absent, _Damaged):
        pass
    finally:
        claim.end(remove=False)


def is_pending(mirror: Mirror) -> bool:
    """Whether there are changes under way, or of writers that died."""
    return bool(mirror.client.list(PENDING))


def settle_dead(mirror: Mirror) -> int:
    """Finish or take back what dead writers began; gives how many there were. The lock of the mirror is held
    by the caller.

    Raises
    ------
    StoreError : the store cannot be reached or written.
    """
    settled = 0
    for pending, there in dead(mirror, secrets.token_hex(8)):
        if pending is not None:
            try:
                _bump(mirror, pending)
                _remove_unlisted(mirror, pending)
            except _Damaged:
                continue
        mirror.client.delete([there.path])
        settled += 1
    return settled


class _Damaged(Exception):
    """The manifest of a market cannot be read, or is gone."""


def _bump(mirror: Mirror, pending: Pending) -> None:
    """Replace a manifest by one that has the same and another number: puts of before are refused.

    Raises
    ------
    _Damaged : it cannot be read; or there is none, although the market has parts.
    """
    market = pending.venue, pending.symbol
    path = remote_manifest(*market)
    for _ in range(TRIES):
        now, there = _now(mirror, market)
        if there is None and (pending.drops or is_lost(mirror, market)):
            raise _Damaged
        try:
            mirror.client.put_over(path, replace(now, number=now.number + 1).to_bytes(), there)
            return
        except (Refused, Absent):
            continue
    raise _Damaged


def _now(mirror: Mirror, market: Market) -> tuple[Manifest, Object | None]:
    """What a market has at this moment."""
    try:
        found = mirror.client.get(remote_manifest(*market))
    except Absent:
        return Manifest(mirror.root, *market), None
    assert found is not None
    try:
        return Manifest.from_bytes(found[0], mirror.root, *market), found[1]
    except StoreError:
        raise _Damaged from None


def _remove_unlisted(mirror: Mirror, pending: Pending) -> None:
    """Remove what a change was to add or drop, but for what its market has."""
    now, there = _now(mirror, (pending.venue, pending.symbol))
    if there is None and pending.drops:
        raise _Damaged
    mirror.client.delete(p for p in dict.fromkeys((*pending.adds, *pending.drops)) if p not in now.paths)


def _list_market(mirror: Mirror, market: Market) -> None:
    """Add a new market to the list for those who can only read objects that they know. It can be made anew,
    so that it costs no change where it cannot be written."""
    with suppress(StoreError, Refused, Absent):
        write_listing(mirror)


def write_listing(mirror: Mirror) -> None:
    """Write the list of markets, of all that have a manifest; others may do the same at this moment."""
    for _ in range(TRIES):
        objects = {found.path: found for found in mirror.client.list(MARKETS)}
        markets = sorted(market for market, _ in listed_markets(objects.values()))
        data = json.dumps({"liqmap": "listing", "markets": markets}).encode()
        with suppress(Refused, Absent):
            mirror.client.put_over(LISTING, data, objects.get(LISTING))
            return
