"""The chart of a presence: a dot for each group, where it is, and whether its interval holds it."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pandas as pd
import pytest

from liqmap.analytics.calibration import Reliability
from liqmap.render.charts.presence import LARGEST, presence_chart

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
