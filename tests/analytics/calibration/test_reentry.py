"""Re-entry against the plain spans, and the retention curve against its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.calibration import reentries, retention
from liqmap.analytics.calibration.retention import falling
from liqmap.schema import GridError
from tests.analytics.calibration.test_held_out import st_pairs
from tests.oracle.replay import OPEN, oracle_replay
from tests.strategies import to_depth_table


def known_at(window: list, side: str, t: int) -> bool:
    """Whether the window of a side is known from t on."""
    found = [known for name, start, _, known in window if name == side and start <= t]
    return bool(found) and found[-1]


def plain_reentries(messages: list, n: int) -> list:
    """(back, side, tick, left, size, size after), from the oracle's spans."""
    spans, window = oracle_replay(messages, n)
    last = max((ts for event, ts, _ in messages if event != "gap"), default=0)
    starts = {(side, tick, start): size for side, tick, start, *_, size in spans}
    out = []
    for side, tick, start, seen, end, size in spans:
        left = start < seen < last and (end is OPEN or seen < end) and known_at(window, side, seen)
        if left and end is not OPEN and known_at(window, side, end):
            out.append((end, side, tick, seen, size, starts.get((side, tick, end), 0.0)))
    return sorted(out, key=lambda row: (row[0], row[1] == "ask", row[2]))


@settings(max_examples=50)
@given(pair=st_pairs())
def test_reentries__are_those_of_the_plain_spans(pair: tuple) -> None:
    messages, n = pair[:2]
    spans = lm.replay(to_depth_table(messages, n))
    found, expected = reentries(spans), plain_reentries(messages, n)
    back = found["back"].dt.tz_localize(None).astype("int64") if len(found) else []
    left = found["left"].dt.tz_localize(None).astype("int64") if len(found) else []
    tick = np.rint(found["price"] / spans.tick_size).astype(int)
    rows = zip(back, found["side"], tick, left, found["size"], found["size_after"])
    assert [tuple(row) for row in rows] == expected
    assert (found["unchanged"] == (found["size"] == found["size_after"])).all()
    np.testing.assert_allclose(found["gap"], [(row[0] - row[3]) * 1e-9 for row in expected])


@settings(max_examples=20)
@given(pair=st_pairs())
def test_retention__counts_the_reentries(pair: tuple) -> None:
    spans = lm.replay(to_depth_table(*pair[:2]))
    found = retention(spans, ages=[0, 0.5, 1, 3, np.inf], distances=[0, 500, 2000, np.inf], draws=5)
    back = reentries(spans).dropna(subset="distance")
    assert found["returned"].sum() == len(back)
    for row in found.itertuples():
        mine = back[
            (back["distance"] >= row.distance_low)
            & (back["distance"] < row.distance_high)
            & (back["gap"] >= row.age_low)
            & (back["gap"] < row.age_high)
        ]
        assert row.returned == len(mine) <= row.out
        if len(mine):
            assert row.there == pytest.approx((mine["size_after"] > 0).mean())
            assert row.unchanged == pytest.approx(mine["unchanged"].mean())
            kept = mine[["size", "size_after"]].min(axis=1).sum() / mine["size"].sum()
            assert row.kept == pytest.approx(kept)
    for _, curve in found.groupby("distance_low"):
        there = curve["retention"].dropna()
        assert there.is_monotonic_decreasing
        assert (curve["low"].dropna() <= curve["high"].dropna() + 1e-12).all()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda p: (min(p), max(p))), max_size=8))
def test_falling__is_the_min_max_formula(pairs: list) -> None:
    """A theorem: the smallest, over the begins before, of the largest mean to an end behind."""
    there, count = (np.array([[p[k] for p in pairs]], float).reshape(1, -1) for k in (0, 1))
    found = falling(there, count)[0]
    used = np.flatnonzero(count[0])
    assert np.isnan(found[count[0] == 0]).all()
    a, n = there[0, used], count[0, used]
    for k in range(len(used)):
        best = min(
            max(a[i : j + 1].sum() / n[i : j + 1].sum() for j in range(k, len(used))) for i in range(k + 1)
        )
        assert found[used[k]] == pytest.approx(best)


def test_retention__refuses_edges_that_do_not_rise() -> None:
    spans = lm.replay(to_depth_table([("snapshot", 1_700_000_000 * 10**9, [("bid", 10, 1.0)])], 2))
    with pytest.raises(GridError, match="ages: expected two edges or more that rise"):
        retention(spans, ages=[1, 1])
    empty = retention(spans)
    assert isinstance(empty, pd.DataFrame)
    assert not empty["returned"].any()
