"""A service that restarts where two raw files meet: what both heard is put in the order of the feed."""

from __future__ import annotations

from pathlib import Path

import pytest

import liqmap as lm
from tests.formats.bybit.lines import START_MS, depth_line, write_lines

pytestmark = pytest.mark.filterwarnings("error")

AT = START_MS + 5_000


def line(u: int, ts: int, size: str, snapshot: bool = False) -> str:
    asks = [("100.1", "2")] if snapshot else []
    return depth_line(u, [("99.9", size)], asks, kind="snapshot" if snapshot else "delta", ts=ts)


OLD = [
    line(90, AT - 300, "1", snapshot=True),
    line(91, AT - 200, "2"),
    line(92, AT - 100, "3"),
    line(93, AT, "4"),
]
"""Until the last update before the restart, which comes within the same millisecond."""

NEW = [line(91, AT - 200, "2", snapshot=True), line(92, AT - 100, "3"), line(1, AT, "7", snapshot=True),
       line(2, AT + 100, "8")]  # fmt: skip
"""A connection of its own, which did not hear that update."""


@pytest.mark.parametrize("turned", [False, True])
def test_restart__within_the_millisecond_at_which_files_meet(tmp_path: Path, turned: bool) -> None:
    files = [write_lines(tmp_path / "linear" / f"{k}.ndjson", lines) for k, lines in enumerate((OLD, NEW))]
    lm.ingest(files[::-1] if turned else files, store=tmp_path / "store", venue="bybit")
    depth = lm.open_store(tmp_path / "store").session("bybit", "BTCUSDT").depth()
    told = [(r["event"], r["seq"], r["size"]) for r in depth.to_pylist() if r["side"] != "ask"]
    assert told[-4:] == [("update", 93, 4.0), ("gap", 93, None), ("snapshot", 1, 7.0), ("update", 2, 8.0)]
    assert [one for one in told if one[0] == "gap"] == [("gap", 93, None)]
