"""Panels beside and below the heatmap."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap
from tests.app.views.figures import figure_of, t
from tests.render.market import BEGIN, CARRIED_BID, SECOND, Market


def test_panels__share_the_ranges_of_the_heatmap(market: Market) -> None:
    data = Data(market, State(panels=["delta", "profile", "ladder"], start=t(100), end=t(200)))
    view = Heatmap(data=data)
    view.build()
    above, below = view._body
    main, ladder, profile = (figure_of(pane.object) for pane in above)
    delta = figure_of(below[0].object)
    assert main.x_range is delta.x_range
    assert main.y_range is ladder.y_range is profile.y_range
    assert main.x_range is not ladder.x_range
    assert (main.x_range.start, main.x_range.end) == (t(100), t(200))
    assert (delta.min_border_left, delta.min_border_right) == (main.min_border_left, main.min_border_right)
    assert below[1].width == above[1].width + above[2].width
    assert '<dt>trades</dt><dd class="">0</dd>' in below[1].object  # from 100 to 200 s nobody traded
    data.state.param.update(start=None, end=None)
    assert re.findall(r">([^<>]+)</dd>", below[1].object) == ["6.5", "4", "2", "+2", "500.77", "4"]
    data.state.panels = []
    assert len(view._body) == 1


def test_ladder__follows_half_life_and_prune(market: Market) -> None:
    data = Data(market, State(panels=["ladder"], half_life_s=None, prune_s=None))
    view = Heatmap(data=data)
    view.build()
    source = figure_of(view._body[0][1].object).renderers[0].data_source

    def longest(tick: int) -> float:
        rows = np.asarray(source.data["bottom"]) <= tick * 0.5
        rows &= np.asarray(source.data["top"]) > tick * 0.5
        return float(np.asarray(source.data["right"])[rows].max(initial=0.0))

    kept = longest(CARRIED_BID)
    assert kept > 0
    data.state.half_life_s = 200.0  # 400 s old
    assert longest(CARRIED_BID) == pytest.approx(kept / 4, rel=0.01)
    data.state.prune_s = 0.0
    assert longest(CARRIED_BID) == 0


def test_ladder__follows_the_palette(market: Market) -> None:
    data = Data(market, State(panels=["ladder"]))
    view = Heatmap(data=data)
    view.build()
    source = figure_of(view._body[0][1].object).renderers[0].data_source
    before = set(source.data["colour"])
    data.state.palette = "classic"
    assert before.isdisjoint(set(source.data["colour"]) - {"#ffffff"})


def test_ladder__stands_at_the_pointer_and_else_at_the_right_edge(market: Market) -> None:
    data = Data(market, State(panels=["ladder"]))
    view = Heatmap(data=data)
    view.build()
    main, ladder = (figure_of(pane.object) for pane in view._body[0])
    moved, left = (SimpleNamespace(x=(BEGIN + 150 * SECOND) / 1e6), SimpleNamespace(x=0.0))

    def happens(name: str, event: SimpleNamespace) -> str:
        for call in main._event_callbacks[name]:
            call(event)
        return str(ladder.title.text)[3:]

    assert happens("mousemove", moved) == "12:02:30.000"
    assert happens("mouseleave", left) == "12:10:00.000"
    assert happens("mousemove", moved) == "12:02:30.000"
    assert happens("mousemove", left) == "12:10:00.000"  # over the axis
    assert happens("mousemove", moved) == "12:02:30.000"
    data.state.param.update(start=t(200), end=t(400))
    assert ladder.title.text == "at 12:06:40.000"  # where the pointer was is out of view
    data.state.param.update(start=t(100), end=t(200))
    assert happens("mousemove", moved) == "12:02:30.000"
    data.state.param.update(at=t(200), playing=True)
    assert ladder.title.text == "at 12:03:20.000"
    assert happens("mousemove", moved) == "12:03:20.000"  # what is played goes on
    data.state.param.update(at=t(220), start=t(120), end=t(220))
    assert ladder.title.text == "at 12:03:40.000"
