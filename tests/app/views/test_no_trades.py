"""A market of which no trades are stored says so, and has no zeros that nobody counted."""

from __future__ import annotations

import pyarrow as pa

from liqmap.app.data.data import Data
from liqmap.app.data.traded import NO_TRADES
from liqmap.app.picture.choice import choice_of
from liqmap.app.state.state import State
from liqmap.app.views import Strip
from liqmap.app.views.legend import Legend
from liqmap.app.views.player import Player
from tests.app.asking import shapes_of, show, t
from tests.render.market import Market


class Untraded(Market):
    def trades(self) -> pa.Table:
        return super().trades().slice(0, 0)


def test_layers__of_trades_are_off() -> None:
    data = Data(Untraded(), State(layers=["bbo", "bubbles", "candles"]))
    assert [one.name for one in data.overlays] == ["bbo"]
    assert data.state.layers == ["bbo", "bubbles", "candles"]  # of the next market they are on
    choice = choice_of(data)
    assert (choice["bbo"], choice["bubbles"], choice["candles"]) == (True, False, False)
    assert set(shapes_of(data)["overlays"]) == {"bbo"}
    data.state.layers = ["bubbles"]
    assert shapes_of(data)["overlays"] == {}
    assert Legend(data=data)._marks() == []


def test_strip__says_so(market: Market) -> None:
    for source, said in ((Untraded(), True), (market, False)):
        data = Data(source)
        show(data)
        assert (NO_TRADES in Strip(data=data).words(data.shown)) == said


def test_panels__say_so(market: Market) -> None:
    panels = ["delta", "profile", "ladder"]
    found = shapes_of(Data(Untraded(), State(panels=panels)))
    assert found["words"] == {"profile": "volume: no trades stored", "delta": "delta: no trades stored"}
    assert list(found["panels"]) == ["ladder"]
    assert len(found["panels"]["ladder"]["shapes"]) > 1
    found = shapes_of(Data(market, State(panels=panels)))
    assert (set(found["panels"]), found["words"]) == (set(panels), {})


def test_corner__says_so(market: Market) -> None:
    state = {"panels": ["delta", "ladder"]}
    assert shapes_of(Data(Untraded(), State(**state)))["corner"] == NO_TRADES
    assert isinstance(shapes_of(Data(market, State(**state)))["corner"], list)
    assert shapes_of(Data(market))["corner"] is None  # beside no panel there is no corner


def test_clock__of_the_play_is_the_right_edge(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200), at=t(200)))
    player = Player(data=data)
    assert "12:03:20" in player.form.values["at"]
    data.state.param.update(start=t(50), end=t(150))
    assert "12:02:30" in player.form.values["at"]
    data.state.param.update(start=None, end=None, at=None)
    assert player.form.values["at"] == ""
