"""Addresses of another host than the venue's own: for rehearsals, tests and gateways."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from liqmap.schema import LiveError

_SECURE = {"ws": False, "http": False, "wss": True, "https": True}


def moved(address: str, url: str | None) -> str:
    """An address with the host that ``url`` names, its own path and query kept; a WebSocket's stays one, and
    a REST call goes over http or https, as ``url`` is secure or not.

    Raises
    ------
    LiveError : ``url`` is no ``ws://host:port`` of any of the four schemes.
    """
    if url is None:
        return address
    own, other = urlsplit(address), urlsplit(url)
    if other.scheme not in _SECURE or not other.netloc:
        raise LiveError(argument="url", expected="ws://HOST:PORT or wss://HOST", got=repr(url))
    scheme = "ws" if own.scheme.startswith("ws") else "http"
    return urlunsplit(own._replace(scheme=scheme + "s" * _SECURE[other.scheme], netloc=other.netloc))
