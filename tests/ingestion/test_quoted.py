"""Which book tickers are new, and their clocks: against a plain loop, in any batches."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liqmap.ingestion.judging import FAR
from liqmap.ingestion.quoted import MOST_BETWEEN, Quoted
from liqmap.schema import MISSING, Quotes, int64

T0 = 1_700_000_000 * 10**9
Row = tuple[int, int, int]


def plain(rows: list[Row]) -> tuple[list[tuple[int, int]], int, int]:
    """(time, position) of those that are new, and how many were ignored and clamped; a row is (time, arrival,
    id)."""
    kept: list[tuple[int, int]] = []
    last: Row | None = None
    ids, between = [-1], list[int]()
    ignored = clamped = 0
    for at, (ts, recv, seq) in enumerate(rows):
        clock = kept[-1][0] if kept else None
        if last is not None and clock is not None:
            if seq < 0:
                old = recv != MISSING and recv < last[1] and ts <= clock
            else:
                anew = seq < last[2] and ts != recv and ts > clock
                old = seq <= last[2] and not anew
            if old:
                if not (len(ids) > 1 and ids[-2] < seq < ids[-1]) or (between and seq <= between[-1]):
                    between = []
                else:
                    between.append(seq)
                if len(between) < MOST_BETWEEN:
                    ignored += 1
                    continue
        between = []
        ids.append(seq)
        following = rows[at + 1] if at + 1 < len(rows) else None
        continues = following is not None and (seq < 0 or following[2] > seq)
        alone = (clock is None or ts > clock + FAR) and continues and ts > following[0] + FAR
        if alone:
            clamped += 1
            ts = following[0] if clock is None else clock
        elif clock is not None and ts < clock:
            clamped += 1
            ts = clock
        kept.append((ts, at))
        last = (ts, recv, seq)
    return kept, ignored, clamped


def quotes(rows: list[Row]) -> Quotes:
    """A ticker for each row; its bid is its position."""
    ts, recv, seq = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    bid = np.arange(len(ts), dtype=float)
    return Quotes(ts, recv, seq, bid, bid + 1, bid + 2, bid + 3)


STEPS = st.sampled_from([-FAR - 5, -3, 0, 0, 1, 1, 1, 2, FAR + 9])


@st.composite
def st_rows(draw: st.DrawFn) -> list[Row]:
    kind = draw(st.sampled_from(["ids", "none", "arrival"]))
    ts, seq, rows = T0, 100, []
    for _ in range(draw(st.integers(1, 20))):
        ts += draw(STEPS)
        seq += draw(st.sampled_from([-50, -5, -1, 0, 1, 1, 1, 1, 1, 2, 50]))
        recv = ts if kind == "arrival" else draw(st.sampled_from([MISSING, ts + 7, ts - 1]))
        rows.append((ts, recv, -1 if kind == "none" else seq))
    return rows


@given(rows=st_rows(), cuts=st.lists(st.integers(0, 15), max_size=4))
def test_quoted__in_any_batches_is_what_a_plain_loop_says(rows: list[Row], cuts: list[int]) -> None:
    whole = quotes(rows)
    state = Quoted()
    found = []
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    for low, high in zip(edges, edges[1:]):
        part = replace(whole, **{f.name: getattr(whole, f.name)[low:high] for f in fields(Quotes)})
        found.append(state.rows(part))
    found.append(state.finish())
    told = [
        pair
        for rows in found
        if rows is not None
        for pair in zip(int64(rows["ts"]).tolist(), rows["bid"].to_pylist(), strict=True)
    ]
    assert (told, state.repeats, state.clamped) == plain(rows)


def test_quoted__one_wrong_id_does_not_end_the_quotes() -> None:
    """Spot has no clock of its own that would tell: the ids that follow do."""
    ids = [1, 2, 10**15, *range(3, 40)]
    state = Quoted()
    rows = state.rows(quotes([(T0 + i, T0 + i, seq) for i, seq in enumerate(ids)]))
    assert rows is not None
    assert rows["seq"].to_pylist() == [1, 2, 10**15, *range(3 + MOST_BETWEEN - 1, 40)]
    assert state.repeats == MOST_BETWEEN - 1


def test_quoted__a_file_that_was_written_twice_stands_once() -> None:
    once = [(T0 + i, T0 + i, 5 + i) for i in range(50)]
    state = Quoted()
    rows = state.rows(quotes([*once, *once, (T0 + 99, T0 + 99, 99)]))
    assert rows is not None
    assert rows["seq"].to_pylist() == [*range(5, 55), 99]
