"""How far a book can be trusted: the stretches against the rule at every instant."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.analytics.quality import Quality
from liqmap.analytics.quality.trust import Stretches, Trust, trust_of
from liqmap.schema import EVENTS, GAP, SNAPSHOT, TIMESTAMP, UPDATE, words
from liqmap.schema.trust import CHAINED, IN_GAP, UNVERIFIABLE, VERIFIED, Claim, Proof, Run

pytestmark = pytest.mark.pure

Head = tuple[int, int, int]
"""ts, seq, event."""


def table_of(heads: list[Head]) -> pa.Table:
    ts, seq, event = (np.array(c, np.int64) for c in zip(*heads))
    return pa.table(
        {"ts": pa.array(ts).view(TIMESTAMP), "seq": seq, "event": words(event.astype(np.int8), EVENTS)}
    )


def plainly(heads: list[Head], claims: list[Claim], t: int) -> tuple[int, int, int, bool]:
    """state, levels, beyond, doubted at an instant."""
    past = [head for head in heads if head[0] <= t]
    if not past:
        return IN_GAP, 0, IN_GAP, False
    ts, seq, _ = past[-1]
    there = [claim for claim in claims if claim.begin <= ts <= claim.end]
    agreed = [
        claim
        for claim in there
        for run in claim.runs
        if (run.first_ts, run.first_seq) <= (ts, seq) <= (run.last_ts, run.last_seq)
    ]
    verified = bool(agreed) and all(claim.runs for claim in there)
    turn = next((event for *_, event in reversed(past) if event in (GAP, SNAPSHOT)), None)
    if turn == GAP or (turn is None and not verified):
        return IN_GAP, 0, IN_GAP, False
    doubted = any(a <= ts <= b for claim in claims for a, b in claim.doubted)
    chained = bool(there) and all(claim.proof.chained for claim in there)
    ids = CHAINED if chained and not doubted else UNVERIFIABLE
    if not verified:
        return ids, 0, ids, doubted
    levels = agreed[-1].proof.levels
    return (VERIFIED, levels, ids, doubted) if levels else (VERIFIED, 0, VERIFIED, False)


@st.composite
def st_heads(draw: st.DrawFn) -> list[Head]:
    ts, seq, found = 10, 5, []
    for _ in range(draw(st.integers(1, 12))):
        ts, seq = ts + draw(st.sampled_from([0, 0, 1, 2, 3])), seq + 1
        event = draw(st.sampled_from([UPDATE, UPDATE, UPDATE, SNAPSHOT, GAP]))
        if event == GAP and found:
            ts, seq = found[-1][:2]
        found.append((ts, seq, event))
    return found


@st.composite
def st_claims(draw: st.DrawFn, heads: list[Head]) -> list[Claim]:
    claims = []
    for _ in range(draw(st.integers(0, 2))):
        a, b = sorted(draw(st.tuples(*[st.integers(0, len(heads) - 1)] * 2)))
        ends = sorted(draw(st.lists(st.integers(a, b), min_size=2, max_size=4)))
        runs = [Run(*heads[i][:2], *heads[j][:2], 1) for i, j in zip(ends[::2], ends[1::2])]
        proof = Proof(draw(st.booleans()), draw(st.sampled_from([None, 10])))
        doubted = [(heads[a][0], heads[b][0])] * draw(st.integers(0, 1))
        claims.append(
            Claim(heads[a][0], heads[b][0], proof, tuple(runs) * draw(st.integers(0, 1)), tuple(doubted))
        )
    return claims


@given(st.data(), st_heads())
def test_trust__is_that_of_the_rule_at_every_instant_whatever_the_pieces(
    data: Any, heads: list[Head]
) -> None:
    claims = data.draw(st_claims(heads))
    begin, end = sorted(data.draw(st.tuples(st.integers(8, 40), st.integers(8, 40))))
    table = table_of([h for h in heads for _ in range(2 - (h[2] == GAP))])  # messages of two rows
    whole, messages = trust_of([table], claims, begin, end)
    at = sorted(data.draw(st.sets(st.integers(0, len(table)))) | {0, len(table)})
    pieces, counts = trust_of([table[a:b] for a, b in itertools.pairwise(at)], claims, begin, end)
    assert all(np.array_equal(a, b) for a, b in zip((*whole, messages), (*pieces, counts)))
    if begin == end:
        assert len(whole.start) == 0
        return
    assert (whole.start[0], whole.end[-1]) == (begin, end)
    assert (whole.start[1:] == whole.end[:-1]).all()
    assert (whole.start < whole.end).all()
    said = list(zip(*(column.tolist() for column in whole[2:6])))
    assert all(a != b for a, b in itertools.pairwise(said))
    for t in range(begin, end):
        k = int(np.searchsorted(whole.start, t, side="right")) - 1
        assert said[k] == plainly(heads, claims, t), t
    assert messages.sum() == sum(begin <= ts <= end and event != GAP for ts, _, event in heads)


def test_frame__has_words_and_quality_their_shares() -> None:
    columns = [[0, 60, 90], [60, 90, 100], [3, 3, 0], [10, 0, 0], [1, 3, 0], [1, 0, 0], [5, 3, 0]]
    start, end, *rest = (np.array(c) for c in columns)
    frame = Trust(Stretches(start * 10**9, end * 10**9, *rest[:3], rest[3].astype(bool)), rest[4]).frame()
    assert list(frame.columns) == ["start", "end", "state", "levels", "beyond", "doubted", "messages"]
    assert frame["state"].tolist() == ["verified", "verified", "gap"]
    assert frame["beyond"].tolist() == ["unverifiable", "verified", "gap"]
    assert frame["levels"].fillna(0).tolist() == [10, 0, 0]
    found = Quality(*[None] * 4, trust=frame)  # type: ignore[arg-type]
    assert found.trust_shares == pytest.approx(
        {"verified": 0.3, "verified (best 10 levels)": 0.6, "gap": 0.1}
    )
