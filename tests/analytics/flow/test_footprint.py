"""Footprints against dicts of decimals: cells, imbalances, value areas, naked points of control."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import GridError

from .plain import TICK, One, area, came_back, cells, cut, imbalances, profile, run, st_trades, table
from .test_bars_by import st_rule, told

st_ticks = st.sampled_from([1, 1, 2, 5])
st_share = st.sampled_from(["0.7", "0.3", "1.0", "0.68"])
st_ratio = st.sampled_from(["3", "1", "1.1", "0.5"])
st_least = st.sampled_from(["0", "0.3", "1.2"])


def height(ticks: int) -> float:
    return float(ticks * TICK)


@pytest.mark.pure
@given(st_trades, st_rule, st_ticks, st_ratio, st_least)
@settings(deadline=None)
def test_cells__are_what_a_dict_makes(
    trades: list[One], rule: tuple[str, str], ticks: int, ratio: str, least: str
) -> None:
    by, every = rule
    found = lm.footprint(
        table(trades), told(every, by), height(ticks), by, ratio=float(ratio), min_size=float(least), stack=2
    )
    expected = []
    for b, part in enumerate(cut(trades, by, Decimal(every))[0]):
        rows = cells(part, ticks)
        bought, sold = imbalances(rows, Decimal(ratio), Decimal(least))
        for r in sorted(rows):
            buys, sells, none = (rows[r][s] for s in ("buy", "sell", None))
            up, down = run(bought, r), run(sold, r)
            amounts = [float(a) for a in (buys, sells, none, buys + sells + none, buys - sells)]
            price = float(r * ticks * TICK)
            expected.append([b, price, *amounts, r in bought, r in sold, up, down, max(up, down) >= 2])
    names = ["bar", "price", "buys", "sells", "unsigned", "volume", "delta", "buy_imbalance"]
    names += ["sell_imbalance", "buy_stack", "sell_stack", "stacked"]
    assert [list(row) for row in found.cells[names].itertuples(index=False)] == expected
    assert list(found.cells["ts"]) == list(found.bars["ts"].iloc[found.cells["bar"]])
    assert found.cells["trades"].sum() == len(trades)


@given(st_trades, st_rule, st_ticks, st_share)
@settings(deadline=None)
def test_bars__have_the_area_and_point_of_control_of_lists(
    trades: list[One], rule: tuple[str, str], ticks: int, share: str
) -> None:
    by, every = rule
    found = lm.footprint(table(trades), told(every, by), height(ticks), by, float(share)).bars
    parts = cut(trades, by, Decimal(every))[0]
    for k, part in enumerate(parts):
        row = found.iloc[k]
        expected = area(profile(part, ticks), share)
        if expected is None:
            assert row[["poc", "value_area_low", "value_area_high"]].isna().all()
            assert pd.isna(row["naked_until"])
            continue
        prices = [float(r * ticks * TICK) for r in expected]
        assert row[["poc", "value_area_low", "value_area_high"]].tolist() == prices
        later = [one for other in parts[k + 1 :] for one in other]
        back = came_back(later, expected[0], part[-1], ticks)
        assert (None if pd.isna(row["naked_until"]) else row["naked_until"].value) == back
    shared = [name for name in lm.bars(table([])) if name != "bar"]
    pd.testing.assert_frame_equal(found[shared], lm.bars(table(trades), told(every, by), by))


@given(st_trades, st_rule, st_ticks)
@settings(deadline=None)
def test_volume__is_that_of_the_trades_exactly(trades: list[One], rule: tuple[str, str], ticks: int) -> None:
    """As whole numbers of the sizes' unit, of which each is the nearest float: nothing is lost or rounded."""
    by, every = rule
    found = lm.footprint(table(trades), told(every, by), height(ticks), by)
    for name, side in (("buys", ["buy"]), ("sells", ["sell"]), ("volume", ["buy", "sell", None])):
        units = np.rint(found.cells[name].to_numpy() * 10)
        assert (units / 10 == found.cells[name]).all()
        assert units.sum() == 10 * sum((one.size for one in trades if one.side in side), Decimal(0))
        by_bar = np.bincount(found.cells["bar"], units, len(found.bars)) / 10
        assert by_bar.tolist() == found.bars[name].tolist()


