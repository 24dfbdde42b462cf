"""What a writer is about to do, written down in the store before it does, and kept alive while it lives.

``.pending/<token>.json`` names the objects that will come and go. Its owner writes it anew every third of the
lease, each time on the condition that nobody else did; one that is older than the lease, by the clock of the
store, is taken over by the next writer in the same way, so that of both only one can go on.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from liqmap.schema import StoreError
from liqmap.store.commit.journal import is_place
from liqmap.store.layout import market_levels
from liqmap.store.remote.client import Client, Object
from liqmap.store.remote.faults import Absent, Refused, RemoteError, TakenForDead, Unreachable

if TYPE_CHECKING:
    from liqmap.store.remote.mirror import Mirror

PENDING, NOW = ".pending", ".now"


def lease_s() -> float:
    """After which a writer that was not heard of counts as dead: ``LIQMAP_LEASE_S``, 60 seconds."""
    try:
        return max(float(os.environ.get("LIQMAP_LEASE_S", "60")), 1.0)
    except ValueError:
        return 60.0


@dataclass(frozen=True)
class Pending:
    """What stands in one. mirror : the token of the owner's. beat : differs in each that is written."""

    mirror: str
    venue: str
    symbol: str
    adds: Sequence[str]
    drops: Sequence[str]
    owner: str = ""
    beat: int = 0

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Pending | None:
        """None: it is none, or names what is no part of its market."""
        try:
            said = cls(**json.loads(data))
            places = [*said.adds, *said.drops]
            market = said.venue, said.symbol
            ours = all(isinstance(p, str) and is_place(p, market_levels(*market)) for p in places)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return said if ours and isinstance(said.beat, int) else None


class Claim:
    """That of a change under way. Begun, it is renewed by a thread until it ends."""

    def __init__(self, mirror: Mirror, token: str) -> None:
        self.token, self.unknown = token, False
        self.uploaded: set[str] = set()
        self._mirror, self._client, self._url = mirror, mirror.client, mirror.url
        self._pending: Pending | None = None
        self._object: Object | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._lost = False

    @property
    def path(self) -> str:
        return f"{PENDING}/{self.token}.json"

    @property
    def pending(self) -> Pending | None:
        """What was written down last; None: nothing yet."""
        return self._pending

    def say(self, venue: str, symbol: str, adds: Sequence[str], drops: Sequence[str]) -> None:
        """Write down what will be done; what was written before stays named.

        Raises
        ------
        TakenForDead : the change is to be made anew, with another claim.
        """
        before = self._pending
        every = list(dict.fromkeys((*(before.adds if before else ()), *adds)))
        gone = list(dict.fromkeys((*(before.drops if before else ()), *drops)))
        with self._lock:
            self._write(Pending(self._mirror.token, venue, symbol, every, gone, self.token))
            if not self._mirror.takes_turns:
                self._check_turns()
        if before is None:
            threading.Thread(target=self._renew, name="liqmap-lease", daemon=True).start()

    def _write(self, pending: Pending) -> None:
        beat = self._pending.beat + 1 if self._pending is not None else 0
        pending = replace(pending, beat=beat)
        if self._lost:  # as its own thread has noticed
            raise self._taken_for_dead()
        try:
            self._object = self._client.put_over(self.path, pending.to_bytes(), self._object)
        except (Refused, Absent):
            found = self._again()  # the answer to an earlier try of the same may have been lost
            self._lost = found is None or found[0] != pending.to_bytes()
            self._object = found[1] if found is not None else None
        if self._lost:
            raise self._taken_for_dead()
        self._pending = pending

    def _taken_for_dead(self) -> TakenForDead:
        return TakenForDead(
            where=self._url,
            expected=f"to be heard of by the store every {lease_s():.0f} s",
            got="pauses, in which others took this writer for dead",
            remedy="Set LIQMAP_LEASE_S to more seconds, for all who write, and do it again",
        )

    def _check_turns(self) -> None:
        """That the service refuses a put whose condition does not hold: one that looks away would let writers
        undo each other's changes in silence.

        Raises
        ------
        StoreError : it does not.
        """
        there, pending = self._object, self._pending
        assert there is not None
        assert pending is not None
        other = replace(there, e_tag='"00000000000000000000000000000000"', version=there.version and "1")
        for condition in (None, other):
            with suppress(Refused, Absent):
                self._client.put_over(self.path, pending.to_bytes(), condition)
                self._client.delete([self.path])
                self._pending, self._object = None, None
                raise RemoteError(
                    where=self._url,
                    expected="a service that refuses writes whose condition does not hold (If-Match)",
                    got="one that does not look at it",
                    remedy="Keep the store elsewhere; this one can only be read",
                )
        self._mirror.takes_turns = True

    def _again(self) -> tuple[bytes, Object] | None:
        try:
            return self._client.get(self.path)
        except Absent:
            return None

    def _renew(self) -> None:
        while not self._over.wait(lease_s() / 3):
            with self._lock:
                if self._over.is_set() or self._pending is None:
                    return
                try:
                    self._write(self._pending)
                except Unreachable:
                    continue
                except StoreError:
                    return

    def end(self, remove: bool) -> None:
        """Stop renewing, and remove what was written down."""
        self._over.set()
        with self._lock:
            if remove and self._pending is not None and not self._lost:
                self._client.delete([self.path])


def pendings(mirror: Mirror) -> Iterator[tuple[str, Pending]]:
    """What writers are about to do, or were when they died, and where it is written down."""
    for found in mirror.client.list(PENDING):
        if found.path.endswith(".json"):
            with suppress(Absent):
                got = mirror.client.get(found.path)
                pending = Pending.from_bytes(got[0]) if got is not None else None
                if pending is not None:
                    yield found.path, pending


def dead(mirror: Mirror, token: str) -> Iterator[tuple[Pending | None, Object]]:
    """What dead writers were about to do, each taken over. The lock of the mirror is held by the caller, so
    that its own earlier ones are surely dead.

    Parameters
    ----------
    token : of whoever takes them over.
    """
    client = mirror.client
    every = client.list(PENDING)
    if asked := [o for o in every if o.path.endswith(NOW)]:  # whoever did has died, if it was long ago
        now = _now(client, token)
        client.delete(o.path for o in asked if (now - o.changed).total_seconds() > lease_s())
    for entry in (o for o in every if o.path.endswith(".json")):
        try:
            got = client.get(entry.path)
        except Absent:
            continue
        assert got is not None
        data, there = got
        pending = Pending.from_bytes(data)
        if pending is None or pending.mirror != mirror.token:
            age = (_now(client, token) - there.changed).total_seconds()
            if age <= lease_s():
                continue
        if pending is None:
            yield None, there
            continue
        ours = replace(pending, mirror=mirror.token, owner=token, beat=pending.beat + 1)
        try:
            yield ours, client.put_over(entry.path, ours.to_bytes(), there)
        except (Refused, Absent):
            continue


def _now(client: Client, token: str) -> datetime:
    """The time that the clock of the store shows."""
    path = f"{PENDING}/{token}{NOW}"
    client.put(path, b"")
    try:
        return client.head(path).changed
    finally:
        client.delete([path])
