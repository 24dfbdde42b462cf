"""How far a session can be trusted: from the lines of a capture to the stretches, whatever the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import liqmap as lm
from liqmap.cli import main
from liqmap.schema.trust import Proof
from liqmap.session.trust import claims
from liqmap.store import compact
from tests.formats.bybit.lines import START_MS, feed, write_lines
from tests.formats.kraken.plain import PlainBook, v1_snapshot, v1_update
from tests.formats.okx.samples import SAMPLES as OKX

FIRST = 1_700_000_000
"""s, of the first message of `kraken_lines`."""

Stretch = tuple[float, float, str, int | None, str, bool, int]
KRAKEN = ("kraken", "XBT/USD")


def kraken_lines(dropped: int | None = None, depth: int = 25, first: float = FIRST) -> list[str]:
    """A book of 12 bids and 13 asks; after 1 s the last ask changes, then one ask a second is taken from the
    top; after 20 s a new snapshot. Without one of the lines."""

    def at(seconds: int) -> str:
        return f"{first + seconds:.6f}"

    book = PlainBook(depth)
    sides = {"b": [f"{100 - n}.00" for n in range(12)], "a": [f"{101 + n}.00" for n in range(13)]}
    book.apply([(side, price, "1.00000000") for side, prices in sides.items() for price in prices])
    lines = [v1_snapshot(book, at(0), local=f"{at(0)}: ")]
    changes = [("a", "113.00", "5.00000000"), *(("a", f"{101 + n}.00", "0.00000000") for n in range(8))]
    for k, change in enumerate(changes):
        lines.append(v1_update(book, [change], at(1 + k), local=f"{at(1 + k)}: "))
    lines.append(v1_snapshot(book, at(20), local=f"{at(20)}: "))
    lines.append(v1_update(book, [("b", "100.00", "3.00000000")], at(21), local=f"{at(21)}: "))
    return [line for k, line in enumerate(lines) if k != dropped]


def said(session: lm.Session) -> list[Stretch]:
    """The stretches; start and end in s since `FIRST`."""
    frame = session.trust()
    for name in ("start", "end"):
        frame[name] = (frame[name] - pd.Timestamp(FIRST, unit="s", tz="UTC")).dt.total_seconds()
    frame = frame.astype(object).where(frame.notna(), None)
    return [tuple(row) for row in frame.to_numpy().tolist()]


def stored(folder: Path, lines: list[str], name: str = "capture.ndjson") -> lm.Store:
    lm.ingest(write_lines(folder / name, lines), store=folder / "store").check()
    return lm.open_store(folder / "store")


WHOLE: list[Stretch] = [
    (0, 1, "unverifiable", None, "unverifiable", False, 1),
    (1, 20, "verified", 10, "unverifiable", False, 9),
    (20, 21, "unverifiable", None, "unverifiable", False, 2),
]


def test_trust__of_checksums_is_of_the_best_levels_and_of_all_where_they_cover_all(tmp_path: Path) -> None:
    store = stored(tmp_path / "deep", kraken_lines())
    assert said(store.session(*KRAKEN)) == WHOLE
    shallow = stored(tmp_path / "shallow", kraken_lines(depth=10)).session(*KRAKEN)
    assert said(shallow)[1] == (1, 20, "verified", None, "verified", False, 9)


def test_trust__before_a_contradiction_is_doubted_beyond_the_best_levels(tmp_path: Path) -> None:
    """The change of the 13th ask is lost: nothing tells until three before it are gone."""
    path = write_lines(tmp_path / "capture.ndjson", kraken_lines(dropped=1))
    report = lm.ingest(path, store=tmp_path / "store")
    gap = report.gaps.iloc[0]
    assert (gap["reason"], gap["proven"]) == ("checksum", pd.Timestamp(FIRST, unit="s", tz="UTC"))
    since = "is unverifiable since the snapshot of 2023-11-14 22:13:20.000"
    assert since in str(report.lost[0])
    again = lm.ingest(path, store=tmp_path / "store")
    pd.testing.assert_frame_equal(again.gaps, report.gaps)
    session = lm.open_store(tmp_path / "store").session(*KRAKEN)
    assert said(session) == [
        (0, 2, "unverifiable", None, "unverifiable", True, 1),
        (2, 3, "verified", 10, "unverifiable", True, 2),
        (3, 20, "gap", None, "gap", False, 5),
        (20, 21, "unverifiable", None, "unverifiable", False, 2),
    ]


@pytest.mark.parametrize("name", ["okx-books", "okx-books-unchecked", "okx-books5"])
def test_trust__beyond_checksums_ids_have_the_word(tmp_path: Path, name: str) -> None:
    session = stored(tmp_path, OKX[name].lines).session("okex", "BTC-USDT")
    wanted = {
        "okx-books": ("verified", 25, "chained"),
        "okx-books-unchecked": ("chained", None, "chained"),
        "okx-books5": ("unverifiable", None, "unverifiable"),
    }
    assert [row[2:5] for row in said(session)] == [wanted[name]]


def test_trust__of_ids_begins_and_ends_at_a_gap(tmp_path: Path) -> None:
    lines = feed(30)
    store = stored(tmp_path, [*lines[:10], *lines[12:]], "linear.ndjson")
    session = store.session("bybit", "BTCUSDT")
    start = (START_MS / 1e3) - FIRST
    lost = round(start + 100 + 0.9, 3)
    rows = [(round(a, 3), round(b, 3), *rest) for a, b, *rest in said(session)]
    assert rows == [
        (start + 100, lost, "chained", None, "chained", False, 10),
        (lost, round(start + 102.9, 3), "gap", None, "gap", False, 18),
    ]
    part = session.sel(start=START_MS + 100_500).trust()
    assert part["start"].iloc[0] == pd.Timestamp(START_MS + 100_500, unit="ms", tz="UTC")
    assert part["state"].tolist() == ["chained", "gap"]
    assert len(session.quality().trust) == 2


def test_trust__is_kept_by_compaction_and_told_by_info(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(tmp_path, kraken_lines(), "a.ndjson")
    store = stored(tmp_path, kraken_lines(first=FIRST + 30), "b.ndjson")
    before = said(store.session(*KRAKEN))
    words = [row[2] for row in WHOLE]
    assert [row[2] for row in before] == [*words, "gap", *words]
    assert compact(store.path).files > 1
    assert said(lm.open_store(store.path).session(*KRAKEN)) == before
    assert main(["info", "--store", str(store.path), "--quality", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["trust_shares"]["verified (best 10 levels)"] == pytest.approx(38 / 51)
    assert [row["state"] for row in told["trust"]] == [row[2] for row in before]
    assert main(["info", "--store", str(store.path), "--quality"]) == 0
    assert "verified (best 10 levels), of the time" in capsys.readouterr().out


def test_trust__is_never_verified_by_what_the_store_does_not_keep(tmp_path: Path) -> None:
    store = stored(tmp_path, kraken_lines())
    (ledger,) = (store.path / ".sources").iterdir()
    (entry,) = json.loads(ledger.read_text())
    del entry["xxh3_128"]  # as of a store that had no digests

    def with_facts(facts: Any) -> list[str]:
        ledger.write_text(json.dumps([entry | {"told": facts}]))
        return [row[2] for row in said(lm.open_store(store.path).session(*KRAKEN))]

    facts = entry["told"]
    trust = facts.pop("trust")
    assert with_facts(facts | {"trust": trust}) == [row[2] for row in WHOLE]
    assert with_facts(facts | {"trust": trust | {"version": 99}}) == ["unverifiable"]
    assert with_facts(facts) == ["unverifiable"]  # 10 of 12 agreed, and nobody knows which
    assert with_facts(None) == ["unverifiable"]
    facts["sources"][0]["verified"] = facts["sources"][0]["messages"]
    assert with_facts(facts) == ["verified"]  # all did
    ledger.unlink()
    assert [row[2] for row in said(lm.open_store(store.path).session(*KRAKEN))] == ["unverifiable"]


def test_claims__of_before_are_those_of_formats_that_have_ids(tmp_path: Path) -> None:
    store = stored(tmp_path, feed(5), "linear.ndjson")
    (ledger,) = (store.path / ".sources").iterdir()
    (entry,) = json.loads(ledger.read_text())
    del entry["xxh3_128"], entry["told"]["trust"]
    ledger.write_text(json.dumps([entry]))
    market = ("bybit", "BTCUSDT", "ob50")
    assert [claim.proof for claim in claims(store.path, market, "top_n")] == [Proof(chained=True)]
    assert [claim.proof for claim in claims(store.path, market, "snapshots")] == [Proof()]
    assert claims(store.path, ("bybit", "ETHUSDT", "ob50"), "top_n") == []
