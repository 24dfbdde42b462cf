"""The known share of a frame is kept for other half-lives, and never taken for another frame's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import carry_model
from liqmap.raster.known_and_age import KNOWN
from liqmap.raster.paint import paint
from tests.strategies import st_cuts, st_messages, to_depth_table

HALF_LIVES = ["1s", "7s", None]
PRUNES = ["0s", "2s", None]


@given(
    data=st.data(),
    asked=st.lists(st.tuples(st.sampled_from(HALF_LIVES), st.sampled_from(PRUNES)), min_size=2),
)
@settings(max_examples=40)
def test_known__asked_again_is_what_fresh_spans_say(data, asked) -> None:
    messages, n = data.draw(st_messages())
    depth = to_depth_table(messages, n)
    spans = lm.replay(depth)
    cuts = [data.draw(st_cuts(messages)) for _ in range(2)]
    for number, (half_life, prune) in enumerate(asked):
        times, prices = cuts[number % 2]
        edges = np.ceil(prices / spans.tick_size - 1e-6).astype(np.int64)
        frame = times.view(np.int64), edges, carry_model(half_life, prune), "mean"
        kept = paint(spans, *frame, known=True)["known"]
        fresh = paint(lm.replay(depth), *frame, known=True)["known"]
        np.testing.assert_array_equal(kept, fresh)


def test_known__is_kept_once_for_all_half_lives() -> None:
    spans = lm.simulate(minutes=0.2, seed=1, levels=5, keep_truth=False).depth
    spans = lm.replay(spans)
    times = np.linspace(spans.begin, spans.last, 20).astype(np.int64)
    low, high = (
        int(f([side.tick.min() if f is min else side.tick.max() for side in spans.sides])) for f in (min, max)
    )
    rows = np.arange(low, high + 5, 5)
    first = paint(spans, times, rows, carry_model("1s", "5s"), "mean", known=True)
    first["known"][:] = -1  # a caller's array is the caller's
    again = paint(spans, times, rows, carry_model("9s", "5s"), "mean", known=True)
    assert len(KNOWN.of(spans)) == 1
    assert again["known"].min() >= 0
    paint(spans, times, rows, carry_model("9s", "6s"), "mean", known=True)
    assert len(KNOWN.of(spans)) == 2
