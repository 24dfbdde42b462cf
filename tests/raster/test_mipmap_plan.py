"""What columns are made of: every instant once, from the coarsest buckets; and when that is worth it."""

from __future__ import annotations

import numpy as np
import pytest

import liqmap as lm
from liqmap.raster import mipmap_plan
from liqmap.raster.bucket_pieces import BucketPieces
from liqmap.raster.columns import LAST, MEAN, PEAK
from liqmap.raster.mipmap import Mipmap, mipmap_of
from liqmap.raster.mipmap_plan import choose, plan
from tests.strategies import SECOND

LONG = 400


@pytest.fixture(scope="module")
def market() -> lm.Spans:
    return lm.replay(lm.simulate(minutes=6, seed=5, keep_truth=False).depth)


def timeline(widths: list[int], used: np.ndarray) -> Mipmap:
    """Buckets in which something is, where ``used`` (LONG,) says so, with a cell each; no pieces."""
    at = [np.unique(np.flatnonzero(used) // width) for width in widths]
    scale = np.append(0, np.cumsum([len(a) for a in at]))
    nothing = np.empty(0)
    pieces = BucketPieces(np.arange(len(at[0]) + 1), *[nothing] * 6)
    return Mipmap(
        np.array(widths), scale, np.concatenate(at), np.arange(scale[-1] + 1), *[nothing] * 4, pieces
    )


def covered(made, mip: Mipmap, j: int) -> np.ndarray:
    """How often each instant is in a column, (LONG,)."""
    drawn = np.zeros(LONG, int)
    for begin, stop in zip(made.begin[j], made.stop[j]):
        for k in range(begin, stop):
            width = mip.bucket[np.searchsorted(mip.scale, k, "right") - 1]
            drawn[mip.at[k] * width : (mip.at[k] + 1) * width] += 1
    for k in made.cut[j][made.cut[j] >= 0]:
        bucket = mip.at[k] * mip.bucket[0]
        drawn[max(bucket, made.left[j]) : min(bucket + mip.bucket[0], made.right[j])] += 1
    return drawn


@pytest.mark.parametrize("widths", [[4], [4, 20], [1, 2, 8, 40], [10, 50, 200]])
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_every_instant_is_in_its_column_once_and_in_no_other(widths, share):
    rng = np.random.default_rng(3)
    for _ in range(60):
        used = rng.random(LONG) < share
        mip = timeline(widths, used)
        edges = np.cumsum(rng.integers(1, 40, 9))
        made = plan(MEAN, mip, edges)
        for j in range(len(edges) - 1):
            inside = np.arange(LONG)
            inside = (edges[j] <= inside) & (inside < edges[j + 1])
            drawn = covered(made, mip, j)
            assert (drawn[~inside] == 0).all()
            assert (drawn[inside & used] == 1).all()
            assert drawn.max() <= 1
            if made.shared[j]:  # then the bucket is all of it in the two columns
                k = made.cut[j, 0]
                assert made.cut[j - 1, 1] == k
                assert edges[j - 1] <= mip.at[k] * widths[0]
                assert (mip.at[k] + 1) * widths[0] <= edges[j + 1]


def test_columns_are_made_of_the_coarsest_buckets():
    mip = timeline([5, 15, 60], np.ones(LONG, bool))
    made = plan(MEAN, mip, np.array([0, 60, 133, 300]))
    widths = [
        sorted(
            int(mip.bucket[np.searchsorted(mip.scale, k, "right") - 1])
            for begin, stop in zip(made.begin[j], made.stop[j])
            for k in range(begin, stop)
        )
        for j in range(3)
    ]
    assert widths == [[60], [5, 5, 60], [15, 15, 15, 60, 60]]
    assert (made.cut[0] < 0).all()
    assert list(made.shared) == [False, False, True]
    assert mip.at[made.cut[1, 1]] * 5 == 130


def test_an_instant_is_where_a_bucket_ends_or_a_cut_of_one():
    mip = timeline([5, 15], np.ones(LONG, bool))
    made = plan(LAST, mip, np.array([0, 15, 23, 30]))
    assert list(made.stop[:, 0] - made.begin[:, 0]) == [1, 0, 1]
    assert list(mip.at[made.begin[:, 0]]) == [2, 4, 5]
    assert list(made.cut[:, 0]) == [-1, 4, -1]


def test_a_whole_day_is_drawn_from_cells_and_a_minute_from_the_spans(market, monkeypatch):
    side, mip = market.sides[0], mipmap_of(market.sides[0])
    rows = np.arange(side.levels[0] // 50, side.levels[-1] // 50 + 2) * 50
    begin = market.begin // (60 * SECOND) * 60 * SECOND
    wide, narrow = begin + np.arange(8) * 60 * SECOND, begin + 60 * SECOND + np.arange(900) * SECOND // 10
    assert choose(MEAN, mip, side, wide, rows) is None  # a market this small is drawn sooner than chosen for
    monkeypatch.setattr(mipmap_plan, "SOON", 0)
    for how in (MEAN, PEAK, LAST):
        assert choose(how, mip, side, wide, rows) is not None
        assert choose(how, mip, side, wide + 1, rows) is not None
        assert choose(how, None, side, wide, rows) is None
    assert choose(MEAN, mip, side, narrow, rows) is None
    one_level = rows[0] + np.array([0, 1])
    assert choose(MEAN, mip, side, wide + 1, one_level) is None
