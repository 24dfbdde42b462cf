"""`quality` against the definition: the book at every instant, span by span."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics import quality
from liqmap.render.png.quality_picture import quality_words
from liqmap.schema import OPEN, TRADES, GridError
from tests.formats.bybit.lines import START_MS, depth_line, write_lines
from tests.strategies import MS, SECOND, START, TICK_SIZE, st_feeds, to_depth_table


def trades_of(rows: list[tuple[int, int]]) -> pa.Table:
    """Trades at (ts, tick)."""
    return pa.table(
        {
            "ts": pa.array([ts for ts, _ in rows], pa.int64()).cast(TRADES.field("ts").type),
            "id": pa.nulls(len(rows), pa.string()),
            "aggressor": pa.nulls(len(rows), TRADES.field("aggressor").type),
            "price": pa.array([round(tick * TICK_SIZE, 9) for _, tick in rows], pa.float64()),
            "size": pa.array([1.0] * len(rows), pa.float64()),
            "flags": pa.nulls(len(rows), TRADES.field("flags").type),
        },
        schema=TRADES,
    )


def best(spans, side: int, t: int) -> float:  # type: ignore[no-untyped-def]
    """The best observed tick at an instant, NaN where there is none."""
    s = spans.sides[side]
    there = [int(k) for k, a, b in zip(s.tick, s.start, s.seen) if a <= t < b]
    return float(max(there) if side == 0 else min(there)) if there else math.nan


def bound(spans, side: int, t: int) -> tuple[bool, float]:  # type: ignore[no-untyped-def]
    """Whether the window is known at an instant, and its bound, NaN where it has none."""
    known, worst = False, math.nan
    for row in spans.window.to_pylist():
        if row["side"] == ("bid", "ask")[side] and row["start"].value <= t:
            known = row["known"]
            worst = math.nan if row["worst_tick"] is None else row["worst_tick"]
    return known, worst


def instants(spans) -> list[int]:  # type: ignore[no-untyped-def]
    """Every time at which anything changes."""
    times = {spans.begin, spans.last}
    for s, w in zip(spans.sides, spans.windows):
        for column in (s.start, s.seen, s.end, w.start):
            times |= {int(t) for t in column if t != OPEN}
    return sorted(t for t in times if spans.begin <= t <= spans.last)


@settings(max_examples=40)
@given(st_feeds())
def test_quality__is_what_the_book_was_at_each_instant(feed: tuple) -> None:
    spans = lm.replay(to_depth_table(*feed))
    crossed = locked = quoted = unknown = frozen = 0
    times = instants(spans)
    for a, b in zip(times, times[1:]):
        bid, ask = best(spans, 0, a), best(spans, 1, a)
        blind = not (bound(spans, 0, a)[0] and bound(spans, 1, a)[0])
        unknown += (b - a) * blind
        frozen += (b - a) * (not blind and b - a > SECOND)
        if math.isfinite(bid) and math.isfinite(ask):
            quoted += b - a
            crossed += (b - a) * (bid > ask)
            locked += (b - a) * (bid == ask)
    found = quality(spans, frozen="1s")
    total = found.total
    assert total["seconds"] * 1e9 == pytest.approx(spans.last - spans.begin)
    assert total["unknown_s"] * 1e9 == pytest.approx(unknown)
    assert total["frozen_s"] * 1e9 == pytest.approx(frozen)
    if quoted:
        assert total["crossed_share"] == pytest.approx(crossed / quoted)
        assert total["locked_share"] == pytest.approx(locked / quoted)
    else:
        assert math.isnan(total["crossed_share"])
    lasts = (found.stretches["end"] - found.stretches["start"]).dt.total_seconds()
    for what, ns in (("crossed", crossed), ("locked", locked), ("frozen", frozen), ("unknown", unknown)):
        assert lasts[found.stretches["what"] == what].sum() == pytest.approx(ns * 1e-9, abs=1e-6), what
    for row in found.window.itertuples():
        t = row.ts.value
        (_, low), (_, high) = bound(spans, 0, t), bound(spans, 1, t)
        expected = (high - low) / ((best(spans, 0, t) + best(spans, 1, t)) / 2) * 1e4
        assert row.width_bps == pytest.approx(expected, nan_ok=True)


@settings(max_examples=40)
@given(st_feeds(), st.lists(st.tuples(st.integers(-2, 40), st.integers(8, 30)), max_size=8))
def test_quality__trades_against_the_quote_just_before(feed: tuple, wanted: list) -> None:
    spans = lm.replay(to_depth_table(*feed))
    times = instants(spans)
    rows = sorted((times[k % len(times)] + (k % 3 - 1), tick) for k, tick in wanted)
    judged = outside = 0
    for ts, tick in rows:
        bid, ask = best(spans, 0, ts - 1), best(spans, 1, ts - 1)
        if spans.begin <= ts <= spans.last and math.isfinite(bid) and math.isfinite(ask):
            judged += 1
            outside += not bid <= tick <= ask
    total = quality(spans, trades_of(rows)).total
    assert (total["trades"], total["outside"]) == (judged, outside)
    assert total["unexplained"] <= total["outside"]


@settings(max_examples=40)
@given(st_feeds())
def test_quality__hours_add_up(feed: tuple) -> None:
    spans = lm.replay(to_depth_table(*feed))
    found = quality(spans)
    for name in ("frozen_s", "removals", "left", "returned", "returned_same"):
        assert found.hours[name].sum() == pytest.approx(found.total[name]), name
    known = found.hours["seconds"].sum() - found.hours["unknown_s"].sum()
    assert known == pytest.approx(found.total["seconds"] - found.total["unknown_s"], abs=1e-6)
    assert found.total["returned_same"] <= found.total["returned"] <= found.total["left"]
    assert found.total["left"] <= found.total["removals"]


def test_quality__tells_what_left_the_window_from_what_was_cancelled() -> None:
    def at(k: int) -> int:
        return START + k * 100 * MS

    messages = [
        ("snapshot", at(0), [("bid", 12, 1.0), ("bid", 11, 2.0), ("ask", 20, 1.0), ("ask", 21, 1.0)]),
        ("update", at(1), [("bid", 13, 1.0), ("bid", 11, 0.0)]),  # 11 is pushed out
        ("update", at(2), [("bid", 13, 0.0), ("bid", 11, 2.0)]),  # and comes back; 13 was cancelled
        ("update", at(3), [("bid", 13, 5.0), ("bid", 11, 0.0)]),  # pushed out again
        ("update", at(4), [("bid", 13, 0.0), ("bid", 11, 0.5)]),  # and comes back, but not the same
        ("update", at(5), [("ask", 19, 5.0), ("ask", 21, 0.0)]),  # pushed out for good
        ("heard", at(6), []),
    ]
    spans = lm.replay(to_depth_table(messages, 2))
    found = quality(spans, trades_of([(at(0) + MS, 20), (at(0) + MS, 22), (at(2), 13), (at(4) + 1, 12)]))
    total = found.total
    assert (total["removals"], total["left"], total["returned"], total["returned_same"]) == (5, 3, 2, 1)
    assert total["left_share"] == pytest.approx(3 / 5)
    assert (total["trades"], total["outside"]) == (4, 1), "22 is above the ask; a trade at its quote is not"
    assert total["unexplained"] == 1
    assert np.isclose(total["seconds"], 0.6)


@pytest.mark.parametrize("frozen", [None, 0, "0s"])
def test_quality__refuses_no_duration(frozen: object) -> None:
    spans = lm.replay(to_depth_table([("heard", START, [])], 2))
    with pytest.raises(GridError, match="frozen"):
        quality(spans, frozen=frozen)  # type: ignore[arg-type]


def test_quality__hours_between_captures_are_left_out(tmp_path: Path) -> None:
    day = 24 * 3_600_000
    for number in range(2):
        lines = [
            depth_line(first + i, [("99.9", f"{i + 1}")], [("100.1", "1")], kind=kind, ts=at + 1000 * i)
            for first, at in [(1_000_000 * number + 1, START_MS + 30 * day * number)]
            for i, kind in enumerate(["snapshot", "delta", "delta"])
        ]
        lm.ingest(write_lines(tmp_path / f"linear{number}", lines), store=tmp_path / "s")
    found = lm.open_store(tmp_path / "s").session("bybit", "BTCUSDT", look_back=None).quality()
    hour = pd.Timestamp(START_MS, unit="ms", tz="UTC").floor("h")
    assert found.hours["hour"].tolist() == [hour, hour + pd.Timedelta(days=30)]
    assert found.total["seconds"] - found.total["unknown_s"] == pytest.approx(4, abs=0.01)
    assert dict(quality_words(found))["with a window"].startswith("4.0 s  (0.00%)")
