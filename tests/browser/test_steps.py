"""Steps of sliders over one view: what is kept from one picture to the next changes none of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.browser.carry import wired
from liqmap.browser.pack import DAY
from liqmap.carry import Exponentials, Mixture, Survival
from liqmap.render.frames.look import Look
from liqmap.schema import AGGREGATES
from tests.browser.books import LIT, SIZES, keep, told
from tests.browser.engine import look_of
from tests.strategies import SECOND, START, st_messages, to_depth_table

BASE = START // DAY * DAY
MIXTURE = wired(Mixture(["1s", None], [[[0.5, 0.5], [0.9, 0]], [[0, 0], [0, 1]]], [2.0], [600.0]))
MODELS = [
    None,
    None,
    wired(Exponentials([(0.5, "1s"), (0.5, None)])),
    MIXTURE,
    wired(Survival(["0s", "1s", "5s"], [[1, 0.5, 0.0], [1, 0.9, 0.2]], distances=[600.0])),
]

USUAL = Look(cutoffs=LIT)
CHANGES: list[dict[str, Any]] = [
    {}, {}, {}, {"carried": 0.3}, {"theme": "light"}, {"palette": "classic", "scaling": "linear"},
    {"carried_shown": "hide"}, {"bids": False}, {"min_size": 1.0}, {"limits": (0.01, 3.0)}, {"carried": 0.0},
]  # fmt: skip
steps = st.fixed_dictionaries({
    "halfLife": st.sampled_from([None, SECOND, 30 * SECOND]),
    "prune": st.sampled_from([None, 0, SECOND, 300 * SECOND]),
    "carry": st.sampled_from(MODELS),
    "look": st.sampled_from(CHANGES).map(lambda some: replace(USUAL, **some)),
    "stable": st.sampled_from([True, True, False]),
})  # fmt: skip


def asked(step: dict[str, Any], agg: str, view: list[float]) -> dict[str, Any]:
    there = {name: step[name] for name in ("halfLife", "prune", "carry")}
    own = {"agg": agg, "view": view, "size": [60, 30], "rowTicks": None}
    return look_of(step["look"], step["stable"]) | there | own


CARRIED = [
    ("snapshot", START, [("bid", 19, 1.0), ("bid", 18, 2.0), ("ask", 20, 1.0), ("ask", 21, 3.0)]),
    ("update", START + SECOND, [("bid", 17, 1.0), ("bid", 19, 0.0)]),
    ("update", START + 2 * SECOND, [("bid", 19, 1.0), ("bid", 17, 0.0)]),
    ("update", START + 12 * SECOND, [("bid", 19, 2.0)]),
]
"""A level is seen for a second, and carried for ten."""

LONG_AGO = [
    ("snapshot", START, [("bid", 19, 1.0), ("bid", 18, 1.0), ("ask", 20, 1.0), ("ask", 21, 1.0)]),
    *(("heard", START + 60 * k * SECOND, []) for k in (1, 2, 3)),
]

FIRST = {"halfLife": SECOND, "prune": None, "carry": None, "look": USUAL, "stable": True}
SOME = [
    FIRST, FIRST | {"halfLife": None}, FIRST | {"prune": 0}, FIRST | {"prune": SECOND}, FIRST,
    *(FIRST | {"carry": model} for model in MODELS[2:]),
    *(step for some in CHANGES for step in (FIRST | {"look": replace(USUAL, **some)}, FIRST)),
    FIRST | {"stable": False}, FIRST,
]  # fmt: skip


@given(feed=st_messages(), some=st.lists(steps, min_size=3, max_size=7), agg=st.sampled_from(AGGREGATES))
@settings(max_examples=40)
@example(feed=(LONG_AGO, 2), some=[FIRST | {"halfLife": None}] * 2 + [FIRST], agg="mean")
@example(feed=(CARRIED, 2), some=SOME, agg="peak")
@example(feed=(CARRIED, 2), some=SOME, agg="mean")
@example(feed=(CARRIED, 2), some=SOME, agg="last")
def test_steps__draw_what_each_would_alone(feed: Any, some: list[dict[str, Any]], agg: str) -> None:
    spans = lm.replay(to_depth_table(*feed))
    keep(spans)
    end = max(spans.last, START) + 2 * SECOND
    asks = [asked(step, agg, [START - SECOND - BASE, end - BASE, 0.9, 3.1]) for step in some]
    paint = f"paint('book', {spans.tick_size}, {json.dumps(SIZES)})"
    told(f"{paint}; globalThis.asks = {json.dumps(asks)}")
    one_after_the_other = json.loads(told("JSON.stringify(asks.map(ask => framed('book', ask)))"))
    event(f"lit: {any(sum(picture['lit']) for picture in one_after_the_other)}")
    for k, picture in enumerate(one_after_the_other):
        alone = json.loads(told(f"{paint}; JSON.stringify(framed('book', asks[{k}]))"))
        # Sums of pieces that were sorted before are those of others to 2e-7.
        assert alone.pop("share") == pytest.approx(picture.pop("share"), rel=1e-6)
        assert alone == picture
