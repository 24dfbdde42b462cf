"""Durations as people write them, whatever pandas thinks of a spelling."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from liqmap.carry import nanoseconds, spell

UNITS = ("h", "s", "min", "ms", "us", "ns", "d", "w")


@pytest.mark.parametrize("unit", UNITS)
def test_units__mean_the_same_in_any_case_without_a_warning(unit: str) -> None:
    length = pd.Timedelta(1, unit={"d": "D", "w": "W"}.get(unit, unit)).as_unit("ns").value
    for letters in product(*((c.lower(), c.upper()) for c in unit)):
        assert nanoseconds(f"3 {''.join(letters)}") == 3 * length  # warnings are errors here


@pytest.mark.parametrize("text", ["1d", "P1D", "24H", "1day", "1 Days", "1D 0h", "23H60MIN"])
def test_a_day__by_any_spelling(text: str) -> None:
    assert nanoseconds(text) == 86_400 * 10**9


@pytest.mark.parametrize(
    "duration", [1, 10**6, 90 * 10**9, 3_600 * 10**9, 86_400 * 10**9, 14 * 86_400 * 10**9]
)
def test_spell__is_read_back(duration: int) -> None:
    assert nanoseconds(spell(duration)) == duration
