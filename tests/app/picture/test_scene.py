"""A session as a page opens it; its spans are packed once, however many ask for them at a time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.picture import scene
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.scene import base_of, contents_of, scene_of
from liqmap.browser.pack import DAY, pack
from liqmap.render.frames.frame import instant_ns
from liqmap.render.marks import registry
from tests.render.market import BEGIN, SECOND, TICK, Market


def test_contents__are_packed_once_for_all_who_ask(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[Any] = []

    def counted(*arguments: Any) -> Any:
        packed.append(arguments)
        return pack(*arguments)

    monkeypatch.setattr(scene, "pack", counted)
    many = 8
    market.spans()
    together = Barrier(many)

    def ask(_: int) -> Any:
        together.wait(10)
        return contents_of(market)

    with ThreadPoolExecutor(many) as pool:
        found = list(pool.map(ask, range(many)))
    assert len(packed) == 1
    assert all(one is found[0] for one in found)
    for _ in range(2):
        assert Answers(Data(market)).answer("spans", {})["data"] is found[0].packed.data
    assert len(packed) == 1


def test_contents__of_another_part_of_a_session_are_others(market: Market) -> None:
    class Part(Market):
        time_range = market.time_range[0], market.time_range[1] - np.timedelta64(450, "s")
        _spans = market.spans()

    part, whole = contents_of(Part()), contents_of(market)
    assert part is not whole
    assert part.packed.header != whole.packed.header  # without the last trade
    assert contents_of(market) is not part


def test_contents__are_what_a_worker_takes(market: Market) -> None:
    message = contents_of(market).message
    assert set(message) == {"data", "header", "tick", "sizes"}
    assert isinstance(message["data"], bytes)
    assert message["tick"] == TICK
    json.dumps({name: value for name, value in message.items() if name != "data"})


def test_scene__counts_times_from_the_first_day(market: Market) -> None:
    base = base_of(market)
    assert base == instant_ns(np.datetime64("2026-01-05", "ns")) == BEGIN // DAY * DAY
    found = scene_of(market, "key")
    assert found["whole"] == [BEGIN - base, BEGIN + 600 * SECOND - base, *market.price_range]
    assert (found["market"]["base"], found["market"]["baseSeconds"]) == (str(base), base // 10**9)
    assert found["market"]["last"] == market.spans().last - base
    assert [one["order"] for one in found["overlays"]] == sorted(
        o.order for o in registry.overlays().values()
    )
    json.dumps(found)
