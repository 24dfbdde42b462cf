"""The unpromised parts of HoloViews that charts stand on: a failure names the part that has changed."""

from __future__ import annotations

import holoviews as hv
from holoviews.operation.resample import ResampleOperation2D

from liqmap.render import heatmap
from liqmap.render.charts.internals import SELECTOR_COLUMNS, pixel_ratio, tooltip_source
from tests.render.market import Market

hv.extension("bokeh", logo=False)


def test_resampling_operations_know_the_pixels_of_the_screen() -> None:
    ratios: list[float] = []

    class Asked(ResampleOperation2D):
        def _process(self, element: hv.Points, key: object = None) -> hv.Points:
            ratios.append(pixel_ratio(self))
            return element

    points = hv.Points([(0, 0), (1, 1)])
    for choice in ({}, {"pixel_ratio": 2.0}):
        Asked(points, dynamic=False, **choice)
    assert ratios == [1.0, 2.0]


def test_live_plots_keep_the_cell_under_the_pointer_in_a_source() -> None:
    chart = heatmap(Market(), overlays=())
    assert SELECTOR_COLUMNS in chart[()].data.attrs
    assert tooltip_source(hv.renderer("bokeh").get_plot(chart)) is not None
