"""What is said of a picture is the same, whoever has drawn it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.state.state import State
from liqmap.render.frames.front import count_lit
from liqmap.render.frames.scale import sizes_of
from liqmap.render.frames.share import carried_share
from tests.app.asking import ask_of, show, t
from tests.render.market import Market

CHOICES: list[dict[str, Any]] = [
    {}, {"agg": "mean"}, {"agg": "mean", "row_ticks": 4, "stable": False}, {"stable": False}, {"asks": False},
    {"prune_s": 0.0}, {"limits": (1.0, 5.0)}, {"view": "as transmitted"},
    {"agg": "last", "cutoffs": (10.0, 90.0)},
]  # fmt: skip


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_told_by_a_page__is_that_of_a_frame_drawn_here(market: Market, choices: dict[str, Any]) -> None:
    here, there = (Data(market, State(start=t(100), end=t(400), **choices)) for _ in range(2))
    answers = show(here)
    last = answers.last
    lit = count_lit(last.frame, here.look, last.scale)
    view = here.time_range, here.price_range
    share = carried_share(market.spans(), view, here.carry, here.state.agg, here.look, last.scale)
    asked = ask_of(here)
    page = {
        "halfLife": asked["halfLife"], "prune": asked["prune"], "scale": {}, "share": share,
        "sizes": sizes_of(last.frame).at.tolist(),
        "lit": [lit.observed, lit.carried], "steps": last.message(0)["steps"],
    }  # fmt: skip
    Answers(there).told(json.loads(json.dumps(page)))
    assert there.shown is not None
    ours, theirs = here.shown, there.shown
    for name in ("scale", "share", "per", "unit", "row", "column_s", "carry"):
        assert getattr(ours, name) == getattr(theirs, name), name
    np.testing.assert_array_equal(ours.sizes.at, theirs.sizes.at)
    assert (ours.counts.observed, ours.counts.carried) == (theirs.counts.observed, theirs.counts.carried)
    assert ours.counts.observed > 0
    assert set(asdict(ours)) == set(asdict(theirs))


def test_told__of_a_picture_where_nothing_is_lit(market: Market) -> None:
    data = Data(market, State(stable=False))
    Answers(data).told({"sizes": [], "share": 0, "lit": [0, 0], "steps": [1e9, 1]})
    assert (data.shown.share, data.shown.counts.carried) == (0.0, 0)


def test_told__while_no_session_is_shown_is_not_taken(market: Market) -> None:
    data = Data(market)
    data.session = None
    Answers(data).told({})
    assert data.shown is None


def test_share__is_that_of_the_view_that_was_asked_for(market: Market) -> None:
    """A pan draws before the state has its view."""
    data = Data(market, State(layers=[]))
    whole = show(data).data.shown.share
    ahead = Data(market, State(layers=[], start=t(0), end=t(150)))
    answers = Answers(data)
    answers.answer("frame", ask_of(data, view=ask_of(ahead)["view"]))
    answers.settle()
    view = (t(0), t(150)), market.price_range
    expected = carried_share(market.spans(), view, data.carry, "peak", data.look, data.shown.scale)
    assert data.shown.share == expected != whole
    assert data.state.start is None
