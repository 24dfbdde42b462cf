"""Durations as people write them, whatever pandas thinks of a spelling."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from liqmap.carry import nanoseconds, spell
from liqmap.schema import GridError

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


@pytest.mark.parametrize(
    "bare", [False, True, np.False_, "+30", "-5", "3e1", "1_0", "1,2", " 30 ", 30, 1.5, "inf"]
)
def test_no_duration__of_a_switch_or_a_number_without_a_unit(bare: object) -> None:
    with pytest.raises(GridError, match="expected a duration such as '30s'"):
        nanoseconds(bare)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [0, 0.0, "0", "0s"])
def test_zero__is_a_duration(nothing: object) -> None:
    assert nanoseconds(nothing) == 0  # type: ignore[arg-type]
