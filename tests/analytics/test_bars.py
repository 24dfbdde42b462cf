"""Bars and profiles against loops over the trades."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.analytics import bars, volume_profile
from liqmap.analytics.flow.bars import bars_of
from liqmap.analytics.flow.profile import profile_of
from liqmap.analytics.flow.trades import Trades
from liqmap.schema import TRADES, GridError

TICK = 0.5

Trade = tuple[int, str | None, int, float]
"""ns, aggressor, tick, size."""

trade = st.tuples(
    st.integers(0, 1000),
    st.sampled_from(["buy", "sell", None]),
    st.integers(90, 110),
    st.integers(1, 50).map(lambda n: n / 4),
)
many = st.lists(trade, max_size=60)


def table(trades: list[Trade]) -> pa.Table:
    rows = [
        {"ts": t, "id": str(k), "aggressor": side, "price": tick * TICK, "size": size, "flags": None}
        for k, (t, side, tick, size) in enumerate(trades)
    ]
    return pa.Table.from_pylist(rows, schema=TRADES)


def slow_bars(trades: list[Trade], step: int) -> dict[int, dict[str, float]]:
    """Each trade in turn, by time, changes the bar it falls in."""
    out: dict[int, dict[str, float]] = {}
    cumulative = 0.0
    for t, side, tick, size in sorted(trades, key=lambda one: one[0]):
        price = tick * TICK
        new = {
            "open": price,
            "high": price,
            "low": price,
            "volume": 0.0,
            "buys": 0.0,
            "sells": 0.0,
            "count": 0,
        }
        bar = out.setdefault(math.floor(t / step) * step, new)
        bar["high"], bar["low"], bar["close"] = max(bar["high"], price), min(bar["low"], price), price
        bar["volume"] += size
        bar["count"] += 1
        if side is not None:
            bar[side + "s"] += size
            cumulative += size if side == "buy" else -size
        bar["cumulative"] = cumulative
    return out


@given(many, st.integers(1, 400))
@settings(deadline=None)
def test_bars__are_what_a_loop_over_the_trades_makes(trades: list[Trade], step: int) -> None:
    found, expected = bars_of(Trades.of(table(trades)), step), slow_bars(trades, step)
    assert list(found.time) == sorted(expected)
    for k, t in enumerate(found.time):
        for name, value in expected[int(t)].items():
            assert getattr(found, name)[k] == pytest.approx(value), name


@given(many, st.integers(1, 400), st.integers(-100, 1100), st.integers(1, 500))
@settings(deadline=None)
def test_bars__of_a_view_are_those_of_the_whole(
    trades: list[Trade], step: int, begin: int, length: int
) -> None:
    all_ = Trades.of(table(trades))
    whole, part = bars_of(all_, step), bars_of(all_, step, begin, begin + length)
    seen = (whole.time + step > begin) & (whole.time < begin + length)
    assert list(part.time) == list(whole.time[seen])
    for name in ("open", "close", "volume", "delta", "cumulative"):
        assert getattr(part, name) == pytest.approx(getattr(whole, name)[seen])


st_odd = st.tuples(
    st.integers(-3, 40).flatmap(lambda s: st.sampled_from([-1, 0, 1]).map(lambda d: s * 10**9 + d)),
    st.sampled_from(["buy", "sell", None]),
    st.integers(90, 110),
    st.sampled_from([0.0, 0.5, 2.0]),
)


@given(st.lists(st_odd, max_size=30), st.sampled_from(["1s", "7s", "90s", "1D"]))
@settings(deadline=None)
def test_bars__are_those_of_pandas(trades: list[Trade], every: str) -> None:
    """Also of trades at the edges of bars, out of order, of no size, of nobody, before the epoch."""
    found = bars(table(trades), every)
    index = pd.DatetimeIndex(np.array([t for t, *_ in trades], "datetime64[ns]"))
    columns = {"price": [k * TICK for *_, k, _ in trades], "size": [z for *_, z in trades]}
    raw = pd.DataFrame(columns, index).astype(float)
    rows = raw.sort_index(kind="stable").resample(every, origin="epoch")
    expected = rows["price"].ohlc().assign(volume=rows["size"].sum(), trades=rows["price"].count())
    expected = expected[expected["trades"] > 0]
    assert list(found["ts"].dt.tz_localize(None)) == list(expected.index)
    assert np.allclose(found[list(expected.columns)], expected)


@given(many, st.integers(1, 400), st.integers(-100, 1100), st.integers(1, 500))
@settings(deadline=None)
def test_bars__begin_from_the_sum_of_all_before(
    trades: list[Trade], step: int, begin: int, length: int
) -> None:
    found = bars_of(Trades.of(table(trades)), step, begin, begin + length)
    sums = [{"buy": z, "sell": -z, None: 0.0}[side] for t, side, _, z in trades if t < begin // step * step]
    time, total = found.total(begin, begin + length)
    assert found.before == total[0] == pytest.approx(sum(sums))
    assert total[-1] == pytest.approx(found.before + found.delta.sum())
    assert (np.diff(time) >= 0).all()
    assert (time[0], time[-1]) == (begin, begin + length)


def test_bars__as_a_frame() -> None:
    frame = bars(
        table([(5, "buy", 100, 2.0), (70, "sell", 104, 1.0), (80, None, 98, 4.0)]), np.timedelta64(50)
    )
    assert list(frame.columns) == [
        "ts", "open", "high", "low", "close", "volume", "buys", "sells", "delta", "cumulative_delta",
        "trades",
    ]  # fmt: skip
    assert str(frame["ts"].dt.tz) == "UTC"
    assert frame.iloc[1].drop("ts").tolist() == [52.0, 52.0, 49.0, 49.0, 5.0, 0.0, 1.0, -1.0, 1.0, 2]


@pytest.mark.parametrize("every", ["0s", None])
def test_bars__refuse_a_step_of_nothing(every: str | None) -> None:
    with pytest.raises(GridError, match="every: expected a step"):
        bars(table([]), every)


@given(many, st.integers(1, 7), st.integers(-100, 1100), st.integers(0, 500))
@settings(deadline=None)
def test_profile__is_what_a_loop_over_the_trades_makes(
    trades: list[Trade], ticks: int, begin: int, length: int
) -> None:
    expected: dict[int, dict[str | None, float]] = defaultdict(lambda: defaultdict(float))
    inside = [one for one in trades if begin <= one[0] < begin + length]
    for _, side, tick, size in inside:
        expected[math.floor(tick / ticks)][side] += size
    found = volume_profile(table(trades), ticks * TICK, TICK, begin, begin + length)
    for price, buys, sells, volume in found.itertuples(index=False):
        row = expected[math.floor(round(price / TICK) / ticks)]
        assert (buys, sells) == pytest.approx((row["buy"], row["sell"]))
        assert volume == pytest.approx(sum(row.values()))
    assert found["volume"].sum() == pytest.approx(sum(one[3] for one in inside))


def test_profile__leaves_out_what_lies_beyond_its_rows() -> None:
    trades = Trades.of(
        table([(0, "buy", 99, 1.0), (1, "sell", 100, 2.0), (2, None, 103, 4.0), (3, "buy", 104, 8.0)])
    )
    found = profile_of(trades, np.array([100, 102, 104]), TICK)
    assert found.buys.tolist() == [0, 0]
    assert found.sells.tolist() == [2, 0]
    assert found.unsigned.tolist() == [0, 4]
    assert found.busiest == 1
    assert profile_of(trades, np.array([200, 210]), TICK).busiest is None


@pytest.mark.parametrize("price", [0.0, 0.7, -1.0])
def test_profile__needs_rows_of_whole_ticks(price: float) -> None:
    with pytest.raises(GridError, match=r"price: expected a whole multiple of the tick 0\.5"):
        volume_profile(table([]), price, TICK)
