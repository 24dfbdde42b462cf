"""Totals of trades, beside a loop over the rows of their table."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.analytics.flow.trades import Trades
from liqmap.schema import TRADES

SECOND = 10**9


def table(rows: list[tuple[int, str | None, float, float]]) -> pa.Table:
    names = ("ts", "aggressor", "price", "size")
    return pa.Table.from_pylist([dict(zip(names, row)) for row in rows], schema=TRADES)


one = st.tuples(
    st.integers(0, 100), st.sampled_from(["buy", "sell", None]), st.floats(1, 100), st.floats(0.01, 10)
)


@given(rows=st.lists(one, max_size=20), begin=st.integers(0, 100), length=st.integers(0, 100))
def test_totals__are_those_of_a_loop(
    rows: list[tuple[int, str | None, float, float]], begin: int, length: int
) -> None:
    found = Trades.of(table(rows)).between(begin, begin + length).totals
    bought = sold = volume = worth = 0.0
    count = 0
    for time, aggressor, price, size in rows:
        if not begin <= time < begin + length:
            continue
        count += 1
        volume += size
        worth += price * size
        bought += size if aggressor == "buy" else 0.0
        sold += size if aggressor == "sell" else 0.0
    assert found.count == count
    assert (found.volume, found.bought, found.sold) == pytest.approx((volume, bought, sold))
    assert found.delta == pytest.approx(bought - sold, abs=1e-9)
    assert found.vwap == (None if count == 0 else pytest.approx(worth / volume))
