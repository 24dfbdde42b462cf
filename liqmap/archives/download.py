"""One file of an archive: there whole and checked, or not at all.

It grows as ``NAME.part``, which a later fetch continues, and takes its name when it is whole.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import requests

from liqmap.archives.transfer import AGAIN, GO_ON, TROUBLE, Client, Missing, Refused, Transfer, reason
from liqmap.formats.raw import RawFile
from liqmap.schema import FetchError, FormatError

_MAGIC = {"zip": b"PK", "gz": b"\x1f\x8b"}
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def download(url: str, path: Path, client: Client, *, checksum: bool = False) -> int:
    """Download one file; returns the bytes that the network brought.

    Parameters
    ----------
    checksum : its sha256 is published beside it, as ``URL.CHECKSUM``; where nothing is published, an
        archive must begin as one, and what two fetches put together is unpacked to see whether it is whole.

    Raises
    ------
    Missing : the archive answers 404.
    FetchError : it did not arrive whole, or it is not what its checksum says, twice.
    """
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with client.session() as session:
        transfer = Transfer(session, client, url, part)
        for resumed in (part.exists(), False):
            transfer.run()
            wrong = _wrong(session, client, url, part, checksum, resumed)
            if wrong is None:
                part.replace(path)
                return transfer.came
            expected, got = wrong
            part.unlink()
    raise FetchError(where=url, expected=expected, got=f"{got}, twice", remedy="Try again later")


def _wrong(
    session: requests.Session, client: Client, url: str, part: Path, checksum: bool, resumed: bool
) -> tuple[str, str] | None:
    """What the file should have been, and what it is; None if it is whole."""
    published = _published(session, client, url) if checksum else None
    if published:
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        return None if found == published else (f"sha256 {published[:16]}…", f"{found[:16]}…")
    with part.open("rb") as file:
        begun = file.read(2)
    magic = _MAGIC.get(url.rsplit(".", 1)[-1], begun)
    damage = f"it starts with {begun!r}" if begun != magic else _damage(part) if resumed else None
    return ("a whole archive", f"one where {damage}") if damage else None


def _published(session: requests.Session, client: Client, url: str) -> str | None:
    """The sha256 that stands beside a file; None where none does."""

    def ask() -> requests.Response:
        answer = session.get(f"{url}.CHECKSUM", timeout=(client.timeout, client.timeout))
        if answer.status_code in AGAIN:
            raise Refused(answer)
        return answer

    try:
        answer = client.retry(ask)
    except TROUBLE as error:
        raise FetchError(
            where=f"{url}.CHECKSUM", expected="a sha256", got=reason(error), remedy=GO_ON
        ) from error
    if answer.status_code == 404:
        return None
    found = _SHA256.search(answer.text) if answer.ok else None
    if found is None:
        raise FetchError(
            where=f"{url}.CHECKSUM",
            expected="a sha256",
            got=f"status {answer.status_code} and {answer.text[:40]!r}",
            remedy="Try again later",
        )
    return found.group().lower()


def _damage(path: Path) -> str | None:
    try:
        raw = RawFile(path)
        for _ in raw.chunks():
            pass
    except FormatError as error:
        return str(error)
    return raw.damage


__all__ = ["Client", "Missing", "download"]
