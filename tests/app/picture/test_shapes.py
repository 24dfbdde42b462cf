"""What lies over a picture and beside it, as a page is told of it: the same shapes, of the same view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import holoviews as hv
import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.scene import base_of, scene_of
from liqmap.app.state.state import State
from liqmap.browser.wire import wire, wire_panel
from liqmap.render.frames.palettes import theme
from liqmap.render.marks import registry
from liqmap.render.marks.panels import PANELS, PanelScene
from liqmap.render.marks.registry import Overlay, Scene, register
from liqmap.render.marks.shapes import Line
from liqmap.render.marks.view import View
from tests.app.asking import SIZE, ask_of, column, ns, shapes_of, t
from tests.render.market import CARRIED_BID, TICK, Market


@pytest.mark.parametrize("state", [{}, {"theme": "light", "start": t(5), "end": t(60)}], ids=str)
def test_overlays__are_those_of_the_view_over_the_wire(market: Market, state: dict[str, Any]) -> None:
    data = Data(market, State(layers=registry.names(), **state))
    sent = shapes_of(data)["overlays"]
    scene = Scene(market, market.price_range, theme=data.state.theme, until=data.played_to)
    begin, end = (int(time.astype(np.int64)) for time in data.time_range)
    view = View(begin, end, data.price_range, *SIZE, None)
    for name in registry.names():
        overlay = registry.overlays()[name]
        assert sent[name] == wire(overlay.on_engine(scene, view), base_of(market))
        assert (sent[name] == []) == (name == "trust")  # this market has no store that tells


def test_panels__are_those_of_the_view_over_the_wire(market: Market) -> None:
    data = Data(
        market, State(panels=list(PANELS), palette="classic", time_zone="Asia/Tokyo", start=t(5), end=t(60))
    )
    sent = shapes_of(data)["panels"]
    scene = PanelScene(market, market.price_range, "dark", data.carry, "classic", "Asia/Tokyo", None)
    view = View(ns(5), ns(60), data.price_range, *SIZE, None)
    for name, panel in PANELS.items():
        assert sent[name] == wire_panel(panel.on_engine(scene, view), panel.shares, base_of(market))


def test_shapes__are_only_those_that_were_asked_for(market: Market) -> None:
    data = Data(market, State(layers=["bbo"]))
    ask = ask_of(data, overlays=["mid", "bbo", 3, "no such"], panels=["no such", None])
    found = Answers(data).answer("shapes", ask)
    assert (list(found["overlays"]), found["panels"], found["words"]) == (["bbo"], {}, {})
    for nothing in (None, "bbo", {"bbo": 1}):
        found = Answers(data).answer("shapes", ask_of(data, overlays=nothing, panels=nothing))
        assert (found["overlays"], found["panels"]) == ({}, {})


def test_trades__are_not_told_before_the_play_has_come_to_them(market: Market) -> None:
    data = Data(market, State(layers=["bubbles"], panels=["delta"], start=t(0), end=t(10.1), at=t(10.1)))
    assert ("trades", "1") in shapes_of(data)["corner"]  # the second is at that very time
    data.state.param.update(at=t(10.15), end=t(10.15))
    found = shapes_of(data)
    assert ("trades", "2") in found["corner"]
    (discs,) = (shape for shape in found["overlays"]["bubbles"] if shape["kind"] == "discs")
    assert (column(discs["x"]) + base_of(market)).max() <= ns(10.15)


def test_trades__are_not_told_in_a_view_that_ends_after_the_play(market: Market) -> None:
    """The page never asks for one, but whatever asks is told nothing of the future."""
    layers, panels = ["bubbles", "candles"], ["delta", "profile"]
    data = Data(market, State(layers=layers, panels=panels, start=t(0), end=t(10.1), at=t(10.15)))
    base = base_of(market)
    ask = ask_of(data, overlays=layers, panels=panels, view=[ns(0) - base, ns(600) - base, 480, 510])
    found = Answers(data).answer("shapes", ask)
    assert ("trades", "2") in found["corner"]
    discs = next(shape for shape in found["overlays"]["bubbles"] if shape["kind"] == "discs")
    assert (column(discs["x"]) + base).max() <= ns(10.15)
    wicks = next(shape for shape in found["overlays"]["candles"] if shape["kind"] == "segments")
    assert len(column(wicks["x0"])) == 1
    (bars, _) = found["panels"]["delta"]["shapes"]
    assert len(column(bars["x0"])) == 1


def test_corner__counts_what_was_traded_in_the_view(market: Market) -> None:
    data = Data(market, State(panels=["delta"], start=t(100), end=t(200)))
    assert ("trades", "0") in shapes_of(data)["corner"]
    data.state.param.update(start=None, end=None)
    words = [row[1] for row in shapes_of(data)["corner"]]
    assert words == ["6.5", "4", "2", "+2", "500.77", "4"]


# ------------------------------------------------------------------ the ladder


def ladder(data: Data, **others: Any) -> dict[str, Any]:
    return shapes_of(data, overlays=False, **others)["panels"]["ladder"]


def longest(data: Data, tick: int) -> float:
    """Of the bars of the ladder at a price, base units."""
    sizes = [0.0]
    for shape in ladder(data)["shapes"]:
        if shape["kind"] == "boxes":
            x1, low, high = (column(shape[name]) for name in ("x1", "y0", "y1"))
            there = (np.minimum(low, high) <= (tick + 0.25) * TICK) & (
                np.maximum(low, high) > (tick + 0.25) * TICK
            )
            sizes += x1[there].tolist()
    return max(sizes)


def test_ladder__follows_half_life_and_prune(market: Market) -> None:
    data = Data(market, State(panels=["ladder"], half_life_s=None, prune_s=None))
    kept = longest(data, CARRIED_BID)
    assert kept > 0
    data.state.half_life_s = 200.0  # 400 s old
    assert longest(data, CARRIED_BID) == pytest.approx(kept / 4, rel=0.01)
    data.state.prune_s = 0.0
    assert longest(data, CARRIED_BID) == 0


def test_ladder__follows_the_palette(market: Market) -> None:
    data = Data(market, State(panels=["ladder"]))
    before = ladder(data)["shapes"]
    data.state.palette = "classic"
    assert ladder(data)["shapes"] != before


def test_ladder__stands_at_the_pointer_and_else_at_the_right_edge(market: Market) -> None:
    data = Data(market, State(panels=["ladder"]))
    base = base_of(market)

    def title(cursor: object) -> str:
        return str(ladder(data, cursor=cursor)["title"])[3:]

    pointed = ns(150) - base
    assert title(pointed) == "12:02:30.000"
    for nowhere in (None, "x", True, float("nan"), 10**400, ns(900) - base):
        assert title(nowhere) == "12:10:00.000"
    data.state.param.update(start=t(200), end=t(400))
    assert title(pointed) == "12:06:40.000"  # where the pointer was is out of view
    data.state.param.update(start=t(100), end=t(200))
    assert title(pointed) == "12:02:30.000"
    data.state.param.update(at=t(200), playing=True)
    assert title(pointed) == "12:03:20.000"  # what is played goes on


def test_depth__has_an_axis_of_its_own(market: Market) -> None:
    found = ladder(Data(market, State(panels=["ladder"], prune_s=0.0)))
    assert found["second"]["label"] == "depth (lines), BTC"
    lines = [shape for shape in found["shapes"] if shape["kind"] == "line" and shape["second"]]
    ends = sorted(float(np.nanmax(column(line["x"]))) for line in lines)
    assert ends == pytest.approx([8.0, 11.0])  # asks of 3 and 5, bids of 10 and 1
    assert found["second"]["high"] >= 11.0


# ------------------------------------------------------------------ a user's own


@pytest.fixture
def walls() -> Iterator[Overlay]:
    """An overlay of a user: a line at 500, as wide as the view."""

    def shapes(scene: Scene, view: View) -> list[Line]:
        return [Line(np.array([view.begin, view.end]), np.array([500.0, 500.0]), theme(scene.theme).mid)]

    yield register(
        Overlay("walls", "large sizes", 25, lambda scene: None, lambda canvas, scene: [], shapes=shapes)
    )
    registry._KNOWN.pop("walls")


def test_overlay_of_a_user__is_drawn_of_its_shapes(market: Market, walls: Overlay) -> None:
    data = Data(market, State(layers=["walls"], start=t(100), end=t(200)))
    assert {"name": "walls", "order": 25} in scene_of(market, "a")["overlays"]
    (line,) = shapes_of(data)["overlays"]["walls"]
    assert line["kind"] == "line"
    assert (column(line["x"]) + base_of(market)).tolist() == [ns(100), ns(200)]


def test_overlay_of_a_user__makes_its_chart_once_for_all_views(market: Market) -> None:
    """And again for another theme, another smallest trade and another session."""
    made: list[Scene] = []

    def chart(scene: Scene) -> Any:
        made.append(scene)
        return scene.follow(lambda begin, end, *_: hv.VLine(np.datetime64((begin + end) // 2, "ns")))

    register(Overlay("middle", "middle of the view", 25, chart, lambda canvas, scene: []))
    try:
        data = Data(market, State(layers=["middle"]))
        answers = Answers(data)

        def middle(begin: float, end: float) -> float:
            view = [ns(begin) - base_of(market), ns(end) - base_of(market), 480, 510]
            ask = ask_of(data, overlays=["middle"], view=view)
            (line,) = answers.answer("shapes", ask)["overlays"]["middle"]
            return float(column(line["x"] if "x" in line else line["x0"])[0]) + base_of(market)

        assert [middle(0, 100), middle(100, 200), middle(0, 100)] == [ns(50), ns(150), ns(50)]
        assert len(made) == 1
        for again, (name, value) in enumerate((("theme", "light"), ("min_trade", 2.0)), 2):
            data.state.param.update(**{name: value})
            assert [middle(0, 100), middle(100, 200)] == [ns(50), ns(150)]
            assert (len(made), getattr(made[-1], name)) == (again, value)
        answers.forget()
        middle(0, 100)
        assert len(made) == 4
    finally:
        registry._KNOWN.pop("middle")
