"""A view that moves draws what it would have drawn at once, from columns that it had before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import AGGREGATES
from tests.browser.books import SIZES, base_of, grid, keep, told, unlisted
from tests.browser.test_steps import BASE, CARRIED, FIRST, MIXTURE, USUAL, asked
from tests.strategies import SECOND, START, st_feeds, st_messages, to_depth_table

MOVED = """((name, views, rows, choice) => {
  const frames = new Frames(books[name], {sidesFor: () => books[name]}), ticks = Float64Array.from(rows)
  return views.map(edges => listed(frames.draw(Float64Array.from(edges), ticks, choice).cells))
})"""

st_views = st.lists(
    st.tuples(st.integers(-12, 30), st.integers(1, 24), st.sampled_from([250, 250, 250, 1000])),
    min_size=2, max_size=6,
)  # fmt: skip


@given(
    feed=st_feeds(), views=st_views, agg=st.sampled_from(AGGREGATES), carry=st.sampled_from([None, MIXTURE])
)
@settings(max_examples=80)
def test_a_view_that_moves__draws_what_it_would_at_once(feed: Any, views: list, agg: str, carry: Any) -> None:
    spans = lm.replay(to_depth_table(*feed))
    keep(spans)
    rows, choice = (
        np.arange(9, 32, 2),
        {"agg": agg, "halfLife": 2 * SECOND, "prune": 10 * SECOND, "carry": carry},
    )
    edges = [START + (first + np.arange(count + 1)) * step * 10**6 for first, count, step in views]
    moved = [(e - base_of(spans)).tolist() for e in edges]
    said = ", ".join(json.dumps(a) for a in ("book", moved, rows.tolist(), choice))
    answers = json.loads(told(f"JSON.stringify({MOVED}({said}))"))
    for there, answer in zip(edges, answers):
        liquidity, state = unlisted(answer, (2, len(rows) - 1, len(there) - 1))
        wanted, known = grid(spans, there, rows, choice)
        np.testing.assert_array_equal(state, known)
        np.testing.assert_allclose(liquidity, wanted, rtol=1e-6, equal_nan=True)


st_moves = st.lists(
    st.tuples(st.sampled_from([-3, 0, 1, 1, 2, 7, 40]), st.sampled_from([SECOND, SECOND, SECOND, None]),
              st.sampled_from([{}, {}, {}, {"theme": "light"}, {"carried_shown": "hide"}]),
              st.sampled_from([60, 60, 60, 45])),
    min_size=2, max_size=8,
)  # fmt: skip
"""Columns that a view moves by, a half-life, a look, pixels."""


@given(feed=st_messages(), moves=st_moves, agg=st.sampled_from(AGGREGATES))
@settings(max_examples=40)
@example(feed=(CARRIED, 2), moves=[(0, SECOND, {}, 60), (1, SECOND, {}, 60), (2, SECOND, {}, 60)], agg="peak")
def test_pictures_of_a_view_that_moves__are_those_of_it_alone(feed: Any, moves: list, agg: str) -> None:
    spans = lm.replay(to_depth_table(*feed))
    keep(spans)
    begin, asks, width = START - SECOND - BASE, [], max(spans.last - START, 0) + 3 * SECOND
    for columns, half_life, look, pixels in moves:
        begin += columns * width // 60
        step = FIRST | {"halfLife": half_life, "look": replace(USUAL, **look)}
        asks.append(asked(step, agg, [begin, begin + width, 0.9, 3.1]) | {"size": [pixels, 30]})
    paint = f"paint('book', {spans.tick_size}, {json.dumps(SIZES)})"
    told(f"{paint}; globalThis.asks = {json.dumps(asks)}")
    one_after_the_other = json.loads(told("JSON.stringify(asks.map(ask => framed('book', ask)))"))
    for k, picture in enumerate(one_after_the_other):
        alone = json.loads(told(f"{paint}; JSON.stringify(framed('book', asks[{k}]))"))
        assert alone.pop("share") == pytest.approx(picture.pop("share"), rel=1e-6)
        assert alone == picture


SHIFT = """(views => {
  const [had, now] = views.map(edges => columnsOf(Float64Array.from(edges)))
  return shiftOf(had, now)?.by ?? null
})"""


def test_columns_of_before__are_taken_where_half_of_them_stay() -> None:
    def shift(had: range, now: range) -> Any:
        return json.loads(told(f"JSON.stringify(({SHIFT})({json.dumps([list(had), list(now)])}))"))

    assert shift(range(0, 110, 10), range(20, 130, 10)) == 2
    assert shift(range(0, 110, 10), range(-50, 60, 10)) == -5
    assert shift(range(0, 110, 10), range(60, 170, 10)) is None  # fewer than half
    assert shift(range(0, 110, 10), range(5, 115, 10)) is None  # between edges
    assert shift(range(0, 110, 10), range(0, 110, 5)) is None  # of another width
    assert shift(range(0, 110, 10), range(200, 310, 10)) is None
