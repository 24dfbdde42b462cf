"""Steps and ticks as decimals."""

from __future__ import annotations

import pytest

from liqmap.schema import decimals


@pytest.mark.pure
@pytest.mark.parametrize(
    ("step", "places"), [(0.1, 1), (0.5, 1), (0.25, 2), (0.01, 2), (1e-8, 8), (1.0, 0), (5.0, 0), (10.0, 0)]
)
def test_decimals_write_every_multiple_of_a_step(step: float, places: int) -> None:
    assert decimals(step) == places
    for k in range(1, 9):
        assert float(f"{k * step:.{places}f}") == pytest.approx(k * step, rel=1e-12)
