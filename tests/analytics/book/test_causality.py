"""What is said of a book up to a time is the same when nothing later was heard.

Each verb has a time from which on a row is settled: the row's own for instants and for the intervals that end
there, the end of its step or window else. What looks ahead is not known before it could be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.book.registry import MEASURES
from liqmap.schema import SessionError
from liqmap.session.sampling import sample
from tests.spans.test_end_reasons import rising, st_trades, trades_table
from tests.strategies import st_messages, to_depth_table

POLICIES = ["top_n", "full", "truncate", "snapshots"]


class Heard(NamedTuple):
    """A market as far as it was heard."""

    spans: lm.Spans
    trades: pa.Table

    @property
    def last(self) -> pd.Timestamp:
        return pd.Timestamp(self.spans.last, tz="UTC")


@st.composite
def st_cut(draw: st.DrawFn) -> tuple[Heard, Heard]:
    """All of a market, and what had come by the time of one of its messages."""
    policy = draw(st.sampled_from(POLICIES))
    messages, n = draw(st_messages(policy=policy))
    messages = rising(messages)
    trades = draw(st_trades(messages))
    cut = draw(st.sampled_from([ts for _, ts, _ in messages])) + 1

    def heard(until: float) -> Heard:
        some = [message for message in messages if message[1] < until]
        told = [trade for trade in trades if trade[0] < until]
        return Heard(lm.replay(to_depth_table(some, n, policy=policy)), trades_table(told))

    whole, part = heard(np.inf), heard(cut)
    assume(part.spans.last - part.spans.begin > 3 * 10**9 if len(part.spans) else False)
    assume(whole.spans.begin == part.spans.begin)
    return whole, part


def same(part: pd.DataFrame, whole: pd.DataFrame, until: pd.Timestamp, step: str = "0s") -> None:
    """Rows that are settled by a time: those whose ``ts`` is ``step`` before it, or earlier."""
    settled = [one[one["ts"] + pd.Timedelta(step) <= until].reset_index(drop=True) for one in (part, whole)]
    pd.testing.assert_frame_equal(*settled, check_exact=True)


AT: dict[str, Callable[[Heard], pd.DataFrame]] = {
    "sample": lambda m: sample(
        m.spans,
        np.arange(m.spans.begin // 10**9 + 1, m.spans.last // 10**9 + 1) * 10**9,
        ["mid", "weighted_mid", "depth@1500bps", "pressure@3", "ofi@1", "ofi@1500bps"],
    ),
    "order_flow_imbalance": lambda m: lm.order_flow_imbalance(m.spans, "1s", 2),
    "tracker": lambda m: lm.tracker(m.spans, "1s"),
    "beyond": lambda m: lm.beyond(m.spans, 1.5, 2.5, "1s"),
}


@given(markets=st_cut(), name=st.sampled_from(sorted(AT)))
@settings(max_examples=25)
def test_measures_of_instants__up_to_the_cut(markets: tuple[Heard, Heard], name: str) -> None:
    whole, part = markets
    same(AT[name](part), AT[name](whole), part.last)


@given(markets=st_cut())
@settings(max_examples=20)
def test_lines__of_windows_that_are_over(markets: tuple[Heard, Heard]) -> None:
    whole, part = markets
    same(*(lm.price_impact(m.spans, "1s", "4s") for m in (part, whole)), part.last, "4s")
    if part.trades.num_rows:
        same(*(lm.kyle_lambda(m.spans, "1s", "4s", m.trades) for m in (part, whole)), part.last, "4s")


@given(markets=st_cut(), horizon=st.sampled_from([1, 10**9, 60 * 10**9]))
@settings(max_examples=25)
def test_spreads__look_ahead_by_their_horizon_alone(markets: tuple[Heard, Heard], horizon: int) -> None:
    whole, part = markets
    if not part.trades.num_rows:
        return
    later = pd.Timedelta(horizon, "ns")
    found, of_all = (lm.spreads(m.spans, later, m.trades) for m in (part, whole))
    at_once = ["ts", "price", "size", "sign", "mid", "quoted", "effective"]
    same(found[at_once], of_all[at_once], part.last)
    same(found, of_all, part.last, f"{horizon}ns")
    ahead = found["ts"] + later > part.last
    assert found.loc[ahead, ["realised", "impact"]].isna().all(axis=None)


@given(markets=st_cut())
@settings(max_examples=20)
def test_stacking__of_steps_that_are_over(markets: tuple[Heard, Heard]) -> None:
    """Whether the trades of a day are known shows with the first one of it; until then they are not."""
    whole, part = markets
    try:
        found, of_all = (lm.stacking(m.spans, "1s", trades=m.trades) for m in (part, whole))
    except SessionError:
        return  # no trades met the book by then
    unknown = {"added": np.nan, "pulled": np.nan, "traded": np.nan}
    over = found["ts"] + pd.Timedelta("1s") <= part.last
    of_all = of_all[of_all["ts"] + pd.Timedelta("1s") <= part.last].reset_index(drop=True)
    of_all = of_all.assign(**of_all[list(unknown)].where(found.loc[over, "added"].notna()))
    same(found, of_all, part.last, "1s")


@given(markets=st_cut())
@settings(max_examples=20)
def test_microprice__as_a_measure_looks_at_no_more_than_it_was_estimated_on(
    markets: tuple[Heard, Heard],
) -> None:
    whole, part = markets
    try:
        fitted = lm.microprice(part.spans, imbalances=2, spreads=3)
    except SessionError:
        return  # no two quotes in a row
    fitted.use("microprice_of_before")
    try:
        times = np.arange(part.spans.begin // 10**9 + 1, part.spans.last // 10**9 + 1) * 10**9
        found, of_all = (
            sample(m.spans, times, ["microprice_of_before", "mid", "imbalance@1"]) for m in (part, whole)
        )
    finally:
        del MEASURES["microprice_of_before"]
    pd.testing.assert_frame_equal(found, of_all, check_exact=True)


def test_windows__that_are_not_over_do_change() -> None:
    """The properties above would fail of a window that goes on: they can."""
    market = lm.simulate(minutes=0.2, seed=2, levels=5, keep_truth=False)
    half = market.depth.slice(0, market.depth.num_rows // 2)
    part, whole = (lm.price_impact(lm.replay(depth), "1s", "1min") for depth in (half, market.depth))
    with pytest.raises(AssertionError):
        same(part, whole, part["ts"].iloc[-1])
