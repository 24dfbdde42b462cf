"""Signs, places and sweeps of trades against plain loops."""

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
from liqmap.schema import GridError, SchemaError

from .plain import TICK, One, st_trades, table

Quote = tuple[int, Decimal | None, Decimal | None]
st_side = st.one_of(st.none(), st.integers(997, 1006).map(lambda n: n * TICK))
st_quotes = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n * 50), st_side, st_side),
    max_size=12,
    unique_by=lambda q: q[0],
).map(lambda some: sorted(some, key=lambda q: q[0]))


def frame(quotes: list[Quote]) -> pd.DataFrame:
    columns = {
        name: [math.nan if q[k] is None else float(q[k]) for q in quotes]  # type: ignore[arg-type]
        for k, name in ((1, "bid"), (2, "ask"))
    }
    ts = pd.DatetimeIndex(np.array([q[0] for q in quotes], "datetime64[ns]"), tz="UTC")
    return pd.DataFrame({"ts": ts} | columns, dtype=None).astype({"bid": float, "ask": float})


def sign(trades: list[One], k: int, bid: Decimal | None, ask: Decimal | None) -> tuple[int, str | None]:
    """As Lee and Ready say it, the venue's word before all."""
    one = trades[k]
    if one.side is not None:
        return (1 if one.side == "buy" else -1), "venue"
    if bid is None or ask is None or bid > ask:
        return 0, None
    middle = (bid + ask) / 2
    if one.price != middle:
        return (1 if one.price > middle else -1), "quote"
    for before in reversed(trades[:k]):
        if before.price != one.price:
            return (1 if before.price < one.price else -1), "tick"
    return 0, None


def place(price: Decimal, bid: Decimal | None, ask: Decimal | None) -> tuple[str | None, float]:
    if bid is None or ask is None or bid > ask:
        return None, math.nan
    if price > ask:
        return "through", float(price - ask)
    if price < bid:
        return "through", float(bid - price)
    return ("at" if price in (bid, ask) else "inside"), 0.0


@pytest.mark.pure
@given(st_trades, st_quotes, st.sampled_from([0, 30, 100]))
@settings(deadline=None)
def test_signs_and_places__are_those_of_a_loop(trades: list[One], quotes: list[Quote], delay: int) -> None:
    found = lm.time_and_sales(table(trades), frame(quotes), np.timedelta64(delay))
    assert len(found) == len(trades)
    parts = joined(trades, 0)
    assert np.bincount(found["joined"], minlength=len(parts)).tolist() == [len(part) for part in parts]
    for k, row in enumerate(found.itertuples(index=False)):
        one = trades[k]
        stood = [q for q in quotes if q[0] < one.t - delay]
        bid, ask = stood[-1][1:] if stood else (None, None)
        assert (row.ts.value, row.price, row.size) == (one.t, float(one.price), float(one.size))
        assert (None if pd.isna(row.aggressor) else row.aggressor) == one.side
        assert (row.sign, None if pd.isna(row.rule) else row.rule) == sign(trades, k, bid, ask)
        assert one in parts[row.joined]
        where, beyond = place(one.price, bid, ask)
        assert (None if pd.isna(row.at) else row.at) == where
        assert row.beyond == pytest.approx(beyond, nan_ok=True)


def tape(*rows: tuple[str, str | None]) -> pd.DataFrame:
    """Trades at prices, of aggressors, while 100.0 to 100.2 is quoted."""
    trades = [One(10 + k, side, Decimal(p), Decimal(1)) for k, (p, side) in enumerate(rows)]
    return lm.time_and_sales(table(trades), frame([(0, Decimal("100.0"), Decimal("100.2"))]))


def test_signs__worked_by_hand() -> None:
    found = tape(
        ("100.1", None), ("100.2", None), ("100.1", None), ("100.1", None), ("99.9", None), ("100.1", None)
    )
    assert found["sign"].tolist() == [0, 1, -1, -1, -1, 1]
    assert found["rule"].astype(object).fillna("").tolist() == ["", "quote", "tick", "tick", "quote", "tick"]
    assert found["aggressor"].isna().all()  # estimates stay apart
    assert found["at"].tolist() == ["inside", "at", "inside", "inside", "through", "inside"]
    assert found["beyond"].tolist() == pytest.approx([0, 0, 0, 0, 0.1, 0])


def test_the_venues_word_goes_before_the_quote() -> None:
    found = tape(("100.2", "sell"), ("100.3", "sell"))
    assert found["sign"].tolist() == [-1, -1]
    assert (found["rule"] == "venue").all()
    assert found["at"].tolist() == ["at", "through"]