def test_volume__of_eight_decimals_is_exact_where_floats_are_not() -> None:
    generator = np.random.default_rng(5)
    units = generator.integers(1, 10**9, 3000)
    rows = pa.table(
        {
            "ts": pa.array(np.sort(generator.integers(0, 10**12, 3000)), pa.timestamp("ns")),
            "price": generator.integers(995, 1005, 3000) / 10,
            "size": units / 1e8,
            "aggressor": generator.choice(["buy", "sell"], 3000),
        }
    )
    found = lm.footprint(rows, "1s", tick_size=0.1)
    assert (
        np.rint(found.cells["volume"] * 1e8).sum() == units.sum() == np.rint(found.bars["volume"] * 1e8).sum()
    )
    assert lm.bars(rows, "1D")["volume"].tolist() == [units.sum() / 1e8]
    assert ((units / 1e8).cumsum() != units.cumsum() / 1e8).any()  # as floats they are not


# ---------------------------------------------------------------------- which side is compared with which


def one_bar(*rows: tuple[str, str, str]) -> list[One]:
    """Trades of one bar: price, side, size."""
    return [One(0, side, Decimal(price), Decimal(size)) for price, side, size in rows]


def marks(trades: list[One], **options: Any) -> dict[str, list[float]]:
    found = lm.footprint(table(trades), "1s", **options).cells
    return {side: found.loc[found[f"{side}_imbalance"], "price"].tolist() for side in ("buy", "sell")}


def test_buys_are_compared_with_the_sells_one_row_below() -> None:
    """9 bought at 100.1 (the ask) against 3 sold at 100.0 (the bid): an imbalance of buyers, at 100.1.

    With the sides swapped (sells at 100.1 against buys at 100.0) nothing would stand out.
    """
    trades = one_bar(
        ("100.0", "sell", "3"), ("100.0", "buy", "5"), ("100.1", "buy", "9"), ("100.1", "sell", "4")
    )
    assert marks(trades) == {"buy": [100.1], "sell": []}
    assert marks(trades, ratio=3.01) == {"buy": [], "sell": []}


def test_sells_are_compared_with_the_buys_one_row_above() -> None:
    """9 sold at 100.0 (the bid) against 3 bought at 100.1 (the ask): an imbalance of sellers, at 100.0."""
    trades = one_bar(
        ("100.0", "sell", "9"), ("100.0", "buy", "4"), ("100.1", "buy", "3"), ("100.1", "sell", "5")
    )
    assert marks(trades) == {"buy": [], "sell": [100.0]}


def test_neither_row_at_the_end_is_compared_with_what_lies_beyond() -> None:
    """The lowest buys have nothing below, the highest sells nothing above; so one row alone has none."""
    assert marks(one_bar(("100.0", "buy", "9"), ("100.1", "sell", "9"))) == {"buy": [], "sell": []}
    assert marks(one_bar(("100.0", "buy", "9"), ("100.0", "sell", "1"))) == {"buy": [], "sell": []}


def test_an_empty_row_is_none_of_the_other_side() -> None:
    """Nothing traded at 100.1: any size at 100.2 stands out, unless a least one is asked for."""
    trades = one_bar(("100.0", "sell", "1"), ("100.2", "buy", "0.1"))
    assert marks(trades) == {"buy": [100.2], "sell": [100.0]}
    assert marks(trades, min_size=1) == {"buy": [], "sell": [100.0]}


