"""Coinbase's lines against a plain book: of the Exchange without ids, of Advanced Trade numbered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_lines
from tests.formats.coinbase.plain import (
    Texts,
    Venue,
    advanced,
    advanced_trade,
    at,
    envelope,
    exchange_snapshot,
    exchange_update,
    match,
)
from tests.formats.coinbase.samples import SAMPLES

pytestmark = pytest.mark.filterwarnings("error")

FIRST: Texts = [("buy", "99.5", "1"), ("sell", "100.5", "2")]
BEGIN = 1_699_999_980_000
"""ms: `at` of 0."""


def read(folder: Path, lines: list[str], **hints: Any) -> lm.Capture:
    return lm.read(write_lines(folder / "coinbase.txt", lines), **hints)


def rows_of(capture: lm.Capture) -> list[tuple[int, str, str, float, float]]:
    rows = capture.depth.to_pylist()
    return [(r["ts"].value // 10**6 - BEGIN, r["event"], r["side"], r["price"], r["size"]) for r in rows]


def last_book(capture: lm.Capture) -> set[tuple[str, float, float]]:
    """What is observed after the last message."""
    spans = lm.replay(capture.depth)
    rows = [row for row in spans.to_arrow().to_pylist() if row["end"] is None]
    last = max(row["seen"] for row in rows)
    return {
        ({"bid": "buy", "ask": "sell"}[row["side"]], round(row["tick"] * spans.tick_size, 6), row["size"])
        for row in rows
        if row["seen"] == last
    }


@pytest.mark.parametrize("interface", ["exchange", "advanced"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_stream__is_the_book_of_the_venue(
    tmp_path_factory: pytest.TempPathFactory, interface: str, seed: int
) -> None:
    venue = Venue(seed)
    first = venue.levels()
    steps = [(venue.step(), venue.ms) for _ in range(40)]
    if interface == "exchange":
        lines = [exchange_snapshot(first), *(exchange_update(*step) for step in steps)]
    else:
        lines = [advanced("snapshot", first, 0, 500)]
        lines += [advanced("update", levels, k + 1, ms) for k, (levels, ms) in enumerate(steps)]
    capture = read(tmp_path_factory.mktemp("coinbase"), lines)
    report = capture.report.table.iloc[0]
    assert (report.gaps, report.messages, report.status) == (0, 41, "ok")
    assert capture.report.table.verified.isna().all()
    assert (capture.meta.window_policy, capture.meta.feed, capture.meta.depth_limit) == ("full", "full", None)
    begin = steps[0][1] if interface == "exchange" else 505
    wanted = [(begin, "snapshot", side, float(p), float(s)) for side, p, s in first]
    for levels, ms in steps:
        last = {(side, float(p)): float(s) for side, p, s in levels}
        wanted += [(max(ms, begin), "update", side, p, s) for (side, p), s in last.items()]
    names = {"bid": "buy", "ask": "sell"}
    found = [(ts, event, names[side], p, s) for ts, event, side, p, s in rows_of(capture)]
    assert sorted(found) == sorted(wanted)
    assert last_book(capture) == {(side, float(p), float(s)) for (side, p), s in venue.book.items()}


def test_exchange__snapshot_stands_until_the_first_update_or_its_arrival(tmp_path: Path) -> None:
    update = exchange_update([("buy", "99.0", "1")], 5_000)
    ts = [
        rows_of(read(tmp_path, [exchange_snapshot(FIRST, local=local), update]))[0][0]
        for local in ("", f"{BEGIN + 3_000} ", f"{BEGIN + 9_000} ")
    ]
    assert ts == [5_000, 3_000, 5_000]
    timed = json.loads(exchange_snapshot(FIRST)) | {"time": at(1_000)}
    assert rows_of(read(tmp_path, [json.dumps(timed), update]))[0][0] == 1_000
    with pytest.raises(FormatError, match="expected a time with the snapshot, or an update after it"):
        read(tmp_path, [exchange_snapshot(FIRST)])
    notes = read(tmp_path, [exchange_snapshot(FIRST), update]).report.notes
    assert any("neither ids nor checksums" in note for note in notes)


def test_exchange__a_snapshot_later_on_comes_after_a_gap(tmp_path: Path) -> None:
    lines = [
        exchange_snapshot(FIRST),
        exchange_update([("buy", "99.0", "1")], 5_000),
        exchange_update([("buy", "99.0", "1")], 5_000),
        exchange_snapshot([("buy", "98.0", "1"), ("sell", "100.5", "2")]),
        exchange_update([("buy", "99.0", "0")], 8_000),
    ]
    capture = read(tmp_path, lines)
    assert [(gap.reason, gap.line) for gap in capture.report.lost] == [("sequence", 4)]
    assert any("1 repeated or older messages" in note for note in capture.report.notes)


def test_exchange__a_level_may_change_back_within_the_grain_of_the_clock(tmp_path: Path) -> None:
    sizes = ["1", "2", "1", "3", "1"]
    updates = [exchange_update([("buy", "99.0", size)], 5_000) for size in sizes]
    capture = read(tmp_path, [exchange_snapshot(FIRST), *updates])
    assert [row[-1] for row in rows_of(capture)[2:]] == [float(size) for size in sizes]
    late = exchange_update([("buy", "98.0", "1")], 6_000)
    again = read(tmp_path, [exchange_snapshot(FIRST), *updates, late, *updates[:2]])
    assert len(rows_of(again)) == len(rows_of(capture)) + 1


@given(
    drop=st.lists(st.integers(1, 28), max_size=2, unique=True),
    double=st.none() | st.integers(0, 28),
    kinds=st.lists(st.sampled_from(["ours", "ours", "other", "beat"]), min_size=28, max_size=28),
)
@settings(max_examples=30)
def test_advanced__a_number_that_is_missing_is_a_gap_before_our_next_update(
    tmp_path_factory: pytest.TempPathFactory, drop: list[int], double: int | None, kinds: list[str]
) -> None:
    """Whatever the lost message was of."""
    lines = [advanced("snapshot", FIRST, 0, 1_000)]
    for k, kind in enumerate(kinds, 1):
        if kind == "beat":
            lines.append(envelope("heartbeats", k, 1_000 + 100 * k, [{"heartbeat_counter": k}]))
        else:
            symbol = "BTC-USD" if kind == "ours" else "ETH-USD"
            lines.append(advanced("update", [("buy", "99.0", f"{k}")], k, 1_000 + 100 * k, symbol))
    numbered = [(k, line) for k, line in enumerate(lines) if k not in drop]
    if double is not None and double < len(numbered):
        numbered.insert(double + 1, numbered[double])
    capture = read(tmp_path_factory.mktemp("coinbase"), [line for _, line in numbered], symbol="BTC-USD")
    wanted, last, broken = [], -1, False
    for line, (k, _) in enumerate(numbered, 1):
        broken |= k not in (last + 1, last)
        last = k
        if k and kinds[k - 1] == "ours" and broken:
            wanted.append(line)
            broken = False
    assert [(gap.reason, gap.line) for gap in capture.report.lost] == [("sequence", n) for n in wanted]


def test_advanced__a_new_connection_is_a_gap(tmp_path: Path) -> None:
    lines = [
        advanced("snapshot", FIRST, 0, 1_000),
        advanced("update", [("buy", "99.0", "1")], 1, 2_000),
        advanced("snapshot", FIRST, 0, 8_000),
        advanced("update", [("buy", "99.0", "1")], 1, 9_000),
    ]
    capture = read(tmp_path, lines)
    assert [(gap.reason, gap.line) for gap in capture.report.lost] == [("sequence", 3)]
    assert capture.report.table.messages.tolist() == [4]


def test_advanced__time_is_the_engines_but_no_earlier_than_the_snapshot(tmp_path: Path) -> None:
    lines = [
        advanced("snapshot", FIRST, 0, 1_000, lag=50),
        advanced("update", [("buy", "99.0", "1")], 1, 1_020, lag=60),
        advanced("update", [("buy", "99.0", "2")], 2, 1_500, lag=60),
    ]
    timeless = advanced("update", [("buy", "99.0", "3")], 3, 1_600, lag=60)
    lines.append(timeless.replace(at(1_600), "1970-01-01T00:00:00Z"))
    assert [row[0] for row in rows_of(read(tmp_path, lines))] == [1_050, 1_050, 1_050, 1_500, 1_660]


def test_trades__have_the_side_of_the_maker(tmp_path: Path) -> None:
    lines = [match(0, "100.1", "3", kind="last_match"), match(1, "100.5", "2.5"), match(1, "100.5", "2.5")]
    rows = read(tmp_path, [*lines, match(2, "100.4", "1", "buy")]).trades.to_pylist()
    assert [(r["id"], r["aggressor"], r["price"]) for r in rows] == [
        ("1000", "buy", 100.1),
        ("1001", "buy", 100.5),
        ("1002", "sell", 100.4),
    ]
    told = [advanced_trade(1, 0, "100.5", "2.5"), advanced_trade(2, 1, "100.4", "1", "BUY")]
    again = read(tmp_path, told).trades.to_pylist()
    assert [(r["id"], r["aggressor"]) for r in again] == [("1001", "buy"), ("1002", "sell")]


def test_markets__of_one_capture_are_all_ingested(tmp_path: Path) -> None:
    lines = []
    for k, symbol in enumerate(["BTC-USD", "ETH-USD", "BIT-28FEB25-CDE"]):
        lines.append(advanced("snapshot", FIRST, k, 1_000, symbol))
    for k, symbol in enumerate(["BTC-USD", "ETH-USD", "BIT-28FEB25-CDE"] * 2, 3):
        lines.append(advanced("update", [("buy", "99.0", f"{k}")], k, 2_000 + k, symbol))
    path = write_lines(tmp_path / "coinbase.txt", lines)
    for _ in range(2):
        table = lm.ingest(path, store=tmp_path / "store").table
        assert table.symbol.tolist() == ["BTC-USD", "ETH-USD", "BIT-28FEB25-CDE"]
        assert table.messages.tolist() == [3, 3, 3]
        assert table.gaps.tolist() == [0, 0, 0]
    store = lm.open_store(tmp_path / "store")
    units = [store.session("coinbase", symbol).spans().meta.size_unit for symbol in table.symbol]
    assert units == ["coins", "coins", "contracts"]


WRONG = {
    "[]": "expected a JSON object",
    "{}": "expected a `type`",
    '{"type":"l2update"}': "expected a `product_id`",
    '{"type":"l2update","product_id":"BTC-USD","changes":[]}': "expected `time`",
    exchange_update([("x", "1", "1")], 0): "expected side",
    exchange_update([("buy", "1", "1")], 0).replace('"1", "1"', '"1"'): "expected `changes`",
    '{"type":"snapshot","product_id":"BTC-USD","bids":[],"asks":[]}': "an empty snapshot",
    '{"type":"snapshot","product_id":"BTC-USD","bids":[["1","0"]],"asks":[]}': "above 0 in a snapshot",
    '{"type":"snapshot","product_id":"BTC-USD","bids":5,"asks":[]}': "expected `bids`",
    '{"channel":"l2_data","sequence_num":"x"}': "expected `sequence_num`",
    match(1, "1", "1", "x"): "expected side buy or sell",
    match(1, "1", "1").replace("1001", "null"): "expected `trade_id`",
}


@pytest.mark.parametrize("line", WRONG)
def test_line__that_is_none_is_told(tmp_path: Path, line: str) -> None:
    lines = SAMPLES["coinbase-exchange"].lines
    capture = read(tmp_path, [*lines[:3], line, *lines[3:]])
    ((_, number, why),) = capture.report.rejected
    assert number == 4
    assert WRONG[line] in str(why)
    assert capture.report.table.gaps.tolist() == [1]


def test_advanced__lines_that_are_none_are_told(tmp_path: Path) -> None:
    lines = SAMPLES["coinbase-advanced"].lines
    event = {"type": "update", "product_id": "BTC-USD", "updates": []}
    for events, why in (
        (5, "expected `events`"),
        ([event, event], "expected one event of a market"),
        ([event | {"type": "x"}], "expected type snapshot or update"),
        ([event | {"updates": 5}], "expected `updates`"),
        ([event | {"type": "snapshot"}], "an empty snapshot"),
        ([event | {"product_id": 5}], "expected a `product_id`"),
    ):
        odd = envelope("l2_data", 7, 9_000, events)  # type: ignore[arg-type]
        capture = read(tmp_path, [*lines, odd])
        assert [(n, why in str(said)) for _, n, said in capture.report.rejected] == [(8, True)]
