"""One price that leaves no tick size for the others costs its level or trade alone, in any text."""

from __future__ import annotations

import re
from fractions import Fraction
from math import gcd, lcm
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.text.decimals import MOST_TICKS, Tick
from liqmap.schema import FormatError
from tests.formats.samples import SAMPLES, Sample

WITHOUT_PRICES = {"binance-bands"}
NAMES = [n for n, s in SAMPLES.items() if s.format not in WITHOUT_PRICES and "databento" not in s.format]
UNITS = {"lobster-book": 10_000, "lobster-messages": 10_000}


def price_of(sample: Sample, at: int) -> str:
    """The first price of a line, as it stands there."""
    unit = UNITS.get(sample.format, 1)
    known = {price * unit for price, size in sample.pairs(sample.lines[at]) if size and price > 0}
    skip = 3 if sample.format == "lobster-messages" else 0
    tokens = re.findall(r"\d+(?:\.\d+)?", sample.lines[at])[skip:]
    return next(token for token in tokens if float(token) in known and float(token) > 9)


def spoilt(sample: Sample, at: int, kind: str) -> tuple[list[str], str]:
    """The lines with another price in one of them, and that price."""
    old = price_of(sample, at)
    new = "90000000000000" if kind == "far" else f"{float(old):.{6 if float(old) > 10_000 else 7}f}1"
    if sample.format in UNITS and kind == "far":
        new = "9999999990000"
    line = re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w.])", new, sample.lines[at], count=1)
    return [*sample.lines[:at], line, *sample.lines[at + 1 :]], new


def told(capture: lm.Capture) -> set[tuple[float, float]]:
    tables = [t for t in (capture.depth, capture.trades) if t is not None]
    pairs = {(r["price"], r["size"]) for t in tables for r in t.to_pylist() if r["price"] is not None}
    quotes = capture.quotes.to_pylist() if capture.quotes is not None else []
    return pairs | {(r[side], r[f"{side}_size"]) for r in quotes for side in ("bid", "ask")}


@pytest.mark.parametrize("name", [name for name in NAMES if not SAMPLES[name].checked])
@pytest.mark.parametrize("kind", ["far", "fine"])
@pytest.mark.parametrize("where", ["first", "middle"])
def test_one_price__costs_its_level_alone(tmp_path: Path, name: str, kind: str, where: str) -> None:
    sample = SAMPLES[name]
    if kind == "fine" and sample.format in UNITS:
        pytest.skip("prices are whole numbers of 0.0001")
    before = lm.read(sample.write(tmp_path / "sound"), **sample.hints)
    rows = [
        i for i in range(sample.header, len(sample.lines)) if sample.pairs(sample.lines[i]) & told(before)
    ]
    at = rows[0] if where == "first" else sample.bad
    lines, new = spoilt(sample, at, kind)
    capture = lm.read(sample.write(tmp_path / "spoilt", lines), **sample.hints)
    assert [line for _, line, _ in capture.report.rejected] == [at + 1]
    assert f"expected prices below {MOST_TICKS:,} ticks" in str(capture.report.rejected[0][2])
    unit = UNITS.get(sample.format, 1)
    absurd = float(new) / unit
    wanted = {pair for line in lines for pair in sample.pairs(line)} | told(before) & told(capture)
    assert absurd not in {price for price, _ in told(capture)}
    lost = {pair for pair in told(before) if pair not in told(capture)}
    line = {price for price, _ in sample.pairs(sample.lines[at])}  # a quote is lost with both its sides
    own = line if sample.kinds == ("quotes",) else {float(price_of(sample, at)) / unit}
    assert {price for price, _ in lost} <= own
    assert told(capture) <= wanted
    assert [r.gaps for r in capture.report.sources] == [r.gaps for r in before.report.sources]
    if capture.depth is not None:
        lm.replay(capture.depth)


