"""Private parts of HoloViews' plots: without them a step of a slider draws lines and bubbles anew too, or the
tooltip tells of the picture before."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import pytest
from bokeh.models import HoverTool

from liqmap.app.data.data import Data
from liqmap.app.internals.holoviews import asking_tooltips, set_shown, shows
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
    return hv.renderer("bokeh").get_plot(chart), painter._draw(None, None, 300, 200)


def test_plot__takes_an_image_as_shown(plot: Any) -> None:
    found, image = plot
    assert found.handles["previous_id"] is not None  # HoloViews keeps the id of what it has drawn there
    assert found._hover_data is not image.data
    assert not shows(found, image)
    set_shown(found, image)
    assert shows(found, image)
    found.update_frame((), element=image)
    assert found.static_source  # HoloViews sends nothing of an image that is shown
    assert found._hover_data is image.data


def test_tooltip__asks_python_for_its_words(plot: Any) -> None:
    ((tool, position),) = asking_tooltips(plot[0].state)
    assert isinstance(tool, HoverTool)
    assert {"data", "xy"} <= set(position.properties())  # words, and the place that they are of
