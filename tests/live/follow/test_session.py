"""A session that grows says at every moment what a session of the same store says once all is written."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.live.follow import LiveSession
from liqmap.schema import Meta, ReplayError, SessionError, Source, int64
from liqmap.session import Session
from liqmap.store import Writer
from tests.compare import span_tuples, window_steps
from tests.live.follow.taking import Recorded, batch, message_cuts, meta_of, pieces
from tests.session.depth_store import DAY, slowly, spans_of, write_source
from tests.strategies import SECOND, st_messages, to_depth_table


def agree(ours, theirs) -> None:
    """Equal spans and windows."""
    assert span_tuples(ours) == span_tuples(theirs)
    assert window_steps(ours) == window_steps(theirs)
    assert ours.since == theirs.since


@pytest.fixture(scope="module")
def capture():
    return lm.simulate(minutes=2, seed=3, keep_truth=False)


@given(data=st.data(), policy=st.sampled_from(["top_n", "full"]))
@settings(deadline=None, max_examples=20)
def test_take__any_cuts_and_flushes_are_the_replay_of_all(data, policy: str) -> None:
    messages, n = data.draw(st_messages(policy=policy))
    depth = to_depth_table(messages, n, policy=policy)
    starts = message_cuts(depth).tolist()
    cuts = data.draw(st.sets(st.sampled_from(starts)))
    with TemporaryDirectory() as folder:
        recorded, so_far = Recorded(Path(folder) / "store"), 0
        for piece in pieces(depth, cuts):
            recorded.take(piece)
            so_far += piece.num_rows
            session = recorded.session
            if session.last:
                agree(session.spans(), lm.replay(depth.slice(0, so_far)))
                assert _told(session.depth()).equals(_told(_after(depth.slice(0, so_far), session.start)))
                limited = data.draw(st.sampled_from([None, 1, 2]))
                if limited is not None:  # opened late, or grown since it was
                    agree(session.spans(limited), lm.replay(depth.slice(0, so_far), limited))
            if data.draw(st.booleans()):
                recorded.flush()


def _told(depth: pa.Table) -> pa.Table:
    """Rows without the ids of gaps: these have none, and where one begins a source take that of before."""
    seq = pc.if_else(pc.equal(depth["event"].cast(pa.string()), "gap"), -1, depth["seq"])
    return depth.set_column(depth.column_names.index("seq"), "seq", seq).combine_chunks()


def _after(depth: pa.Table, start: int | None) -> pa.Table:
    """As the session has it, with its tail's plain columns."""
    found = depth.filter(pa.array(int64(depth["ts"]) >= (start or 0)))
    return found.cast(depth.schema).unify_dictionaries().combine_chunks()


def test_take__is_the_session_that_the_store_has_afterwards(tmp_path: Path, capture) -> None:
    depth = capture.depth.combine_chunks()
    session = LiveSession(tmp_path / "s", *_market(depth))
    for piece in pieces(depth, message_cuts(depth)[::50]):
        session.take("depth", batch(piece), meta_of(depth))
    session.take("trades", batch(capture.trades), Meta.from_metadata(capture.trades.schema.metadata))
    grid, book, bbo = session.grid(time="1s"), session.book(), session.bbo()
    ladder, sample = lm.ladder(session, np.datetime64(session.last, "ns")), session.sample("1s")
    bars, quality = lm.bars(session, "10s"), session.quality()
    counted = session.sql("select count(*) as n, count(distinct seq) as m from depth").fetchall()
    with Writer(tmp_path / "s", Source(name="x", sha256="0" * 64)) as writer:
        writer.append("depth", batch(depth))
        writer.append("trades", batch(capture.trades))
        writer.commit(
            {k: Meta.from_metadata(getattr(capture, k).schema.metadata) for k in ("depth", "trades")}
        )
    venue, symbol, feed = _market(depth)
    stored = lm.open_store(tmp_path / "s").session(venue, symbol, feed=feed)
    assert stored.time_range == session.time_range
    assert stored.price_range == session.price_range
    assert grid.liquidity.equals(stored.grid(time="1s").liquidity)
    assert book.equals(stored.book(stored.time_range[1]))
    assert bbo.equals(stored.bbo())
    assert sample.equals(stored.sample("1s"))
    assert bars.equals(lm.bars(stored, "10s"))
    assert ladder.equals(lm.ladder(stored, stored.time_range[1]))
    assert quality.gaps.equals(stored.quality().gaps)
    assert counted == stored.sql("select count(*) as n, count(distinct seq) as m from depth").fetchall()
    for live, of_store in ((session.depth(), stored.depth()), (session.trades(), stored.trades())):
        assert live.num_rows == of_store.num_rows  # written since, and told once
        assert live.to_pandas().equals(of_store.to_pandas())
    assert session.sel(end=np.datetime64(session.last, "ns")).spans() is not None


def _market(depth) -> tuple[str, str, str]:
    meta = meta_of(depth)
    return meta.venue, meta.symbol, str(meta.feed)


