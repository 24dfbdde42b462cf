"""What is said of a session up to a time is the same when the session ends there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.simulation import write_bybit

from .plain import One, st_trades, table
from .test_bars_by import st_rule, told
from .test_time_and_sales import frame, st_quotes

Measure = Callable[[list[One]], pd.DataFrame]

st_cut = st.integers(0, 45).map(lambda n: n * 25 - 10)


@given(st_trades, st_cut, st_rule)
@settings(deadline=None)
def test_bars_and_footprints__of_what_is_complete(trades: list[One], cut: int, rule: tuple[str, str]) -> None:
    """Bars that say they are complete never change; a point that is naked at the cut is so until later."""
    by, every = rule
    known = [one for one in trades if one.t < cut]
    whole, part = (lm.footprint(table(some), told(every, by), by=by) for some in (trades, known))
    done = int(part.bars["complete"].sum())
    assert part.bars["complete"].tolist() == [True] * done + [False] * (len(part.bars) - done)
    bars = [lm.bars(table(some), told(every, by), by) for some in (trades, known)]
    without = [found.bars.drop(columns="naked_until") for found in (whole, part)]
    for same, found in (bars, without):
        pd.testing.assert_frame_equal(same.head(done), found.head(done))
    pd.testing.assert_frame_equal(
        whole.cells[whole.cells["bar"] < done], part.cells[part.cells["bar"] < done]
    )
    later = whole.bars["naked_until"].head(done)
    assert part.bars["naked_until"].head(done).equals(later.where(later < pd.Timestamp(cut, tz="UTC")))


RUNNING: dict[str, Measure] = {
    "cumulative_delta": lambda some: lm.cumulative_delta(table(some)),
    "cumulative_delta, anchored": lambda some: lm.cumulative_delta(table(some), np.timedelta64(110)),
    "cumulative_delta, from a time": lambda some: lm.cumulative_delta(table(some), pd.Timestamp(200)),
    "vwap": lambda some: lm.vwap(table(some)),
    "vwap, anchored": lambda some: lm.vwap(table(some), np.timedelta64(110)),
    "developing": lambda some: lm.developing(table(some), np.timedelta64(40)),
    "developing, anchored": lambda some: lm.developing(
        table(some), np.timedelta64(40), anchor=np.timedelta64(110)
    ),
}


@given(st_trades, st_cut, st.sampled_from(sorted(RUNNING)))
@settings(deadline=None)
def test_running_measures__up_to_the_cut(trades: list[One], cut: int, name: str) -> None:
    """A row of ``ts`` tells of trades up to ts (developing: before it)."""
    whole, part = (RUNNING[name](some) for some in (trades, [one for one in trades if one.t < cut]))
    last = cut if name.startswith("developing") else cut - 1
    until = pd.Timestamp(last, tz="UTC")
    expected = whole[whole["ts"] <= until]
    pd.testing.assert_frame_equal(part[part["ts"] <= until], expected)


@given(st_trades, st_quotes, st_cut)
@settings(deadline=None)
def test_time_and_sales__up_to_the_cut(trades: list[One], quotes: list, cut: int) -> None:
    known = [one for one in trades if one.t < cut]
    whole = lm.time_and_sales(table(trades), frame(quotes))
    part = lm.time_and_sales(table(known), frame([q for q in quotes if q[0] < cut]))
    pd.testing.assert_frame_equal(whole.head(len(known)), part)


@given(st_trades, st_cut, st.sampled_from([0, 25, 200]))
@settings(deadline=None)
def test_sweeps__but_the_last_up_to_the_cut(trades: list[One], cut: int, within: int) -> None:
    known = [one for one in trades if one.t < cut]
    whole, part = (lm.sweeps(table(some), np.timedelta64(within), min_prices=1) for some in (trades, known))
    done = max(len(part) - 1, 0)
    pd.testing.assert_frame_equal(whole.head(done), part.head(done))


# ---------------------------------------------------------------------- a session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = tmp_path_factory.mktemp("flow")
    write_bybit(lm.simulate(minutes=1, seed=4, levels=20, keep_truth=False), folder / "raw")
    lm.ingest(folder / "raw", store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def test_methods_of_a_session__are_the_verbs(session: lm.Session) -> None:
    equal = pd.testing.assert_frame_equal
    equal(session.bars("5s"), lm.bars(session, "5s"))
    equal(session.bars(5.0, "volume"), lm.bars(session.trades(), 5.0, "volume"))
    found = session.footprint("5s", 1.0, ratio=2.0, stack=2)
    equal(found.cells, lm.footprint(session.trades(), "5s", 1.0, ratio=2.0, stack=2).cells)
    equal(session.volume_profile(1.0), lm.volume_profile(session, 1.0))
    equal(session.developing("5s", 1.0), lm.developing(session, "5s", 1.0))
    equal(session.cumulative_delta("10s"), lm.cumulative_delta(session, "10s"))
    equal(session.vwap("10s", (1.5,)), lm.vwap(session, "10s", (1.5,)))
    equal(session.sweeps("1ms", 1.0), lm.sweeps(session, "1ms", 1.0))
    tape = session.time_and_sales()
    equal(tape, lm.time_and_sales(session))
    equal(tape, lm.time_and_sales(session.trades(), session.bbo()))
    quoted = session.trades(quotes=True).to_pandas()
    assert np.array_equal(tape[["bid", "ask"]], quoted[["bid", "ask"]], equal_nan=True)
    assert (tape["rule"] == "venue").all()


def test_a_session_that_is_cut__says_the_same(session: lm.Session) -> None:
    cut = pd.Timestamp(session.time_range[0], tz="UTC") + pd.Timedelta("31.5s")
    part = session.sel(end=cut)
    equal = pd.testing.assert_frame_equal
    count = part.trades().num_rows
    equal(part.time_and_sales(), session.time_and_sales().head(count))
    equal(part.cumulative_delta(), session.cumulative_delta().head(len(part.cumulative_delta())))
    equal(part.vwap(), session.vwap().head(len(part.vwap())))
    bars = part.bars("5s")
    equal(bars[:-1], session.bars("5s").head(len(bars) - 1))
    cells = part.footprint("5s", 1.0).cells
    whole = session.footprint("5s", 1.0).cells
    equal(cells[cells["bar"] < 6], whole[whole["bar"] < 6])
