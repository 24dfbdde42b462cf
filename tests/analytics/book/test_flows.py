"""What came and went in a band, and by rank, against a walk over whole books."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.book.books import Band
from liqmap.analytics.book.events.flows import flows_of, mean_over
from liqmap.analytics.book.events.hits import next_change, prints_of
from liqmap.analytics.book.events.middles import middles_of
from liqmap.analytics.book.events.rank_flows import rank_flows
from liqmap.analytics.book.events.ranks import Ranks, drop_level, last_listed, list_level, next_listed
from liqmap.analytics.book.events.timeline import timeline_of
from liqmap.schema import OPEN
from liqmap.spans.end_reasons import message_times
from tests.analytics.book.slow import Moment, at_or_before, best_first, split, traded, walk
from tests.analytics.book.test_stacking import edges_of
from tests.spans.test_end_reasons import rising, st_trades, trades_table
from tests.strategies import st_messages, to_depth_table

SIDES = ("bid", "ask")
POLICIES = ["top_n", "full", "truncate", "snapshots"]


def middle(moments: list[Moment], ts: int) -> float:
    best = [best_first(at_or_before(moments, side, ts))[:1] for side in SIDES]
    return (best[0][0] + best[1][0]) / 2 if all(best) else math.nan


def end_of(middle: float, side: str, bps: float) -> float:
    return middle * (1 - bps / 1e4) if side == "bid" else middle * (1 + bps / 1e4)


def is_in_band(moments: list[Moment], side: str, tick: int, ts: int, band: Band) -> bool:
    outward = -1 if side == "bid" else 1
    if band.bps is not None:
        end = end_of(middle(moments, ts), side, band.bps)
        return (tick - end) * outward <= 1e-5  # never of NaN
    best = best_first(at_or_before(moments, side, ts))
    return len(best) < band.levels or (tick - best[band.levels - 1]) * outward <= 0


def share_of(moments: list[Moment], side: str, ts: int, band: Band) -> float:
    """Known share of a band at a time."""
    now = at_or_before(moments, side, ts)
    mid = middle(moments, ts)
    if not now.known or (band.bps is not None and math.isnan(mid)):
        return 0.0
    if now.worst is None:
        return 1.0
    if band.levels is not None:
        return min(1.0, len(now.book) / band.levels)
    outward = -1 if side == "bid" else 1
    end = end_of(mid, side, band.bps)
    ticks = [t for t in range(200) if (t - mid) * outward >= -1e-5 and (t - end) * outward <= 1e-5]
    return sum((t - now.worst) * outward <= 0 for t in ticks) / len(ticks) if ticks else 1.0


st_bands = st.sampled_from(
    [Band(1), Band(2), Band(3), Band(7), Band(bps=300.0), Band(bps=1500.0), Band(bps=4e3)]
)


@pytest.mark.parametrize("policy", POLICIES)
@given(data=st.data())
@settings(max_examples=40)
def test_flows__are_those_of_a_walk_over_whole_books(policy: str, data: st.DataObject) -> None:
    messages, n = data.draw(st_messages(policy=policy))
    messages = rising(messages)
    trades = data.draw(st_trades(messages))
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    edges, band = edges_of(data, messages), data.draw(st_bands)
    (found,) = flows_of(spans, edges, [band], prints_of(trades_table(trades), spans))
    events, moments = walk(messages, n, policy)
    fleeting = {event[:3] for event in events if event.what == "left"}  # in, and out with the same message
    expected = {name: np.zeros((2, len(edges) - 1)) for name in ("change", "added", "pulled", "traded")}
    for event in events:
        k = int(np.searchsorted(edges, event.ts, side="right")) - 1
        before = at_or_before(moments, event.side, event.ts - 1)
        inside = all(is_in_band(moments, event.side, event.tick, t, band) for t in (event.ts - 1, event.ts))
        if (event.ts, event.side, event.tick) in fleeting and not event.listed:
            continue
        if event.what == "change" and 0 <= k < len(edges) - 1 and before.known and inside:
            sums = {"change": event.after - event.before} | split(event, traded(event, trades))
            for name, value in sums.items():
                expected[name][SIDES.index(event.side), k] += value
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, rtol=1e-9, atol=1e-9, err_msg=name)
    for k in range(len(edges) - 1):
        cuts = sorted({edges[k], edges[k + 1], *(m.ts for m in moments if edges[k] < m.ts < edges[k + 1])})
        shares = [
            sum(
                (b - a) * share_of(moments, side, a, band) if a < spans.last else 0.0
                for a, b in zip(cuts, cuts[1:])
            )
            for side in SIDES
        ]
        assert found.known[k] == pytest.approx(min(shares) / (edges[k + 1] - edges[k]), abs=1e-9)


@pytest.mark.parametrize("policy", POLICIES)
@given(data=st.data())
@settings(max_examples=40)
def test_rank_flows__are_those_of_a_walk_over_whole_books(policy: str, data: st.DataObject) -> None:
    messages, n = data.draw(st_messages(policy=policy))
    messages = rising(messages)
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    edges, levels = edges_of(data, messages), data.draw(st.integers(1, 7))
    _, moments = walk(messages, n, policy)
    expected = np.zeros((2, levels, len(edges) - 1))
    for now in moments:
        number, before = SIDES.index(now.side), at_or_before(moments, now.side, now.ts - 1)
        k = int(np.searchsorted(edges, now.ts, side="right")) - 1
        if not (0 <= k < len(edges) - 1 and before.known and now.known):
            continue
        if now.ts == spans.last:
            continue  # the window closes with the last message
        whole = before.worst is None and now.worst is None
        for m in range(levels):
            p, p1 = (best_first(book)[m] if m < len(book.book) else None for book in (before, now))
            q, q1 = before.book.get(p, 0.0), now.book.get(p1, 0.0)
            if (p is None and p1 is None) or (not whole and None in (p, p1)):
                continue
            better = p is None or (p1 is not None and (p1 - p) * (1 if number == 0 else -1) > 0)
            expected[number, m, k] += q1 if better else q1 - q if p == p1 else -q
    np.testing.assert_allclose(rank_flows(spans, edges, levels), expected, rtol=1e-9, atol=1e-9)


@given(st.lists(st.integers(0, 199), max_size=120), st.integers(1, 6))
def test_ranks__are_those_of_a_sorted_list(places: list[int], k: int) -> None:
    ranks, listed = Ranks.of(200, k), set()
    for place in places:
        (drop_level if place in listed else list_level)(ranks, place)
        listed ^= {place}
        order = sorted(listed)
        assert ranks.at.tolist() == [len(order), order[k - 1] if len(order) >= k else 200]
        assert next_listed(ranks, place) == min((p for p in order if p >= place), default=200)
        assert last_listed(ranks, place) == max((p for p in order if p <= place), default=-1)


@given(data=st.data())
def test_next_change__is_the_next_message_that_changed_anything(data: st.DataObject) -> None:
    messages, n = data.draw(st_messages())
    spans = lm.replay(to_depth_table(messages, n))
    ts = np.array([trade[0] for trade in data.draw(st_trades(messages))], np.int64)
    times = message_times(spans).tolist()
    expected = [min((t for t in times if t >= at), default=OPEN) for at in ts.tolist()]
    assert next_change(spans, ts).tolist() == expected


def test_mean_over__counts_nothing_before_and_after() -> None:
    start, value = np.array([10, 20, 40]), np.array([1.0, np.nan, 0.5])
    found = mean_over(start, value, 50, np.array([0, 20, 30, 60, 70]))
    np.testing.assert_allclose(found, [0.5, 0.0, 5 / 30, 0.0])


def test_a_level_pushed_out_of_the_band__counts_nothing() -> None:
    second = 10**9
    feed = [
        ("snapshot", second, [("bid", 10, 1.0), ("bid", 9, 4.0), ("ask", 12, 2.0), ("ask", 13, 5.0)]),
        ("update", 2 * second, [("bid", 11, 2.0), ("bid", 9, 0.0)]),  # 9 is pushed out of a window of 2
        ("update", 3 * second, [("bid", 11, 0.0), ("bid", 9, 4.0)]),  # and comes back
        ("update", 4 * second, [("ask", 12, 0.5)]),
        ("heard", 5 * second, []),
    ]
    spans = lm.replay(to_depth_table(feed, 2))
    edges = np.arange(1, 6) * second + 1
    for levels in (1, 2):
        (found,) = flows_of(spans, edges, [Band(levels)], None)
        np.testing.assert_array_equal(found.change[0] - found.change[1], [2.0, -2.0, 1.5, 0.0])
        assert np.isnan(found.added).all()
    by_rank = rank_flows(spans, edges, 2)
    np.testing.assert_array_equal(by_rank[0, 0] - by_rank[1, 0], [2.0, -2.0, 1.5, 0.0])
    np.testing.assert_array_equal(by_rank[0, 1] - by_rank[1, 1], [1.0, -1.0, 0.0, 0.0])


@pytest.mark.parametrize("policy", POLICIES)
@given(data=st.data())
@settings(max_examples=25)
def test_middles__are_those_of_whole_books(policy: str, data: st.DataObject) -> None:
    messages, n = data.draw(st_messages(policy=policy))
    messages = rising(messages)
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    _, moments = walk(messages, n, policy)
    end = data.draw(st.sampled_from([ts for _, ts, _ in messages]))
    found = middles_of(spans, [timeline_of(spans, number, end) for number in (0, 1)])
    assert (np.diff(found.start) > 0).all()
    for ts in {moment.ts for moment in moments if moment.ts < min(end, spans.last)}:
        k = int(np.searchsorted(found.start, ts, side="right")) - 1
        now = found.middle[k] if k >= 0 else math.nan
        np.testing.assert_array_equal(now, middle(moments, ts))
