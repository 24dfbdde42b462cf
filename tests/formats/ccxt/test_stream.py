"""What ccxt handed out, read again: each book as it was, to its worst levels; interruptions are gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.formats.ccxt.lines import Lines
from liqmap.schema import FormatError
from tests.formats.ccxt.samples import LINES, MS, book, trade, trades

BIDS, ASKS = [[99.5, 2.0], [99.0, 3.0]], [[100.5, 1.5], [101.0, 8.0]]


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "heard.ndjson"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def read(folder: Path, lines: list[str], **hints: Any) -> lm.Capture:
    return lm.read(write(folder, lines), **hints)


def test_books__replace_each_other(tmp_path: Path) -> None:
    capture = read(tmp_path, [book(MS, BIDS, ASKS), book(MS + 100, BIDS[:1], ASKS)])
    rows = capture.depth.to_pylist()
    assert [(r["event"], r["side"], r["price"], r["size"]) for r in rows[4:]] == [
        ("snapshot", "bid", 99.5, 2.0),
        ("snapshot", "ask", 100.5, 1.5),
        ("snapshot", "ask", 101.0, 8.0),
    ]
    meta = capture.meta
    assert (meta.venue, meta.symbol, meta.feed, meta.size_unit) == ("gate-io", "BTC/USDT", "ccxt", "coins")
    assert (meta.window_policy, meta.depth_limit, meta.tick_size) == ("snapshots", None, 0.5)


def test_window__ends_at_the_worst_level_that_is_listed(tmp_path: Path) -> None:
    """How many levels ccxt hands out is not told: beyond the last one nothing is known, be a side short."""
    capture = read(
        tmp_path, [book(MS, BIDS, ASKS), book(MS + 100, BIDS[:1], ASKS), book(MS + 200, BIDS[:1], ASKS)]
    )
    spans = lm.replay(capture.depth)
    window = [row for row in spans.window.to_pylist() if row["side"] == "bid"]
    known = [row["worst_tick"] for row in window if row["known"]]
    assert known == [198, 199]
    edges = np.array([MS, MS + 100, MS + 200], "datetime64[ms]")
    grid = lm.rasterize(spans, edges, [98.0, 99.0, 99.5, 100.0], agg="last")
    assert grid.state.sel(side="bid").values.T.tolist() == [[0, 1, 1], [0, 2, 1]]


def test_books__without_a_time_take_that_of_their_arrival(tmp_path: Path) -> None:
    path = write(tmp_path, [f"{MS + 7} {book(None, BIDS, ASKS)}", f"{MS + 9} {book(None, BIDS[:1], ASKS)}"])
    report = lm.ingest([path], store=tmp_path / "store")
    depth = lm.read(path).depth
    assert depth["ts"][0].value == (MS + 7) * 1_000_000
    assert report.table.gaps[0] == 0
    assert any("take that of their arrival" in note for note in report.notes)
    assert any("policy snapshots" in note for note in report.notes)


def test_books__without_any_time_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="local time"):
        read(tmp_path, [book(None, BIDS, ASKS)])


def test_interruption__is_a_gap(tmp_path: Path) -> None:
    lines = [
        book(MS, BIDS, ASKS),
        LINES.lost("x").decode(),
        book(MS + 100, BIDS, ASKS),
        book(MS + 200, BIDS, ASKS),
    ]
    report = lm.ingest([write(tmp_path, lines)], store=tmp_path / "store")
    assert report.table.gaps[0] == 1
    assert report.table.messages[0] == 3
    events = lm.read(tmp_path / "heard.ndjson").depth["event"].to_pylist()
    assert events.count("gap") == 1


def test_repeats__are_one_book(tmp_path: Path) -> None:
    lines = [book(MS, BIDS, ASKS), book(MS + 100, BIDS[:1], ASKS)]
    once, twice = (lm.replay(read(tmp_path, [*lines, *more]).depth).to_arrow() for more in ([], lines))
    assert twice.equals(once)


def test_trades__have_the_taker_as_aggressor(tmp_path: Path) -> None:
    lines = [
        book(MS, BIDS, ASKS),
        trades(trade(1, 99.5, 1.0), trade(2, 99.0, 0.5, "sell")),
        trades(trade(3, 99.0, 1, None)),
    ]
    rows = read(tmp_path, lines).trades.to_pylist()
    assert [(r["id"], r["aggressor"], r["price"], r["size"]) for r in rows] == [
        ("t1", "buy", 99.5, 1.0),
        ("t2", "sell", 99.0, 0.5),
        ("t3", None, 99.0, 1.0),
    ]


def test_contracts__say_what_one_is_worth(tmp_path: Path) -> None:
    swap = Lines("okx", "okex", "BTC/USDT:USDT", 0.01)
    meta = read(tmp_path, [swap.opened("4.5").decode(), book(MS, BIDS, ASKS, swap)]).meta
    assert (meta.size_unit, meta.contract_value, meta.symbol) == ("contracts", 0.01, "BTC/USDT:USDT")


def test_levels_of_size_zero__are_none(tmp_path: Path) -> None:
    assert len(read(tmp_path, [book(MS, [*BIDS, [98.0, 0.0]], ASKS)]).depth) == 4


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[]", "JSON object"),
        ("{}", "`ccxt`"),
        (LINES.opened("1").decode().replace("opened", "closed"), "`event`"),
        (book(MS, BIDS, ASKS).replace('"bids"', '"bid"'), "`bids`"),
        (book(7, BIDS, ASKS), "timestamp"),
        (trades(trade(1, 99.5, 0.0)), "amount"),
        (trades(trade(1, 99.5, 1.0, "both")), "side"),
        (book(MS, BIDS, ASKS, Lines("a", "gate-io", "BTC/USDT", -1.0)), "contract"),
    ],
)
def test_bad_lines__are_rejected_with_a_reason(tmp_path: Path, line: str, why: str) -> None:
    report = lm.ingest(
        [write(tmp_path, [book(MS, BIDS, ASKS), line, book(MS + 1, BIDS, ASKS)])], store=tmp_path / "s"
    )
    assert report.table.rejected[0] == 1
    assert why in str(report)
