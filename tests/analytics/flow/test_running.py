"""Cumulative delta, VWAP and developing areas against sums over all trades so far; value areas."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics import ValueArea
from liqmap.schema import GridError, SchemaError

from .plain import TICK, One, area, profile, st_trades, table

DAY = 86_400 * 10**9
st_anchor = st.sampled_from(["session", np.timedelta64(70, "ns"), pd.Timestamp(310), pd.Timestamp(5000)])


def counted(trades: list[One], anchor: Any, t: int) -> list[One]:
    """The trades from the last anchor on, up to t."""
    if isinstance(anchor, np.timedelta64):
        step = int(anchor.astype(int))
        return [one for one in trades if t // step * step <= one.t <= t]
    begin = anchor.value if isinstance(anchor, pd.Timestamp) else 0
    return [one for one in trades if begin <= one.t <= t]


def times(trades: list[One], anchor: Any) -> list[int]:
    return sorted({one.t for one in trades if counted(trades, anchor, one.t)})


@given(st_trades, st_anchor)
@settings(deadline=None)
def test_cumulative_delta__is_the_sum_of_all_so_far(trades: list[One], anchor: Any) -> None:
    found = lm.cumulative_delta(table(trades), anchor)
    assert [t.value for t in found["ts"]] == times(trades, anchor)
    for row in found.itertuples(index=False):
        some = counted(trades, anchor, row.ts.value)
        assert row.cumulative_delta == float(sum((one.signed for one in some), Decimal(0)))
        assert row.delta == float(sum((one.signed for one in some if one.t == row.ts.value), Decimal(0)))
        assert row.unsigned == float(sum((one.size for one in some if one.side is None), Decimal(0)))


@pytest.mark.pure
@given(st_trades, st_anchor)
@settings(deadline=None)
def test_vwap__is_the_mean_of_all_so_far_and_its_deviation(trades: list[One], anchor: Any) -> None:
    found = lm.vwap(table(trades), anchor, (1, 2.5))
    assert [t.value for t in found["ts"]] == times(trades, anchor)
    assert list(found) == ["ts", "vwap", "deviation", "lower_1", "upper_1", "lower_2.5", "upper_2.5"]
    for row in found.itertuples(index=False):
        some = counted(trades, anchor, row.ts.value)
        volume = sum((one.size for one in some), Decimal(0))
        if not volume:
            assert math.isnan(row.vwap)
            assert math.isnan(row.deviation)
            continue
        mean = sum((one.price * one.size for one in some), Decimal(0)) / volume
        variance = sum((one.size * (one.price - mean) ** 2 for one in some), Decimal(0)) / volume
        assert row.vwap == pytest.approx(float(mean), rel=1e-12)
        assert row.deviation == pytest.approx(math.sqrt(variance), rel=1e-9, abs=1e-12)
        lower, upper = row[5], row[6]
        assert (lower + upper) / 2 == pytest.approx(row.vwap)
        assert (upper - lower) / 5 == pytest.approx(row.deviation, abs=1e-12)


def test_vwap__of_equal_prices_has_no_deviation_at_all() -> None:
    same = [One(k, "buy", Decimal("64123.7"), Decimal(k % 7 + 1) / 10) for k in range(1000)]
    found = lm.vwap(table(same))
    assert (found["vwap"] == 64123.7).all()
    assert (found["deviation"] == 0).all()


@pytest.mark.pure
@given(
    st_trades, st.sampled_from([25, 70]), st.sampled_from([1, 5]), st.sampled_from(["0.7", "1.0"]), st_anchor
)
@settings(deadline=None)
def test_developing__is_the_area_of_all_before(
    trades: list[One], step: int, ticks: int, share: str, anchor: Any
) -> None:
    found = lm.developing(table(trades), np.timedelta64(step), float(ticks * TICK), float(share), anchor)
    steps = sorted({t // step * step + step for t in times(trades, anchor)})
    assert [t.value for t in found["ts"]] == steps
    for row in found.itertuples(index=False):
        last = max(one.t for one in trades if one.t < row.ts.value)
        expected = area(profile(counted(trades, anchor, last), ticks), share)
        if expected is None:
            assert all(math.isnan(value) for value in row[1:])
        else:
            assert list(row[1:]) == [float(r * ticks * TICK) for r in expected]


def test_anchors__of_days_hours_and_times() -> None:
    trades = [One(DAY - 10, "buy", Decimal(100), Decimal(1)), One(DAY, "buy", Decimal(100), Decimal(2))]
    trades += [One(DAY + 3600 * 10**9, "sell", Decimal(100), Decimal(4))]

    def last(anchor: Any) -> list[float]:
        return lm.cumulative_delta(table(trades), anchor)["cumulative_delta"].tolist()

    assert last("session") == [1, 3, -1]
    assert last("1D") == [1, 2, -2]
    assert last("1h") == [1, 2, -4]
    assert last("1970-01-02 00:30") == [-4]
    assert last("1970-01-02") == [2, -2]
    with pytest.raises(GridError, match="anchor: expected a time with its day"):
        last("12:30")


@pytest.mark.parametrize("anchor", ["nonsense", "0s", None, 5.5, True, ["1D"], "none"])
def test_anchors__that_are_none_are_refused(anchor: Any) -> None:
    rows = table([One(0, "buy", Decimal(100), Decimal(1))])
    for verb in (lm.cumulative_delta, lm.vwap):
        with pytest.raises(GridError, match="anchor: expected"):
            verb(rows, anchor)
    with pytest.raises(GridError, match="anchor: expected"):
        lm.developing(rows, anchor=anchor)


@pytest.mark.parametrize("bands", [1.0, "12", [0], [np.nan], [True], [None]])
def test_bands__that_are_none_are_refused(bands: Any) -> None:
    with pytest.raises(GridError, match="bands: expected numbers above zero"):
        lm.vwap(table([]), bands=bands)


# ---------------------------------------------------------------------- value areas


@given(st_trades, st.sampled_from([1, 2, 5]), st.sampled_from(["0.7", "0.68", "0.01", "1.0"]))
@settings(deadline=None)
def test_value_area__is_that_of_lists(trades: list[One], ticks: int, share: str) -> None:
    volumes = profile(trades, ticks)
    found = lm.value_area(lm.volume_profile(table(trades), float(ticks * TICK)), float(share))
    expected = area(volumes, share)
    if expected is None:
        assert all(math.isnan(value) for value in found)
        return
    assert found[:3] == tuple(float(r * ticks * TICK) for r in expected)
    held = sum(volumes[r] for r in range(expected[1], expected[2] + 1)) / sum(volumes.values())
    assert found.share == pytest.approx(float(held))
    assert found.share >= float(share) - 1e-12


def test_value_area__worked_by_hand() -> None:
    """Total 100, so 70 are wanted. From 30 at 103: above 20 + 5 = 25, below 18 + 4 = 22: above, 55.
    Then above 3 + 0, below 22: below, 77."""
    volume = [16, 4, 4, 18, 30, 20, 5, 3, 0]
    frame = pd.DataFrame({"price": np.arange(99.0, 108.0), "volume": volume})
    assert lm.value_area(frame) == ValueArea(103.0, 101.0, 105.0, 0.77)


def test_value_area__takes_the_upper_of_equal_pairs_and_the_lower_of_equal_rows() -> None:
    equal = pd.DataFrame({"price": [1.0, 2, 3, 4, 5], "volume": [1.0, 1, 2, 1, 1]})
    assert lm.value_area(equal, 0.5)[:3] == (3, 3, 5)
    flat = pd.DataFrame({"price": [1.0, 2, 3], "volume": [5.0, 5, 5]})
    assert lm.value_area(flat, 0.1)[:3] == (1, 1, 1)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (5, "profile: expected a frame with price and volume"),
        (pd.DataFrame({"price": [1.0]}), "profile: "),
        (
            pd.DataFrame({"price": [1.0, 3.0, 4.0], "volume": [1.0, 1, 1]}),
            "rise evenly, rows without a trade",
        ),
        (pd.DataFrame({"price": [2.0, 1.0], "volume": [1.0, 1]}), "rise evenly"),
        (pd.DataFrame({"price": [1.0, np.nan], "volume": [1.0, 1]}), "a price in every row"),
        (pd.DataFrame({"price": [1.0, 2], "volume": [1.0, np.nan]}), "a volume in every row"),
        (pd.DataFrame({"price": [1.0, 2], "volume": [1.0, -1]}), "a volume in every row"),
    ],
)
def test_value_area__refuses_what_is_no_profile(profile: Any, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        lm.value_area(profile)


def test_profile__of_what_is_in_view() -> None:
    trades = [One(10**9 * k, "buy", Decimal(100 + k), Decimal(1)) for k in range(5)]
    found = lm.volume_profile(table(trades), time_range=(pd.Timestamp(10**9), pd.Timestamp(3 * 10**9)))
    assert found["volume"].sum() == 2
    assert (found["price"].min(), found["price"].max()) == (101.0, 102.0)
    with pytest.raises(GridError, match="time_range"):
        lm.volume_profile(table(trades), time_range=("2030-01-01", "2030-01-02"))
