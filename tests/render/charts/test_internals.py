"""The unpromised parts of HoloViews that charts stand on: a failure names the part that has changed."""

from __future__ import annotations

import holoviews as hv
from holoviews.operation.resample import ResampleOperation2D

from liqmap.render import heatmap
from liqmap.render.charts.internals import (
    SELECTOR_COLUMNS,
    hear_ranges_at_once,
    hover_of,
    picture_source,
    pixel_ratio,
    tooltip_source,
)
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


def test_streams_of_ranges_wait_until_nothing_comes_unless_told_otherwise() -> None:
    points = hv.DynamicMap(lambda x_range, y_range: hv.Points([(0, 0)]), streams=[hv.streams.RangeXY()])
    plot = hv.renderer("bokeh").get_plot(points)
    (callback,) = plot.callbacks
    assert callback.debounce > 0
    assert hear_ranges_at_once(plot)
    assert callback.debounce is None
    assert not hear_ranges_at_once(hv.renderer("bokeh").get_plot(hv.Points([(0, 0)])))


def test_images_are_found_by_their_group() -> None:
    plot = hv.renderer("bokeh").get_plot(heatmap(Market()))
    assert "image" in picture_source(plot, "Liquidity").data
    assert picture_source(plot, "Liquidity") is not picture_source(plot, "Trades")
    assert picture_source(plot, "Nothing") is None
    assert hover_of(hv.renderer("bokeh").get_plot(heatmap(Market(), dynamic=False))) is None
