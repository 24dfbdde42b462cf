"""Who asks, where proxies stand between: only those that are named are believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any, NamedTuple

from liqmap.schema import LiqmapError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Visitor(NamedTuple):
    """Whoever a request comes from.

    address : of the visitor's own machine, or of the last one on the way whose word is not believed.
    https : whether the visitor speaks HTTPS, to this server or to a proxy that is named.
    """

    address: str
    https: bool


def visitor_of(request: Any) -> Visitor:
    """Who has sent a request to a server whose gate is open: the gate has looked through the proxies."""
    return Visitor(str(request.remote_ip), request.protocol == "https")


class Proxies:
    """The proxies that are believed when they say for whom they ask."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        """``named``: addresses, or networks such as ``10.0.0.0/8``; see `network`."""
        self._networks = [network(name) for name in named]

    def __contains__(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in one for one in self._networks)

    def visitor(self, peer: str, https: bool, headers: Any) -> Visitor:
        """Who a request is from that came from ``peer``.

        Each proxy writes down behind what it was told whom it was asked by. What a visitor has made up stands
        at the left of that, so that from the right the first one that is no proxy of ours is the visitor.
        """
        if peer not in self:
            return Visitor(peer, https)
        for hop in reversed(_listed(headers, "X-Forwarded-For")):
            found = _address(hop)
            if found is None:
                break  # no address: the proxy that has written it down is all that is known
            peer = str(found)
            if peer not in self:
                break
        schemes = _listed(headers, "X-Forwarded-Proto")
        return Visitor(peer, schemes[-1].lower() == "https" if schemes else https)


def network(name: str) -> Network:
    """The network that an address, or a network, stands for.

    Raises
    ------
    LiqmapError : it is neither.
    """
    try:
        return ipaddress.ip_network(name.strip())
    except ValueError:
        raise LiqmapError(
            argument="proxies",
            expected="addresses such as 127.0.0.1, or networks such as 10.0.0.0/8",
            got=f"{name!r:.80}",
        ) from None


def _listed(headers: Any, name: str) -> list[str]:
    """The values of a header that is a list, in order, wherever it was broken into several."""
    found = [part.strip() for line in headers.get_list(name) for part in line.split(",")]
    return [part for part in found if part]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as proxies write it: with or without a port; IPv4 within IPv6 is IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return found if mapped is None else mapped
