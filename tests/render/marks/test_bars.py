"""Bars of the ladder: where one wall is larger than the rest by far."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.analytics.book.ladder import Ladder
from liqmap.render.frames import palettes
from liqmap.render.marks.bars import cut_sizes, ladder_bands


def ladder(asks: list[float]) -> Ladder:
    """Rows of two ticks from tick 100."""
    observed = np.array([np.zeros(len(asks)), asks])
    return Ladder(0, 100 + 2 * np.arange(len(asks) + 1), observed, np.zeros_like(observed))


WALLS = [1.0] * 200 + [500.0] + [2.0] * 3 + [300.0] + [1.0] * 20


def test_wall__is_cut_and_says_so() -> None:
    found = ladder(WALLS)
    bands, most = ladder_bands(found, "default", palettes.DARK)
    begin, end, colour = bands[-1]
    assert np.flatnonzero(end > begin).tolist() == [200, 204]
    assert colour == palettes.DARK.text
    assert end.max() == most < 10
    longest = max(float(e[200]) for _, e, _ in bands[:-1])
    assert longest < begin[200]  # broken: a gap before the cap
    assert [size for _, size in cut_sizes(found, most, 0)] == [500.0, 300.0]
    assert cut_sizes(found, most, 9) == [(200, 500.0)]  # the other is 8 ticks away


@pytest.mark.parametrize("asks", [[], [0.0], [1.0, 2.0, 4.0], [5.0] * 300 + [7.0]])
def test_largest__that_is_near_the_rest_is_whole(asks: list[float]) -> None:
    found = ladder(asks)
    bands, most = ladder_bands(found, "default", palettes.DARK)
    assert most == (max(asks, default=0.0) or 1.0)
    assert not (bands[-1][1] > bands[-1][0]).any()
    assert cut_sizes(found, most, 0) == []
