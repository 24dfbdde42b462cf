"""Prices of vendors' CSV files that went through float32: recovered or refused, and sizes told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.formats.text.singles import were_singles
from liqmap.schema import FormatError

T0 = 1_700_000_000_000
US = T0 * 1000
TARDIS = "exchange,symbol,timestamp,local_timestamp"
WIDE = ",".join(f"{s}[0].{w}" for s in ("asks", "bids") for w in ("price", "amount"))
T_DEPTH = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu"

FILES: dict[str, tuple[str, str, Any]] = {
    "tardis trades": (
        "deribit_trades_X.csv", f"{TARDIS},id,side,price,amount",
        lambda n, p, s: f"deribit,X,{US + n},{US + n},{n},buy,{p},{s}",
    ),
    "tardis incremental": (
        "a.csv", f"{TARDIS},is_snapshot,side,price,amount",
        lambda n, p, s: f"deribit,X,{US + n},{US + n},true,bid,{p},{s}",
    ),
    "tardis snapshots": (
        "b.csv", f"{TARDIS},{WIDE}", lambda n, p, s: f"deribit,X,{US + n},{US + n},,,{p},{s}",
    ),
    "binance trades": (
        "BTCUSDT-trades-2023-11-14.csv", "id,price,qty,quote_qty,time,is_buyer_maker",
        lambda n, p, s: f"{n},{p},{s},1,{T0 + n},true",
    ),
    "binance aggTrades": (
        "BTCUSDT-aggTrades-2023-11-14.csv",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
        lambda n, p, s: f"{n},{p},{s},{n},{n},{T0 + n},true",
    ),
    "bybit trades": (
        "BTCUSDT2023-11-14.csv", "timestamp,symbol,side,size,price,tickDirection,trdMatchID",
        lambda n, p, s: f"{T0 / 1000 + n},BTCUSDT,Buy,{s},{p},PlusTick,m{n}",
    ),
    "bybit spot": (
        "BTCUSDT_2023-11-14.csv", "id,timestamp,price,volume,side",
        lambda n, p, s: f"{n},{T0 + n},{p},{s},buy",
    ),
}  # fmt: skip


def widened(value: float) -> str:
    return repr(float(np.float32(value)))


def write(folder: Path, kind: str, prices: list[str], sizes: list[str]) -> Path:
    name, header, row = FILES[kind]
    path = folder / name
    rows = [row(n, price, size) for n, (price, size) in enumerate(zip(prices, sizes))]
    path.write_text("\n".join([header, *rows, ""]))
    return path


def read(path: Path, chunk: int = 1 << 20) -> tuple[list[float], list[float], lm.Capture]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        capture = lm.read(path)
    table = capture.trades if capture.trades is not None else capture.depth
    rows = [r for r in table.to_pylist() if r["price"] is not None]
    return [r["price"] for r in rows], [r["size"] for r in rows], capture


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize(("first", "tick"), [(86_123.1, 0.1), (0.1, 0.0001), (1_999.95, 0.05)])
def test_prices__are_taken_as_their_shortest_text(
    tmp_path: Path, kind: str, first: float, tick: float
) -> None:
    wanted = [round(first + tick * n, 6) for n in range(40)]
    path = write(tmp_path, kind, [widened(p) for p in wanted], ["1"] * 40)
    for chunk in (1 << 20, 300):
        prices, _, capture = read(path, chunk)
        assert sorted(prices) == sorted(wanted)
        assert capture.meta.tick_size == tick
        assert sum("all prices are float32" in note for note in capture.report.notes) == 1
        assert capture.report.exit_code == 0


@pytest.mark.parametrize("kind", FILES)
def test_prices__later_ones_that_were_none_refuse_the_file(tmp_path: Path, kind: str) -> None:
    prices = [widened(86_123.1 + 0.1 * n) for n in range(40)]
    path = write(tmp_path, kind, [*prices, "86123.1"], ["1"] * 41)
    with pytest.raises(FormatError, match=r":42: expected a price that is a float32 exactly.*got 86123\.1"):
        lm.read(path)


@pytest.mark.parametrize("kind", FILES)
def test_bad_lines__cost_themselves(tmp_path: Path, kind: str) -> None:
    prices = [widened(86_123.1 + 0.1 * n) for n in range(40)]
    prices[7] = "x"
    prices[9] = "-86123.1"
    _, _, capture = read(write(tmp_path, kind, prices, ["1"] * 40))
    assert [line for _, line, _ in capture.report.rejected] == [9, 11]


@pytest.mark.parametrize("kind", FILES)
def test_sizes__are_told_and_taken_as_they_stand(tmp_path: Path, kind: str) -> None:
    prices = [f"{86_123.1 + 0.1 * n:.1f}" for n in range(40)]
    sizes = [widened(0.1 + 0.001 * n) for n in range(40)]
    _, found, capture = read(write(tmp_path, kind, prices, sizes))
    assert sorted(found) == sorted(float(size) for size in sizes)
    assert any("sizes are float32 written with more digits" in note for note in capture.report.notes)


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("count", [1, 40])
def test_prices__beyond_the_digits_of_float32_are_told(tmp_path: Path, kind: str, count: int) -> None:
    prices = [widened(135_432.17 + 0.01 * n) for n in range(count)]
    _, _, capture = read(write(tmp_path, kind, prices, ["1"] * count))
    (note,) = [n for n in capture.report.notes if "lost digits" in n]
    assert "steps of 0.015625 near 135432." in note


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("step", [0.5, 0.25, 1 / 64, 0.1, 0.00001])
def test_others__are_what_they_are(tmp_path: Path, kind: str, step: float) -> None:
    prices = [repr(round(100 + step * n, 6)) for n in range(40)]
    found, _, capture = read(write(tmp_path, kind, prices, [f"{0.5 * n + 0.5}" for n in range(40)]))
    assert sorted(found) == sorted(map(float, prices))
    assert not any("float32" in note for note in capture.report.notes)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=50), st.integers(0, 8))
@settings(deadline=None)
def test_sizes__of_decimals_are_no_float32(units: list[int], places: int) -> None:
    assert not were_singles(np.array([float(f"{n / 10**places:.{places}f}") for n in units]))