@pytest.mark.parametrize("name", NAMES)
def test_all_prices__refuse_the_file(tmp_path: Path, name: str) -> None:
    """Prices a step of 1 apart, all of them past 2**31."""
    sample = SAMPLES[name]
    if sample.format in UNITS:
        pytest.skip("prices are whole numbers of 0.0001")
    step, lines = 0, list(sample.lines)
    for i in range(sample.header, len(lines)):
        prices = {f"{p:.10g}" for p, _ in sample.pairs(lines[i]) if p > 9}
        for token in sorted(set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", lines[i]))):
            if f"{float(token):.10g}" in prices and len(token) < 12:
                step += 1
                number = str(7_000_000_000 + 2 * step + step % 2)
                lines[i] = re.sub(rf"(?<![\w.]){re.escape(token)}(?![\w.])", number, lines[i])
    path, why = sample.write(tmp_path, lines), f"expected prices below {MOST_TICKS:,} ticks"
    if sample.kinds == ("depth", "trades"):  # the only price of the trades is a tick size of its own
        capture = lm.read(path, **sample.hints)
        assert (capture.depth, capture.report.sources[0].status) == (None, "partial")
        assert all(why in str(reason) for _, _, reason in capture.report.rejected)
        return
    with pytest.raises(FormatError, match=why):
        lm.read(path, **sample.hints)


# the set of prices that is kept


def fits(prices: list[Fraction]) -> bool:
    """Whether int32 counts all in ticks of their greatest common divisor."""
    scale = lcm(*(p.denominator for p in prices))
    units = [int(p * scale) for p in prices]
    return not units or max(units) < MOST_TICKS * gcd(*units)


st_price = st.one_of(
    st.integers(1, 99_999).map(lambda n: n / 10),
    st.integers(1, 99_999_999).map(lambda n: n / 10**8),
    st.sampled_from([1e12, 1e18, 2_500_000_001.0, 1e-8, 1e-12]),
)


def settled(tick: Tick, prices: list[float]) -> list[float]:
    """What is kept of a stretch."""
    for price in prices:
        tick.add([Fraction(repr(price))])
    wrong = tick.settle(np.array(prices))
    return prices if wrong is None else [p for p, bad in zip(prices, wrong) if not bad]


@given(st.lists(st.lists(st_price, min_size=1, max_size=12), min_size=1, max_size=3))
@settings(deadline=None)
@example([[1e18, 100.1, 100.2, 100.3]])
@example([[1e300, 1e-300, 100.2, 100.3]])
def test_settle__keeps_prices_that_fit_and_all_that_do(stretches: list[list[float]]) -> None:
    tick, kept = Tick(), []
    for prices in stretches:
        before = list(kept)
        found = settled(tick, prices)
        kept += found
        exact = [Fraction(repr(p)) for p in kept]
        assert fits(exact)
        if fits([Fraction(repr(p)) for p in [*before, *prices]]):
            assert found == prices
        elif not before:
            assert not found or 2 * len(found) > len(prices)
        if kept:
            scale = lcm(*(p.denominator for p in exact))
            assert tick.size == float(Fraction(gcd(*(int(p * scale) for p in exact)), scale))


@given(
    st.lists(st.integers(900_000, 999_999), min_size=3, max_size=30).filter(lambda n: len(set(n)) > 2),
    st.lists(st.sampled_from([1e18, 7e15, 1e-8, 60_000.00000001]), min_size=1, max_size=2),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_settle__leaves_out_the_odd_ones_wherever_they_stand(units, odd, random) -> None:  # type: ignore[no-untyped-def]
    usual = [n / 10 for n in units]
    prices = [*usual, *odd]
    random.shuffle(prices)
    kept = settled(Tick(), prices)
    assert sorted(kept) == sorted(usual) or gcd(*units) > 1


def test_settle__prices_of_before_go_first() -> None:
    tick = Tick()
    assert settled(tick, [100.1, 100.2]) == [100.1, 100.2]
    assert settled(tick, [1e15, 2e15, 3e15, 100.3]) == [100.3]
    assert tick.size == 0.1
