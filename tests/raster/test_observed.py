"""What was observed is kept: for the next half-life all of it, for the next view what columns it has too."""

from __future__ import annotations

import numpy as np
import pytest

import liqmap as lm
from liqmap.carry import HalfLife
from liqmap.raster import mipmap, mipmap_plan, observed
from liqmap.raster.observed import OBSERVED
from liqmap.raster.paint import paint
from liqmap.schema import AGGREGATES
from tests.compare import assert_sizes
from tests.strategies import SECOND

STEP = 7 * SECOND


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> lm.Spans:
    """Small, and drawn from its mipmaps all the same."""
    monkeypatch.setattr(mipmap, "LEAST", 1)
    monkeypatch.setattr(mipmap_plan, "SOON", 0)
    return lm.replay(lm.simulate(minutes=6, seed=5, keep_truth=False).depth)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The blocks of columns that were drawn from mipmaps."""
    blocks: list[tuple[int, int]] = []
    kernel = observed.observe_columns

    def noted(how: int, begin: int, stop: int, *rest: object) -> None:
        blocks.append((begin, stop))
        kernel(how, begin, stop, *rest)

    monkeypatch.setattr(observed, "observe_columns", noted)
    return blocks


def columns(market: lm.Spans, first: int, number: int = 30, beside: int = 0) -> np.ndarray:
    begin = market.begin // STEP * STEP + 5 * STEP + beside
    return begin + np.arange(first, first + number + 1) * STEP


def lattice_rows(market: lm.Spans, beside: int = 0) -> np.ndarray:
    return np.arange(market.sides[0].levels[0] - 3, market.sides[1].levels[-1] + 40, 37) + beside


def assert_as_fresh(market: lm.Spans, times: np.ndarray, rows: np.ndarray, agg: str) -> None:
    again = paint(market, times, rows, HalfLife("30s", "5min"), agg, slider=True)
    fresh = lm.Spans(market.sides, market.windows, market.meta)
    expected = paint(fresh, times, rows, HalfLife("30s", "5min"), agg)
    np.testing.assert_array_equal(again["state"], expected["state"])
    assert_sizes(np.nan_to_num(again["liquidity"]), np.nan_to_num(expected["liquidity"]))


@pytest.mark.parametrize("agg", AGGREGATES)
def test_a_pan_draws_the_columns_that_come_in(market, drawn, agg):
    rows = lattice_rows(market)
    for first, expected in ((6, {(0, 30)}), (7, {(29, 30)}), (4, {(0, 2)}), (12, {(25, 30)})):
        drawn.clear()
        paint(market, columns(market, first), rows, HalfLife("30s", "5min"), agg, slider=True)
        assert set(drawn) == expected
        assert_as_fresh(market, columns(market, first), rows, agg)


def test_a_wider_view_draws_both_ends(market, drawn):
    rows = lattice_rows(market)
    paint(market, columns(market, 6, 20), rows, HalfLife(), "mean", slider=True)
    drawn.clear()
    paint(market, columns(market, 3, 28), rows, HalfLife(), "mean", slider=True)
    assert set(drawn) == {(0, 3), (23, 28)}
    assert_as_fresh(market, columns(market, 3, 28), rows, "mean")


def test_other_cells_are_drawn_anew(market, drawn):
    rows = lattice_rows(market)
    paint(market, columns(market, 6), rows, HalfLife(), "mean", slider=True)
    for times, other, agg in (
        (columns(market, 7, beside=1), rows, "mean"),
        (columns(market, 7), lattice_rows(market, 1), "mean"),
        (columns(market, 7), rows, "peak"),
        (columns(market, 25), rows, "mean"),  # fewer than half of them are there
        (columns(market, 6)[::2], rows, "mean"),
    ):
        drawn.clear()
        paint(market, times, other, HalfLife(), agg, slider=True)
        assert set(drawn) == {(0, len(times) - 1)}
        OBSERVED.forget(market)
        paint(market, columns(market, 6), rows, HalfLife(), "mean", slider=True)


def test_what_is_no_screen_takes_nothing(market, drawn):
    """Equal calls of `rasterize` give equal bits, whatever was drawn before."""
    rows = lattice_rows(market)
    paint(market, columns(market, 6), rows, HalfLife(), "mean", slider=True)
    drawn.clear()
    paint(market, columns(market, 7), rows, HalfLife(), "mean", slider=True)
    assert set(drawn) == {(29, 30)}
    drawn.clear()
    once = paint(market, columns(market, 7), rows, HalfLife(), "mean")
    assert set(drawn) == {(0, 30)}
    OBSERVED.forget(market)
    twice = paint(market, columns(market, 7), rows, HalfLife(), "mean")
    np.testing.assert_array_equal(once["liquidity"], twice["liquidity"])


def test_spans_without_a_mipmap_are_drawn_whole(market, drawn, monkeypatch):
    monkeypatch.setattr(observed, "choose", lambda *asked: None)
    rows = lattice_rows(market)
    for first in (6, 7):
        paint(market, columns(market, first), rows, HalfLife(), "mean", slider=True)
        assert not drawn
        assert_as_fresh(market, columns(market, first), rows, "mean")
