"""Numbers and times as text: the quick ways say what the exact ones do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.formats.text.decimals import amount, number
from liqmap.formats.text.times import iso_to_ns, seconds_to_ns

st_text = st.one_of(
    st.from_regex(r"[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.text("0123456789.eE+-_ \u0661x", max_size=12),
    st.sampled_from(["", "0", "0.0", "00.10", ".5", "5.", "1e400", "1e-400", "nan", "inf", "-1", "1_0"]),
)


@given(st_text | st.integers(-5, 10**20) | st.floats() | st.sampled_from([None, True, [], {}]))
def test_amount__is_the_number_as_a_float(value: Any) -> None:
    exact = number(value)
    assert amount(value) == (None if exact is None else float(exact))


@given(st.integers(946_684_800 * 10**6, 4_102_444_799 * 10**6), st.integers(0, 999), st.integers(0, 9))
def test_times__are_exact(micros: int, nanos: int, digits: int) -> None:
    part = f"{micros % 10**6:06}{nanos:03}"[:digits]
    wanted = micros // 10**6 * 10**9 + int(part.ljust(9, "0") or 0)
    point = f".{part}" if digits else ""
    assert seconds_to_ns(f"{micros // 10**6}{point}") == wanted
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=micros // 10**6)
    assert iso_to_ns(f"{moment:%Y-%m-%dT%H:%M:%S}{point}Z") == wanted


@pytest.mark.parametrize(
    "text", ["", "5", "1e9", "99999999999", "1700000000.", "-1700000000", "1700000000.1234567890", None, 5]
)
def test_seconds__that_are_none(text: Any) -> None:
    assert seconds_to_ns(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "2023-02-30T00:00:00Z",
        "2023-01-01T25:00:00Z",
        "2023-01-01 00:00:00Z",
        "2023-01-01T00:00:00",
        "2023-01-01T00:00:00+01:00",
        "",
        None,
        5,
    ],
)
def test_date__that_is_none(text: Any) -> None:
    assert iso_to_ns(text) is None


def test_seconds__keep_every_digit() -> None:
    assert seconds_to_ns("1618678133.365913") == int(Decimal("1618678133.365913") * 10**9)
