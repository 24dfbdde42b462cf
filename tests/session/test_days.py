"""Sessions over days and files have no seam, and begin with what was carried into them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import OPEN, GridError, int64
from liqmap.simulation import write_bybit
from liqmap.store import SPANS_FOLDER
from tests.compare import assert_sizes, window_steps
from tests.session.depth_store import DAY, MARKET, same, slowly, spans_of, steps_after, write_sources
from tests.strategies import SECOND, st_messages, st_raw_messages, to_depth_table

HOUR = 3_600 * SECOND
SLOWER = 1_000  # steps of 60 s become 16 hours
st_feeds = st.one_of(st_messages(), st_raw_messages())
st_look_backs = st.sampled_from([None, 0, HOUR, 24 * HOUR, 60 * HOUR])
st_others = st.lists(st_look_backs, max_size=3)


def session_of(root: Path, start=None, end=None, look_back=None):  # type: ignore[no-untyped-def]
    times = [None if t is None else pd.Timestamp(t, unit="ns") for t in (start, end)]
    back = None if look_back is None else pd.Timedelta(look_back, unit="ns")
    return lm.open_store(root).session(*MARKET, *times, look_back=back)


@st.composite
def st_stored(draw):
    """A depth table of days, the rows before which its sources are cut, and times before which to cut it."""
    messages, n = draw(st_feeds)
    messages = slowly(messages, SLOWER)
    depth = to_depth_table(messages, n)
    rows = np.cumsum([0, *(max(len(m[2]), 1) for m in messages)]).tolist()
    cuts = draw(st.lists(st.sampled_from(rows), max_size=3))
    aside = st.sampled_from([0, 1, -1, HOUR])
    times = st.builds(int.__add__, st.sampled_from([m[1] for m in messages]), aside)
    return depth, cuts, draw(times), draw(times)


# ------------------------------------------------------------------ laws


@pytest.mark.long
@given(stored=st_stored(), limit=st.sampled_from([None, 1, 2]))
@settings(max_examples=60)
def test_all_days_and_files__are_one_replay(stored, limit):
    depth, cuts, *_ = stored
    with tempfile.TemporaryDirectory() as folder:
        write_sources(Path(folder), depth, cuts)
        session = session_of(Path(folder))
        whole = lm.replay(session.depth(), limit)
        for spans in (session.spans(limit), session_of(Path(folder)).spans(limit)):
            assert spans_of(spans) == spans_of(whole)
            assert window_steps(spans) == window_steps(whole)
            assert spans.meta == whole.meta


@pytest.mark.long
@given(stored=st_stored(), look_back=st_look_backs)
@settings(max_examples=150)
def test_opened_at_a_time__holds_what_a_replay_of_everything_would_carry(stored, look_back):
    depth, cuts, start, end = stored
    start, end = min(start, end), max(start, end) + 1
    with tempfile.TemporaryDirectory() as folder:
        write_sources(Path(folder), depth, cuts)
        try:
            session = session_of(Path(folder), start, end, look_back)
        except lm.schema.SessionError:
            return  # no message there
        spans = session.spans()
        read = lm.store.read_depth(folder, *MARKET, session.feed)
    ts = int64(read["ts"])
    heard = np.sort(ts[np.array(read["event"].to_pylist()) != "gap"])
    first_day = int(session.time_range[0].astype(np.int64)) // DAY
    before = heard[heard < first_day * DAY].max(initial=-1)
    whole = lm.replay(read.filter(pa.array(ts < end)))
    wanted = -1 if look_back is None else (start - look_back) // DAY * DAY
    horizon = -1 if look_back is None else max(wanted, ts[ts >= wanted].min())
    # at the horizon itself two levels may look alike of which one was named before, the other after
    expected = {
        (side, tick, max(begin, min(horizon, before)), seen, stop, size)
        for side, tick, begin, seen, stop, size in spans_of(whole)
        if stop > before and seen > horizon
    }
    found = {
        (side, tick, max(begin, min(horizon, before)), seen, stop, size)
        for side, tick, begin, seen, stop, size in spans_of(spans)
        if seen > horizon
    }
    if horizon > before:  # nothing is looked back over: levels begin with the first message that lists them
        expected = {span for span in expected if span[3] > horizon}
        expected, found = ({(*s[:2], max(s[2], horizon), *s[3:]) for s in x} for x in (expected, found))
    assert found == expected
    assert steps_after(spans, max(before, horizon)) == steps_after(whole, max(before, horizon))
    assert all(span[4] > before for span in spans_of(spans))


@pytest.mark.long
@given(stored=st_stored(), look_back=st_look_backs, others=st_others, data=st.data())
@settings(max_examples=100)
def test_what_is_on_disk_already__changes_nothing(stored, look_back, others, data):
    depth, cuts, start, _ = stored
    with tempfile.TemporaryDirectory() as fresh, tempfile.TemporaryDirectory() as used:
        for folder in (fresh, used):
            write_sources(Path(folder), depth, cuts)
        try:
            expected = session_of(Path(fresh), start, None, look_back).spans()
        except lm.schema.SessionError:
            return
        days = sorted({int(t) // DAY for t in int64(depth["ts"])})
        for other in others:
            day = data.draw(st.sampled_from(days)) * DAY
            session_of(Path(used), day, day + DAY, other).spans()
        assert same(session_of(Path(used), start, None, look_back).spans(), expected)


def weeks(snapshots: list[int]) -> pa.Table:
    """A feed of two levels a side, five messages a day for a week, that opens some days with a snapshot.

    Every day at noon a price of its own rests outside the window from then on: day 1 at tick 1, and so on.
    """
    messages, best = [], [("bid", 20, 1.0), ("bid", 19, 1.0), ("ask", 30, 1.0), ("ask", 31, 1.0)]
    for number in range(1, 8):
        noon = 20_000 * DAY + number * DAY + 12 * HOUR
        if number in snapshots:
            messages.append(("snapshot", noon - HOUR, best))
        messages.append(("update", noon, [("bid", 19, 0.0), ("bid", number, 3.0)]))
        messages.append(("update", noon + 1, [("bid", 19, 1.0), ("bid", number, 0.0)]))
    return to_depth_table(messages, 2)


@pytest.mark.parametrize("snapshots", [range(1, 8), [1], [1, 4]], ids=["every day", "once", "twice"])
@pytest.mark.parametrize("first", [None, 0, 24, 48, 96], ids=lambda h: f"first {h}")
@pytest.mark.parametrize("hours", [None, 0, 24, 48, 96], ids=lambda h: f"then {h}")
def test_look_back__tells_how_old_a_carried_level_may_be(
    tmp_path: Path, snapshots: list[int], first: int | None, hours: int | None
) -> None:
    write_sources(tmp_path, weeks(list(snapshots)), [])
    day = 20_000 * DAY + 6 * DAY
    for start, back in ((day - DAY, first), (day, first), (day, hours)):
        spans = session_of(tmp_path, start, None, None if back is None else back * HOUR).spans()
        number = start // DAY - 20_000
        oldest = 1 if back is None else max(1, number - back // 24)
        assert {s[1] for s in spans_of(spans) if s[1] < 19} == set(range(oldest, 8))


# ------------------------------------------------------------------ a market over two midnights


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, lm.Capture]:
    """A simulated market in four archives: two minutes, an hour further on two more, over two midnights."""
    root = tmp_path_factory.mktemp("days")
    capture = lm.simulate(minutes=3, seed=4, levels=30, start="2026-01-05T23:58:30Z", keep_truth=False)
    report = lm.ingest(write_bybit(capture, root / "raw"), store=root / "store", venue="bybit")
    assert report.exit_code == 0
    assert [row.gaps for row in report.sources if row.kind == "depth"] == [0, 0]
    return root / "store", capture


def test_left_edge__holds_what_was_carried_over_midnight(market: tuple[Path, lm.Capture]) -> None:
    root, capture = market
    session = lm.open_store(root).session("bybit", "SIMUSDT", start="2026-01-06")
    whole = lm.open_store(root).session("bybit", "SIMUSDT")
    for half_life, prune in (("30s", "5min"), (None, None)):
        low, high = whole.price_range
        looks = {"half_life": half_life, "prune": prune, "price_range": (low - 50, high + 50)}
        grid = session.grid("1s", 1.0, **looks)
        edge = (pd.Timestamp("2026-01-06"), session.time_range[1])
        expected = whole.grid("1s", 1.0, time_range=edge, **looks)
        assert_sizes(grid["liquidity"].values, expected["liquidity"].values)
        np.testing.assert_array_equal(grid["state"].values, expected["state"].values)
        assert (grid["state"].values[:, :, 0] == 2).any()
        plain = lm.rasterize(
            lm.replay(capture.depth),
            _edges(grid, "time"),
            _edges(grid, "price"),
            half_life,
            prune,
        )
        assert_sizes(grid["liquidity"].values, plain["liquidity"].values)
    blind = lm.open_store(root).session("bybit", "SIMUSDT", start="2026-01-06", look_back=0)
    assert (blind.spans().begin, session.spans().begin // DAY) == (
        blind.time_range[0].astype(np.int64),
        20_458,
    )


def _edges(grid, name: str) -> np.ndarray:  # type: ignore[no-untyped-def]
    bounds = grid[f"{name}_bounds"].values
    return np.append(bounds[:, 0], bounds[-1, 1])


def test_before_its_days__a_session_does_not_guess(market: tuple[Path, lm.Capture]) -> None:
    session = lm.open_store(market[0]).session("bybit", "SIMUSDT", start="2026-01-06 00:00:10")
    with pytest.raises(GridError, match="earlier start"):
        session.grid(time_range=("2026-01-05 23:59", "2026-01-06 00:01"))
    with pytest.raises(lm.schema.SessionError, match="within"):
        session.book("2026-01-05 23:59")
    assert len(session.book("2026-01-06 00:00:05"))
    assert lm.snapshots(session)["ts"].min() > pd.Timestamp("2026-01-05 23:59:59Z")


def test_each_day_is_replayed_once(market: tuple[Path, lm.Capture], monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = market
    read = []
    groups = lm.session.checkpoints.depth_groups

    def counted(parts, before=None):  # type: ignore[no-untyped-def]
        read.extend(p.date for p in parts)
        return groups(parts, before)

    monkeypatch.setattr("liqmap.session.checkpoints.depth_groups", counted)
    store = lm.open_store(root)
    first = store.session("bybit", "SIMUSDT", end="2026-01-06").spans(depth_limit=7)
    assert read == ["2026-01-05"]
    second = store.session("bybit", "SIMUSDT", start="2026-01-06").spans(depth_limit=7)
    assert read == ["2026-01-05", "2026-01-06"]
    whole = store.session("bybit", "SIMUSDT").spans(depth_limit=7)
    ended = {s for s in spans_of(first) if s[4] != OPEN}
    assert ended | spans_of(second) >= {s for s in spans_of(whole) if s[2] > whole.begin}


def test_a_look_back__leaves_nothing_of_it_in_memory(market: tuple[Path, lm.Capture]) -> None:
    session = lm.open_store(market[0]).session("bybit", "SIMUSDT", start="2026-01-06")
    spans = session.spans()
    assert min(int(s.end.min()) for s in spans.sides) > spans.since
    assert spans.since < int(session.time_range[0].astype(np.int64))
    assert SPANS_FOLDER in {p.name for p in market[0].iterdir()}