def test_stacked__are_three_adjoining_rows_to_one_side() -> None:
    rows = [(f"100.{k}", side, size) for k in range(5) for side, size in (("buy", "9"), ("sell", "1"))]
    found = lm.footprint(table(one_bar(*rows)), "1s").cells.set_index("price")
    assert found["buy_stack"].tolist() == [0, 4, 4, 4, 4]  # below the lowest row there is none
    assert found["stacked"].tolist() == [False, True, True, True, True]
    assert not found["sell_imbalance"].any()
    five = lm.footprint(table(one_bar(*rows)), "1s", stack=5).cells
    assert not five["stacked"].any()


def test_ratio__is_the_number_that_people_mean() -> None:
    """1.1 x 1 is 1.1, though 1.1 as a float is above it; and 0.3 is three times 0.1."""
    assert marks(one_bar(("100.0", "sell", "1"), ("100.1", "buy", "1.1")), ratio=1.1)["buy"] == [100.1]
    assert marks(one_bar(("100.0", "sell", "0.1"), ("100.1", "buy", "0.3")))["buy"] == [100.1]


# ---------------------------------------------------------------------- points of control


def test_naked__until_price_is_back_or_has_jumped_across() -> None:
    def at(*prices: str) -> list[One]:
        sizes = ["5", *["1"] * (len(prices) - 1)]
        return [One(1000 * k, "buy", Decimal(p), Decimal(z)) for k, (p, z) in enumerate(zip(prices, sizes))]

    def first(*prices: str) -> Any:
        until = lm.footprint(table(at(*prices)), 2, by="ticks").bars["naked_until"].iloc[0]
        return None if pd.isna(until) else until.value

    assert first("100.0", "100.5", "100.4", "100.0") == 3000  # in its row
    assert first("100.0", "100.5", "100.4", "99.0") == 3000  # across it
    assert first("100.0", "100.5", "100.4", "100.1") is None  # not there yet
    assert first("100.0", "100.0", "100.0", "100.1") == 2000  # it closed there, and stays
    assert first("100.0", "100.0", "100.1", "100.2") is None  # it closed there, and leaves
    assert first("100.0", "100.0", "100.1", "99.9") == 3000


# ---------------------------------------------------------------------- as xarray


@given(st_trades, st_ticks)
@settings(deadline=None, max_examples=30)
def test_xarray__holds_the_cells_and_nothing_else(trades: list[One], ticks: int) -> None:
    found = lm.footprint(table(trades), np.timedelta64(70), height(ticks))
    grid = found.to_xarray()
    assert grid.sizes == {"bar": len(found.bars), "price": grid.sizes["price"]}
    for name in ("buys", "sells", "unsigned", "volume", "delta", "buy_stack"):
        assert float(grid[name].sum()) == pytest.approx(found.cells[name].sum())
    for cell in found.cells.itertuples(index=False):
        here = grid.sel(bar=cell.bar, price=cell.price)
        assert (float(here["buys"]), float(here["sells"])) == (cell.buys, cell.sells)
    assert np.array_equal(grid["time"], found.bars["ts"].dt.tz_localize(None))
    assert np.array_equal(grid["bar_poc"], found.bars["poc"], equal_nan=True)


def test_xarray__of_too_many_cells_is_refused() -> None:
    far = [One(k, "buy", price, Decimal(1)) for k, price in enumerate([Decimal(100), Decimal(90000)] * 20)]
    found = lm.footprint(table(far), 1, by="ticks")
    with pytest.raises(GridError, match="at most 25,000,000 cells, got 40 bars x 899,001 rows"):
        found.to_xarray()


# ---------------------------------------------------------------------- what is odd, and what is refused


