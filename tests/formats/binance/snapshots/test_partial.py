"""Captures of Binance's partial depth streams."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.schema import FormatError, Meta
from tests.formats.binance.test_stream import AT, diff, trade
from tests.formats.bybit.lines import write_lines

pytestmark = pytest.mark.filterwarnings("error")


def futures(last: int, bid: str, symbol: str = "BTCUSDT", levels: int = 20) -> str:
    line = diff(last - 3, last, last - 9, [(bid, "1")], [("101", "2")])
    return line.replace("@depth@0ms", f"@depth{levels}@100ms").replace("BTCUSDT", symbol)


def spot(last: int, bid: str, local: int | None = None) -> str:
    data = {"lastUpdateId": last, "bids": [[bid, "1"]], "asks": [["101", "2"]]}
    line = json.dumps({"stream": "btcusdt@depth20", "data": data})
    return line if local is None else f"{local} {line}"


def test_futures__each_message_is_a_book_and_skipped_ids_no_gap(tmp_path: Path) -> None:
    lines = [futures(10, "99"), trade(7), futures(50, "98"), futures(50, "98"), futures(70, "97.5")]
    capture = lm.read(write_lines(tmp_path / "a.ndjson", lines))
    rows = [(r["seq"], r["event"], r["side"], r["price"]) for r in capture.depth.to_pylist()]
    assert rows == [
        (seq, "snapshot", side, price)
        for seq, bid in ((10, 99), (50, 98), (70, 97.5))
        for side, price in (("bid", bid), ("ask", 101))
    ]
    assert capture.depth["ts"][0].value == (AT + 10) * 1_000_000
    meta = capture.meta
    assert (meta.venue, meta.symbol, meta.feed, meta.depth_limit, meta.window_policy, meta.tick_size) == (
        "binance-futures", "BTCUSDT", "depth20", 20, "snapshots", 0.5,
    )  # fmt: skip
    assert capture.trades["id"].to_pylist() == ["7"]
    assert Meta.from_metadata(capture.trades.schema.metadata).trade_ids == "trade"
    assert (capture.report.exit_code, [row.gaps for row in capture.report.sources]) == (0, [0, 0])
    assert len(lm.replay(capture.depth)) > 0


def test_spot__takes_symbol_from_the_stream_and_time_from_the_line(tmp_path: Path) -> None:
    lines = [spot(160 + k, f"{99 + k}", AT * 1_000 + k) for k in range(2)]
    capture = lm.read(write_lines(tmp_path / "a.ndjson", lines))
    assert (capture.meta.venue, capture.meta.symbol, capture.meta.feed) == ("binance", "BTCUSDT", "depth20")
    assert [r["ts"].value for r in capture.depth.to_pylist()[::2]] == [AT * 1_000_000, AT * 1_000_000 + 1_000]
    assert capture.depth["ts_recv"].equals(capture.depth["ts"])


def test_spot__without_a_time_is_one_line_that_says_so(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.ndjson", [spot(160, "99"), spot(161, "98")])
    with pytest.raises(FormatError, match="line 1: expected a local time before a message that has none"):
        lm.read(path)


def test_diffs__beside_partial_depth_are_read(tmp_path: Path) -> None:
    """Those in no envelope, and those that the first lines do not tell of, where the feed is told."""
    bare = [
        json.dumps(json.loads(diff(20, 25, 19, [("99", "1")]).split(" ", 1)[1])["data"]),
        futures(10, "99"),
    ]
    assert lm.read(write_lines(tmp_path / "bare.ndjson", bare)).meta.feed == "full"
    late = write_lines(tmp_path / "late.ndjson", [futures(10, "99")] * 9 + [diff(20, 25, 19, [("98", "1")])])
    found = lm.read(late, feed="full")
    assert (found.meta.feed, found.depth["price"].to_pylist()) == ("full", [98])


def test_streams__of_several_symbols_and_depths(tmp_path: Path) -> None:
    lines = [
        futures(10, "99"),
        futures(11, "5", "ETHUSDT"),
        futures(20, "98"),
        futures(21, "4", "BTCUSDT", 5),
    ]
    lines = [line.replace("btcusdt@", "ethusdt@") if "ETHUSDT" in line else line for line in lines]
    path = write_lines(tmp_path / "a.ndjson", lines)
    found = lm.read(path, symbol="btcusdt")
    assert (found.meta.symbol, found.meta.feed, found.report.exit_code) == ("BTCUSDT", "depth20", 0)
    assert set(found.depth["price"].to_pylist()) == {98, 99, 101}
    assert lm.read(path, symbol="ETHUSDT").depth["price"].to_pylist() == [5, 101]
    assert lm.read(path, feed="depth5").depth["price"].to_pylist() == [4, 101]
    with pytest.raises(FormatError, match=r"SOLUSDT, got stream btcusdt@depth20@100ms \(2 lines\).*symbol="):
        lm.read(path, symbol="SOLUSDT")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (futures(20, "98")[:-9], "broken JSON"),
        (futures(20, "0"), "price"),
        (futures(20, "98").replace('"1"', '"0"'), "above 0"),
        ("17 " + futures(20, "98").split(" ", 1)[1], "local time"),
        ("[1]", "stream"),
    ],
)
def test_bad_line__costs_itself(tmp_path: Path, line: str, said: str) -> None:
    capture = lm.read(write_lines(tmp_path / "a.ndjson", [futures(10, "99"), line, futures(30, "97")]))
    ((_, number, reason),) = capture.report.rejected
    assert number == 2
    assert said in reason
    assert [r["seq"] for r in capture.depth.to_pylist() if r["side"] == "bid"] == [10, 30]
