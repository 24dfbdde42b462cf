"""Gaps from the raw line to the report, the session and the grid."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.cli import main
from tests.formats.bybit.lines import START_MS, depth_line, feed, write_lines

COLUMNS = [
    *("path", "venue", "symbol", "feed", "line", "after", "until", "seq_after", "seq_until"),
    *("missing", "reason", "proven"),
]
LATER = START_MS + 900_000
BOOK = [("99.9", "4"), ("99.8", "1")]


def at(u: int) -> pd.Timestamp:
    """Time of message u of `feed`."""
    return pd.Timestamp(START_MS + 100 * u, unit="ms", tz="UTC")


def late(ms: int = 0) -> pd.Timestamp:
    return pd.Timestamp(LATER + ms, unit="ms", tz="UTC")


def gaps_of(path: Path) -> list[tuple]:
    """line, after, until, seq_after, seq_until, missing, reason of the report's rows."""
    table = lm.read(path).report.gaps.astype(object)
    assert table["proven"].isna().all()  # no checksums
    return [tuple(row) for row in table[COLUMNS[4:-1]].where(table[COLUMNS[4:-1]].notna(), None).to_numpy()]


CASES = {
    "lost messages": (
        [*feed(3), *feed(9)[7:]],
        (4, at(1002), at(1007), 1002, 1007, 4, "sequence"),
    ),
    "broken line": (
        [*feed(3), "{broken", *feed(9)[4:]],
        (5, at(1002), at(1004), 1002, 1004, 1, "broken line"),
    ),
    "broken line between messages that chain": (
        [*feed(3), "{broken", *feed(9)[3:]],
        (5, at(1002), at(1003), 1002, 1003, 0, "broken line"),
    ),
    "resync": (
        [*feed(3), depth_line(1, [], ts=LATER), depth_line(2, BOOK, ts=LATER + 100)],
        (5, at(1002), late(100), 1002, 2, None, "resync"),
    ),
    "resync as a snapshot": (
        [*feed(3), depth_line(1, [], kind="snapshot", ts=LATER), depth_line(2, BOOK, ts=LATER + 100)],
        (5, at(1002), late(100), 1002, 2, None, "resync"),
    ),
    "resync at the end": (
        [*feed(3), depth_line(1, [], ts=LATER)],
        (None, at(1002), None, 1002, None, None, "resync"),
    ),
    "restart": (
        [*feed(3), depth_line(1, BOOK, kind="snapshot", ts=LATER)],
        (4, at(1002), late(), 1002, 1, None, "restart"),
    ),
    "restart as a delta": (
        [*feed(3), depth_line(1, BOOK, ts=LATER)],
        (4, at(1002), late(), 1002, 1, None, "restart"),
    ),
    "another snapshot, later": (
        [*feed(3), depth_line(1010, BOOK, kind="snapshot", ts=LATER)],
        (4, at(1002), late(), 1002, 1010, 7, "sequence"),
    ),
    "last line broken": (
        [*feed(3), "{broken"],
        (None, at(1002), None, 1002, None, None, "end of file"),
    ),
}


@pytest.mark.pure
@pytest.mark.parametrize("market", ["linear", "spot"])
@pytest.mark.parametrize("case", CASES)
def test_report__lists_each_gap(tmp_path: Path, case: str, market: str) -> None:
    lines, expected = CASES[case]
    path = write_lines(tmp_path / market / "book.ndjson", lines)
    assert gaps_of(path) == [expected]
    capture = lm.read(path)
    assert capture.report.sources[0].gaps == 1
    assert capture.depth["event"].to_pylist().count("gap") == 1
    row = capture.report.gaps.iloc[0]
    venue = {"linear": "bybit", "spot": "bybit-spot"}[market]
    assert (row["path"], row["venue"], row["symbol"], row["feed"]) == (str(path), venue, "BTCUSDT", "ob50")


@pytest.mark.pure
@pytest.mark.parametrize(
    "lines",
    [
        feed(5),
        [*feed(3), depth_line(1002, BOOK, kind="snapshot", ts=LATER)],  # told again, as Bybit does when idle
        [*feed(3), depth_line(1003, BOOK, kind="snapshot", ts=LATER)],
        [depth_line(1, []), *feed(3)],  # nothing was heard before
        ["{broken", *feed(3)],
        [*feed(3), depth_line(1003, BOOK, ts=START_MS)],  # the clock steps back, the sequence is intact
        [*feed(3), *feed(3)],  # the same lines again
    ],
)
def test_report__what_is_no_gap(tmp_path: Path, lines: list[str]) -> None:
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", lines))
    assert len(capture.report.gaps) == 0
    assert list(capture.report.gaps.columns) == COLUMNS
    assert "gap" not in capture.depth["event"].to_pylist()


