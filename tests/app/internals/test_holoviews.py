"""Private parts of HoloViews' plots: without them a step of a slider draws lines and bubbles anew too, or the
tooltip tells of the picture before."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import pytest
from bokeh.models import HoverTool

from liqmap.app.data.data import Data
from liqmap.app.internals.holoviews import asking_tooltips, set_shown, tell_later
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap
from liqmap.render.charts.heatmap import picture_options
from tests.render.market import Market


@pytest.fixture
def plot(market: Market) -> Any:
    """HoloViews' plot of the heatmap's image as nobody has changed it, and another image."""
    view = Heatmap(data=Data(market, State(layers=[])))
    view.chart()
    (painter,) = view._painters
    chart = picture_options(painter.chart, market.spans().meta)
    return hv.renderer("bokeh").get_plot(chart), painter._draw(
        x_range=None, y_range=None, width=300, height=200
    )


def test_plot__takes_an_image_as_shown(plot: Any) -> None:
    found, image = plot
    assert found.handles["previous_id"] is not None  # HoloViews keeps the id of what it has drawn there
    assert found._hover_data is not image.data
    assert found.handles["previous_id"] != image._plot_id
    set_shown(found, image)
    assert found.handles["previous_id"] == image._plot_id
    found.update_frame((), element=image)
    assert found.static_source  # HoloViews sends nothing of an image that is shown
    assert found._hover_data is image.data


def test_tooltip__looks_up_words_that_are_made_when_asked_for(plot: Any) -> None:
    found, image = plot
    made = []
    tell_later(found, lambda: made.append(1) or image.data)
    assert not made
    time, price = (image.data[name].values[0] for name in found._hover_data.coords)
    told = found._hover_data.sel(time=time, price=price, method="nearest")  # as HoloViews does
    assert str(told["row"].values) == str(image.data["row"].values[0, 0])


def test_tooltip__asks_python_for_its_words(plot: Any) -> None:
    ((tool, position),) = asking_tooltips(plot[0].state)
    assert isinstance(tool, HoverTool)
    assert {"data", "xy"} <= set(position.properties())  # words, and the place that they are of
