"""A view that moves draws what it would have drawn at once, from columns that it had before."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import AGGREGATES
from tests.browser.books import base_of, grid, keep, told, unlisted
from tests.strategies import SECOND, START, st_feeds, to_depth_table

MOVED = """((name, views, rows, choice) => {
  const frames = new Frames(books[name], {sidesFor: () => books[name]}), ticks = Float64Array.from(rows)
  return views.map(edges => listed(frames.draw(Float64Array.from(edges), ticks, choice).cells))
})"""

st_views = st.lists(
    st.tuples(st.integers(-12, 30), st.integers(1, 24), st.sampled_from([250, 250, 250, 1000])),
    min_size=2, max_size=6,
)  # fmt: skip


@given(feed=st_feeds(), views=st_views, agg=st.sampled_from(AGGREGATES))
@settings(max_examples=80)
def test_a_view_that_moves__draws_what_it_would_at_once(feed: Any, views: list, agg: str) -> None:
    spans = lm.replay(to_depth_table(*feed))
    keep(spans)
    rows, choice = np.arange(9, 32, 2), {"agg": agg, "halfLife": 2 * SECOND, "prune": 10 * SECOND}
    edges = [START + (first + np.arange(count + 1)) * step * 10**6 for first, count, step in views]
    moved = [(e - base_of(spans)).tolist() for e in edges]
    said = ", ".join(json.dumps(a) for a in ("book", moved, rows.tolist(), choice))
    answers = json.loads(told(f"JSON.stringify({MOVED}({said}))"))
    for there, answer in zip(edges, answers):
        liquidity, state = unlisted(answer, (2, len(rows) - 1, len(there) - 1))
        wanted, known = grid(spans, there, rows, choice)
        np.testing.assert_array_equal(state, known)
        np.testing.assert_allclose(liquidity, wanted, rtol=1e-6, equal_nan=True)


SHIFT = "([had, now]) => shiftOf(columnsOf(Float64Array.from(had)), columnsOf(Float64Array.from(now)))"


def test_columns_of_before__are_taken_where_half_of_them_stay() -> None:
    def shift(had: range, now: range) -> Any:
        return json.loads(told(f"JSON.stringify(({SHIFT})({json.dumps([list(had), list(now)])}))"))

    assert shift(range(0, 110, 10), range(20, 130, 10)) == 2
    assert shift(range(0, 110, 10), range(-50, 60, 10)) == -5
    assert shift(range(0, 110, 10), range(60, 170, 10)) is None  # fewer than half
    assert shift(range(0, 110, 10), range(5, 115, 10)) is None  # between edges
    assert shift(range(0, 110, 10), range(0, 110, 5)) is None  # of another width
    assert shift(range(0, 110, 10), range(200, 310, 10)) is None
