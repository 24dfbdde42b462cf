"""Runs of messages that agreed with their checksums: the rule, message by message; and what a store keeps."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.ingestion import agreed
from liqmap.ingestion.chain import Chain
from liqmap.schema import AGREED, CONTRADICTED, Rejected
from liqmap.schema.trust import Proof, Run, claim_of, kept
from tests.formats.bybit.lines import write_lines
from tests.formats.kraken.samples import SAMPLES
from tests.ingestion.test_chain import CHECKED, Told, _part, as_messages, st_told


def plainly(told: list[Told], checked: list[int]) -> tuple[list[Run], list[tuple[int, int]]]:
    """Runs and doubts, from the rows and gaps of messages that are judged one by one."""
    chain = Chain()
    runs: list[Run] = []
    doubted, gaps, snapshot, goes_on = [], 0, None, False
    for i, one in enumerate(told):
        before, kept_before, verified = chain.gaps, chain.messages, chain.verified or 0
        message = replace(as_messages([one], i + 1), checked=np.array([checked[i]], np.int8))
        rows = chain._judged(message, last=True)
        gaps = chain.gaps - before
        goes_on = goes_on and not gaps
        if gaps and chain.lost[-1].reason == "checksum":
            doubted.append((snapshot, chain.lost[-1].after))
        if chain.messages == kept_before:
            continue
        ts = rows["ts"][-1].value
        if one[3] == 1:
            snapshot = ts
        if (chain.verified or 0) == verified:
            goes_on = False
        elif goes_on:
            runs[-1] = runs[-1]._replace(last_ts=ts, last_seq=one[1], messages=runs[-1].messages + 1)
        else:
            runs.append(Run(ts, one[1], ts, one[1], 1))
            goes_on = True
    return runs, doubted


@given(
    told=st_told().filter(lambda told: all(abs(a[0] - b[0]) < 10**12 for a, b in itertools.pairwise(told))),
    cuts=st.lists(st.integers(0, 12), max_size=3).map(sorted),
    checked=st.lists(st.sampled_from(CHECKED), min_size=12, max_size=12),
)
def test_runs__are_those_of_the_rule_whatever_the_pieces(
    told: list[Told], cuts: list[int], checked: list[int]
) -> None:
    told = [(told[0][0], told[0][1], -1, 1, 2), *told[1:]]  # readers compare no checksum before a snapshot
    checked = checked[: len(told)]
    checked[0] = AGREED if checked[0] == CONTRADICTED else checked[0]
    whole = replace(as_messages(told), checked=np.array(checked, np.int8))
    chain = Chain()
    for a, b in itertools.pairwise([0, *(min(cut, len(told)) for cut in cuts), len(told)]):
        chain.rows(_part(whole, a, b) if a < b else None)
    chain.finish()
    assert (chain.agreed.runs, chain.agreed.doubted) == plainly(told, checked)
    agreed_at_gaps = sum(c == AGREED and t[3] in (1, 2) and not t[4] for t, c in zip(told, checked))
    if not (agreed_at_gaps or chain.repeats):
        assert sum(run.messages for run in chain.agreed.runs) == checked.count(AGREED)
    assert chain.agreed.doubted == [(g.proven, g.after) for g in chain.lost if g.reason == "checksum"]


def test_runs__end_at_a_broken_line_and_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Told] = [(1_000 + i, 5 + i, -1 if i == 0 else 4 + i, int(i == 0), 1) for i in range(9)]
    whole = replace(as_messages(told), checked=np.full(9, AGREED, np.int8))
    for most, wanted in ((10, [4, 5]), (1, [4])):
        monkeypatch.setattr(agreed, "MOST", most)
        chain = Chain()
        chain.rows(whole, [Rejected(9, "x")])
        assert [run.messages for run in chain.agreed.runs] == wanted


def test_kept__comes_back_and_nothing_comes_of_what_is_not_known() -> None:
    runs, doubted = [Run(1, 2, 3, 4, 5), Run(6, 7, 8, 9, 1)], [(1, 3)]
    said = json.loads(json.dumps(kept(Proof(True, 25), runs, doubted)))
    assert claim_of(said, 1, 9) == (1, 9, Proof(True, 25), tuple(runs), tuple(doubted))
    for other in (None, {}, [], said | {"version": 2}, {"version": 1}, said | {"runs": [[1]]}):
        assert claim_of(other, 1, 9) is None


def test_ledger__keeps_it_beside_rows_that_versions_of_before_know(tmp_path: Path) -> None:
    sample = SAMPLES["kraken-v1"]
    path = write_lines(tmp_path / sample.path, sample.lines)
    report = lm.ingest(path, store=tmp_path / "store")
    (entry,) = json.loads(next((tmp_path / "store" / ".sources").iterdir()).read_text())
    trust = entry["told"]["trust"]
    assert (trust["version"], trust["chained"]) == (1, False)
    assert sum(run[-1] for run in trust["runs"]) == report.sources[0].verified > 0
    assert all("proven" not in gap for gap in entry["told"]["lost"])
