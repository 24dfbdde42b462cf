"""What the component is given: a session as it is opened, and what changes of it for a choice."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.picture.scene import base_of, scene_of
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap
from liqmap.render.marks import registry
from tests.app.asking import ns, pixels, shapes_of, t
from tests.render.market import Market

PARTS = ("scene", "themes", "choice", "looking", "layout")


class Sent:
    """What a view has sent to its component since it was last asked."""

    def __init__(self, view: Heatmap) -> None:
        self._names: list[str] = []
        view.picture.param.watch(lambda event: self._names.append(event.name), list(PARTS))

    def __call__(self) -> set[str]:
        found, self._names[:] = set(self._names), []
        return found


def test_session__is_opened_with_all_its_parts(market: Market) -> None:
    data = Data(market, State(layers=["mid"], panels=["ladder", "delta"]))
    picture = Heatmap(data=data).picture
    assert all(getattr(picture, part) for part in PARTS)
    assert picture.scene == scene_of(market, picture.scene["key"])
    assert picture.scene["drawn"] == "page"
    assert picture.scene["whole"] == [ns(0) - base_of(market), ns(600) - base_of(market), 485.0, 507.5]
    assert {one["name"] for one in picture.scene["overlays"]} == set(registry.overlays())
    assert set(picture.themes) == {"dark", "light"}
    assert [(panel["name"], panel["shares"]) for panel in picture.layout["panels"]] == [
        ("ladder", "price"), ("delta", "time"),
    ]  # fmt: skip


def test_session__of_more_spans_than_a_page_takes_is_drawn_here(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liqmap.app.picture.scene.IN_PAGE", len(market.spans()))
    assert scene_of(market, "a")["drawn"] == "page"
    monkeypatch.setattr("liqmap.app.picture.scene.IN_PAGE", len(market.spans()) - 1)
    assert scene_of(market, "a")["drawn"] == "python"


def test_session__opened_again_is_another(market: Market) -> None:
    view = Heatmap(data=Data(market))
    first = view.picture.scene["key"]
    view.build()
    assert view.picture.scene["key"] != first


def test_session__that_is_not_there_is_no_scene(market: Market) -> None:
    data = Data(market)
    data.session = None
    view = Heatmap(data=data)
    assert view.picture.scene == {}
    data.state.param.update(half_life_s=5.0, start=t(1), end=t(2), panels=["delta"])
    assert not any(getattr(view.picture, part) for part in PARTS)


CHANGES = [{"half_life_s": 5.0}, {"prune_s": 0.0}, {"carried": 0.1}, {"scaling": "linear"}, {"opacity": 0.5},
           {"cutoffs": (0.0, 50.0)}, {"limits": (5.0, 50.0)}, {"carried_shown": "hide"}, {"min_size": 8.0},
           {"bids": False}, {"asks": False}, {"palette": "classic"}, {"view": "as transmitted"}]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_choice__is_told_alone_and_changes_the_picture(market: Market, change: dict[str, Any]) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, layers=[]))
    view = Heatmap(data=data)
    before, choice, sent = pixels(data), view.picture.choice, Sent(view)
    data.state.param.update(**change)
    assert view.picture.choice != choice
    assert sent() <= {"choice", "themes", "layout"}
    after = pixels(data)
    assert after.shape == before.shape
    assert (after != before).any()


OTHERS: list[dict[str, Any]] = [
    {"agg": "mean"}, {"row_ticks": 5}, {"stable": False}, {"theme": "light"}, {"layers": ["mid", "candles"]},
    {"time_zone": "Asia/Tokyo"},
]  # fmt: skip


@pytest.mark.parametrize("change", OTHERS, ids=lambda change: next(iter(change)))
def test_choice__reaches_the_page(market: Market, change: dict[str, Any]) -> None:
    data = Data(market, State(layers=["bbo"]))
    view = Heatmap(data=data)
    choice, sent = view.picture.choice, Sent(view)
    data.state.param.update(**change)
    assert view.picture.choice != choice
    assert sent() == {"choice"}


def test_layers__are_named_in_the_choice(market: Market) -> None:
    data = Data(market, State(layers=["bubbles", "mid"]))
    choice = Heatmap(data=data).picture.choice
    assert {name for name in registry.names() if choice[name]} == {"bubbles", "mid"}


def test_layers__make_the_heatmap_fainter_where_they_ask_for_it(market: Market) -> None:
    data = Data(market, State(layers=[]))
    view = Heatmap(data=data)
    assert view.picture.choice["opacity"] == 1.0
    data.state.layers = ["candles"]
    assert view.picture.choice["opacity"] == data.look.opacity < 1.0


def test_layers__come_and_go_as_shapes(market: Market) -> None:
    data = Data(market)
    kinds = {}
    for layer in registry.names():
        data.state.layers = [layer]
        kinds[layer] = {shape["kind"] for shape in shapes_of(data)["overlays"][layer]}
    assert kinds["bbo"] == kinds["mid"] == {"line"}
    assert "discs" in kinds["bubbles"]
    assert {"boxes", "segments"} <= kinds["candles"]
    data.state.layers = []
    assert shapes_of(data)["overlays"] == {}


def test_before_and_after__stand_beside_each_other_without_panels(market: Market) -> None:
    data = Data(market, State(panels=["delta"]))
    view = Heatmap(data=data)
    assert (view.picture.layout["both"], len(view.picture.layout["panels"])) == (False, 1)
    data.state.view = "before and after"
    assert view.picture.layout == {"both": True, "panels": []}
    assert not view.picture.choice["transmitted"]  # the right half; the left one is the engine's
    data.state.view = "as transmitted"
    assert (view.picture.layout["both"], view.picture.choice["transmitted"]) == (False, True)


def test_before__is_as_transmitted_whatever_the_half_life(market: Market) -> None:
    data = Data(market, State(prune_s=0.0, layers=[]))
    before = pixels(data)
    data.state.half_life_s = 5.0
    assert (pixels(data) == before).all()


def test_view__of_the_state_is_told_and_that_of_the_page_is_not_told_back(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    sent = Sent(view)
    data.state.param.update(start=t(100), end=t(200))
    assert sent() == {"looking"}
    count, base = view.picture.looking["count"], base_of(market)
    looked = [ns(150) - base, ns(250) - base, 488.0, 492.0]
    view._hear("view", {"view": looked, "count": count})
    assert sent() == set()
    assert (data.state.start, data.state.end, data.state.low) == (t(150), t(250), 488.0)
    data.state.param.update(start=None, end=None, low=None, high=None)
    assert sent() == {"looking"}
    assert view.picture.looking["count"] == count + 1


def test_key__of_the_page_chooses_the_half_life(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    view._hear("choice", {"halfLife": 60 * 10**9})
    assert data.state.half_life_s == 60.0
    view._hear("choice", {"other": 1})
    assert data.state.half_life_s == 60.0
    view._hear("choice", {"halfLife": None})
    assert data.state.half_life_s is None


def test_picture__drawn_here_is_told_to_the_state(market: Market) -> None:
    from tests.app.asking import ask_of

    data = Data(market)
    view = Heatmap(data=data)
    answer = view._hear("frame", ask_of(data))
    assert answer["width"] == np.frombuffer(answer["places"], "<u2").size // answer["height"]
    assert data.shown.row == 0.5


def test_play__is_not_waited_for_to_rest(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of a picture is worked out once a second, however long the next one takes."""
    data, settled = Data(market), []
    view = Heatmap(data=data)
    monkeypatch.setattr(view.answers, "settle", lambda: settled.append(1))
    monkeypatch.setattr(view.answers, "is_quiet", lambda seconds: True)
    monkeypatch.setattr(view, "_drew", lambda: None)
    for playing, since, expected in ((True, 0.1, 0), (True, 2.0, 1), (False, 0.1, 1)):
        settled.clear()
        data.state.playing = playing
        view._settled = time.monotonic() - since
        view._rest()
        assert len(settled) == expected
