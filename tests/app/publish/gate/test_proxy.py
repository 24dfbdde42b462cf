"""For whom a proxy asks, and whom nobody believes."""

from __future__ import annotations

from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from liqmap.app.publish.gate.proxy import Proxies, Visitor, network
from liqmap.schema import LiqmapError

NAMED = Proxies(["10.0.0.0/8", "2001:db8::1"])


def headers(*given: tuple[str, str]) -> HTTPHeaders:
    found = HTTPHeaders()
    for name, value in given:
        found.add(name, value)
    return found


@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # nobody knows this peer
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),  # the left one is made up
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", '"[2001:db8::7]:4711"', "2001:db8::7"),
        ("2001:db8::1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", ",,", "10.0.0.1"),
    ],
)
def test_visitor__is_the_last_whom_no_proxy_of_ours_vouches_for(
    peer: str, forwarded: str, visitor: str
) -> None:
    said = headers(("X-Forwarded-For", forwarded))
    assert NAMED.visitor(peer, False, said) == Visitor(visitor, False)


def test_visitor__by_several_lines_is_as_by_one() -> None:
    lines = headers(("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-For", "198.51.100.7, 10.0.0.2"))
    assert NAMED.visitor("10.0.0.1", False, lines).address == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "said", "https"),
    [("10.0.0.1", "https", True), ("10.0.0.1", "HTTPS", True), ("10.0.0.1", "http", False),
     ("10.0.0.1", "https, http", False), ("192.0.2.1", "https", False)],
)  # fmt: skip
def test_https__is_what_a_named_proxy_says(peer: str, said: str, https: bool) -> None:
    assert NAMED.visitor(peer, False, headers(("X-Forwarded-Proto", said))).https is https


HOPS = st.sampled_from(["10.0.0.2", "10.1.1.1", "192.0.2.1", "198.51.100.7", "203.0.113.9"])


@given(hops=st.lists(HOPS, max_size=6), peer=HOPS)
def test_visitor__by_the_definition(hops: list[str], peer: str) -> None:
    """From the server outwards: all that are proxies, and one more."""
    way = [peer, *reversed(hops)]
    ours = list(takewhile(lambda hop: hop.startswith("10."), way))
    expected = way[min(len(ours), len(way) - 1)]
    assert NAMED.visitor(peer, False, headers(("X-Forwarded-For", ", ".join(hops)))).address == expected


@pytest.mark.parametrize("name", ["", "proxy.example.org", "10.0.0.1/8", "*", "300.0.0.1"])
def test_network__is_an_address_or_a_network(name: str) -> None:
    with pytest.raises(LiqmapError, match="proxies: expected addresses such as"):
        network(name)
