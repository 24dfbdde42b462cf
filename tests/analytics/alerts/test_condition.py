"""Conditions as people write them: read, written again, and refused with what would have been right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.analytics.alerts import Condition, condition_of, conditions_of
from liqmap.schema import LiqmapError, SessionError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("imbalance@5 > 0.6", Condition("imbalance@5", ">", 0.6)),
        (" spread_bps>=2 ", Condition("spread_bps", ">=", 2.0)),
        ("ofi@1 < -50 every 10s", Condition("ofi@1", "<", -50.0, 10**10)),
        ("depth@10bps ≤ 1e3", Condition("depth@10bps", "<=", 1000.0)),
    ],
)
def test_condition__is_read_and_reads_again(text: str, expected: Condition) -> None:
    if "≤" in text:
        with pytest.raises(SessionError, match="Did you mean depth@10bps <= 1e3"):
            condition_of(text)
        return
    assert condition_of(text) == condition_of(expected.words) == condition_of(expected.short) == expected
    assert condition_of(expected) is expected


@given(
    st.sampled_from(["mid", "imbalance@5", "depth@2.5bps"]), st.sampled_from([">", ">=", "<", "<="]),
    st.floats(-1e12, 1e12), st.sampled_from([10**9, 10**8, 60 * 10**9, 1500 * 10**6]),
)  # fmt: skip
def test_words__read_as_the_same_condition(measure: str, sign: str, value: float, every: int) -> None:
    one = Condition(measure, sign, value, every)
    assert condition_of(one.words) == condition_of(one.short) == one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("imbalnce@5 > 0.6", "Did you mean imbalance@5?"),
        ("imbalance > 0.6", "imbalance@5 or imbalance@10bps"),
        ("0.6 < imbalance@5", "Did you mean 'imbalance@5 > 0.6'?"),
        ("imbalance@5 => 0.6", "Did you mean imbalance@5 >= 0.6?"),
        ("imbalance@5 = 0.6", "one of >, >=, <, <= after imbalance@5"),
        ("imbalance@5 > many", "a number after >"),
        ("imbalance@5 > nan", "a number after >"),
        ("imbalance@5 > inf", "a number after >"),
        ("imbalance@5", "a measure, one of >, >=, <, <=, and a number, such as imbalance@5 > 0.6"),
        ("imbalance@5 > 0.6 every now", "a duration"),
        ("imbalance@5 > 0.6 every 0s", "a duration above zero"),
        ("", "a measure, one of"),
        (None, "conditions such as"),
        (7, "conditions such as"),
    ],
)
def test_refusal__says_what_would_have_been_right(text: Any, words: str) -> None:
    with pytest.raises(LiqmapError) as refused:
        conditions_of(text)
    assert words in str(refused.value)


@given(st.text("imbalance@5><= .0-every1s,", max_size=30))
def test_any_text__is_read_or_refused_in_words(text: str) -> None:
    try:
        found = conditions_of(text)
    except LiqmapError:
        return
    assert conditions_of(", ".join(one.words for one in found)) == found


def test_conditions__are_several_in_a_text_or_a_list_each_once() -> None:
    both = [Condition("mid", ">", 1.0), Condition("spread", "<", 2.0)]
    assert conditions_of("mid > 1, spread < 2; mid>1") == conditions_of(["mid > 1", "spread<2"]) == both
    assert conditions_of("mid > 1", 5 * 10**9)[0].every == 5 * 10**9


def test_holds__is_the_sign() -> None:
    values = np.array([-1.0, 0.0, 1.0])
    for sign, expected in ((">", [0, 0, 1]), (">=", [0, 1, 1]), ("<", [1, 0, 0]), ("<=", [1, 1, 0])):
        assert Condition("mid", sign, 0.0).holds(values).tolist() == [bool(one) for one in expected]
