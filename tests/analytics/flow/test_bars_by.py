"""Bars of every kind against lists of decimals, and against pandas."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.flow.amounts import amounts_of
from liqmap.schema import GridError, SchemaError

from .plain import One, bar, cut, st_trades, table

KINDS = ["time", "ticks", "volume", "notional", "range", "imbalance"]
EVERY = {
    "time": ["25", "70", "1000"],
    "ticks": ["1", "2", "5"],
    "volume": ["0.1", "1", "1.1", "50"],
    "notional": ["0.5", "100", "99.7"],
    "range": ["0.1", "0.3", "0.7", "9"],
    "imbalance": ["0.1", "0.3", "1", "2.2"],
}
st_rule = st.sampled_from(KINDS).flatmap(lambda by: st.tuples(st.just(by), st.sampled_from(EVERY[by])))


def told(every: str, by: str) -> Any:
    return np.timedelta64(int(every)) if by == "time" else int(every) if by == "ticks" else float(every)


@pytest.mark.pure
@given(st_trades, st_rule)
@settings(deadline=None)
def test_bars__of_every_kind_are_what_a_list_makes(trades: list[One], rule: tuple[str, str]) -> None:
    by, every = rule
    found = lm.bars(table(trades), told(every, by), by)
    expected, ended = cut(trades, by, Decimal(every))
    assert len(found) == len(expected)
    cumulative = Decimal(0)
    for k, part in enumerate(expected):
        row, sums = found.iloc[k], bar(part)
        cumulative += sums["delta"]
        begin = part[0].t // int(every) * int(every) if by == "time" else part[0].t
        assert (row["ts"].value, row["end"].value) == (begin, sums["end"])
        exact = ("open", "high", "low", "close", "volume", "buys", "sells", "unsigned", "delta", "min_delta")
        for name in (*exact, "max_delta", "trades"):
            assert row[name] == float(sums[name]), name  # to the last bit: sums are exact decimals
        assert row["cumulative_delta"] == float(cumulative)
        assert row["notional"] == pytest.approx(float(sums["notional"]))
        if sums["vwap"] is None:
            assert math.isnan(row["vwap"])
        else:
            assert row["vwap"] == pytest.approx(float(sums["vwap"]))
        assert row["complete"] == (k < len(expected) - 1 or ended)


@given(st_trades, st.sampled_from([25, 70, 1000]))
@settings(deadline=None)
def test_bars__of_time_are_those_of_pandas(trades: list[One], step: int) -> None:
    """What pandas has words for: of the other columns see the list above."""
    found = lm.bars(table(trades), np.timedelta64(step))
    index = pd.DatetimeIndex(np.array([one.t for one in trades], "datetime64[ns]"))
    raw = pd.DataFrame(
        {
            "price": [float(one.price) for one in trades],
            "size": [float(one.size) for one in trades],
            "delta": [float(one.signed) for one in trades],
            "notional": [float(one.size * one.price) for one in trades],
            "ts": index,
        },
        index,
    )
    rows = raw.resample(pd.Timedelta(step, "ns"), origin="epoch")
    sums = rows[["size", "delta", "notional"]].sum()
    expected = rows["price"].ohlc().assign(**sums, last=rows["ts"].max(), trades=rows["price"].count())
    expected = expected[expected["trades"] > 0].rename(columns={"size": "volume"})
    names = ["open", "high", "low", "close", "volume", "delta", "notional", "trades"]
    assert np.allclose(found[names], expected[names].astype(float))
    assert list(found["end"].dt.tz_localize(None)) == list(expected["last"])


@given(st_trades, st.integers(1, 6))
@settings(deadline=None)
def test_bars__of_ticks_are_those_of_pandas(trades: list[One], every: int) -> None:
    found = lm.bars(table(trades), every, "ticks")
    prices = pd.Series([float(one.price) for one in trades], dtype=float)
    groups = prices.groupby(np.arange(len(trades)) // every)
    for name, values in {"open": groups.first(), "high": groups.max(), "trades": groups.count()}.items():
        assert found[name].tolist() == values.tolist()


def test_ten_times_a_tenth_ends_a_bar_of_one() -> None:
    """The sum of ten floats 0.1 is below 1: the bar would take an eleventh trade."""
    ten = [One(k, "buy", Decimal(100), Decimal("0.1")) for k in range(20)]
    for by in ("volume", "imbalance"):
        found = lm.bars(table(ten), 1.0, by)
        assert found["trades"].tolist() == [10, 10]
        assert found["volume"].tolist() == [1.0, 1.0]
        assert found["complete"].all()


@given(st.lists(st.floats(0, 1e6, allow_subnormal=False), max_size=30))
@settings(deadline=None)
def test_amounts__are_exact_or_the_sizes_themselves(sizes: list[float]) -> None:
    size = np.array(sizes, np.float64)
    found = amounts_of(size)
    assert (found.value / found.per_unit == size).all()
    if found.per_unit > 1:
        assert (found.value == np.rint(found.value)).all()
        assert found.value.sum() < 2.0**53


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.integers(0, 8))
@settings(deadline=None)
def test_amounts__of_decimals_add_up_exactly(whole: list[int], places: int) -> None:
    size = np.array([float(Decimal(n).scaleb(-places)) for n in whole])
    value, per_unit = amounts_of(size)
    assert value.sum() / per_unit == float(Decimal(sum(whole)).scaleb(-places))


def test_bars__of_sizes_that_are_no_decimals_are_added_as_they_are() -> None:
    third = [One(k, "buy", Decimal(100), Decimal(1)) for k in range(4)]
    rows = table(third).set_column(4, "size", pa.array([1 / 3, 1 / 7, 0.1, 0.2]))
    assert rows.column_names[4] == "size" or "size" in rows.column_names
    found = lm.bars(rows.select(["ts", "price", "size", "aggressor"]), 10, "ticks")
    assert found["volume"].tolist() == [1 / 3 + 1 / 7 + 0.1 + 0.2]


@pytest.mark.parametrize("by", KINDS)
def test_bars__of_nothing_and_of_one_trade(by: str) -> None:
    every = told(EVERY[by][-1], by)
    none = lm.bars(table([]), every, by)
    assert len(none) == 0
    assert list(none) == list(lm.bars(table([One(5, None, Decimal(100), Decimal(1))]), every, by))
    one = lm.bars(table([One(5, None, Decimal(100), Decimal(1))]), every, by)
    assert one[["open", "close", "volume", "unsigned", "delta"]].iloc[0].tolist() == [100, 100, 1, 1, 0]


@pytest.mark.parametrize(
    ("every", "by", "words"),
    [
        ("1min", "days", "by: expected one of time, ticks"),
        ("1min", None, "by: expected one of"),
        ("1min", "ticks", "every: expected a whole number of at least 1"),
        (2.5, "ticks", "every: expected a whole number"),
        ("1min", "volume", "every: expected size units a bar, above zero"),
        (0, "notional", "every: expected quote currency a bar"),
        (np.nan, "range", "every: expected quote currency from low to high"),
        (np.inf, "imbalance", r"every: expected size units of \|delta\| a bar"),
        (True, "volume", "every: expected size units"),
        (5, "time", "every: "),
    ],
)
def test_bars__refuse_what_is_no_rule(every: Any, by: Any, words: str) -> None:
    with pytest.raises(GridError, match=words):
        lm.bars(table([]), every, by)


def test_sizes_below_zero_are_refused() -> None:
    rows = table([One(5, None, Decimal(100), Decimal(-1))])
    for verb in (lm.bars, lm.footprint, lm.cumulative_delta, lm.vwap, lm.sweeps, lm.developing):
        with pytest.raises(SchemaError, match="size: expected sizes of 0 or above"):
            verb(rows)
