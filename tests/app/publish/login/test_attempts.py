"""How often passwords may be tried: guesses are slowed, users are not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.publish.login import attempts as module
from liqmap.app.publish.login.attempts import (
    FREE,
    LONGEST_S,
    OF_ACCOUNT,
    OF_ADDRESS,
    Asking,
    Attempts,
    network,
)

WAITS = st.lists(st.floats(0, 400), min_size=1, max_size=60)


@given(waits=WAITS)
@settings(max_examples=100)
def test_pair__is_delayed_as_the_definition_says(waits: list[float]) -> None:
    """Against the times of all tries: after the third, twice as long each time."""
    now = [0.0]
    attempts, asking, tries = Attempts(lambda: now[0]), Asking("ann", "192.0.2.1"), []
    for wait in waits:
        now[0] += wait
        delay = 0.0 if len(tries) < FREE else min(LONGEST_S, 2.0 ** (len(tries) - FREE))
        due = tries[-1] + delay if tries else 0.0
        said = attempts.wait(asking)
        assert said == pytest.approx(max(0.0, due - now[0]))
        if said == 0:
            tries.append(now[0])


@given(waits=st.lists(st.floats(0, 5), max_size=150), accounts=st.integers(20, 60))
@settings(max_examples=60)
def test_budgets__are_kept_whatever_comes(waits: list[float], accounts: int) -> None:
    """An address tries no more than its budget at all accounts, an account takes no more from anywhere."""
    for budget, asking in (
        (OF_ADDRESS, lambda n: Asking(f"user {n % accounts}", "192.0.2.1")),
        (OF_ACCOUNT, lambda n: Asking("ann", f"192.0.2.{n}")),
    ):
        now = [0.0]
        attempts, taken = Attempts(lambda now=now: now[0]), 0
        for number, wait in enumerate(waits):
            now[0] += wait
            taken += attempts.wait(asking(number)) == 0
            assert taken <= budget.most + now[0] / budget.each_s + 1e-6


def test_many_addresses__at_one_account_stop_no_known_one(clock: Any) -> None:
    attempts = Attempts(clock)
    home = Asking("ann", "192.0.2.1")
    assert attempts.wait(home) == 0
    attempts.right(home)
    for number in range(10_000):
        clock.pass_(1 / 22)
        attempts.wait(Asking("ann", f"10.0.{number // 200}.{number % 200}"))
    assert attempts.wait(Asking("ann", "198.51.100.1")) > 0  # from nowhere known
    assert attempts.wait(home) == 0
    assert attempts.wait(Asking("ann", "198.51.100.1", "a browser")) == 0
    assert attempts.wait(Asking("bob", "198.51.100.1")) == 0


def test_browser__is_counted_by_itself(clock: Any) -> None:
    attempts = Attempts(clock)
    stolen = Asking("ann", "192.0.2.1", "stolen")
    assert [attempts.wait(stolen) for _ in range(FREE)] == [0.0] * FREE
    assert attempts.wait(stolen) == 1.0
    assert attempts.wait(stolen._replace(address="192.0.2.2")) == 1.0
    assert attempts.wait(stolen._replace(browser="own")) == 0.0
    clock.pass_(1.0)
    assert attempts.wait(stolen) == 0.0
    attempts.right(stolen)
    assert [attempts.wait(stolen) for _ in range(FREE)] == [0.0] * FREE


def test_right__of_a_known_browser_frees_no_other_at_its_address(clock: Any) -> None:
    attempts = Attempts(clock)
    attacker, home = Asking("ann", "192.0.2.1"), Asking("ann", "192.0.2.1", "a browser")
    taken = 0
    for _ in range(22 * 60):
        clock.pass_(1 / 22)
        taken += attempts.wait(attacker) == 0
        assert attempts.wait(home) == 0
        attempts.right(home)
    assert taken < FREE + 7  # after 1, 2, 4, 8, 16, 32 s


def test_right__takes_back_what_it_cost(clock: Any) -> None:
    attempts = Attempts(clock)
    for number in range(500):
        asking = Asking(f"user {number % 100}", "192.0.2.1")
        assert attempts.wait(asking) == 0
        attempts.right(asking)


def test_memory__is_bounded(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 100)
    attempts = Attempts(clock)
    for number in range(2_000):
        clock.pass_(10)
        asking = Asking(f"{'x' * 200}{number}", f"10.{number // 200}.0.{number % 200}")
        assert attempts.wait(asking) == 0
        if number % 2:
            attempts.right(asking)
    kept = (attempts._pairs, attempts._addresses, attempts._accounts, attempts._known)
    assert [len(one) <= 100 for one in kept] == [True] * 4
    assert max(len(key) for one in kept for key in one) == 16


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix", "unix"),
    ],
)
def test_network(address: str, counts_as: str) -> None:
    assert network(address) == counts_as
