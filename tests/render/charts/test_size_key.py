"""The key of bubbles in a notebook."""

from __future__ import annotations

import re
from typing import Any

import holoviews as hv
import numpy as np
import pytest

from liqmap.render import bubble_points, heatmap
from liqmap.render.charts.size_key import NAME
from tests.render.market import BEGIN, SECOND, Market

hv.extension("bokeh", logo=False)


def keys(plot: Any) -> list[tuple[list[float], list[str]]]:
    """Of each key in a figure the widths of its discs and its words."""
    texts = [one.elements[0].text for one in plot.state.elements if one.name == NAME]
    return [
        (list(map(float, re.findall(r" width: ([\d.]+)px", text))), re.findall(r">([^<>]+)<", text))
        for text in texts
    ]


@pytest.mark.parametrize("dynamic", [True, False])
def test_key__has_discs_as_large_as_the_bubbles(dynamic: bool) -> None:
    chart = heatmap(Market(), overlays=["bubbles"], dynamic=dynamic)
    plot = hv.renderer("bokeh").get_plot(chart)
    ((widths, words),) = keys(plot)
    (points,) = (chart[()] if dynamic else chart).traverse(lambda e: e, [hv.Points])
    assert points.dimension_values("volume").max() == 3
    assert widths[0] == pytest.approx(points.dimension_values("diameter").max(), abs=0.05)
    assert words == ["3", "0.75", "0.19", "BTC"]


def test_key__says_what_is_in_view_and_stands_once() -> None:
    chart = bubble_points(Market())
    plot = hv.renderer("bokeh").get_plot(chart)
    before = keys(plot)
    seen = [np.datetime64(BEGIN + t * SECOND, "ns") for t in (400, 401)]
    chart.streams[0].event(x_range=tuple(seen), y_range=(490, 510))
    after = keys(plot)
    assert len(before) == len(after) == 1
    assert after == [([], [])]  # no trade: nothing to say


def test_key__is_of_bubbles_alone() -> None:
    assert keys(hv.renderer("bokeh").get_plot(heatmap(Market(), overlays=["bbo"]))) == []
