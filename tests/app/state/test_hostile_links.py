"""Links that nobody made by hand: a readable notice each, bounded in length and number, and soon."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liqmap.app.state.link import MOST_NOTICES, OF_PYTHON, names_in, parameters, query_of, state_of
from liqmap.app.state.state import State

LONGEST = 1_000
"""Characters of a notice."""

NAMES = [*parameters(), *OF_PYTHON, "preset", "name", "playing", "Half_life"]
HOSTILE = [
    "9" * 5_000, "-" + "9" * 5_000, "1e999999999", "nan", "inf", "-inf", "NaN,inf", "1," * 500, "0x10",
    "1_000", "\u00b2", "\u0663", "\x00", "a\x00b", "\ud800", "\u202etxt.exe", "\r\nSet-Cookie: a=b",
    "x" * 90_000, "[" * 5_000, '{"a":' * 2_000, "<script>alert(1)</script>", "'; drop table depth; --",
    "../../etc/passwd", "/etc/passwd", "America", "posix/UTC", "//evil.example.org", "0001-01-01",
    "9999-12-31", "99999-01-01", "-9999-01-01", "2025-13-45", "1677-01-01", "2262-12-31T00:00", "1e400s",
    "9" * 400 + "d", "NaT", "now", "today", "None", "auto,auto", ",", "%", "%ff", "imbalance@" + "9" * 5_000,
    "depth@1e999bps", "bbo," * 200, " ", "",
]  # fmt: skip


def check(query: str) -> list[str]:
    """The notices of a query."""
    begin = time.process_time()
    state, notices = state_of(query)
    names_in(query)
    query_of(state)
    assert time.process_time() - begin < 1.0
    assert len(notices) <= MOST_NOTICES + 3  # two views that do not rise, and how many more there are
    for notice in notices:
        assert len(notice) <= LONGEST
        assert notice.isprintable()
    return notices


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:20])
def test_value__of_any_parameter_is_taken_or_noticed(text: str) -> None:
    for name in NAMES:
        said = check(f"{name}={quote(text, errors='replace')}")
        assert len(said) <= 1
        check(f"{name}={text}")  # as no browser sends it


def test_number__of_5_000_digits_is_a_readable_notice() -> None:
    (said,) = check("row=" + "9" * 5_000)
    assert said.startswith("row: expected a whole number from 1 to 1e+09 or none, got '9999")
    assert said.endswith("…' (5,000 characters)")


def test_parameters__of_which_there_are_too_many_are_counted() -> None:
    said = check("&".join(f"halflife{k}=1" for k in range(1_500)))
    assert said[-1] == "and 1,492 more that the link says and the app cannot take"
    assert len(said) == MOST_NOTICES + 1


def test_parameter__given_often_counts_once() -> None:
    assert check("&".join(f"half_life={k}" for k in range(1_500))) == check("half_life=1499")


def test_what_can_be_taken__is_though_it_comes_last() -> None:
    state, _ = state_of("&".join(f"no{k}=1" for k in range(1_500)) + "&half_life=2min")
    assert state.half_life_s == 120.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES) | st.text(max_size=30), st.sampled_from(HOSTILE) | st.text(max_size=60)
        ),
        max_size=12,
    )
)
@settings(deadline=None)
@example([("from", "2025-01-02"), ("to", "2025-01-01"), ("low", "2"), ("high", "1")])
def test_query__of_any_parameters_gives_a_state(pairs: list[tuple[str, str]]) -> None:
    check(
        "&".join(f"{quote(name, errors='replace')}={quote(text, errors='replace')}" for name, text in pairs)
    )


@given(st.text(max_size=300))
@settings(deadline=None)
def test_query__that_is_any_text_gives_a_state(query: str) -> None:
    check(query)
    assert isinstance(state_of(query)[0], State)
