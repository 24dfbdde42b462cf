"""`compare_fill` against the definitions, in dicts: the original's feed and fill, and the oracle's grid."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import GridError
from liqmap.simulation import write_bybit
from tests.compare import duration, span_tuples, window_steps
from tests.oracle import oracle_grid, oracle_replay
from tests.strategies import MS, SECOND, START, TICK_SIZE, st_messages, to_depth_table

SIDES = ("bid", "ask")
OBSERVED = 1


# ------------------------------------------------------------------ the definitions, in dicts


def feed(spans: list, begin: int, last: int, every: int, levels: int, time: int, row_of) -> dict:  # type: ignore[no-untyped-def]
    """Summed size by (bucket, side, row) of the best levels at every multiple of ``every``."""
    summed: dict = {}
    for t in range(-(-begin // every) * every, last + 1, every):
        for side in SIDES:
            book = {s[1]: s[5] for s in spans if s[0] == side and s[2] <= t < s[3]}
            for tick in sorted(book, reverse=side == "bid")[:levels]:
                cell = t // time, side, row_of(tick)
                summed[cell] = summed.get(cell, 0.0) + book[tick]
    return summed


def fill(fed: dict, time: int, half_life: int | None, prune: int | None, floor: float) -> dict:
    """(size, age in ns) by (bucket, side, row)."""
    state: dict = {}
    drawn = {}
    for bucket in sorted({cell[0] for cell in fed}):
        state |= {cell[1:]: (size, bucket) for cell, size in fed.items() if cell[0] == bucket}
        for level, (size, since) in list(state.items()):
            age = (bucket - since) * time
            decayed = size * (1.0 if half_life is None else 2.0 ** (-age / half_life))
            if decayed > floor * size:
                drawn[bucket, *level] = decayed, age
            if prune is not None and age > prune:
                del state[level]
    return drawn


def definitions(spans, window, tick_size, every, levels, time, price, half_life, prune, floor):  # type: ignore[no-untyped-def]
    """Summary and appearances by level; None where no snapshot shows a book."""
    last = max([s[3] for s in spans] + [step[1] for step in window], default=0)
    begin = min((s[2] for s in spans), default=last)

    def row_of(tick: int) -> int:
        return int(np.floor(round(tick * tick_size, 9) / price + 1e-6))

    fed = feed(spans, begin, last, every, levels, time, row_of)
    if not fed:
        return None
    drawn = fill(fed, time, half_life, prune, floor)
    rows = sorted({cell[2] for cell in fed})
    edges = [round(r * price, 9) for r in range(rows[0], rows[-1] + 2)]
    stop = -(-max(last, begin + 1) // time)
    first = begin // time
    market = spans, window
    carry = tick_size, half_life, prune
    buckets = [k * time for k in range(first, stop + 1)]
    grid = oracle_grid(*market, buckets, edges, *carry, "mean", parts=True)
    instant = oracle_grid(*market, [begin, begin + 1], edges, *carry, "last", parts=True)
    truth = {
        (first + t, side, rows[0] + p): (grid["liquidity"][s, p, t], grid["known"][s, p, t] > 1 - 1e-6)
        for s, side in enumerate(SIDES)
        for p in range(len(edges) - 1)
        for t in range(len(buckets) - 1)
    }
    return measures(fed, drawn, truth, every, time, instant)


def measures(fed: dict, drawn: dict, truth: dict, every: int, time: int, instant: dict) -> tuple[dict, dict]:
    resting = {cell: size for cell, (size, _) in truth.items() if size > 0}
    ghosts = [cell for cell in drawn if cell not in resting and truth[cell][1]]
    sizes = {cell: size for cell, (size, _) in drawn.items()}
    carried = {cell: size for cell, (size, age) in drawn.items() if age > 0}
    lowest = {b: min((c[2] for c in fed if c[:2] == (b, "bid")), default=10**9) for b, _, _ in fed}
    highest = {b: max((c[2] for c in fed if c[:2] == (b, "ask")), default=-(10**9)) for b, _, _ in fed}
    near = [c for c in ghosts if lowest.get(c[0], 10**9) <= c[2] <= highest.get(c[0], -(10**9))]
    levels = {cell[1:]: [0, 0, 0] for cell in fed}
    for k, cells in enumerate((fed, drawn, resting)):
        for cell in cells:
            if cell[1:] in levels:
                levels[cell[1:]][k] += 1
    middle = np.median(list(levels.values()), axis=0)
    fresh = [c for c in fed if c in resting]
    both = [c for c in drawn if c in resting]

    def share(part: float, whole: float) -> float:
        return part / whole if whole else np.nan

    def total(of: dict, cells) -> float:  # type: ignore[no-untyped-def]
        return sum(of[c] for c in cells)

    everything, added = total(sizes, sizes), total(carried, carried)
    undecided = [c for c in drawn if c not in resting and c not in set(ghosts)]
    return {
        "time buckets": len({cell[0] for cell in truth}),
        "snapshots a bucket": time / every,
        "levels": len(levels),
        "raw cells": len(fed),
        "filled cells": len(drawn),
        "coverage": len(drawn) / len(fed),
        "liqmap cells": len(resting),
        "liqmap coverage": len(resting) / len(fed),
        "buckets a level, raw": middle[0],
        "buckets a level, filled": middle[1],
        "buckets a level, liqmap": middle[2],
        "drawn": everything,
        "carried share": share(added, everything),
        "ghost share": share(total(sizes, ghosts), everything),
        "ghost share of carried": share(total(sizes, ghosts), added),
        "ghost share of cells": share(len(ghosts), len(drawn)),
        "ghost share of carried, in sight": share(total(sizes, near), added),
        "undecided share": share(total(sizes, undecided), everything),
        "inflation": share(total(fed, fresh), total(resting, fresh)),
        "inflation, median": np.median([fed[c] / resting[c] for c in fresh]) if fresh else np.nan,
        "inflation, carried too": share(total(sizes, both), total(resting, both)),
        "blank share": share(total(resting, set(resting) - set(drawn)), total(resting, resting)),
        "remembered at the left edge": share(instant["carried"].sum(), instant["liquidity"].sum()),
    }, levels


def assert_measures(comparison: lm.FillComparison, expected: tuple[dict, dict], price: float) -> None:
    summary, levels = expected
    assert list(comparison.summary.index) == list(summary)
    for name, value in summary.items():
        np.testing.assert_allclose(comparison.summary.at[name, "value"], value, rtol=2e-5, err_msg=name)
    have = {
        (row.side, round(row.price / price)): [row.raw, row.filled, row.liqmap]
        for row in comparison.levels.itertuples()
    }
    assert have == levels


# ------------------------------------------------------------------ random feeds and markets

st_settings = st.fixed_dictionaries(
    {
        "every": st.sampled_from([500 * MS, SECOND, 7 * SECOND]),
        "levels": st.sampled_from([1, 2, 4, 100]),
        "time": st.sampled_from([SECOND * 20, SECOND * 61]),
        "price": st.sampled_from([0.1, 0.3, 1.0, 5.0]),
        "carry": st.sampled_from(
            [(30, 300), (None, None), (20, 20), (30, 0), (30, 40), (None, 20), (61, None), (5, 300)]
        ),
        "floor": st.sampled_from([0.0, 1e-3, 0.5]),
    }
)

# A bid is cancelled within the window and an ask is overrun: both are ghosts. Another bid leaves the window.
GHOSTS = [
    ("snapshot", START, [("bid", 19, 2.0), ("bid", 17, 1.0), ("ask", 21, 4.0), ("ask", 23, 1.0)]),
    ("update", START + 30 * SECOND, [("bid", 19, 0.0), ("bid", 15, 1.0)]),
    ("update", START + 60 * SECOND, [("bid", 20, 1.0), ("bid", 15, 0.0), ("ask", 21, 0.0), ("ask", 24, 1.0)]),
    ("heard", START + 130 * SECOND, []),
]
PLAIN = {"every": SECOND, "levels": 4, "time": 20 * SECOND, "price": 0.1, "carry": (30, 300), "floor": 1e-3}


def compare_both(spans, oracle_market, every, levels, time, price, carry, floor):  # type: ignore[no-untyped-def]
    half_life, prune = (None if v is None else v * SECOND for v in carry)
    expected = definitions(
        *oracle_market, spans.tick_size, every, levels, time, price, half_life, prune, floor
    )

    def ours() -> lm.FillComparison:
        words = (duration(every), levels, duration(time), price, duration(half_life), duration(prune), floor)
        return lm.compare_fill(spans, *words)

    if expected is None:
        with pytest.raises(GridError, match="expected a book"):
            ours()
        return None
    comparison = ours()
    assert_measures(comparison, expected, price)
    return comparison


@given(feed=st_messages(), chosen=st_settings)
@settings(max_examples=60)
@example(feed=(GHOSTS, 2), chosen=PLAIN)
def test_equals_its_definitions(feed, chosen) -> None:  # type: ignore[no-untyped-def]
    messages, n = feed
    spans = lm.replay(to_depth_table(messages, n))
    assert spans.tick_size == TICK_SIZE
    compare_both(spans, oracle_replay(messages, n), **chosen)


def test_equals_its_definitions__simulated_market() -> None:
    spans = lm.replay(lm.simulate(minutes=0.2, seed=5, levels=20, keep_truth=False).depth)
    chosen = {
        "every": 500 * MS,
        "levels": 12,
        "time": 2 * SECOND,
        "price": 0.5,
        "carry": (3, 300),
        "floor": 0.01,
    }
    comparison = compare_both(spans, (span_tuples(spans), window_steps(spans)), **chosen)
    values = comparison.summary["value"]
    assert values["coverage"] > 1.2
    assert values["ghost share"] > 0


def test_block_by_block_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = lm.replay(lm.simulate(minutes=0.5, seed=5, levels=20, keep_truth=False).depth)
    whole = lm.compare_fill(spans)
    monkeypatch.setattr("liqmap.fill.compare.BLOCK", 3)
    pd.testing.assert_frame_equal(whole.summary, lm.compare_fill(spans).summary)


def test_ghosts_are_known_by_hand() -> None:
    spans = lm.replay(to_depth_table(GHOSTS, 2))
    cells = lm.compare_fill(spans, "1s", 4, "20s", 0.1, "30s", "5min").cells
    drawn = {
        name: [
            cells["verdict"].attrs["flag_meanings"].split()[int(v)]
            for v in cells["verdict"].sel(side=side).isel(price=tick - 15).values
        ]
        for name, side, tick in (("cancelled", "bid", 19), ("overrun", "ask", 21), ("left", "bid", 15))
    }
    # from START on, 20 s each; the last bucket ends after the last message, when little is known for sure
    assert drawn["cancelled"][:6] == ["resting", "resting", *["ghost"] * 4]
    assert drawn["overrun"][:6] == [*["resting"] * 3, *["ghost"] * 3]
    assert drawn["left"][:6] == ["not_drawn", *["resting"] * 5]


# ------------------------------------------------------------------ sessions


def test_session__its_spans_remember_and_the_original_does_not(tmp_path: Path) -> None:
    market = lm.simulate(minutes=3, seed=11, keep_truth=False)
    lm.ingest(write_bybit(market, tmp_path / "raw"), store=tmp_path / "store")
    store = lm.open_store(tmp_path / "store")
    whole = store.session("bybit", "SIMUSDT")
    start = pd.Timestamp(whole.time_range[0], tz="UTC").ceil("1min") + pd.Timedelta("1min")
    late = store.session("bybit", "SIMUSDT", start=start)
    frame = lm.snapshots(late)
    everything = lm.snapshots(whole)
    later = everything[everything["ts"] >= start].reset_index(drop=True)
    assert 0 < len(later) < len(everything)
    pd.testing.assert_frame_equal(frame, later)
    comparison = lm.compare_fill(late)
    assert comparison.cells["time_left"].values[0] == start.tz_localize(None).to_datetime64()
    assert comparison.summary.at["remembered at the left edge", "value"] > 0.01
    assert lm.compare_fill(whole).summary.at["remembered at the left edge", "value"] == 0


# ------------------------------------------------------------------ real data


def test_real_market__what_is_said_of_the_original(real_data: Path) -> None:
    depth = lm.read(real_data / "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip", venue="bybit").depth
    comparison = lm.compare_fill(lm.replay(depth))
    values = comparison.summary["value"]
    assert 4 < values["coverage"] < 5
    assert 6.0 < values["inflation"] < 6.7
    assert 8.5 < values["inflation, median"] < 10
    assert 0.09 < values["ghost share"] < 0.13
    assert 0.08 < values["ghost share of carried, in sight"] < 0.10
    assert values["undecided share"] < 0.01
    table = comparison.appearances
    assert list(table.columns) == ["raw", "filled", "liqmap"]
    assert table.loc["median", "filled"] > 4 * table.loc["median", "raw"]
    assert (table["liqmap"] <= table["filled"]).all()


# ------------------------------------------------------------------ shape and errors


@pytest.fixture(scope="module")
def small() -> lm.FillComparison:
    return lm.compare_fill(lm.replay(to_depth_table(GHOSTS, 2)), "1s", 4, "20s", 0.1)


def test_cells_are_a_grid(small: lm.FillComparison) -> None:
    cells = small.cells
    assert cells["filled"].dims == ("side", "price", "time")
    np.testing.assert_array_equal(np.isnan(cells["filled"]), cells["verdict"] == 0)
    fresh = np.isfinite(cells["raw"].values)
    np.testing.assert_array_equal(cells["raw"].values[fresh], cells["filled"].values[fresh])
    np.testing.assert_array_equal(cells["filled_age"].values[fresh], 0)
    assert set(small.levels["price"]) <= set(cells["price_left"].values)
    assert all(isinstance(value, (str, float, int)) for value in cells.attrs.values())
    assert len(small.inflation) == fresh.sum()


def test_shows_itself(small: lm.FillComparison) -> None:
    text, page = repr(small), small._repr_html_()
    values = small.summary["value"]
    for words in (text, page):
        assert "1 levels" not in words
        assert f"{values['ghost share']:.1%}" in words
        assert f"{values['coverage']:.2f}x" in words
        assert "4 levels every 1s, summed per 20s x 0.1, half-life 30s, prune 5min" in words
    assert max(map(len, text.splitlines())) < 170


def test_bad_input(small: lm.FillComparison) -> None:
    spans = lm.replay(to_depth_table(GHOSTS, 2))
    for wrong in (
        {"every": "0s"},
        {"time": None},
        {"levels": 0},
        {"price": 0.0},
        {"price": float("nan")},
        {"price": "1"},
        {"half_life": "0s"},
        {"prune": "-1s"},
        {"floor": 1.0},
        {"every": "1h"},  # no such instant
    ):
        with pytest.raises(GridError):
            lm.compare_fill(spans, **wrong)
    with pytest.raises(GridError, match=r"expected at most .* Take"):
        lm.compare_fill(spans, every="1s", time="1us", price=0.1)
    with pytest.raises(GridError, match=r"expected at most .* Take"):
        lm.compare_fill(spans, every="1s", price=1e-9)
    empty = lm.replay(to_depth_table([("heard", START, [])], 2))
    assert len(lm.snapshots(empty)) == 0
    with pytest.raises(GridError, match="expected a book"):
        lm.compare_fill(empty)


def test_edges_are_those_of_rasterize(small: lm.FillComparison) -> None:
    for left, right in pairwise(small.cells["price"].values):
        assert round(right - left, 9) == 0.1
