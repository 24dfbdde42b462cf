"""Numbers about a frame, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from liqmap.app.data.counts import count, count_lit
from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.render.frames.colour import Scale, shade
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN
from tests.render.market import Market

shapes = st.tuples(st.just(2), st.integers(1, 6), st.integers(1, 6))


@given(shapes.flatmap(lambda s: st.tuples(
    hnp.arrays(np.float32, s, elements=st.sampled_from([0.0, 0.5, 3.0, 1e6])),
    hnp.arrays(np.uint8, s, elements=st.sampled_from([UNKNOWN, OBSERVED, CARRIED])))))  # fmt: skip
def test_count__is_what_numpy_counts(cells: tuple[np.ndarray, np.ndarray]) -> None:
    size, state = cells
    size = np.where(state == UNKNOWN, np.float32(np.nan), size)
    got, lit = count(size, state), size > 0
    assert got.observed == (lit & (state == OBSERVED)).sum()
    assert got.carried == (lit & (state == CARRIED)).sum()
    total = np.nansum(size, dtype=np.float64)
    carried = size[state == CARRIED].sum(dtype=np.float64)
    assert got.carried_share == pytest.approx(carried / total if total else 0.0, rel=1e-12)


def test_multiplier__of_a_frame(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    frame = data.frame(100, 50)
    counts = count(frame.liquidity, frame.state)
    assert counts.carried_share == pytest.approx(frame.carried_share, rel=1e-9)
    assert counts.multiplier > 1.1
    data.state.view = "as transmitted"
    frame = data.frame(100, 50)
    bare = count(frame.liquidity, frame.state)
    assert (bare.observed, bare.carried, bare.multiplier) == (counts.observed, 0, 1.0)


LOOKS = [{}, {"bids": False}, {"asks": False}, {"carried_shown": "hide"}, {"carried": 0.0}, {"min_size": 4.0},
         {"limits": (4.0, 9.0)}, {"agg": "mean", "row_ticks": 2, "min_size": 4.0}]  # fmt: skip


@pytest.mark.parametrize("choices", LOOKS, ids=str)
def test_counts__are_of_what_is_lit(market: Market, choices: dict) -> None:
    data = Data(market, State(**{"half_life_s": None, "prune_s": None} | choices))
    frame, look = data.frame(100, 45), data.look
    counts = count_lit(frame, look, Scale(*(look.limits or (0.01, 9.0))))
    dark = shade(frame, look, Scale(1e8, 1e9)).data
    lit = shade(frame, look, Scale(*(look.limits or (0.01, 9.0)))).data != dark
    assert counts.observed + counts.carried == lit.sum() > 0


def test_strip__leaves_out_what_is_not_shown(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    frame, scale = data.frame(100, 50), Scale(0.01, 9.0)
    data.seen(frame, scale)
    assert data.shown.counts.carried_share > 0
    data.state.carried_shown = "hide"
    data.seen(frame, scale)
    assert data.shown.counts.carried_share == 0
