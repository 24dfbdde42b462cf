"""Rows that can only be trades, and those that could be levels as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.tabular.meaning.prints import are_prints
from liqmap.schema import FormatError

T0, MARKET = 1_709_280_000_000, {"venue": "x", "symbol": "BTCUSDT"}
AT = {name: name for name in ("ts", "id", "side", "price", "size")}


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.table(dict(zip(AT, map(list, zip(*rows)))))


def batch(rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    return table(rows).combine_chunks().to_batches()[0]


def walk(count: int, seed: int = 0) -> list[tuple[Any, ...]]:
    """Trades at the quote of a walking market."""
    random = np.random.default_rng(seed)
    mid = 620_000 + np.cumsum(random.integers(-3, 4, count))
    sides = random.integers(0, 2, count)
    return [(T0 + 100 * i, 1000 + i, ("buy", "sell")[s], (m + (1, -1)[s]) / 10, 0.1)
            for i, (m, s) in enumerate(zip(mid.tolist(), sides.tolist()))]  # fmt: skip


def updates(count: int, seed: int = 0) -> list[tuple[Any, ...]]:
    """Levels of a book that stands, one a row, with a rising id of the message."""
    random = np.random.default_rng(seed)
    sides = random.integers(0, 2, count).tolist()
    away = random.integers(1, 30, count).tolist()
    return [(T0 + 100 * i, 1000 + i, ("buy", "sell")[s], (620_000 + (-a, a)[s]) / 10, float(a % 3))
            for i, (s, a) in enumerate(zip(sides, away))]  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_trades__numbered_one_by_one_are_read_and_said(tmp_path: Path, name: str) -> None:
    rows, path = walk(60), tmp_path / name
    pa.csv.write_csv(table(rows), path) if name == "a.csv" else pq.write_table(table(rows), path)
    capture = lm.read(path, **MARKET)
    assert capture.trades["id"].to_pylist() == [str(row[1]) for row in rows]
    assert any("read as trades" in str(note) for note in capture.report.notes)


@given(st.integers(0, 10**6), st.integers(40, 200))
def test_prints__a_walking_market_is_and_its_book_is_not(seed: int, count: int) -> None:
    assert are_prints(AT, [*AT], batch(walk(count, seed)))
    assert not are_prints(AT, [*AT], batch(updates(count, seed)))


def test_prints__levels_with_ids_of_their_own_are_not(tmp_path: Path) -> None:
    """Books of ten levels, each with the id of its price."""
    rows = [(T0 + 1000 * k, 8_800_000_000 - price, "Buy" if price < 620_000 else "Sell", price / 10, 1.0)
            for k in range(4) for price in range(619_995, 620_005)]  # fmt: skip
    assert not are_prints(AT, [*AT], batch(rows))
    path = tmp_path / "a.csv"
    pa.csv.write_csv(table(rows), path)
    with pytest.raises(FormatError, match="updates, snapshots and trades"):
        lm.read(path, **MARKET)


def test_prints__one_book_from_its_lowest_level_up_is_not() -> None:
    rows = [(T0, 1 + i, "buy" if i < 10 else "sell", 62_000 + i / 10, 1.0) for i in range(20)]
    assert not are_prints(AT, [*AT], batch(rows))


def test_prints__of_few_rows_or_ids_that_step_back_nothing_is_said() -> None:
    rows = walk(60)
    assert not are_prints(AT, [*AT], batch(rows[:5]))
    back = [(t, 5000 - i, *rest) for t, i, *rest in rows]
    assert not are_prints(AT, [*AT], batch(back))
    assert not are_prints({k: v for k, v in AT.items() if k != "id"}, [*AT], batch(rows))


@pytest.mark.parametrize(("name", "said"), [("status", "canceled"), ("liquidation", "true")])
def test_prints__another_column_may_say_what_rows_are(name: str, said: str) -> None:
    assert not are_prints(AT, [*AT, name], batch(walk(60)))


def test_prints__best_quotes_that_move_up_are_not() -> None:
    rows = [(T0 + i, 1 + i, ("bid", "ask")[i % 2], 100.0 + (i + 1) // 2, 1.0) for i in range(40)]
    assert not are_prints(AT, [*AT], batch(rows))
