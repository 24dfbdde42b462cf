"""Tooltips are told in the colours of the theme."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import pytest
from bokeh.models import HoverTool

from liqmap.render import delta_panel, heatmap
from liqmap.render.frames import palettes
from liqmap.render.frames.palettes import css
from tests.render.market import Market

hv.extension("bokeh", logo=False)


def hover_of(chart: Any) -> tuple[Any, Any]:
    figure = hv.renderer("bokeh").get_plot(chart).state
    return figure, next(tool for tool in figure.tools if isinstance(tool, HoverTool))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_tooltips__have_the_colours_of_the_theme(theme: str) -> None:
    colours = palettes.theme(theme)
    _, hover = hover_of(heatmap(Market(), theme=theme))
    assert hover.tooltips.style.background_color == css(colours.panel)
    assert hover.tooltips.style.color == css(colours.text)
    assert not hover.show_arrow
    _, hover = hover_of(delta_panel(Market(), theme=theme))
    assert f"background-color: {css(colours.panel)}; color: {css(colours.text)}" in hover.tooltips
    assert not hover.show_arrow


def test_tooltip__of_the_delta_tells_what_was_bought_and_sold() -> None:
    figure, hover = hover_of(delta_panel(Market(), time_zone="Asia/Tokyo"))
    source = next(r.data_source for r in figure.renderers if "bought" in r.data_source.data)
    data = source.data
    for name in ("at", "net", "bought", "sold"):
        assert f"@{{{name}}}<" in hover.tooltips
    for net, bought, sold in zip(data["net"], data["bought"], data["sold"]):
        assert float(net) == pytest.approx(float(bought) - float(sold))
    assert data["at"][0].startswith("2026-01-05 21:")
