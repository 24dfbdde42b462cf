"""Pieces by bucket: they are the spans, cut where buckets end, and nothing of a time is rounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.raster import bucket_pieces as module
from liqmap.raster.bucket_pieces import BucketPieces, bucket_pieces
from liqmap.raster.observe_spans import SideArrays, side_arrays
from tests.strategies import SECOND, st_messages, st_raw_messages, to_depth_table


def cut_by_hand(spans: SideArrays, width: int) -> list[tuple]:
    """bucket, level, start, seen and size of every piece, one by one."""
    found = []
    for level in range(len(spans.levels)):
        for i in range(spans.first[level], spans.first[level + 1]):
            a = int(spans.start[i])
            while a < spans.seen[i]:
                b = min(int(spans.seen[i]), (a // width + 1) * width)
                found.append((a // width, level, a, b, np.float32(spans.size[i])))
                a = b
    return sorted(found)


def told(pieces: BucketPieces, at: np.ndarray) -> list[tuple]:
    """The same of `BucketPieces`, whose order is looked at on the way."""
    found = []
    for k, bucket in enumerate(at):
        times = pieces.times[pieces.first_time[k] : pieces.first_time[k + 1]].tolist()
        assert times == sorted(set(times))
        rows = range(pieces.first[k], pieces.first[k + 1])
        assert list(pieces.start[rows]) == sorted(pieces.start[rows])
        for i in rows:
            start, seen = times[pieces.start[i]], times[pieces.seen[i]]
            found.append((int(bucket), int(pieces.level[i]), start, seen, pieces.size[i]))
    return sorted(found)


def buckets_of(expected: list[tuple]) -> np.ndarray:
    return np.array(sorted({piece[0] for piece in expected}), np.int64)


def assert_pieces(spans: SideArrays, width: int) -> BucketPieces:
    expected = cut_by_hand(spans, width)
    made = bucket_pieces(spans, width, buckets_of(expected))
    assert told(made, buckets_of(expected)) == expected
    return made


@given(
    feed=st.one_of(st_messages(), st_raw_messages()),
    width=st.sampled_from([SECOND // 3 + 1, 5 * SECOND, 3600 * SECOND]),
    at_a_time=st.sampled_from([1, 7, 1 << 20]),
)
@settings(max_examples=30, deadline=None)
def test_pieces_are_the_spans_cut_by_hand(feed, width, at_a_time):
    spans = lm.replay(to_depth_table(*feed))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(module, "AT_A_TIME", at_a_time)
        for side in spans.sides:
            assert_pieces(side_arrays(side), width)


@pytest.mark.pure
@given(feed=st_messages())
@settings(max_examples=20, deadline=None)
def test_pieces_are_the_spans_cut_by_hand__as_plain_python(feed):
    for side in lm.replay(to_depth_table(*feed)).sides:
        assert_pieces(side_arrays(side), 2 * SECOND)


def test_pieces_of_a_market__some_buckets_at_a_time(monkeypatch):
    market = lm.replay(lm.simulate(minutes=1, seed=5, levels=40, keep_truth=False).depth)
    monkeypatch.setattr(module, "AT_A_TIME", 500)
    for side in market.sides:
        made = assert_pieces(side_arrays(side), 5 * SECOND)
        assert len(made.level) > 2 * 500
        assert (made.level.dtype, made.start.dtype) == (np.uint16, np.uint16)


@pytest.mark.long  # compiled for wider numbers
def test_a_bucket_of_more_times_than_two_bytes_name():
    """One level that changes every nanosecond, seen until the next."""
    number = 70_000
    start = np.arange(number, dtype=np.int64)
    spans = SideArrays(
        np.array([5], np.int32), np.array([0, number]), start, start + 1, start + 1, np.ones(number)
    )
    made = bucket_pieces(spans, SECOND, np.zeros(1, np.int64))
    assert made.start.dtype == np.uint32
    np.testing.assert_array_equal(made.times, np.arange(number + 1))
    np.testing.assert_array_equal(made.times[made.start], start)
    np.testing.assert_array_equal(made.times[made.seen], start + 1)


@pytest.mark.long  # compiled for wider numbers
def test_more_levels_than_two_bytes_name():
    levels = np.arange(70_000, dtype=np.int32)
    first = np.arange(70_001)
    start = np.zeros(70_000, np.int64)
    spans = SideArrays(levels, first, start, start + 9, start + 9, levels + 1.0)
    made = bucket_pieces(spans, SECOND, np.zeros(1, np.int64))
    np.testing.assert_array_equal(np.sort(made.level), levels)
    np.testing.assert_array_equal(made.size, made.level + np.float32(1))


def test_no_piece_at_all():
    spans = SideArrays(np.array([5], np.int32), np.array([0, 1]), *[np.array([3])] * 3, np.ones(1))
    made = bucket_pieces(spans, SECOND, np.empty(0, np.int64))
    assert [len(array) for array in made] == [1, 0, 0, 0, 0, 1, 0]
