"""Sequences: the kernel against the rule written plainly."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.ingestion.chain import REMEMBERED, Chain, Gap
from liqmap.ingestion.judging import FAR
from liqmap.schema import (
    AGREED,
    CONTRADICTED,
    EVENTS,
    GAP,
    HEARD,
    MISSING,
    NO_CHECKSUM,
    NOT_COMPARED,
    SIDES,
    SNAPSHOT,
    UPDATE,
    Messages,
    Rejected,
)

Told = tuple[int, int, int, int, int]  # ts, seq, prev, event, levels
CHECKED = (AGREED, AGREED, AGREED, NO_CHECKSUM, NOT_COMPARED, CONTRADICTED)


def as_messages(told: list[Told], first_line: int = 1) -> Messages:
    ts, seq, prev, event, levels = (np.array(c, np.int64) for c in zip(*told))
    rows = np.concatenate([[0], np.cumsum(levels)])
    total = int(rows[-1])
    return Messages(
        ts=ts,
        ts_recv=np.full(len(ts), MISSING),
        seq=seq,
        prev=prev,
        event=event.astype(np.int8),
        rows=rows,
        line=2 * np.arange(first_line, first_line + len(ts)),
        side=(np.arange(total) % 2).astype(np.int8),
        price=1.0 + np.arange(total),
        size=np.arange(total) / 2,
        gap_reason="resync",
    )


def plainly(
    told: list[Told],
    broken: set[int],
    by_rows: bool = False,
    checked: list[int] | None = None,
    by_snapshot: bool = False,
    anew: bool = False,
) -> tuple[list[tuple], list[list], int, int]:
    """The rows, gaps, repeats and clamped clocks by the rule; line of message i is 2 * (i + 1), and the one
    before may belong to it where messages are made ``by_rows``. Where only a snapshot ends a gap
    (``by_snapshot``), a gap comes after each message in it, too, that is not listed. Where ids begin anew
    (``anew``), an old one at a later time is no repeat."""

    def torn_at(event: int, i: int) -> bool:
        return by_rows and event == SNAPSHOT and 2 * i + 1 in broken

    rows: list[tuple] = []
    gaps: list[list] = []
    last = clock = good = None
    after_gap = loss = alone = False
    repeats = clamped = level = 0
    for i, (ts, seq, prev, event, levels) in enumerate(told):
        loss = loss or 2 * i + 1 in broken
        torn = torn_at(event, i)
        far = clock is None or ts > clock + FAR
        after = told[i + 1] if i + 1 < len(told) else None
        goes_on = after is not None and (after[2] == seq if after[2] >= 0 else after[1] > seq)
        wrong = far and goes_on and ts > after[0] + FAR
        own = [(SIDES[k % 2], 1.0 + k, k / 2) for k in range(level, level + levels)]
        level += levels
        says_gap = event == GAP or (event == SNAPSHOT and not levels)
        contradicted = bool(checked) and checked[i] == CONTRADICTED
        stale = False
        if clock is not None:
            if says_gap:
                continues = False
            elif prev >= 0:
                continues = prev == last and (
                    seq > last or (event != SNAPSHOT and (seq != prev or not levels))
                )
                if not continues and seq <= last:
                    unheard = anew and clock < ts <= clock + FAR
                    if not unheard:
                        repeats += 1
                        continue
            else:
                continues = seq in (last, last + 1)
                if not continues and seq <= last and ts < clock:
                    repeats += 1
                    continue
            agrees = bool(checked) and checked[i] == AGREED
            stale = not continues and not says_gap and event != SNAPSHOT and ts < clock and not agrees
            ends = event == SNAPSHOT and levels > 0 and not contradicted
            if alone and not after_gap and (ends or (continues and not loss and not contradicted)):
                rows.append((clock, good, "gap", None, None, None))
            elif (not continues or loss or contradicted) and not after_gap:
                rows.append((clock, good, "gap", None, None, None))
                reason = "resync" if says_gap else "broken line" if loss else "sequence"
                if reason == "sequence" and seq <= last and (event == SNAPSHOT or anew):
                    reason = "restart"
                gaps.append([None, clock, None, good, None, reason])
                if continues and not loss:
                    gaps[-1] = [2 * i + 2, clock, max(ts, clock), good, seq, "checksum"]
                after_gap = True
        loss, last = torn, seq
        if says_gap or contradicted or stale:
            continue
        if wrong:
            clamped += 1
            ts = told[i + 1][0] if clock is None else clock
        if gaps and gaps[-1][0] is None:
            gaps[-1][0], gaps[-1][2], gaps[-1][4] = 2 * i + 2, max(ts, clock), seq
        clamped += clock is not None and ts < clock
        alone = by_snapshot and event != SNAPSHOT and (alone or after_gap)
        clock, good, after_gap = max(ts, clock or ts), seq, False
        rows += [(clock, seq, EVENTS[event], *o) for o in own] or [(clock, seq, "heard", None, None, None)]
    lost_end = loss or any(n > 2 * len(told) for n in broken)
    if clock is not None and lost_end and not after_gap:
        rows.append((clock, good, "gap", None, None, None))
        gaps.append([None, clock, None, good, None, "end of file"])
    return rows, gaps, repeats, clamped


@st.composite
def st_told(draw: st.DrawFn) -> list[Told]:
    seq, ts, found = draw(st.integers(1, 30)), 1_000, []
    for _ in range(draw(st.integers(1, 12))):
        seq = max(1, seq + draw(st.sampled_from([1, 1, 1, 1, 0, 2, -3, -20])))
        ts += draw(st.sampled_from([100, 100, 100, 0, -50, 2 * FAR, -2 * FAR]))
        levels = draw(st.integers(0, 3))
        event = draw(st.sampled_from([UPDATE] * 4 + [SNAPSHOT, GAP]))
        if event == UPDATE and levels == 0:
            event = HEARD
        if event == GAP:
            levels = 0
        found.append((ts, seq, -1 if event in (SNAPSHOT, GAP) else seq - 1, event, levels))
    return found


@given(
    told=st_told(),
    broken=st.sets(st.integers(0, 12).map(lambda n: 2 * n + 1), max_size=3),
    cuts=st.lists(st.integers(0, 12), max_size=3).map(sorted),
    by_rows=st.booleans(),
    checked=st.none() | st.lists(st.sampled_from(CHECKED), min_size=12, max_size=12),
    by_snapshot=st.booleans(),
    anew=st.booleans(),
)
def test_chain__any_cut_gives_the_rows_of_the_rule(
    told: list[Told],
    broken: set[int],
    cuts: list[int],
    by_rows: bool,
    checked: list[int] | None,
    by_snapshot: bool,
    anew: bool,
) -> None:
    chain = Chain()
    if by_snapshot:
        chain.end_gaps_by_snapshots()
    if anew:
        chain.let_ids_begin_anew()
    whole = as_messages(told)
    if checked is not None:
        checked = checked[: len(told)]
        whole = replace(whole, checked=np.array(checked, np.int8))
    if by_rows:
        whole = replace(whole, since=whole.line - 1)
    rows: list[tuple] = []
    cuts = [0, *(min(cut, len(told)) for cut in cuts), len(told)]

    def take(batch: pa.RecordBatch | None) -> None:
        if batch is not None:
            rows.extend(
                (r["ts"].value, r["seq"], r["event"], r["side"], r["price"], r["size"])
                for r in batch.to_pylist()
            )

    for a, b in itertools.pairwise(cuts):
        lost = [
            Rejected(n, "x")
            for n in sorted(broken)
            if 2 * a < n <= 2 * b or (n > 2 * b == 2 * len(told) and a == cuts[-2])
        ]
        take(chain.rows(_part(whole, a, b) if a < b else None, lost))
    take(chain.finish())
    listed = [[g.line, g.after, g.until, g.seq_after, g.seq_until, g.reason] for g in chain.lost]
    assert (rows, listed, chain.repeats, chain.clamped) == plainly(
        told, broken, by_rows, checked, by_snapshot, anew
    )
    assert chain.gaps == len(listed)
    assert by_snapshot or chain.gaps == sum(r[2] == "gap" for r in rows)
    says_gap = [t[3] == GAP or (t[3] == SNAPSHOT and not t[4]) for t in told]
    checked = checked or [NO_CHECKSUM] * len(told)
    lost = sum(said or check == CONTRADICTED for said, check in zip(says_gap, checked))
    in_time = all(a[0] <= b[0] for a, b in itertools.pairwise(told))
    assert not in_time or chain.messages >= len(told) - chain.repeats - lost
    if in_time and CONTRADICTED not in checked:
        assert chain.messages == len(told) - chain.repeats - lost
    if not chain.repeats:
        assert chain.verified == (checked.count(AGREED) if any(checked) else None)
    for gap in chain.lost:
        rise = gap.reason in ("sequence", "broken line") and (gap.seq_until or 0) > gap.seq_after
        updates = sum(t[2] >= 0 for t in told) > chain.repeats  # else all may have been ignored
        assert gap.missing in (
            [gap.seq_until - gap.seq_after - 1, *([None] * (not updates))] if rise else [None]
        )


def _part(m: Messages, a: int, b: int) -> Messages:
    if m.since is not None:
        m = replace(m, since=m.since[a:b])
    if m.checked is not None:
        m = replace(m, checked=m.checked[a:b])
    heads = {n: getattr(m, n)[a:b] for n in ("ts", "ts_recv", "seq", "prev", "event", "line")}
    levels = {n: getattr(m, n)[m.rows[a] : m.rows[b]] for n in ("side", "price", "size")}
    return replace(m, **heads, **levels, rows=m.rows[a : b + 1] - m.rows[a])


def test_chain__a_message_of_before_a_restart_that_comes_late_says_nothing() -> None:
    chain = Chain()
    told = [(1_000, 20, -1, SNAPSHOT, 2), (2_000, 1, -1, SNAPSHOT, 2), (2_100, 2, 1, UPDATE, 1)]
    rows = chain.rows(as_messages([*told, (1_500, 25, 24, UPDATE, 3), (2_300, 4, -1, SNAPSHOT, 2)]))
    assert rows["event"].to_pylist() == [*["snapshot"] * 2, "gap", *["snapshot"] * 2, "update", "gap",
                                         *["snapshot"] * 2]  # fmt: skip
    assert [(gap.reason, gap.after, gap.until) for gap in chain.lost] == [
        ("restart", 1_000, 2_000),
        ("sequence", 2_100, 2_300),
    ]


@pytest.mark.pure
def test_chain__lines_lost_at_the_end_are_a_gap() -> None:
    chain = Chain()
    assert chain.finish() is None
    chain.rows(as_messages([(1, 1, -1, SNAPSHOT, 1)]))
    assert chain.finish().num_rows == 1
    assert chain.finish() is None
    chain.rows(None, [Rejected(3, "broken")])
    assert chain.lost == []
    (row,) = chain.finish().to_pylist()
    assert (row["ts"].value, row["seq"], row["event"], row["side"], row["price"]) == (1, 1, "gap", None, None)
    assert chain.gaps == 1
    assert chain.lost == [Gap(None, 1, None, 1, None, None, "end of file")]
    assert chain.finish() is None


@pytest.mark.pure
@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ([(1, 5, -1, SNAPSHOT, 1), (2, 6, 5, UPDATE, 1), (3, 9, 8, UPDATE, 1)], 2),
        (
            [(1, 5, -1, SNAPSHOT, 1), (2, 9, 7, UPDATE, 1), (3, 12, 9, UPDATE, 1)],
            None,
        ),  # ids of several changes
        ([(1, 5, -1, SNAPSHOT, 1), (2, 9, -1, SNAPSHOT, 1)], None),  # nothing says how ids rise
        ([(1, 5, -1, SNAPSHOT, 1), (2, 6, 5, UPDATE, 1), (3, 9, -1, SNAPSHOT, 1)], 2),
        ([(1, 5, -1, SNAPSHOT, 1), (2, 6, 5, UPDATE, 1), (3, 1, -1, SNAPSHOT, 1)], None),
    ],
)
def test_chain__missing_ids_are_counted_where_they_rise_by_one(told: list[Told], missing: int | None) -> None:
    chain = Chain()
    chain.rows(as_messages(told))
    assert [gap.missing for gap in chain.lost] == [missing]


@pytest.mark.pure
def test_chain__what_follows_the_last_continues_whatever_its_id() -> None:
    """One that says that nothing changed has the id of the last; ids may begin anew without a break."""
    chain = Chain()
    told = [(1, 15, -1, SNAPSHOT, 1), (2, 15, 15, HEARD, 0), (3, 15, 15, HEARD, 0), (4, 3, 15, UPDATE, 1)]
    rows = chain.rows(as_messages([*told, (5, 7, 3, UPDATE, 1), (6, 3, 15, UPDATE, 1)]))
    assert rows is not None
    assert rows["seq"].to_pylist() == [15, 15, 15, 3, 7]
    assert (chain.gaps, chain.repeats) == (0, 1)


@pytest.mark.pure
def test_chain__a_book_of_an_id_that_is_not_new_is_a_repeat() -> None:
    """Books one by one follow the newest before them, whatever their id."""
    chain = Chain()
    told = [
        (1, 10, -1, SNAPSHOT, 1),
        (2, 50, 10, SNAPSHOT, 1),
        (3, 50, 50, SNAPSHOT, 1),
        (4, 20, 50, SNAPSHOT, 1),
    ]
    rows = chain.rows(as_messages([*told, (5, 70, 50, SNAPSHOT, 1), (6, 70, 70, UPDATE, 1)]))
    assert rows is not None
    assert rows["seq"].to_pylist() == [10, 50, 70]
    assert (chain.gaps, chain.repeats) == (0, 3)


@pytest.mark.pure
def test_chain__a_source_may_say_why_messages_were_lost() -> None:
    chain = Chain()
    told = as_messages(
        [(1, 5, -1, SNAPSHOT, 1), (2, 6, 5, UPDATE, 1), (3, 7, 6, GAP, 0), (4, 8, 7, UPDATE, 1)]
    )
    chain.rows(replace(told, gap_reason="disconnected"))
    assert chain.lost == [Gap(8, 2, 4, 6, 8, None, "disconnected")]
    assert Messages.gap_reason == "source says"


@pytest.mark.pure
def test_chain__of_many_gaps_the_first_are_listed_and_all_counted() -> None:
    chain = Chain()
    odd = range(1, 2 * REMEMBERED + 10, 2)
    for some in (odd[:700], odd[700:]):
        chain.rows(as_messages([(seq, seq, seq - 1, UPDATE, 1) for seq in some]))
    chain.rows(None, [Rejected(9_999, "broken")])
    chain.finish()
    assert chain.gaps == len(odd)
    assert [(g.seq_after, g.seq_until) for g in chain.lost] == list(zip(odd, odd[1:]))[:REMEMBERED]


@pytest.mark.pure
def test_chain__receive_times_are_kept() -> None:
    messages = as_messages([(1, 1, -1, SNAPSHOT, 2), (2, 2, 1, HEARD, 0)])
    messages.ts_recv[1] = 77
    rows = Chain().rows(messages)
    assert [v and v.value for v in rows.column("ts_recv").to_pylist()] == [None, None, 77]


HOUR = FAR + 1
CLOCKS = {
    "alone ahead": ([0, 1, 2 * HOUR, 2, 3], [0, 1, 1, 2, 3], 1),
    "the first": ([2 * HOUR, 1, 2], [1, 1, 2], 1),
    "a pause": ([0, 1, 2 * HOUR, 2 * HOUR + 1], [0, 1, 2 * HOUR, 2 * HOUR + 1], 0),
    "a pause and a small step back": ([0, 2 * HOUR, 2 * HOUR - 5], [0, 2 * HOUR, 2 * HOUR], 1),
    "not far": ([0, FAR, 1, 2], [0, FAR, FAR, FAR], 2),
    "the last": ([0, 1, 2 * HOUR], [0, 1, 2 * HOUR], 0),
    "the only one": ([5], [5], 0),
}


@pytest.mark.pure
@pytest.mark.parametrize("case", CLOCKS)
@pytest.mark.parametrize("each", [1, 2, 9])
def test_chain__a_clock_far_ahead_alone_is_wrong(case: str, each: int) -> None:
    clocks, expected, clamped = CLOCKS[case]
    whole = as_messages([(ts, i + 1, i, UPDATE, 1) for i, ts in enumerate(clocks)])
    chain, found = Chain(), []
    parts = [_part(whole, a, min(a + each, len(clocks))) for a in range(0, len(clocks), each)]
    for rows in [*map(chain.rows, parts), chain.finish()]:
        found += [t.value for t in rows.column("ts").to_pylist()] if rows is not None else []
    assert (found, chain.clamped, chain.gaps) == (expected, clamped, 0)


@pytest.mark.pure
@pytest.mark.parametrize("prev", [10, -1])
def test_chain__a_message_told_again_after_a_pause_says_nothing_of_the_clock(prev: int) -> None:
    follows = prev >= 0
    told = [(1, 10, -1, SNAPSHOT, 1), (2, 11, 10 if follows else -1, UPDATE, 1),
            (3 * HOUR, 12, 11 if follows else -1, UPDATE, 1), (2, 11, prev, UPDATE, 1),
            (3 * HOUR + 5, 13, 12 if follows else -1, UPDATE, 1)]  # fmt: skip
    chain = Chain()
    rows = chain.rows(as_messages(told))
    assert [t.value for t in rows.column("ts").to_pylist()] == [1, 2, 3 * HOUR, 3 * HOUR + 5]
    assert (chain.clamped, chain.repeats, chain.gaps) == (0, 1, 0)


@pytest.mark.pure
def test_chain__a_snapshot_that_may_lack_levels_is_between_gaps() -> None:
    told = as_messages([(1, 5, -1, UPDATE, 1), (2, 6, 5, SNAPSHOT, 1), (3, 7, 6, UPDATE, 1)])
    for since, gaps in ((told.line - 1, 2), (None, 1)):
        chain = Chain()
        chain.rows(None, [Rejected(3, "broken")])
        chain.rows(replace(told, since=since))
        assert (chain.gaps, {gap.reason for gap in chain.lost}) == (gaps, {"broken line"})
