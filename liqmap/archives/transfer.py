"""The body of one file over HTTP, continued where it broke.

Statuses 429 and 503 are tried again after the time that the server asks for; other trouble after a time that
doubles. A byte that the file did not have before renews the patience, but not beyond the deadline of a file.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from urllib3.exceptions import HTTPError

from liqmap import __version__
from liqmap.archives import redirects
from liqmap.archives.time_limit import Late, Permit, TimeLimit
from liqmap.archives.whole import damage_of
from liqmap.schema import Argument, FetchError, Sentence

BACKOFF = 0.5
"""Seconds before the first retry; each later one waits twice as long."""

LONGEST_WAIT = 120
BLOCK = 1 << 17
DEADLINE = 3600.0
"""Seconds for one file, with all that is tried again."""

MAX_BYTES = 16_000_000_000
"""Of one file: far more than any day of an archive has."""

GO_ON = "Go on with the same command"
AGAIN = (429, 500, 502, 503, 504)
UNASKABLE = (InvalidSchema, InvalidURL, MissingSchema)
"""Errors of addresses that nobody can be asked for."""

T = TypeVar("T")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)?")


class Missing(Exception):
    """The archive has no such file."""


class Stopped(Exception):
    """The fetch was given up."""


class Refused(Exception):
    """A status of `AGAIN`. ``after``: seconds until the server wants to be asked again, if it says so."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.reason}")
        self.after = _seconds(answer.headers.get("Retry-After", ""))


class _Broken(Exception):
    """An answer that cannot be used; the next may be."""


TROUBLE = (requests.RequestException, HTTPError, Refused, _Broken)
"""What may be otherwise the next time."""


@dataclass
class Client:
    """How to ask: seconds without a byte before a connection counts as broken; retries in a row without a new
    byte; the most bytes of a file, and seconds for it, retries and waits included; what is called with every
    byte; and whether to stop."""

    timeout: float = 30.0
    retries: int = 5
    max_bytes: int = MAX_BYTES
    deadline: float | None = DEADLINE
    progress: Callable[[int], None] = lambda count: None
    stop: threading.Event = field(default_factory=threading.Event)

    def session(self) -> requests.Session:
        """A connection that retries nothing by itself; bodies come as they are stored, never unpacked."""
        session = redirects.Session()
        session.headers.update({"User-Agent": f"liqmap/{__version__}", "Accept-Encoding": "identity"})
        return session

    def limit(self) -> TimeLimit:
        """The time of one file, from now on."""
        return TimeLimit(self.deadline)

    def get(self, session: requests.Session, url: str, **options: Any) -> requests.Response:
        """What an address answers, its body not read yet; redirects stay on its host."""
        return redirects.get(session, url, timeout=(self.timeout, self.timeout), **options)

    def retry(
        self, limit: TimeLimit, attempt: Callable[[Permit], T], came: Callable[[], int] = lambda: 0
    ) -> T:
        """What an attempt returns, the first or a later one.

        Parameters
        ----------
        attempt : is given leave to write, which it loses when the time is up.
        came : bytes there so far, those that came again not counted; where there are more than before an
            attempt, all retries are left again.

        Raises
        ------
        Stopped : while it waited.
        Late : the time was up.
        Any of `TROUBLE` : after the last retry; one that says that the address is none, at once.
        """
        spent = 0
        while True:
            before = came()
            try:
                return limit.run(attempt, self.stop.is_set)
            except UNASKABLE:
                raise
            except TROUBLE as error:
                spent = 0 if came() > before else spent
                if spent >= self.retries:
                    raise
                asked = getattr(error, "after", None)
            seconds = asked if asked is not None else BACKOFF * 2**spent
            if (wait := min(seconds, LONGEST_WAIT)) >= limit.left:
                raise Late
            if self.stop.wait(wait):
                raise Stopped
            spent += 1


