"""Charts that follow hands: what is put into their figures, and what is not."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import pytest
from bokeh.models import CustomJS

from liqmap.render import heatmap
from liqmap.render.charts.hands import NAME, follow_hands
from tests.render.market import Market

hv.extension("bokeh", logo=False)


def asked_at(figure: Any) -> list[str]:
    """Properties at whose changes the browser asks, of a figure's ranges and its sources."""
    found = [figure.x_range, figure.y_range, *(r.data_source for r in figure.renderers)]
    changes = [pair for one in found for pair in one.js_property_callbacks.items()]
    return [change for change, some in changes if any(callback.name == NAME for callback in some)]


def plot_of(**options: Any) -> Any:
    return hv.renderer("bokeh").get_plot(heatmap(Market(), **options))


def debounces(plot: Any) -> set[Any]:
    """How long streams of ranges wait."""
    callbacks = [one for some in plot.traverse(lambda p: getattr(p, "callbacks", [])) for one in some]
    return {one.debounce for one in callbacks if "rangesupdate" in one.on_events}


ASKS = ["change:start", "change:end", "change:start", "change:end", "change:data"]


@pytest.mark.parametrize("overlays", [(), ("bbo", "bubbles")])
def test_heatmap__asks_for_a_picture_whenever_its_ranges_change(overlays: tuple[str, ...]) -> None:
    plot = plot_of(overlays=overlays)
    assert asked_at(plot.state) == ASKS
    assert debounces(plot) == {None}
    follow_hands(plot)
    assert asked_at(plot.state) == ASKS  # once, however often it is drawn


def test_heatmap__with_panels_asks_once() -> None:
    plot = plot_of(panels=["profile", "delta"])
    names = [one.name for one in plot.state.select({"type": CustomJS})]
    assert names.count(NAME) == 2  # of the picture and of the cell under the pointer
    assert debounces(plot) == {None}


def test_heatmap__that_is_drawn_once_asks_for_nothing() -> None:
    assert asked_at(plot_of(dynamic=False).state) == []
