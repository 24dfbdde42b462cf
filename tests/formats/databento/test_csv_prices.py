"""Prices of Databento CSV files are whole numbers of 1e-9 or decimals: never some of either."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.schema import FormatError

T0 = 1_703_462_400_000_000_000
TRADES = "ts_event,publisher_id,instrument_id,action,side,price,size"
QUOTES = "bid_px_00,ask_px_00,bid_sz_00,ask_sz_00"
Told = list[float] | str
Build = Callable[[list[str]], str]


def trades(prices: list[str]) -> str:
    return "\n".join([TRADES, *(f"{T0 + n},1,7,T,A,{price},6" for n, price in enumerate(prices)), ""])


def quotes(prices: list[str]) -> str:
    """Bids of these prices; the asks are far above, as decimals where the first bid is one."""
    ask = "20000.0" if "." in prices[0] else "20000000000000"
    rows = [f"{T0 + n},1,7,A,B,,1,{price},{ask},3,4" for n, price in enumerate(prices)]
    return "\n".join([f"{TRADES},{QUOTES}", *rows, ""])


def told(path: Path, text: str, chunk: int = 1 << 20) -> tuple[Told, list[int]]:
    """Prices of the trades, or the bids, and the lines that were lost; or what was refused."""
    path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        try:
            capture = lm.read(path, symbol="7")
        except FormatError as error:
            return str(error), []
    lost = [line for _, line, _ in capture.report.rejected]
    if capture.trades is not None:
        return capture.trades["price"].to_pylist(), lost
    rows = capture.depth.to_pylist()
    return [r["price"] for r in rows if r["side"] == "bid" and r["size"] > 0], lost


@pytest.mark.parametrize("build", [trades, quotes])
def test_whole_among_decimals__lost_its_point_or_costs_its_line(tmp_path: Path, build: Build) -> None:
    """100 beside 100.25 is 100; 100500000000, or what is far from all others, may be anything."""
    prices = ["100", "100.25", "100", "100.5", "100500000000", "101.000000000", "7", "100.75", "101.5"]
    text = build(prices).replace(",20000000000000,", ",102.5,")
    found, lost = told(tmp_path / "a.csv", text)
    assert found == [100.0, 100.25, 100.0, 100.5, 101.0, 100.75, 101.5]
    assert lost == [6, 8]


@pytest.mark.parametrize("build", [trades, quotes])
@pytest.mark.parametrize("prices", [["38000", "38001"], ["5", "0", "999999"], ["-3", "4"]])
def test_whole_alone__that_no_market_has_as_units_is_refused(
    tmp_path: Path, build: Build, prices: list[str]
) -> None:
    text = build(prices).replace(",20000000000000,", ",20000,")
    why, _ = told(tmp_path / "a.csv", text)
    assert f"got '{prices[0]}', and no price of the first lines of 1,000,000 or more" in str(why)
    assert "write all prices with a point" in str(why)


def test_whole_mostly__beside_decimals_lost_its_point(tmp_path: Path) -> None:
    prices = ["5100", "5100", "5100", "5100.25"]
    assert told(tmp_path / "a.csv", trades(prices)) == ([5100.0, 5100.0, 5100.0, 5100.25], [])


def test_zero__is_the_same_in_both(tmp_path: Path) -> None:
    assert told(tmp_path / "a.csv", trades(["100.25", "100.5", "0", "100.75"]))[1] == []
    assert told(tmp_path / "b.csv", trades(["100250000000", "0"]))[1] == []


@pytest.mark.parametrize("build", [trades, quotes])
@pytest.mark.parametrize("prices", [
    ["100", "101000000", "100.5", "102"],
    ["100250000000", "100500000000", "100.75"],
    [*["100000000"] * 3000, "100.5"],
    ["100000000", "100.5"],
])  # fmt: skip
def test_decimal_among_whole__makes_all_uncertain(tmp_path: Path, build: Build, prices: list[str]) -> None:
    why, _ = told(tmp_path / "a.csv", build(prices))
    at = 2 + next(n for n, price in enumerate(prices) if "." in price)
    assert f"a.csv:{at}: expected " in str(why)
    assert "as a whole number of 1e-9, as on the first lines, got '100." in str(why)
    assert "not known what the whole ones count" in str(why)


@given(
    st.lists(
        st.sampled_from(["100", "100.5", "100250000000", "0", "100.25", "0.000000001"]),
        min_size=1,
        max_size=12,
    ),
    st.integers(60, 400),
)
@settings(deadline=None, max_examples=60)
def test_any_chunks__give_the_same(
    tmp_path_factory: pytest.TempPathFactory, prices: list[str], chunk: int
) -> None:
    """And no price is that of another reading: those of decimals are what they say."""
    path = tmp_path_factory.mktemp("prices") / "a.csv"
    whole = told(path, trades(prices))
    assert told(path, trades(prices), chunk) == whole
    if isinstance(whole[0], list) and any("." in p for p in prices):
        plain = [float(p) for n, p in enumerate(prices) if n + 2 not in whole[1]]
        assert whole[0] == plain


@pytest.mark.parametrize("build", [trades, quotes])
def test_whole_numbers_that_became_floats__are_refused(tmp_path: Path, build: Build) -> None:
    """As pandas writes 8750000000 where another cell of the column is empty."""
    text = build(["8750000000.0", "8760000000.0"]).replace(",20000.0,", ",20000000000000.0,")
    why, _ = told(tmp_path / "a.csv", text)
    assert "got '8750000000.0', and no price of the first lines below 1,000,000" in str(why)


def test_round_decimals__are_prices(tmp_path: Path) -> None:
    assert told(tmp_path / "a.csv", trades(["5.0", "6.0", "0"]))[0][:2] == [5.0, 6.0]