@given(data=st.data(), hours=st.sampled_from([6, 13, 30]), look_back=st.sampled_from([None, DAY, 6 * DAY]))
@settings(deadline=None, max_examples=12)
def test_take__looks_back_over_the_store_and_grows_across_midnight(data, hours: int, look_back) -> None:
    messages, n = data.draw(st_messages())
    depth = to_depth_table(slowly(messages, hours * 3600), n)
    starts = message_cuts(depth)[:-1]
    at = int(data.draw(st.sampled_from(starts.tolist())))
    with TemporaryDirectory() as folder:
        root = Path(folder) / "store"
        if at:
            write_source(root, "before", depth.slice(0, at))
        recorded = Recorded(root, look_back=look_back, follows=at and int(int64(depth["seq"])[at - 1]))
        cuts = data.draw(st.sets(st.sampled_from(starts.tolist())))
        for piece in pieces(depth.slice(at), [c - at for c in cuts if c > at]):
            recorded.take(piece)
            if data.draw(st.booleans()):
                recorded.flush()
        recorded.flush()
        session = recorded.session
        if not session.last:
            return
        back = None if look_back is None else pd.Timedelta(look_back)
        start = pd.Timestamp(session.start, tz="UTC")
        stored = lm.open_store(root).session("test", "TEST", start=start, look_back=back)
        agree(session.spans(), stored.spans())
        assert spans_of(session.spans(1)) == spans_of(stored.spans(1))
        assert session.gaps().equals(stored.gaps())


def test_take__a_finer_tick_begins_anew(tmp_path: Path) -> None:
    depth = lm.simulate(minutes=1, seed=4, keep_truth=False).depth.combine_chunks()
    meta, half = meta_of(depth), int(message_cuts(depth)[200])
    fine = replace(meta, tick_size=meta.tick_size / 10)
    recorded = Recorded(tmp_path / "s")
    recorded.session = LiveSession(tmp_path / "s", *_market(depth))
    recorded.take(depth.slice(0, half))
    recorded.flush()
    before = recorded.session.spans()
    recorded.take(depth.slice(half), fine)
    whole = lm.replay(depth.replace_schema_metadata(fine.to_metadata()))
    agree(recorded.session.spans(), whole)
    assert recorded.session.meta.tick_size == fine.tick_size
    agree(before, lm.replay(depth.slice(0, half)))


def test_take__what_cannot_be_replayed_changes_nothing(tmp_path: Path, capture) -> None:
    depth = capture.depth.combine_chunks()
    cuts = message_cuts(depth)
    session = LiveSession(tmp_path, *_market(depth))
    session.take("depth", batch(depth.slice(0, int(cuts[100]))), meta_of(depth))
    spans, rows = session.spans(), session.depth().num_rows
    with pytest.raises(ReplayError, match="never to decrease"):
        session.take("depth", batch(depth.slice(0, int(cuts[1]))), meta_of(depth))
    assert session.spans() is spans
    assert session.depth().num_rows == rows


def test_gap__is_told_and_nothing_is_observed_over_it(tmp_path: Path) -> None:
    messages = [
        ("snapshot", 10 * SECOND, [("bid", 10, 1.0), ("ask", 20, 1.0)]),
        ("gap", 10 * SECOND, []),
        ("snapshot", 20 * SECOND, [("bid", 10, 1.0), ("ask", 20, 1.0)]),
    ]
    depth = to_depth_table([(e, 1_700_000_000 * SECOND + t, r) for e, t, r in messages], 2)
    session = LiveSession(tmp_path, "test", "TEST")
    for piece in pieces(depth, message_cuts(depth)):
        session.take("depth", batch(piece), meta_of(depth))
    assert len(session.gaps()) == 1
    grid = session.grid(time="1s", price=0.1)
    at = grid.state.sel(side="bid").isel(time=slice(1, 9)).values
    assert set(np.unique(at)) <= {0, 2}


def test_two_threads__readers_see_whole_states(tmp_path: Path, capture) -> None:
    depth = capture.depth.combine_chunks()
    session = LiveSession(tmp_path, *_market(depth))
    cuts = message_cuts(depth)[::40]
    seen: dict[int, object] = {}
    done = threading.Event()
    wrong: list[str] = []

    def look() -> None:
        session.wait()
        while not done.is_set():
            spans = session.spans()
            seen[spans.last] = spans
            begin, end = session.time_range
            if session.bbo().empty or spans.last > session.last or not begin <= end:
                wrong.append("torn")

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for piece in pieces(depth, cuts):
        session.take("depth", batch(piece), meta_of(depth))
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
    ts = int64(depth["ts"])
    for last in list(seen)[:: max(1, len(seen) // 5)]:
        agree(seen[last], lm.replay(depth.slice(0, int(np.searchsorted(ts, last, side="right")))))


def test_on_grown__calls_are_coalesced_and_end(tmp_path: Path, capture) -> None:
    depth = capture.depth.combine_chunks()
    cuts = message_cuts(depth)
    session = LiveSession(tmp_path, *_market(depth))
    begun, free, calls = threading.Event(), threading.Event(), []
    closed = threading.Event()

    def call() -> None:
        calls.append(session.version)
        begun.set()
        free.wait(10)
        if session.closed:
            closed.set()

    end = session.on_grown(call)
    session.take("depth", batch(depth.slice(0, int(cuts[1]))), meta_of(depth))
    assert begun.wait(10)
    for a, b in zip(cuts[1:20], cuts[2:21]):
        session.take("depth", batch(depth.slice(int(a), int(b - a))), meta_of(depth))
    free.set()
    session.close()
    assert closed.wait(10)
    assert len(calls) <= 3
    end()
    assert session.closed


def test_before_a_message__words(tmp_path: Path) -> None:
    session = LiveSession(tmp_path, "test", "TEST")
    assert not session.wait(0)
    assert "nothing heard yet" in repr(session)
    assert "nothing heard yet" in session._repr_html_()
    with pytest.raises(SessionError, match="none yet"):
        session.spans()


def test_heatmap__and_card(tmp_path: Path, capture) -> None:
    depth = capture.depth.combine_chunks()
    session = LiveSession(tmp_path, *_market(depth))
    session.take("depth", batch(depth), meta_of(depth))
    assert "with each message" in session._repr_html_()
    assert lm.heatmap(session) is not None
    assert isinstance(session, Session)
