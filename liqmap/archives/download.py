"""One file of an archive: there whole and checked, or not at all.

It grows as ``NAME.part``, which a later fetch continues, and takes its name when it is whole.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import requests

from liqmap.archives.time_limit import Late, Permit, TimeLimit
from liqmap.archives.transfer import (
    AGAIN,
    GO_ON,
    TROUBLE,
    Client,
    Missing,
    Refused,
    Stopped,
    Transfer,
    late,
    reason,
)
from liqmap.archives.whole import damage_of, packing_of
from liqmap.schema import FetchError

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")

LONGEST_CHECKSUM = 1 << 16
"""Bytes of a file that has a checksum: they are some dozens."""


def download(url: str, path: Path, client: Client, *, checksum: bool = False) -> int:
    """Download one file; returns the bytes that the network brought.

    Parameters
    ----------
    checksum : its sha256 is published beside it, as ``URL.CHECKSUM``. Where nothing is published, a packed
        file is unpacked to see whether it is whole: a connection that closes early may look like the end.

    Raises
    ------
    Missing : the archive answers 404.
    FetchError : it did not arrive whole, it is not what its checksum says, twice, or it is larger, took
        longer or lies elsewhere than the client allows.
    """
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    limit = client.limit()
    with client.session() as session:
        transfer = Transfer(session, client, url, part, limit)
        for _ in range(2):
            transfer.run()
            wrong = _wrong(session, client, limit, url, part, checksum)
            if wrong is None:
                part.replace(path)
                return transfer.came
            expected, got = wrong
            part.unlink()
    raise FetchError(where=url, expected=expected, got=f"{got}, twice", remedy="Try again later")


def _wrong(
    session: requests.Session, client: Client, limit: TimeLimit, url: str, part: Path, checksum: bool
) -> tuple[str, str] | None:
    """What the file should have been, and what it is; None if it is whole."""
    published = _published(session, client, limit, url) if checksum else None
    if published:
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        return None if found == published else (f"sha256 {published[:16]}…", f"{found[:16]}…")
    if packing_of(url) is None:  # its length was said, or it would not be here
        return None

    def step() -> None:
        if client.stop.is_set():
            raise Stopped
        if limit.left == 0:
            raise late(limit, url, "one that takes longer to unpack")

    damage = damage_of(part, url, step)
    return ("a whole archive", f"one where {damage}") if damage else None


def _published(session: requests.Session, client: Client, limit: TimeLimit, url: str) -> str | None:
    """The sha256 that stands beside a file; None where none does."""
    where = f"{url}.CHECKSUM"

    def ask(permit: Permit) -> tuple[int, bytes]:
        with client.get(session, where) as answer:
            if answer.status_code in AGAIN:
                raise Refused(answer)
            text = b""
            while len(text) <= LONGEST_CHECKSUM and (block := answer.raw.read1(LONGEST_CHECKSUM)):
                text += block
            return answer.status_code, text

    try:
        status, text = client.retry(limit, ask)
    except Late:
        raise late(limit, where, "no sha256") from None
    except TROUBLE as error:
        raise FetchError(where=where, expected="a sha256", got=reason(error), remedy=GO_ON) from error
    if status == 404:
        return None
    found = _SHA256.search(text.decode("utf-8", "replace")) if 200 <= status < 300 else None
    if found is None or len(text) > LONGEST_CHECKSUM:
        long = len(text) > LONGEST_CHECKSUM
        raise FetchError(
            where=where,
            expected="a sha256",
            got=f"more than {LONGEST_CHECKSUM:,} bytes" if long else f"status {status} and {text[:40]!r}",
            remedy="Try again later",
        )
    return found.group().lower()


__all__ = ["Client", "Missing", "download"]
