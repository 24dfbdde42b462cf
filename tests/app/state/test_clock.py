"""Times as people type them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.app.state.clock import ZONES, find_time, in_zone, range_words
from liqmap.schema import LiqmapError

BEGIN, END = np.datetime64("2025-11-28T00:00", "ns"), np.datetime64("2025-11-30T12:00", "ns")


def at(text: str, zone: str = "UTC", near: str = "2025-11-28T00:00") -> str:
    return str(find_time(text, zone, (BEGIN, END), np.datetime64(near, "ns")).astype("datetime64[ms]"))


@pytest.mark.parametrize(
    ("text", "found"),
    [("14:30", "2025-11-28T14:30:00.000"), (" 9:05:01.250 ", "2025-11-28T09:05:01.250"),
     ("2025-11-29 03:00", "2025-11-29T03:00:00.000"), ("2025-11-29T03:00Z", "2025-11-29T03:00:00.000"),
     ("2025-11-29", "2025-11-29T00:00:00.000"), ("2025-11-29T03:00+02:00", "2025-11-29T01:00:00.000")],
)  # fmt: skip
def test_find_time(text: str, found: str) -> None:
    assert at(text) == found


def test_find_time__of_several_days_the_nearest() -> None:
    assert at("14:30", near="2025-11-29T20:00") == "2025-11-29T14:30:00.000"
    assert at("14:30", near="2025-11-30T12:00") == "2025-11-29T14:30:00.000"  # the last day ends at noon


def test_find_time__is_of_the_zone() -> None:
    assert at("14:30", "Asia/Tokyo") == "2025-11-28T05:30:00.000"
    assert at("2025-11-29 08:00", "America/New_York") == "2025-11-29T13:00:00.000"


@pytest.mark.parametrize("text", ["noon", "25:00", "14:61", "2025-13-01", "", "2025-11-27 10:00", "now-ish"])
def test_find_time__says_what_it_expects(text: str) -> None:
    with pytest.raises(LiqmapError, match="jump to: expected a time"):
        at(text)


@given(st.sampled_from(ZONES), st.integers(0, (END - BEGIN).astype(int) // 10**9))
def test_find_time__finds_what_the_clock_shows(zone: str, second: int) -> None:
    t = BEGIN + np.timedelta64(second, "s")
    assert find_time(f"{in_zone(t, zone):%Y-%m-%d %H:%M:%S}", zone, (BEGIN, END), BEGIN) == t


def test_range_words__say_a_shared_date_once() -> None:
    later = BEGIN + np.timedelta64(90, "s")
    assert range_words(BEGIN, later, "UTC") == "2025-11-28 00:00:00 – 00:01:30 UTC"
    assert range_words(BEGIN, later, "America/New_York") == "2025-11-27 19:00:00 – 19:01:30 America/New_York"
    assert range_words(BEGIN, END, "UTC") == "2025-11-28 00:00:00 – 2025-11-30 12:00:00 UTC"
