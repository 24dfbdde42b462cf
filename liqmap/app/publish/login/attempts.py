"""How often a password may be tried: by account, by address, and by browsers that have been here before.

Whoever guesses is slowed; whoever has logged in before goes on. Each pair of an account and an address has
`FREE` tries, then a delay that doubles with each wrong one. Beside that an address has a budget of wrong
tries over all accounts, and an account one over all addresses that nobody has logged into it from. A browser
that has logged into an account carries a signed cookie of its own and is counted by that alone: whoever
attacks the account, from wherever, does not shut it out.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

FREE = 3
"""Wrong tries before the first delay."""

LONGEST_S = 300.0
FORGET_S = 86_400.0
"""The longest delay; and after how long without a try a pair is forgotten."""

KEPT = 10_000
"""Pairs, addresses and accounts that are remembered, each; those longest quiet are forgotten first."""


class Budget(NamedTuple):
    """So many at once, and one more each so many seconds."""

    most: int
    each_s: float


OF_ADDRESS = Budget(30, 10.0)
OF_ACCOUNT = Budget(20, 30.0)


class Asking(NamedTuple):
    """Who tries: the account, the address, and the id of a browser that has logged into it before."""

    account: str
    address: str
    browser: str | None = None


class Count(NamedTuple):
    """Wrong tries, and when the last one was."""

    wrong: float
    last: float


V = TypeVar("V")


class Kept(OrderedDict[bytes, V], Generic[V]):
    """By digests of texts, which anybody may have made up; those longest untouched go first."""

    def put(self, key: bytes, value: V) -> None:
        self[key] = value
        self.move_to_end(key)
        while len(self) > KEPT:
            self.popitem(last=False)


class Attempts:
    """Counts tries, and says how long to wait.

    Parameters
    ----------
    clock : s, which never steps back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pairs: Kept[Count] = Kept()
        self._addresses: Kept[Count] = Kept()
        self._accounts: Kept[Count] = Kept()
        self._known: Kept[float] = Kept()

    def wait(self, asking: Asking) -> float:
        """Seconds until this one may try. 0: he may, and it counts as wrong until `right` says otherwise, so
        that many at once are not one."""
        now = self._clock()
        pair = _digest("browser", asking.browser) if asking.browser else _pair(asking)
        wait = self._delay(pair, now)
        spent: list[tuple[Kept[Count], bytes, Budget]] = []
        if asking.browser is None:
            spent.append((self._addresses, _digest("address", asking.address), OF_ADDRESS))
            if _pair(asking) not in self._known:
                spent.append((self._accounts, _digest("account", asking.account), OF_ACCOUNT))
        wait = max([wait, *(_over(kept.get(key), budget, now) for kept, key, budget in spent)])
        if wait > 0:
            return wait
        before = self._pairs.get(pair)
        self._pairs.put(pair, Count(1 + (before.wrong if before else 0), now))
        for kept, key, budget in spent:
            kept.put(key, Count(_left(kept.get(key), budget, now) + 1, now))
        return 0.0

    def right(self, asking: Asking) -> None:
        """The try that was just let through was the right password: nothing is held against who made it."""
        now = self._clock()
        pair = _digest("browser", asking.browser) if asking.browser else _pair(asking)
        self._pairs.pop(pair, None)  # not what others at his address have against them, if he is known
        self._known.put(_pair(asking), now)
        if asking.browser is None:
            for kept, key in (
                (self._addresses, _digest("address", asking.address)),
                (self._accounts, _digest("account", asking.account)),
            ):
                if key in kept:
                    kept.put(key, kept[key]._replace(wrong=max(0.0, kept[key].wrong - 1)))

    def _delay(self, pair: bytes, now: float) -> float:
        count = self._pairs.get(pair)
        if count is None or now - count.last >= FORGET_S:
            self._pairs.pop(pair, None)
            return 0.0
        if count.wrong < FREE:
            return 0.0
        delay = min(LONGEST_S, 2.0 ** min(count.wrong - FREE, 30))
        return max(0.0, count.last + delay - now)


def _left(count: Count | None, budget: Budget, now: float) -> float:
    """What of a budget is still spent."""
    return max(0.0, count.wrong - (now - count.last) / budget.each_s) if count else 0.0


def _over(count: Count | None, budget: Budget, now: float) -> float:
    """Seconds until a budget has room for one more."""
    return max(0.0, (_left(count, budget, now) + 1 - budget.most) * budget.each_s)


def _pair(asking: Asking) -> bytes:
    return _digest("pair", asking.account, asking.address)


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).digest()


def network(address: str) -> str:
    """What an address counts as: of IPv6 the network of 64 bits, which one household has whole."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)