def test_a_quote_of_the_very_time_of_a_trade_is_not_before_it() -> None:
    trades = table([One(50, None, Decimal("100.2"), Decimal(1))])
    found = lm.time_and_sales(trades, frame([(50, Decimal("100.0"), Decimal("100.2"))]))
    assert found["bid"].isna().all()
    assert found["sign"].tolist() == [0]


def test_estimates_can_be_taken_for_bars() -> None:
    found = tape(("100.2", None), ("100.0", None), ("100.0", None))
    signed = found.assign(aggressor=found["sign"].map({1: "buy", -1: "sell"}))
    assert lm.bars(signed, "1s")[["buys", "sells", "unsigned"]].iloc[0].tolist() == [1, 2, 0]


def test_nothing_and_one_trade() -> None:
    assert len(lm.time_and_sales(table([]), frame([]))) == 0
    one = lm.time_and_sales(table([One(5, None, Decimal(100), Decimal(1))]), frame([]))
    assert one[["aggressor", "rule", "bid", "ask", "at", "beyond"]].isna().all(axis=None)
    assert len(lm.sweeps(table([]))) == 0
    assert len(lm.sweeps(table([One(5, "buy", Decimal(100), Decimal(1))]), min_prices=1)) == 1


@pytest.mark.parametrize(
    ("quotes", "options", "words"),
    [
        (None, {}, "quotes: expected best prices"),
        (5, {}, "quotes: expected a frame with ts, bid and ask"),
        (pd.DataFrame({"ts": [pd.Timestamp(0)], "bid": [1.0]}), {}, "quotes: .*no ask"),
        (frame([]), {"delay": "-1s"}, "delay: expected"),
        (frame([]), {"delay": None}, "delay: expected"),
    ],
)
def test_what_is_no_quotes_is_refused(quotes: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises((GridError, SchemaError), match=words):
        lm.time_and_sales(table([]), quotes, **options)


# ---------------------------------------------------------------------- sweeps


def joined(trades: list[One], within: int) -> list[list[One]]:
    out: list[list[One]] = []
    for one in trades:
        if out and one.side is not None and one.side == out[-1][-1].side and one.t - out[-1][0].t <= within:
            away = one.price - out[-1][-1].price
            if (away >= 0) if one.side == "buy" else (away <= 0):
                out[-1].append(one)
                continue
        out.append([one])
    return out


@given(st_trades, st.sampled_from([0, 25, 200]), st.sampled_from(["0", "0.3", "2"]), st.integers(1, 3))
@settings(deadline=None)
def test_sweeps__are_those_of_a_loop(trades: list[One], within: int, least: str, prices: int) -> None:
    found = lm.sweeps(table(trades), np.timedelta64(within), float(least), prices)
    expected = [
        part
        for part in joined(trades, within)
        if len({one.price for one in part}) >= prices and sum(one.size for one in part) >= Decimal(least)
    ]
    assert len(found) == len(expected)
    for row, part in zip(found.itertuples(index=False), expected):
        size = sum((one.size for one in part), Decimal(0))
        worth = sum((one.size * one.price for one in part), Decimal(0))
        assert (row.ts.value, row.end.value) == (part[0].t, part[-1].t)
        assert (None if pd.isna(row.aggressor) else row.aggressor) == part[0].side
        assert (row.trades, row.prices) == (len(part), len({one.price for one in part}))
        assert (row.price, row.reached, row.size) == (
            float(part[0].price),
            float(part[-1].price),
            float(size),
        )
        assert row.notional == pytest.approx(float(worth))


def test_sweeps__worked_by_hand() -> None:
    def at(t: int, side: str, price: str) -> One:
        return One(t * 10**6, side, Decimal(price), Decimal(1))

    trades = [at(0, "buy", "100.0"), at(0, "buy", "100.1"), at(0, "buy", "100.1"), at(1, "buy", "100.3")]
    trades += [at(1, "sell", "100.0"), at(1, "sell", "99.9"), at(1, "sell", "100.0")]
    found = lm.sweeps(table(trades))
    assert found["aggressor"].tolist() == ["buy", "sell"]
    assert found["size"].tolist() == [3, 2]
    longer = lm.sweeps(table(trades), "1ms")
    assert longer["reached"].tolist() == [100.3, 99.9]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"within": "-1ms"}, "within: "),
        ({"within": None}, "within: "),
        ({"min_size": -1}, "min_size: "),
        ({"min_size": np.nan}, "min_size: "),
        ({"min_prices": 0}, "min_prices: "),
    ],
)
def test_sweeps__refuse_what_is_none(options: dict[str, Any], words: str) -> None:
    with pytest.raises(GridError, match=words):
        lm.sweeps(table([]), **options)
