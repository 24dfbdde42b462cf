"""Prices of float32: of its type, and written with all binary digits as float64 or text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.tabular.singles import were_singles
from liqmap.schema import FormatError

T0 = 1_700_000_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}


def frame(prices: np.ndarray, layout: str) -> pd.DataFrame:
    count = len(prices)
    ts = T0 + np.arange(count)
    if layout == "trades":
        return pd.DataFrame(
            {"ts": ts, "taker_side": "buy", "price": prices, "amount": 0.5, "id": np.arange(count)}
        )
    if layout == "wide":
        return pd.DataFrame(
            {"ts": ts, "bid1_price": prices, "bid1_size": 1.0, "ask1_price": prices[::-1], "ask1_size": 2.0}
        )
    return pd.DataFrame({"ts": ts, "side": "bid", "price": prices, "size": 0.5, "seq": np.arange(count)})


def save(table: pd.DataFrame, path: Path, kind: str) -> Path:
    """float32 by type, or as float64 and as text with all its digits."""
    singles = [c for c in table if "price" in c]
    table = table.astype(dict.fromkeys(singles, np.float32))
    if kind != "float32":
        table = table.astype(dict.fromkeys(singles, np.float64))
    if kind == "text":
        path = path.with_suffix(".csv")
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return path


def read(path: Path, layout: str) -> tuple[lm.Capture, list[float]]:
    known = {"layout": "updates"} if layout == "depth" else {}
    capture = lm.read(path, mapping=known, **MARKET)
    return capture, (capture.trades or capture.depth)["price"].to_pylist()


@pytest.mark.parametrize("layout", ["trades", "depth", "wide"])
@pytest.mark.parametrize("kind", ["float32", "widened", "text"])
@pytest.mark.parametrize(("first", "tick"), [(65_432.1, 0.1), (0.51234, 0.00001), (1_999.95, 0.05)])
def test_float32__is_the_number_of_its_shortest_text(
    tmp_path: Path, layout: str, kind: str, first: float, tick: float
) -> None:
    prices = np.round(first + tick * np.arange(40), 6)
    capture, found = read(save(frame(prices, layout), tmp_path / "a.parquet", kind), layout)
    assert capture.meta.tick_size == tick
    assert set(found) == set(prices.tolist())
    assert any("float32" in note for note in capture.report.notes)
    if capture.depth is not None:
        lm.replay(capture.depth)


def test_float32__sizes_too(tmp_path: Path) -> None:
    table = frame(np.arange(1.0, 9.0), "depth").assign(size=np.float32(0.1))
    table.to_parquet(tmp_path / "a.parquet")
    capture, _ = read(tmp_path / "a.parquet", "depth")
    assert set(capture.depth["size"].to_pylist()) == {0.1}


@pytest.mark.parametrize("kind", ["widened", "text"])
def test_float32__later_prices_that_were_none_refuse_the_file(tmp_path: Path, kind: str) -> None:
    prices = np.round(65_432.1 + 0.1 * np.arange(5000), 1)
    path = save(frame(prices, "trades"), tmp_path / "a.parquet", kind)
    table = pd.read_csv(path) if kind == "text" else pd.read_parquet(path)
    table.loc[4500, "price"] = 65_432.1
    table.to_csv(path, index=False) if kind == "text" else table.to_parquet(path)
    with pytest.raises(FormatError, match="a float32 exactly, as those before it"):
        read(path, "trades")


@given(st.lists(st.integers(1, 1 << 20), min_size=1, max_size=30), st.sampled_from([1, 2, 4, 8, 32, 64, 128]))
@settings(deadline=None)
def test_prices_of_binary_ticks__are_no_float32(units: list[int], parts: int) -> None:
    """Of bonds, in 1/32, 1/64 and 1/128."""
    prices = np.array(units) % (150 * parts) / parts + 1
    assert not were_singles([pa.array(prices)])


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=30), st.integers(0, 4))
@settings(deadline=None)
def test_decimal_prices__are_no_float32(units: list[int], places: int) -> None:
    assert not were_singles([pa.array(np.array(units) / 10**places)])
    assert not were_singles([pa.array([f"{n / 10**places:.{places}f}" for n in units])])


def test_too_few__are_told(tmp_path: Path) -> None:
    path = save(frame(np.array([65_432.1]), "trades"), tmp_path / "a.parquet", "widened")
    capture, found = read(path, "trades")
    assert found == [65_432.1015625]
    assert any("too few to tell" in note for note in capture.report.notes)


@pytest.mark.parametrize(("start", "step", "found"), [(100_000.01, 0.01, True), (8_500.003, 0.001, None)])
def test_singles__where_binary_digits_are_hardly_finer_than_decimal_ones(
    start: float, step: float, found: bool | None
) -> None:
    """Cents near 100,000 are 100 of 128 binary parts: many prices tell, and of thousandths too few do."""
    prices = np.float32(start + step * np.arange(60)).astype(float)
    assert were_singles([pa.array(prices)]) is found


@pytest.mark.parametrize(("start", "found"), [(110.0, False), (100_000.0, None)])
def test_singles__prices_of_a_tick_of_one_part_in_128(start: float, found: bool | None) -> None:
    """They are what they are, but where float32 has the same steps, which cannot be told apart."""
    assert were_singles([pa.array(start + np.arange(128) / 128)]) is found


@pytest.mark.parametrize("layout", ["trades", "depth", "wide"])
@pytest.mark.parametrize("kind", ["float32", "widened", "text"])
@pytest.mark.parametrize(("first", "tick", "step"), [
    (135_432.17, 0.01, "0.015625 near 135432.5"), (3_512.1234, 0.0001, "0.000244141 near 3512.12"),
])  # fmt: skip
def test_digits_that_float32_lost__are_told(
    tmp_path: Path, layout: str, kind: str, first: float, tick: float, step: str
) -> None:
    """135432.17 and 135432.18 are one float32."""
    prices = np.round(first + tick * np.arange(40), 4)
    capture, _ = read(save(frame(prices, layout), tmp_path / "a.parquet", kind), layout)
    (note,) = [n for n in capture.report.notes if "lost digits" in n]
    assert f"steps of {step}" in note


@pytest.mark.parametrize("kind", ["float32", "widened", "text"])
@pytest.mark.parametrize(("first", "tick"), [(65_432.1, 0.1), (0.51234, 0.00001), (108.015625, 1 / 64)])
def test_digits_that_float32_keeps__are_not(tmp_path: Path, kind: str, first: float, tick: float) -> None:
    prices = np.round(first + tick * np.arange(40), 6)
    capture, _ = read(save(frame(prices, "trades"), tmp_path / "a.parquet", kind), "trades")
    assert not any("lost digits" in note for note in capture.report.notes)
