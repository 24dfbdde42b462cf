"""The truth beside the feed: the whole book, and the walls in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.schema import Meta, int64
from liqmap.simulation import simulate


def best(book: dict, levels: int) -> dict:
    return {
        "bid": {p: book["bid"][p] for p in sorted(book["bid"], reverse=True)[:levels]},
        "ask": {p: book["ask"][p] for p in sorted(book["ask"])[:levels]},
    }


@given(seed=st.integers(0, 10**9), levels=st.sampled_from([1, 20, 200]))
@settings(deadline=None, max_examples=6)
def test_truth__its_best_levels_are_the_feed(messages, apply, seed, levels):
    market = simulate(minutes=0.25, seed=seed, levels=levels)
    shown, whole = {"bid": {}, "ask": {}}, {"bid": {}, "ask": {}}
    truth = messages(market.truth.depth)
    for seq, ns, event, rows in messages(market.depth):
        apply(shown, event, rows)
        true_seq, true_ns, true_event, true_rows = next(truth)
        assert (seq, ns) == (true_seq, true_ns)
        apply(whole, true_event, true_rows)
        assert best(whole, levels) == shown
    assert next(truth, None) is None


def test_truth__is_deep(market, messages):
    meta = Meta.from_metadata(market.truth.depth.schema.metadata)
    assert (meta.feed, meta.window_policy, meta.depth_limit) == ("full", "full", None)
    _, _, event, rows = next(messages(market.truth.depth))
    prices = {side: [p for s, p, _ in rows if s == side] for side in ("bid", "ask")}
    assert event == "snapshot"
    for side in prices.values():
        assert len(side) > 1000
        assert max(side) - min(side) > 400  # 4,000 ticks


def test_truth__a_level_that_comes_back_unchanged_has_its_old_size(market, messages, apply):
    """An insert is what the truth held before the message, unless the truth changed in that message."""
    shown, whole = {"bid": {}, "ask": {}}, {"bid": {}, "ask": {}}
    truth = messages(market.truth.depth)
    back = 0
    for _, _, event, rows in messages(market.depth):
        _, _, true_event, true_rows = next(truth)
        changed = {(side, price) for side, price, _ in true_rows}
        if event == "update":
            for side, price, size in rows:
                if size > 0 and price not in shown[side] and (side, price) not in changed:
                    assert whole[side][price] == size
                    back += 1
                if size == 0 and (side, price) not in changed:
                    assert whole[side][price] == shown[side][price]
        apply(shown, event, rows)
        apply(whole, true_event, true_rows)
    assert back > 1000


def test_truth__walls_stand_in_the_book_for_as_long_as_they_say(market, messages, apply):
    walls = market.truth.walls.to_pylist()
    for wall, start in zip(walls, int64(market.truth.walls["start"]).tolist()):
        wall["start"] = start
    for wall, end in zip(walls, int64(market.truth.walls["end"], null=-1).tolist()):
        wall["end"] = end
    touched = set(market.trades["price"].to_pylist())
    book = {"bid": {}, "ask": {}}
    checked = 0
    for _, ns, event, rows in messages(market.truth.depth):
        before = {w["price"]: book[w["side"]].get(w["price"], 0.0) for w in walls}
        apply(book, event, rows)
        for wall in walls:
            now = book[wall["side"]].get(wall["price"], 0.0)
            if wall["start"] <= ns and (ns < wall["end"] or wall["end"] < 0):
                at_least = wall["left"] if wall["price"] in touched else wall["size"]
                assert now >= at_least
                checked += 1
            if ns == wall["end"] and wall["outcome"] == "cancelled":
                assert before[wall["price"]] - now >= 0.9 * wall["left"]
    assert checked > 10_000


@pytest.mark.long
def test_truth__walls_are_large_round_and_patient():
    walls = simulate(minutes=60, seed=2, keep_truth=False).truth.walls.to_pylist()
    assert {w["kind"] for w in walls} == {"wall"}
    assert {w["outcome"] for w in walls} == {"standing", "cancelled", "consumed"}
    assert all((w["outcome"] == "standing") == (w["end"] is None) for w in walls)
    assert all(w["tick"] % 50 == 0 and w["price"] == pytest.approx(w["tick"] / 10) for w in walls)
    assert all(w["left"] == 0 for w in walls if w["outcome"] == "consumed")
    lives = [w["end"] - w["start"] for w in walls if w["end"]]
    assert max(lives) > timedelta(minutes=20)
    assert min(lives) >= timedelta(0)
