"""The ladder against `rasterize` of the same instant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.book.ladder import ladder_of
from liqmap.carry import HalfLife


@pytest.fixture(scope="module")
def spans() -> lm.Spans:
    return lm.replay(lm.simulate(minutes=1, seed=3).depth, depth_limit=30)


choices = st.sampled_from([("30s", "5min"), (None, None), ("2s", "10s"), (None, "0s")])


@given(st.floats(0, 1.05), choices, st.integers(1, 40))
@settings(deadline=None, max_examples=40)
def test_ladder__is_the_last_column_of_a_grid(
    spans: lm.Spans, share: float, carry: tuple[str | None, str | None], ticks: int
) -> None:
    at = spans.begin + 1 + int(share * (spans.last - spans.begin))
    levels = np.concatenate([s.levels for s in spans.sides])
    rows = np.arange(levels.min() // ticks, levels.max() // ticks + 2) * ticks
    found = ladder_of(spans, at, rows, HalfLife(*carry))
    grid = lm.rasterize(
        spans,
        np.array([at - 1, at], "datetime64[ns]"),
        rows * spans.tick_size,
        *carry,
        agg="last",
        parts=True,
    )
    for name in ("observed", "carried"):
        expected = np.nan_to_num(grid[name].values[:, :, 0])
        assert getattr(found, name) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_ladder__knows_models_by_distance(spans: lm.Spans) -> None:
    model = lm.Survival(["0s", "1min"], [[1.0, 0.5], [0.8, 0.1]], distances=[5.0])
    assert model.by_distance
    levels = np.concatenate([s.levels for s in spans.sides])
    rows = np.arange(levels.min(), levels.max() + 2)
    at = (spans.begin + spans.last) // 2
    found, plain = (ladder_of(spans, at, rows, m) for m in (model, HalfLife(None, None)))
    assert found.observed == pytest.approx(plain.observed, rel=1e-5)
    assert (found.carried <= plain.carried + 1e-3).all()
    assert 0 < found.carried.sum() < plain.carried.sum()


def test_cumulative__counts_outward_from_the_touch(spans: lm.Spans) -> None:
    levels = np.concatenate([s.levels for s in spans.sides])
    rows = np.arange(levels.min(), levels.max() + 2)
    found = ladder_of(spans, spans.last, rows, HalfLife(None, None))
    bids, asks = found.cumulative
    assert (np.diff(bids) <= 1e-9).all()
    assert (np.diff(asks) >= -1e-9).all()
    assert (bids[0], asks[-1]) == pytest.approx(tuple(found.size.sum(axis=1)))