@dataclass
class Transfer:
    """One file on its way to ``part``. ``came`` counts the bytes that the network brought."""

    session: requests.Session
    client: Client
    url: str
    part: Path
    limit: TimeLimit
    came: int = 0
    _tag: str | None = None
    _most: int = 0
    """The greatest size that the part had: a server that begins anew each time brings nothing new."""

    def run(self) -> None:
        """Until the part is whole.

        Raises
        ------
        Missing : the archive answers 404.
        FetchError : no answer, a status that is no file, a redirect to another host, no new byte after all
            retries, too many bytes, or too much time.
        """
        self._most = size(self.part)
        try:
            self.client.retry(self.limit, self._stretch, lambda: self._most)
        except Late:
            raise late(self.limit, self.url, f"{size(self.part):,} bytes") from None
        except UNASKABLE as error:
            raise FetchError(
                where=self.url,
                expected="an address that begins with https:// and names a host",
                remedy=Sentence("Check ", Argument("base_url")),
            ) from error
        except Refused as error:
            raise FetchError(
                where=self.url, expected="status 200", got=str(error), remedy="Try again later"
            ) from error
        except requests.ConnectionError as error:
            raise FetchError(
                where=self.url,
                expected="an answer",
                got=reason(error),
                remedy="Check the connection and go on with the same command",
            ) from error
        except TROUBLE as error:
            raise FetchError(
                where=self.url,
                expected="the whole file",
                got=f"{size(self.part):,} bytes and {reason(error)}",
                remedy=GO_ON,
            ) from error

    def _stretch(self, permit: Permit) -> None:
        """Append what the server sends from the end of the part on."""
        have = size(self.part)
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and self._tag:
            headers["If-Range"] = self._tag
        with self.client.get(self.session, self.url, headers=headers) as answer:
            self._check(answer, have, permit)
            self._tag = answer.headers.get("ETag")
            there = self._append(answer, have if answer.status_code == 206 else 0, permit)
            total, chunked = _total(answer), bool(getattr(answer.raw, "chunked", False))
        if total is not None and there < total:
            raise _Broken(f"the connection closed before {total:,}")
        if total is None and not chunked and (damage := damage_of(self.part, self.url)):
            raise _Broken(f"the connection closed, how long it is was not said, and {damage}")

    def _append(self, answer: requests.Response, there: int, permit: Permit) -> int:
        """Write the body behind the first ``there`` bytes of the part; how many there are then."""
        with permit, self.part.open("ab" if there else "wb"):
            pass
        while block := answer.raw.read1(BLOCK, decode_content=False):  # what is there, at once
            if self.client.stop.is_set():
                raise Stopped
            if there + len(block) > self.client.max_bytes:
                self._drop_part(permit)
                raise self._too_large(f"{there + len(block):,} bytes and more to come")
            with permit, self.part.open("ab") as file:
                file.write(block)
            self.came += len(block)
            there += len(block)
            self._most = max(self._most, there)
            self.client.progress(len(block))
        return there

    def _drop_part(self, permit: Permit) -> None:
        with permit:
            self.part.unlink(missing_ok=True)

    def _too_large(self, got: str) -> FetchError:
        return FetchError(
            where=self.url,
            expected=f"at most {self.client.max_bytes:,} bytes",
            got=got,
            remedy=Sentence("Raise ", Argument("max_bytes"), " if the file is to be that large"),
        )

    def _check(self, answer: requests.Response, have: int, permit: Permit) -> None:
        """Whether the body can be used, before any of it is taken."""
        if answer.status_code == 404:
            raise Missing(self.url)
        if answer.status_code in AGAIN:
            raise Refused(answer)
        if answer.status_code not in (200, 206, 416):
            raise FetchError(
                where=self.url,
                expected="status 200",
                got=f"{answer.status_code} {answer.reason}",
                remedy="Try again later",
            )
        begun = _RANGE.match(answer.headers.get("Content-Range", ""))
        if answer.status_code == 416 or (
            answer.status_code == 206 and (begun is None or int(begun.group(1)) != have)
        ):
            self._drop_part(permit)
            raise _Broken("another range than was asked for")
        total = _total(answer)
        if total is not None and total > self.client.max_bytes:
            raise self._too_large(f"{total:,}")


def _total(answer: requests.Response) -> int | None:
    """Bytes of the whole file, as an answer with all or the rest of it says; None if it does not."""
    if answer.status_code == 206:
        found = _RANGE.match(answer.headers.get("Content-Range", ""))
        return int(found.group(2)) if found and found.group(2) else None
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and "Transfer-Encoding" not in answer.headers else None


def late(limit: TimeLimit, url: str, got: str) -> FetchError:
    """That the time of a file was up."""
    return FetchError(
        where=url,
        expected=f"the whole file within {limit.seconds:g} seconds",
        got=got,
        remedy=Sentence(GO_ON, ", or with a longer ", Argument("deadline")),
    )


def _seconds(after: str) -> float | None:
    """What ``Retry-After`` asks for, a number of seconds or a date; None if it is neither."""
    if after.strip().isdecimal():
        return float(after)
    try:
        at = parsedate_to_datetime(after)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def size(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def reason(error: BaseException) -> str:
    """The innermost cause of a network error, in a few words."""
    text = str(error)
    for mark in ("Caused by ", "Connection broken: "):
        text = text.rsplit(mark, 1)[-1]
    text = " ".join(text.split())[:200]
    return text if isinstance(error, Refused | _Broken) else f"{type(error).__name__} ({text[:120]})"