@pytest.mark.pure
def test_report__columns_have_their_types_and_every_source_its_gaps(tmp_path: Path) -> None:
    paths = []
    for name, first in (("a", 1_000), ("b", 5_000)):
        whole = feed(9, first)
        paths.append(write_lines(tmp_path / f"linear-{name}.ndjson", [*whole[:3], *whole[4:6], *whole[8:]]))
    report = lm.ingest(paths, store=tmp_path / "store")
    gaps = report.gaps
    assert [str(gaps[name].dtype) for name in ("line", "after", "until", "missing")] == [
        "Int64", "datetime64[ns, UTC]", "datetime64[ns, UTC]", "Int64",
    ]  # fmt: skip
    assert gaps["path"].tolist() == [str(paths[0])] * 2 + [str(paths[1])] * 2
    assert gaps["missing"].tolist() == [1, 2, 1, 2]
    assert "gap (sequence)" in report._repr_html_()
    again = lm.ingest(paths, store=tmp_path / "store")
    assert any("already" in note for note in again.notes)
    pd.testing.assert_frame_equal(again.gaps, gaps)


# ------------------------------------------------------------------ what a resync does to the book


@pytest.mark.parametrize("market", ["linear", "spot"])
def test_grid__after_a_resync_nothing_is_known_but_what_is_said(tmp_path: Path, market: str) -> None:
    """`u` = 1 without rows is a gap; with rows it is a new book, which follows nothing: a gap before it."""
    first = depth_line(7, [("99.9", "1"), ("99.8", "2")], [("100.1", "3")], kind="snapshot", ts=START_MS)
    lines = [
        first,
        depth_line(8, [("99.9", "5")], ts=START_MS + 1_000),
        depth_line(1, [], ts=START_MS + 3_000),
        depth_line(2, [("99.8", "2"), ("99.6", "6")], ts=START_MS + 4_000),
        depth_line(3, [("99.6", "0")], ts=START_MS + 5_000),
        depth_line(1, [("99.8", "2"), ("99.5", "8")], ts=START_MS + 7_000),
        depth_line(2, [("99.5", "9")], ts=START_MS + 9_000),
    ]
    path = write_lines(tmp_path / market / "book.ndjson", lines)
    spans = lm.replay(lm.read(path).depth)
    times = (START_MS * 10**6 + np.arange(10) * 10**9).view("datetime64[ns]")
    prices = np.arange(995, 1001) / 10 - 0.05
    grid = lm.rasterize(spans, times, prices, half_life=None, prune=None, agg="last").sel(side="bid")
    state = {round(p + 0.05, 1): "".join(map(str, row)) for p, row in zip(prices, grid["state"].values)}
    # one digit a second: 0 unknown, 1 observed, 2 carried
    assert state == {
        99.9: "122222211",
        99.8: "122212211",
        99.7: "100000011",
        99.6: "100010011",
        99.5: "100000011",
    }
    assert gaps_of(path)[0][-1] == "resync"


# ------------------------------------------------------------------ sessions and the command line


def test_session__gaps_of_its_files_and_between_them(tmp_path: Path) -> None:
    whole = feed(60)
    pieces = [[*whole[:5], *whole[8:20]], whole[30:40], whole[40:]]
    paths = [write_lines(tmp_path / f"linear-{n}.ndjson", piece) for n, piece in enumerate(pieces)]
    report = lm.ingest(paths, store=tmp_path / "store")
    assert report.gaps["seq_after"].tolist() == [1004]
    store = lm.open_store(tmp_path / "store")
    gaps = store.session("bybit", "BTCUSDT").gaps()
    assert gaps["seq_after"].tolist() == [1004, 1019]
    assert gaps["seq_until"].tolist() == [1008, 1030]
    assert gaps["after"].tolist() == [at(1004), at(1019)]
    assert gaps["until"].tolist() == [at(1008), at(1030)]
    assert store.session("bybit", "BTCUSDT", start=at(1006)).gaps()["seq_after"].tolist() == [1004, 1019]
    assert store.session("bybit", "BTCUSDT", start=at(1009)).gaps()["seq_after"].tolist() == [1019]
    early = store.session("bybit", "BTCUSDT", end=at(1020)).gaps()
    assert early["seq_after"].tolist() == [1004, 1019]
    assert early["until"].isna().tolist() == early["seq_until"].isna().tolist() == [False, True]
    assert len(store.session("bybit", "BTCUSDT", end=at(1003)).gaps()) == 0


def test_session__a_filled_gap_is_none(tmp_path: Path) -> None:
    whole = feed(60)
    for n, piece in enumerate(([*whole[:5], *whole[8:]], whole[3:10])):
        lm.ingest(write_lines(tmp_path / f"linear-{n}.ndjson", piece), store=tmp_path / "store")
    assert len(lm.open_store(tmp_path / "store").session("bybit", "BTCUSDT").gaps()) == 0


def test_cli__prints_the_first_gaps_and_json_lists_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = feed(60)[::2]
    path = write_lines(tmp_path / "linear.ndjson", [lines[0], *feed(60)[1:4], *lines[2:]])
    assert main(["ingest", str(path), "--store", str(tmp_path / "a"), "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert list(told) == ["sources", "gaps"]
    assert told["sources"][0]["gaps"] == len(told["gaps"]) == 27
    first = told["gaps"][0]
    assert list(first) == COLUMNS
    assert (first["line"], first["seq_after"], first["seq_until"], first["missing"]) == (6, 1004, 1006, 1)
    assert first["after"].startswith(str(at(1004))[:19].replace(" ", "T"))
    assert err.count("gap (sequence) between") == 10
    assert "linear.ndjson:6: gap (sequence) between 1004 and 1006, 1 id missing" in err
    assert "27 gaps in all" in err
