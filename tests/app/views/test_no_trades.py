"""A market of which no trades are stored says so, and has no zeros that nobody counted."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pyarrow as pa
import pytest

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap, Strip
from liqmap.app.views.legend import Legend
from liqmap.app.views.player import Player
from liqmap.app.views.traded import Traded
from tests.app.views.figures import figure_of, kinds, t
from tests.render.market import Market


class Untraded(Market):
    def trades(self) -> pa.Table:
        return super().trades().slice(0, 0)


def test_layers__of_trades_are_off() -> None:
    data = Data(Untraded(), State(layers=["bbo", "bubbles", "candles"]))
    assert [one.name for one in data.overlays] == ["bbo"]
    assert data.state.layers == ["bbo", "bubbles", "candles"]  # of the next market they are on
    assert set(kinds(figure_of(Heatmap(data=data).chart()))) == {"ImageRGBA", "Line"}
    data.state.layers = ["bubbles"]
    assert kinds(figure_of(Heatmap(data=data).chart())) == ["ImageRGBA"]
    legend = Legend(data=data)
    assert legend._marks() == []


def test_strip__says_so(market: Market) -> None:
    for source, said in ((Untraded(), True), (market, False)):
        data = Data(source)
        hv.renderer("bokeh").get_plot(Heatmap(data=data).chart())
        assert ("no trades stored" in Strip(data=data).words(data.shown)) == said


def test_panels__say_so() -> None:
    view = Heatmap(data=Data(Untraded(), State(panels=["delta", "profile", "ladder"])))
    view.build()
    above, below = view._body
    _, ladder, profile = above
    assert "volume: no trades stored" in profile.object
    assert "delta: no trades stored" in below.object
    assert len(figure_of(ladder.object).renderers) > 1


def test_corner__says_so() -> None:
    data = Data(Untraded(), State(panels=["delta", "ladder"]))
    words = Traded(data=data).pane(100, 100).object
    assert "no trades stored" in words
    assert "0" not in words


def test_depth__has_an_axis_of_its_own(market: Market) -> None:
    data = Data(market, State(panels=["ladder"], prune_s=0.0))
    view = Heatmap(data=data)
    view.build()
    main, ladder = (figure_of(pane.object) for pane in view._body[0])
    (axis,) = (one for one in ladder.above if one.x_range_name == "depth")
    assert axis.axis_label == "depth (lines), BTC"
    lines = [r.data_source.data for r in ladder.renderers if type(r.glyph).__name__ == "Line"]
    scale = ladder.extra_x_ranges["depth"].end / ladder.x_range.end
    ends = sorted(scale * float(np.max(line["resting"])) for line in lines)
    assert ends == pytest.approx([8.0, 11.0])  # asks of 3 and 5, bids of 10 and 1
    assert ladder.min_border_top == main.min_border_top > 30


def test_clock__of_the_play_is_the_right_edge(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200), at=t(200)))
    player = Player(data=data)
    assert "12:03:20" in player.at.object
    data.state.param.update(start=t(50), end=t(150))
    assert "12:02:30" in player.at.object
    data.state.param.update(start=None, end=None, at=None)
    assert player.at.object == '<span class="at"></span>'
