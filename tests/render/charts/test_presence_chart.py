"""The chart of a presence: a dot for each group, where it is, and whether its interval holds it."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pandas as pd
import pytest

from liqmap.analytics.calibration import Reliability
from liqmap.analytics.calibration.sizes import SizeCoverage
from liqmap.render.charts.presence import LARGEST, OPEN_ENDS, presence_chart, sizes_chart

BOUNDS = {f"{name}_{end}": [0.0, 1.0, 2.0] for name in ("age", "distance", "size") for end in ("low", "high")}


@pytest.fixture
def judged() -> Reliability:
    said = {"levels": [400, 100, 30], "predicted": [0.5, 0.8, 0.9], "low": [0.4, 0.7, 0.8]}
    seen = {"high": [0.6, 0.9, 1.0], "there": [0.55, 0.2, 1.0], "inside": [True, False, True]}
    return Reliability(pd.DataFrame(BOUNDS | said | seen | {"chance": [0.01, 0.02, 0.0]}))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_presence_chart__shows_each_group(judged: Reliability, theme: str) -> None:
    chart = presence_chart(judged, theme)
    dots = [element for element in chart if isinstance(element, hv.Points)]
    assert [d.label for d in dots] == ["inside: 2", "outside its interval: 1"]
    assert [(*row,) for d in dots for row in zip(d["said"], d["there"])] == [
        (0.5, 0.55),
        (0.9, 1.0),
        (0.8, 0.2),
    ]
    assert max(d["across"].max() for d in dots) == LARGEST
    (lines,) = (element for element in chart if isinstance(element, hv.Segments))
    np.testing.assert_allclose(lines["low"], [0.4, 0.7, 0.8])
    assert "right to 15.7%, 67% inside" in hv.render(chart, backend="bokeh").title.text


def test_presence_chart__of_no_group_is_empty(judged: Reliability) -> None:
    chart = presence_chart(Reliability(judged.groups[:0]))
    assert hv.render(chart, backend="bokeh") is not None


@pytest.fixture
def sizes() -> SizeCoverage:
    """Two ages by three sizes near the touch, and a group further away, of fewer levels."""
    bounds = {
        "age_low": [1.0, 1.0, 1.0, 100.0, 100.0, 100.0, 1.0],
        "age_high": [3.0, 3.0, 3.0, 300.0, 300.0, 300.0, 3.0],
        "distance_low": [0.0] * 6 + [5.0],
        "size_low": [0.0, 1.0, 4.0, 0.0, 1.0, 4.0, 0.0],
        "size_high": [1.0, 4.0, np.inf, 1.0, 4.0, np.inf, 1.0],
    }
    said = {
        "levels": [90, 80, 70, 60, 50, 40, 30],
        "nothing": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9],
        "gone": [0.2, 0.2, 0.2, 0.5, 0.5, 0.5, 1.0],
        "low": [1.0, 0.5, 0.1, 0.0, 0.5, 0.5, 1.0],
        "high": [1.0, 2.0, 2.0, 3.0, np.inf, 2.0, 1.0],
        "inside": [0.9, 0.95, 0.5, 0.9, 0.9, 1.0, np.nan],
        "whole_inside": [0.9] * 7,
    }
    return SizeCoverage(pd.DataFrame(bounds | said))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_sizes_chart__has_a_bar_for_each_group_of_an_age(sizes: SizeCoverage, theme: str) -> None:
    above, below = sizes_chart(sizes, theme)
    bars = [element for element in above if isinstance(element, hv.Segments)]
    assert [b.label for b in bars] == ["1 to 3 s", "100 to 300 s"]
    assert [len(b) for b in bars] == [3, 3]
    assert bars[0]["low"][0] < 1 < bars[0]["high"][0]  # what has not changed can be seen
    assert (bars[0]["low"][1], bars[0]["high"][1]) == (0.5, 2.0)
    assert (bars[1]["low"][0], bars[1]["high"][1]) == OPEN_ENDS
    assert bars[0]["wide"].tolist() == [6, 6, 2]  # which held too seldom
    said, was = (element for element in list(below)[:2])
    assert said["nothing"].tolist() == [0.1, 0.2, 0.3]
    assert was["nothing"].tolist() == [0.2, 0.2, 0.2]
    assert f"{sizes.inside:.0%} within" in hv.render(above, backend="bokeh").title.text


def test_sizes_chart__of_no_group_is_empty(sizes: SizeCoverage) -> None:
    assert hv.render(sizes_chart(SizeCoverage(sizes.groups[:0])), backend="bokeh") is not None


def test_size_coverage__weighs_what_is_there(sizes: SizeCoverage) -> None:
    groups = sizes.groups
    there = groups["levels"] * (1 - groups["gone"])
    assert sizes.inside == pytest.approx((groups["inside"].fillna(0) * there).sum() / there.sum())
    assert sizes.whole_inside == pytest.approx(0.9)
