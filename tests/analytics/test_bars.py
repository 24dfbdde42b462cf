"""Bars and profiles against loops over the trades."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics import bars, volume_profile
from liqmap.analytics.flow.bars import bars_of
from liqmap.analytics.flow.profile import profile_of
from liqmap.analytics.flow.rows import Rows
from liqmap.analytics.flow.trades import Trades
from liqmap.schema import TRADES, GridError
from liqmap.simulation import write_bybit

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
        "ts", "open", "high", "low", "close", "volume", "buys", "sells", "unsigned", "delta",
        "cumulative_delta", "trades", "end", "notional", "vwap", "min_delta", "max_delta", "complete",
    ]  # fmt: skip
    assert str(frame["ts"].dt.tz) == "UTC"
    old = frame.iloc[1, 1:12].tolist()
    assert old == [52.0, 52.0, 49.0, 49.0, 5.0, 0.0, 1.0, 4.0, -1.0, 1.0, 2]
    assert frame.iloc[1, 13:].tolist() == [248.0, 49.6, -1.0, 0.0, False]


@pytest.mark.parametrize("every", ["0s", None])
def test_bars__refuse_a_step_of_nothing(every: str | None) -> None:
    with pytest.raises(GridError, match="every: expected a step"):
        bars(table([]), every)


@given(many, st.integers(1, 7))
@settings(deadline=None)
def test_profile__is_what_a_loop_over_the_trades_makes(trades: list[Trade], ticks: int) -> None:
    expected: dict[int, dict[str | None, float]] = defaultdict(lambda: defaultdict(float))
    for _, side, tick, size in trades:
        expected[math.floor(tick / ticks)][side] += size
    found = volume_profile(table(trades), ticks * TICK, TICK)
    assert list(found.columns) == ["price", "buys", "sells", "unsigned", "volume"]
    assert {str(kind) for kind in found.dtypes} == {"float64"}
    for price, buys, sells, unsigned, volume in found.itertuples(index=False):
        row = expected[math.floor(round(price / TICK) / ticks)]
        assert (buys, sells, unsigned) == pytest.approx((row["buy"], row["sell"], row[None]))
        assert volume == pytest.approx(sum(row.values()))
    assert found["volume"].sum() == pytest.approx(sum(one[3] for one in trades))


def test_profile__counts_prices_between_ticks_where_they_are() -> None:
    """Such as block trades: 100.07 is of [100.0, 100.1), not of the next row. Prices are as written."""
    rows = table([(0, "buy", 1, 1.0), (1, "buy", 1, 2.0), (2, "sell", 1, 4.0)])
    rows = rows.set_column(rows.column_names.index("price"), "price", pa.array([100.07, 100.1, 100.0]))
    found = volume_profile(rows, 0.1, 0.1)
    assert found["price"].tolist() == [100.0, 100.1]
    assert found["volume"].tolist() == [5.0, 2.0]
    many = volume_profile(
        rows.set_column(rows.column_names.index("price"), "price", pa.array([18486.1, 18486.2, 18486.3])),
        tick_size=0.1,
    )
    assert many["price"].tolist() == [18486.1, 18486.2, 18486.3]


def test_profile__of_prices_with_many_digits() -> None:
    """A price is its own tick also where its number has no room for a millionth of one."""
    tick = 1e-8
    at = np.random.default_rng(1).integers(10**12, 10**14, 500)
    price = np.array([float(f"{k // 10**8}.{k % 10**8:08d}") for k in at.tolist()])
    assert Rows(tick, 1).of(price).tolist() == at.tolist()


def test_profile__with_too_many_rows_is_refused() -> None:
    rows = table([(0, "buy", 1, 1.0), (1, "buy", 10**9, 2.0)])
    with pytest.raises(GridError, match="at most 10,000,000 rows"):
        volume_profile(rows, TICK, TICK)


# ---------------------------------------------------------------------- what is taken for trades

ROWS: list[Trade] = [(5, "buy", 100, 2.0), (70, "sell", 104, 1.0), (80, None, 98, 4.0), (60, "sell", 98, 1.0)]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = tmp_path_factory.mktemp("bars")
    write_bybit(lm.simulate(minutes=0.3, seed=4, keep_truth=False), folder / "raw")
    lm.ingest(folder / "raw", store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def test_a_session_and_its_table_are_the_same(session: lm.Session) -> None:
    trades = session.trades()
    expected = slow_bars(
        [
            (t.value, side, round(p / TICK), z)
            for t, side, p, z in zip(
                pd.DatetimeIndex(trades["ts"].to_pandas()),
                *(trades[n].to_pylist() for n in ("aggressor", "price", "size")),
            )
        ],
        10**9,
    )
    found = lm.bars(session, "1s")
    assert len(found) > 5
    assert [t.value for t in found["ts"]] == sorted(expected)
    assert found["volume"].tolist() == pytest.approx([expected[t]["volume"] for t in sorted(expected)])
    assert type(found) is pd.DataFrame
    for ways in (trades, trades.to_pandas(), trades.to_reader()):
        assert lm.bars(ways, "1s").equals(found)
    profile = lm.volume_profile(session)
    assert lm.volume_profile(trades).equals(profile)
    assert lm.volume_profile(trades.to_pandas(), tick_size=session.meta.tick_size).equals(profile)
    assert profile["price"].diff().dropna().round(9).unique().tolist() == [session.meta.tick_size]
    assert lm.quality(session).total.equals(session.quality().total)


def _frame() -> pd.DataFrame:
    return table(ROWS).to_pandas()


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(ts=f["ts"].dt.tz_localize(None)),
        lambda f: f.assign(ts=f["ts"].dt.tz_convert("America/New_York")),
        lambda f: f.assign(aggressor=f["aggressor"].astype(object)),
        lambda f: f.assign(aggressor=f["aggressor"].astype("str")),
        lambda f: f.assign(size=f["size"].astype("float32"), note="more"),
        lambda f: f[["size", "price", "aggressor", "ts"]].set_index(pd.Index([7, 7, 8, 9])),
    ],
)
def test_frames_of_any_make_are_the_same(change: Any) -> None:
    assert lm.bars(change(_frame()), "1s").equals(bars(table(ROWS), "1s"))


def test_frames_in_which_no_aggressor_is_known_say_so() -> None:
    found = lm.bars(_frame().assign(aggressor=None), "1s")
    assert found["unsigned"].tolist() == found["volume"].tolist() == [8.0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="price"), "no price"),
        (lambda f: f.rename(columns={"ts": "time", "size": "qty"}), "no ts, no size"),
        (lambda f: f.assign(ts=5), "ts: expected times, got int64"),
        (lambda f: f.assign(price="65000"), "price: expected numbers"),
        (
            lambda f: f.assign(size=[1.0, np.nan, 2.0, 3.0]),
            "size: expected a number in every row, got 1",
        ),
        (lambda f: f.assign(price=[1.0, np.inf, 2.0, 3.0]), "price: expected a number in every row, got 1"),
        (lambda f: f.assign(ts=f["ts"].where(f["price"] > 49)), "ts: expected a time in every row, got 2"),
        (lambda f: f.assign(aggressor="B"), "expected one of .*'buy', 'sell'.*, got 'B'"),
        (lambda f: f.assign(aggressor=1), "aggressor: expected buy, sell or null"),
        (lambda f: 5, "expected a Session, or a table of trades .*got int"),
        (lambda f: f.to_dict(), "got dict"),
    ],
)
def test_what_is_no_trades_is_refused_in_one_line(change: Any, words: str) -> None:
    for verb in (lm.bars, lambda t: lm.volume_profile(t, tick_size=TICK)):
        with pytest.raises(lm.LiqmapError, match=words) as error:
            verb(change(_frame()))
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("asked", "words"),
    [({}, "Pass tick_size="), ({"tick_size": 0}, "a tick above zero"), ({"tick_size": "0.1"}, "got '0.1'")],
)
def test_profile__needs_to_know_the_tick(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(GridError, match=words):
        lm.volume_profile(_frame(), **asked)


def test_quality__of_something_else_is_refused() -> None:
    with pytest.raises(GridError, match=r"spans: expected spans, or a session.*got DataFrame"):
        lm.quality(_frame())


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