def test_nothing_and_one_trade() -> None:
    none = lm.footprint(table([]))
    assert (len(none.cells), len(none.bars)) == (0, 0)
    assert none.to_xarray().sizes == {"bar": 0, "price": 0}
    assert list(none.cells) == list(lm.footprint(table(one_bar(("100", "buy", "1")))).cells)
    one = lm.footprint(table(one_bar(("100", None, "1"))))  # type: ignore[arg-type]
    assert one.cells[["price", "buys", "sells", "unsigned", "volume", "delta"]].iloc[0].tolist() == [
        100,
        0,
        0,
        1,
        1,
        0,
    ]
    assert one.bars[["poc", "value_area_low", "value_area_high"]].iloc[0].tolist() == [100.0] * 3
    assert "1 bars, 1 rows of 0.1" in repr(one)


def test_prices_off_the_tick_belong_to_the_row_below() -> None:
    rows = table(one_bar(("100.07", "buy", "1"), ("100.1", "buy", "2")))
    assert lm.footprint(rows).cells["price"].tolist() == [100.0, 100.1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"share": 0}, "share: expected a share above 0"),
        ({"share": 1.2}, "share: "),
        ({"ratio": 0}, "ratio: expected a number above zero"),
        ({"ratio": np.nan}, "ratio: "),
        ({"min_size": -1}, "min_size: expected a size"),
        ({"stack": 0}, "stack: expected a whole number"),
        ({"price": 0.15}, "price: expected a whole multiple of the tick"),
        ({"by": "x"}, "by: "),
        ({"tick_size": 0}, "tick_size: "),
    ],
)
def test_options_that_are_none_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(GridError, match=words):
        lm.footprint(table([]), **options)


@pytest.mark.parametrize("verb", [lm.footprint, lm.volume_profile, lm.developing])
def test_prices_beyond_what_ticks_can_number_are_refused(verb: Any) -> None:
    far = one_bar(("0.1", "buy", "1"), ("1e300", "buy", "1"))
    with pytest.raises(
        GridError, match=r"tick_size: expected prices below 2\*\*53 ticks of 0\.1, got 1e\+300"
    ):
        verb(table(far))


def test_a_bar_of_too_many_rows_is_refused() -> None:
    far = one_bar(("0.1", "buy", "1"), ("900000", "buy", "1"))
    with pytest.raises(GridError, match=r"price: expected at most 2,000,000 rows, got 9,000,000 of 0\.1"):
        lm.footprint(table(far))


# ---------------------------------------------------------------------- many trades, in two threads


def test_many_trades__are_counted_in_halves_as_part_by_part() -> None:
    generator = np.random.default_rng(2)
    count = 40_000
    rows = pd.DataFrame(
        {
            "ts": pd.DatetimeIndex(np.sort(generator.integers(0, 4000 * 10**9, count)), tz="UTC"),
            "price": (np.cumsum(generator.integers(-2, 3, count)) + 10_000) / 10,
            "size": generator.integers(1, 5000, count) / 1000,
            "aggressor": generator.choice(["buy", "sell", None], count),
        }
    )
    found = lm.footprint(rows, "1min", 0.5, tick_size=0.1)
    parts = [
        lm.footprint(part, "1min", 0.5, tick_size=0.1)
        for _, part in rows.groupby(rows["ts"].dt.floor("1min"))
    ]
    assert len(parts) == len(found.bars) == 67
    cells = pd.concat([part.cells.assign(bar=b) for b, part in enumerate(parts)], ignore_index=True)
    pd.testing.assert_frame_equal(found.cells, cells)
    alone = pd.concat([part.bars for part in parts], ignore_index=True)
    changed = ["bar", "cumulative_delta", "complete", "naked_until"]  # which know of other bars
    pd.testing.assert_frame_equal(found.bars.drop(columns=changed), alone.drop(columns=changed))
    peer = rows.groupby([rows["ts"].dt.floor("1min"), np.floor(rows["price"] / 0.5 + 1e-6)])["size"].sum()
    assert np.allclose(found.cells["volume"], peer)
    whole = lm.footprint(rows, "1D", 0.5, tick_size=0.1).cells
    assert np.allclose(whole["volume"], peer.groupby(level=1).sum())
