"""OKX's lines against a plain client: chains of ids, checksums, and what is wrong with lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.okx.stream import okx_venue
from liqmap.schema import FormatError
from tests.formats.bybit.lines import write_lines
from tests.formats.okx.plain import PlainBook, Texts, Venue, client, line
from tests.formats.okx.samples import SAMPLES, trade

pytestmark = pytest.mark.filterwarnings("error")


def read(folder: Path, lines: list[str], **hints: Any) -> lm.Capture:
    return lm.read(write_lines(folder / "okx.txt", lines), **hints)


def levels_of(capture: lm.Capture) -> list[tuple[str, str, float, float]]:
    return [(r["event"], r["side"], r["price"], r["size"]) for r in capture.depth.to_pylist()]


def last_book(capture: lm.Capture) -> set[tuple[str, float, float]]:
    """The levels that are observed at the end: what the last message left."""
    spans = lm.replay(capture.depth)
    rows = [row for row in spans.to_arrow().to_pylist() if row["end"] is None]
    last = max(row["seen"] for row in rows)
    return {
        (f"{row['side']}s", round(row["tick"] * spans.tick_size, 6), row["size"])
        for row in rows
        if row["seen"] == last
    }


@given(
    seed=st.integers(0, 10_000),
    drop=st.lists(st.integers(1, 40), max_size=2),
    swap=st.none() | st.integers(1, 30),
    ids=st.booleans(),
    checked=st.booleans(),
)
@settings(max_examples=25)
def test_stream__tells_what_a_plain_client_finds(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    drop: list[int],
    swap: int | None,
    ids: bool,
    checked: bool,
) -> None:
    venue = Venue(seed, depth=50, ids=ids, checked=checked)
    lines = venue.lines(40)
    lines = [text for k, text in enumerate(lines) if k not in drop]
    if swap is not None and ids:
        lines[swap], lines[swap + 1] = lines[swap + 1], lines[swap]
    capture = read(tmp_path_factory.mktemp("okx"), lines)
    broken, wrong, agreed = client(lines)
    gaps = capture.report.gaps
    assert gaps[gaps.reason == "checksum"].line.tolist() == wrong
    assert gaps[gaps.reason == "sequence"].line.tolist() == broken
    verified = capture.report.table.verified
    assert verified.tolist() == [agreed] if checked else verified.isna().all()
    assert (capture.meta.window_policy, capture.meta.depth_limit) == ("top_n", 50)
    if not drop and swap is None:
        assert not len(gaps)
        assert agreed == (len(lines) if checked else 0)


@given(seed=st.integers(0, 1_000))
@settings(max_examples=10)
def test_replay__ends_with_the_book_of_the_venue(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    venue = Venue(seed, depth=50)
    lines = venue.lines(60)
    venue.ts += 100
    lines.append(venue.line([], "update", venue.seq))
    capture = read(tmp_path_factory.mktemp("okx"), lines)
    wanted = {(side, float(p), float(s)) for side, p, s in venue.shown.listed(50)}
    assert last_book(capture) == wanted


BIDS: Texts = [("bids", "3366.1", "7"), ("bids", "3366", "6")]
ASKS: Texts = [("asks", "3366.8", "9"), ("asks", "3368", "8"), ("asks", "3372", "8")]


@pytest.mark.parametrize(
    ("levels", "checksum"), [([*BIDS, *ASKS[:2]], -1881014294), ([BIDS[0], *ASKS], 831078360)]
)
@pytest.mark.parametrize("unsigned", [False, True])
def test_checksum__of_the_venues_examples(
    tmp_path: Path, levels: Texts, checksum: int, unsigned: bool
) -> None:
    told = checksum & 0xFFFFFFFF if unsigned else checksum
    right = line(levels, seq=5, prev=-1, checksum=told, action="snapshot")
    assert read(tmp_path, [right]).report.table.verified.tolist() == [1]
    wrong = line(levels, seq=5, prev=-1, checksum=told - 1, action="snapshot")
    with pytest.raises(FormatError, match="Nothing could be used"):
        read(tmp_path, [wrong])


def test_checksum__of_zero_says_nothing(tmp_path: Path) -> None:
    capture = read(tmp_path, SAMPLES["okx-books-unchecked"].lines)
    assert capture.report.table.verified.isna().all()
    assert capture.report.table.gaps.tolist() == [0]
    assert not any("checksum" in note for note in capture.report.notes)


def test_checksum__that_is_wrong_leaves_its_message_out(tmp_path: Path) -> None:
    lines = list(SAMPLES["okx-books"].lines)
    message = json.loads(lines[3])
    message["data"][0]["checksum"] ^= 1
    lines[3] = json.dumps(message)
    capture = read(tmp_path, lines)
    assert [(gap.reason, gap.line) for gap in capture.report.lost] == [("checksum", 4)]
    assert 99.7 not in capture.depth["price"].to_pylist()
    assert capture.report.table.verified.tolist() == [3]


def test_ids__one_that_says_nothing_changed_is_heard_and_they_may_begin_anew(tmp_path: Path) -> None:
    book = PlainBook()
    first: Texts = [("bids", "99.5", "1"), ("asks", "100.5", "1")]
    book.apply(first)
    second: Texts = [("bids", "99.0", "1")]

    def told(levels: Texts, seq: int, prev: int, ts: int, action: str = "update") -> str:
        book.apply(levels)
        return line(
            levels, seq=seq, prev=prev, checksum=book.checksum(), ts=1_700_000_000_000 + ts, action=action
        )

    lines = [
        told(first, 15, -1, 0, "snapshot"),
        told([], 15, 15, 60_000),
        told([], 15, 15, 120_000),
        told(second, 3, 15, 130_000),
        told([("bids", "98.5", "2")], 5, 3, 140_000),
    ]
    capture = read(tmp_path, lines)
    assert (capture.report.table.gaps[0], capture.report.table.verified[0]) == (0, 5)
    assert capture.depth["event"].to_pylist() == ["snapshot"] * 2 + ["heard"] * 2 + ["update"] * 2
    again = read(tmp_path, [*lines, lines[3], lines[4]])
    assert levels_of(again) == levels_of(capture)
    assert again.report.table.gaps.tolist() == [0]
    assert any("2 repeated or older messages were ignored" in note for note in again.report.notes)


def test_removals__of_prices_that_are_not_there_are_nothing(tmp_path: Path) -> None:
    lines = [
        line([("bids", "99.5", "1"), ("asks", "100.5", "1")], seq=1, prev=-1, checksum=0, action="snapshot"),
        line(
            [("bids", "42.0", "0"), ("asks", "100.0", "2")], seq=4, prev=1, checksum=0, ts=1_700_000_001_000
        ),
    ]
    spans = lm.replay(read(tmp_path, lines).depth).to_arrow().to_pylist()
    assert sorted((row["side"], row["tick"]) for row in spans) == [("ask", 200), ("ask", 201), ("bid", 199)]


def test_channels__of_one_market_the_deepest_and_fastest_is_read(tmp_path: Path) -> None:
    deep, five = SAMPLES["okx-books"].lines, SAMPLES["okx-books5"].lines
    capture = read(tmp_path, [*five[:2], *deep, *five[2:], "pong", '{"event":"subscribe","arg":{}}'])
    assert levels_of(capture) == levels_of(read(tmp_path, deep))
    assert (capture.meta.feed, capture.report.table.status[0]) == ("books", "ok")
    assert any("lines of channel books5 of BTC-USDT were left out" in note for note in capture.report.notes)
    alone = read(tmp_path, [*five, *deep], feed="books5")
    assert (alone.meta.window_policy, alone.meta.depth_limit) == ("snapshots", 5)
    assert levels_of(alone) == levels_of(read(tmp_path, five))
    assert alone.report.table.gaps.tolist() == [0]
    with pytest.raises(FormatError, match="expected a feed of books, got"):
        read(tmp_path, deep, feed="ob400")


def test_markets__of_one_capture_are_all_ingested(tmp_path: Path) -> None:
    spot, swap = Venue(1, depth=50).lines(20), Venue(2, depth=50).lines(20)
    swap = [text.replace("BTC-USDT", "BTC-USDT-SWAP") for text in swap]
    path = write_lines(tmp_path / "okx.txt", [text for pair in zip(spot, swap) for text in pair])
    for _ in range(2):
        table = lm.ingest(path, store=tmp_path / "store").table
        assert table.venue.tolist() == ["okex", "okex-swap"]
        assert table.verified.tolist() == [21, 21]
    store = lm.open_store(tmp_path / "store")
    assert store.session("okex", "BTC-USDT").spans().meta.size_unit == "coins"
    assert store.session("okex-swap", "BTC-USDT-SWAP").spans().meta.size_unit == "contracts"


@pytest.mark.parametrize(
    ("symbol", "venue"),
    [
        ("BTC-USDT", "okex"),
        ("BTC-USD-SWAP", "okex-swap"),
        ("BTC-USD-250328", "okex-futures"),
        ("BTC-USD-250328-60000-C", "okex-options"),
    ],
)
def test_venue__is_told_by_the_form_of_the_symbol(symbol: str, venue: str) -> None:
    assert okx_venue(symbol) == venue


def test_trades__joined_or_single(tmp_path: Path) -> None:
    joined, single = trade(1, "100.5", "2.5"), trade(2, "100.6", "1", "sell", "trades-all")
    capture = read(tmp_path, [joined])
    assert capture.meta.trade_ids == "aggregate"
    (row,) = capture.trades.to_pylist()
    assert (row["ts"].value, row["id"], row["aggressor"]) == (1_700_000_001_500_000_000, "1001", "buy")
    both = read(tmp_path, [joined, single])
    assert both.meta.trade_ids == "trade"
    assert both.trades["id"].to_pylist() == ["1002"]
    assert any("lines of channel trades of BTC-USDT were left out" in note for note in both.report.notes)


WRONG = {
    '{"arg":{"channel":"books"}}': "expected `arg` and `data`",
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"x","data":[{}]}': "expected action",
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[]}': "expected one book",
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[5]}': "expected a book",
    '{"arg":{"channel":"books","instId":5},"action":"update","data":[]}': "expected an `instId`",
    '{"arg":{"channel":5},"data":[]}': "expected a `channel`",
    "[]": "expected a JSON object",
    line([("bids", "1.5", "1")], seq=9, prev=None, checksum=0): "expected `prevSeqId` beside `seqId`",
    line([], seq=9, prev=-1, checksum=0, action="snapshot"): "an empty snapshot",
    line([("bids", "1.5", "1")], seq=-2, prev=5, checksum=0): "expected `seqId` to be an id",
    line([("bids", "1.5", "1")], seq=9, prev=5, checksum=1 << 32): "expected a checksum of 32 bits",
    line([("bids", "1.5", "1")], seq=9, prev=5, checksum=0).replace('"1.5"', "1.5"): "price as text",
    line([("bids", "1.5", "1")], seq=9, prev=5, checksum=0).replace(
        '"asks":[]', '"asks":5'
    ): "list of levels",
    trade(1, "1", "1", "x"): "expected side buy or sell",
    trade(1, "1", "1").replace('"1001"', "1001"): "expected `tradeId`",
    trade(1, "1", "1").replace(
        '"instId": "BTC-USDT", "tradeId"', '"instId": "X", "tradeId"'
    ): "expected symbol",
}


@pytest.mark.parametrize("text", WRONG)
def test_line__that_is_none_is_told(tmp_path: Path, text: str) -> None:
    lines = SAMPLES["okx-books"].lines
    capture = read(tmp_path, [*lines[:3], text, *lines[3:]])
    ((_, number, why),) = capture.report.rejected
    assert number == 4
    assert WRONG[text] in str(why)
    assert capture.report.table.gaps.tolist() == [1]
