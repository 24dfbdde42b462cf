"""Redirects are followed to the host that was asked, and to those that its archive lists: a mirror is chosen
by the user. Whose two names that look alike are is not guessed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from liqmap.archives.catalogue import redirect_hosts
from liqmap.schema import Argument, FetchError, Sentence

MOST = 5
"""Redirects in a row."""

_PORTS = {"http": 80, "https": 443}


class Session(requests.Session):
    """One that does not look where a redirect leads, nor read what stands beside it."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: `get` looks itself."""


def get(session: requests.Session, url: str, **options: Any) -> requests.Response:
    """What an address answers, after redirects on its host or to those of its archive.

    Raises
    ------
    FetchError : it redirects to another host, from https to http, or without end.
    """
    asked, hosts = url, {_host(url), *redirect_hosts(_host(url))}
    for _ in range(MOST + 1):
        answer = session.get(asked, allow_redirects=False, stream=True, **options)
        target = answer.headers.get("Location")
        if not answer.is_redirect or target is None:
            return answer
        answer.close()
        there = _joined(asked, target)
        if not stays(asked, there, hosts):
            raise FetchError(
                where=url,
                expected=f"the file, or a redirect to {_place(asked)}",
                got=f"a redirect to {_place(there)}",
                remedy=Sentence("If you trust that host, name it by ", Argument("base_url")),
            )
        asked = there
    raise FetchError(
        where=url, expected=f"at most {MOST} redirects", got="more", remedy="Check the address in a browser"
    )


def _joined(asked: str, target: str) -> str:
    try:
        return urljoin(asked, target)
    except ValueError:  # no address at all
        return target


def stays(asked: str, there: str, hosts: Collection[str]) -> bool:
    """Whether a redirect leads to one of these hosts, to no other port, and not out of https."""
    try:
        here, other = urlsplit(asked), urlsplit(there)
        ports = [_port(here), _port(other)]
    except ValueError:  # no host or port that can be read
        return False
    if other.scheme not in _PORTS or (here.scheme, other.scheme) == ("https", "http"):
        return False
    usual = [port == _PORTS[url.scheme] for port, url in zip(ports, (here, other))]
    if not (ports[0] == ports[1] if here.scheme == other.scheme else all(usual)):
        return False
    return _host(there) in {host for host in hosts if host}


def _host(url: str) -> str:
    """The host of an address, as names are compared; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _port(url: SplitResult) -> int:
    return url.port if url.port is not None else _PORTS.get(url.scheme, 0)


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return repr(url[:80])
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"[:120]
