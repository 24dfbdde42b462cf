"""What comes from a browser is checked: it is refused in words, or is a picture that can be made."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.asked import DEAREST, LONGEST, MOST, PIXELS, Asked, seconds_of, time_of
from liqmap.app.picture.drawn import drawn
from liqmap.app.picture.scene import base_of
from liqmap.app.state.options import AUTO
from liqmap.app.state.state import State
from liqmap.schema import GridError, LiqmapError
from tests.app.asking import ask_of
from tests.render.market import BEGIN, SECOND, TICK, Market

GOOD: dict[str, Any] = ask_of(Data(Market()))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, 1e308, -1, 0, 1, float("nan"), AUTO, "peak", "mean", "log", "fade", "hide"]),
    lambda some: st.lists(some, max_size=5) | st.dictionaries(st.text(max_size=5), some, max_size=3),
    max_leaves=6,
)  # fmt: skip
asks = st.dictionaries(st.sampled_from([*GOOD, "cursor", "at", "box", "overlays", "panels"]), json_values)


@given(asks)
@example({"size": [10**400, 1]})
@example({"limits": [1, 10**400]})
@example({"view": [0, 1, -1e308, 1e308]})
@example({"view": [0, 0.1, 500, 501]})
@example({"halfLife": 0})
@example({"halfLife": 0.3})
@example({"rowTicks": True})
@settings(deadline=None)
def test_of__gives_what_can_be_drawn_or_says_why_not(some: dict[str, Any]) -> None:
    market = Market()
    try:
        asked = Asked.of(GOOD | some, base_of(market), TICK)
    except GridError:
        return
    (begin, end), (low, high), (width, height) = asked.times, asked.prices, asked.size
    assert begin < end
    assert low < high
    assert width * height <= PIXELS
    assert (asked.carry.half_life is None) or asked.carry.half_life > np.timedelta64(0, "ns")
    hash(asked)
    if width * height < 200_000:
        frame = drawn(market, asked).frame
        assert frame.state.shape[1] <= height + 2
        assert frame.state.shape[2] <= width + 2


@given(st.sampled_from(["frame", "shapes", "cell", "measure", "spans", "no such", "__init__", ""]), asks)
@settings(deadline=None)
def test_answer__is_given_or_refused_in_words(kind: str, some: dict[str, Any]) -> None:
    answers = Answers(Data(Market(), State(panels=["ladder"])))
    answers.answer("frame", GOOD)
    small = {} if "size" in some else {"size": [60, 40]}
    try:
        answer = answers.answer(kind, GOOD | {"at": [1, 2], "box": [0, 1, 2, 3]} | small | some)
    except LiqmapError:
        return
    json.dumps(answer, default=lambda value: value.hex())  # numbers, texts, bytes


REPORT = {"steps": [1e9, 1], "lit": [3, 4], "share": 0.5, "sizes": [], "scale": {}}


@given(st.dictionaries(st.sampled_from(list(REPORT)), json_values), st.booleans())
def test_told__is_taken_or_refused_in_words(some: dict[str, Any], stable: bool) -> None:
    data = Data(Market(), State(stable=stable))
    try:
        Answers(data).told(REPORT | some)
    except GridError:
        assert data.shown is None
    else:
        assert data.shown.counts.observed == (REPORT | some)["lit"][0]


@pytest.mark.parametrize(("name", "wrong"), [
    ("size", [0, 10]), ("size", [MOST + 1, 1]), ("size", [10]), ("size", None), ("size", ["1", 1]),
    ("view", [0, 0, 1, 2]), ("view", [5, 4, 1, 2]), ("view", [0, 1, 2, 2]), ("view", [0, LONGEST, 1, 2]),
    ("view", [0, 1, 1, DEAREST * TICK]), ("view", [0, float("nan"), 1, 2]), ("agg", "sum"), ("agg", []),
    ("rowTicks", 0), ("rowTicks", 1.5), ("rowTicks", True), ("halfLife", "30s"), ("halfLife", -1),
    ("prune", 10**19), ("prune", -1), ("shown", [True]), ("cutoffs", [5]), ("cutoffs", [90, 10]),
    ("limits", [-1, 2]), ("limits", [1, float("inf")]), ("scaling", "cubic"), ("carriedShown", []),
    ("carried", 2), ("minSize", -1),
])  # fmt: skip
def test_of__names_what_is_wrong(name: str, wrong: Any) -> None:
    spelled = {"carriedShown": "carried_shown", "minSize": "min_size"}.get(name, name)
    with pytest.raises(GridError, match=f"^{spelled}: expected "):
        Asked.of(GOOD | {name: wrong}, BEGIN, TICK)


def test_of__is_what_the_state_has() -> None:
    state = State(half_life_s=5.0, prune_s=60.0, agg="mean", row_ticks=3, cutoffs=(5.0, 90.0),
                  carried_shown="outline", carried=0.3, min_size=2.0, asks=False, stable=False)  # fmt: skip
    data = Data(Market(), state)
    asked = Asked.of(ask_of(data), base_of(data.session), TICK)
    assert asked.carry == data.carry
    assert (asked.agg, asked.row_ticks, asked.stable) == ("mean", 3, False)
    for name in ("cutoffs", "limits", "scaling", "carried", "carried_shown", "min_size", "bids", "asks"):
        assert getattr(asked.look, name) == getattr(data.look, name)
    assert asked.times == (BEGIN, BEGIN + 600 * SECOND)
    assert asked.prices == data.price_range


@pytest.mark.parametrize("size", [(MOST, MOST), (1, MOST), (MOST, 1), (3840, 2160), (7680, 4320)])
def test_size__beyond_a_screen_is_drawn_coarser(size: tuple[int, int]) -> None:
    width, height = Asked.of(GOOD | {"size": list(size)}, BEGIN, TICK).size
    assert 0.98 * min(PIXELS, size[0] * size[1]) < width * height <= PIXELS
    assert width / height == pytest.approx(size[0] / size[1], rel=2e-3)


def test_time__is_one_near_the_session_or_none() -> None:
    assert time_of(1.4, 10) == 11
    for none in (None, "1", True, float("nan"), 10**400, 1e300):
        assert time_of(none, 10) is None


def test_seconds__of_a_half_life() -> None:
    assert seconds_of({"halfLife": 2e9}, "halfLife") == 2.0
    assert seconds_of({"halfLife": None}, "halfLife") is None
    for wrong in (0, -1, "auto", True, float("inf"), 10**400):
        with pytest.raises(GridError, match="halfLife"):
            seconds_of({"halfLife": wrong}, "halfLife")
