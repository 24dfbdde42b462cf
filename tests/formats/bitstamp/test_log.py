"""Bitstamp's logs: the book of their orders against each order by itself, its window against the market."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings

import liqmap as lm
from liqmap.formats.raw import RawFile
from liqmap.schema import FormatError
from tests.formats.bitstamp.market import BEGIN, Book, Market, books, markets, order, trade
from tests.formats.orders.plain import book

SIDES = ("bid", "ask")


def write(folder: Path, lines: list[str], name: str = "day.log") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def messages(depth: pa.Table) -> list[tuple[str, int, Book]]:
    """(event, ms, {(side, price): size}) of each message."""
    found: list[tuple[str, int, Book]] = []
    last = None
    for row in depth.to_pylist():
        key = row["seq"], row["event"]
        if key != last:
            found.append((row["event"], row["ts"].value // 10**6, {}))
        last = key
        if row["side"] is not None:
            found[-1][2][row["side"], row["price"]] = row["size"]
    return found


class Window:
    """What a feed of the policy ``full`` says, message by message."""

    def __init__(self) -> None:
        self.book: Book = {}
        self.worst: dict[str, float] = {}

    def apply(self, event: str, levels: Book) -> None:
        if event == "snapshot":
            bids, asks = ([p for side, p in levels if side == which] for which in SIDES)
            assert bids, "a side without a level would be known as empty"
            assert asks, "a side without a level would be known as empty"
            self.worst = {"bid": min(bids), "ask": max(asks)}
            self.book = {}
        if event == "gap":
            self.worst = {}
        self.book = {key: size for key, size in (self.book | levels).items() if size}

    def holds(self, level: tuple[str, float]) -> bool:
        side, price = level
        if side not in self.worst:
            return False
        return price >= self.worst[side] if side == "bid" else price <= self.worst[side]


@settings(max_examples=40)
@given(market=markets())
def test_orders__sum_to_the_book_and_the_window_holds_the_truth(market: Market, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    path = write(tmp_path_factory.mktemp("log"), [line.text for line in market.lines])
    capture = lm.read(path)
    feed, found, events = Window(), messages(capture.depth), []
    for n, line in enumerate(market.lines):
        events += [] if line.event is None else [line.event]
        while found and found[0][1] == BEGIN + 100 * n:
            event, _, levels = found.pop(0)
            feed.apply(event, levels)
        assert feed.book == book(events)
        for level in feed.book.keys() | line.book.keys():
            assert feed.book.get(level, 0) <= line.book.get(level, 0), "more than there was"
            if feed.holds(level):
                assert feed.book.get(level, 0) == line.book.get(level, 0), "the window says what is not so"
    assert not found
    assert capture.orders.num_rows == len(events)
    for row, told in zip(capture.orders.to_pylist(), events):
        action = "cancel" if told.action == "delete" else told.action
        assert (row["action"], row["order_id"], row["side"]) == (action, told.order_id, told.side)
        assert (row["price"], row["size"]) == (float(told.price), float(told.left))


def a_market() -> Market:
    """An older bid at 99.95 that goes at the end, new orders around it, three books."""
    market = Market([(0, 9_995, 5)])
    market.create(0, 9_998, 1)
    market.create(0, 9_997, 2)
    market.create(0, 9_990, 3)
    market.create(1, 10_002, 4)
    market.show(3)
    market.delete(0, False)
    market.show(3)
    market.change(1, 1)
    market.show(3)
    return market


def test_window__reaches_as_far_as_a_book_agreed(tmp_path: Path) -> None:
    lines = a_market().lines
    capture = lm.read(write(tmp_path, [line.text for line in lines]))
    found = [(event, sorted(levels)) for event, _, levels in messages(capture.depth)]
    near = [("ask", 100.02), ("bid", 99.97), ("bid", 99.98)]
    assert found[4:] == [
        ("snapshot", near),  # 99.95 rests there, and no order says so
        ("update", [("bid", 99.9)]),  # heard of, so it is observed; nothing about it is known
        ("heard", []),  # the older one goes
        ("snapshot", [("ask", 100.02), ("bid", 99.9), ("bid", 99.97), ("bid", 99.98)]),
        ("update", [("bid", 99.97)]),
    ]
    window = lm.replay(capture).window.to_pylist()
    bids = [row["worst_price"] for row in window if row["side"] == "bid" and row["known"]]
    assert bids == [99.97, 99.9]
    said = " ".join(capture.report.notes)
    assert "2 of 3 books of the venue are what the orders sum to; 1 have more" in said
    assert "1 cancels told of orders that were not known" in said


def test_ingest__has_both_feeds_and_the_orders(tmp_path: Path) -> None:
    texts = [line.text for line in a_market().lines]
    path = write(tmp_path, [*texts, trade(len(texts), 235.02000000000001, 1.7885566900000001, 811)])
    report = lm.ingest(path, store=tmp_path / "store")
    assert report.exit_code == 0, report.errors
    rows = [(s.kind, s.feed, s.messages, s.gaps) for s in report.sources]
    assert rows == [
        ("depth", "mbo", 9, 0),
        ("trades", None, 1, 0),
        ("orders", None, 6, 0),
        ("depth", "ob3", 3, 0),
    ]
    again = lm.ingest(path, store=tmp_path / "store")
    assert [s.rows for s in again.sources] == [s.rows for s in report.sources]
    store = lm.open_store(tmp_path / "store")
    session = store.session("bitstamp", "BTCUSD")
    assert session.feed == "mbo", "the whole book is the deepest feed"
    assert session.orders().num_rows == 6
    assert session.sql("select action, count(*) from orders group by 1 order by 1").fetchall() == [
        ("add", 4),
        ("cancel", 1),
        ("modify", 1),
    ]
    assert session.trades().to_pylist()[0]["size"] == 1.78855669, "to the eight decimals that amounts have"
    assert session.trades().to_pylist()[0]["price"] == 235.02
    assert session.trades().to_pylist()[0]["aggressor"] is None, "nothing tells who it was"
    shown = session.spans(depth_limit=1)
    assert (shown.meta.depth_limit, shown.meta.window_policy) == (1, "top_n")
    last = session.bbo().iloc[-1]
    assert (last.bid, last.ask) == (99.98, 100.02)
    other = store.session("bitstamp", "BTCUSD", feed="ob3")
    assert (other.spans().meta.window_policy, other.spans().meta.depth_limit) == ("snapshots", 3)


def test_depth_limit__shows_the_best_of_the_orders(tmp_path: Path) -> None:
    market = a_market()
    for n in range(4):
        market.create(0, 9_998 - n, 7)
    capture = lm.read(write(tmp_path, [line.text for line in market.lines]))
    sums = book(line.event for line in market.lines if line.event)
    best = {price for side, price in sums if side == "bid"}
    spans = lm.replay(capture, depth_limit=2).to_arrow().to_pylist()
    last = max(row["seen"] for row in spans)
    shown = {row["price"]: row["size"] for row in spans if row["side"] == "bid" and row["seen"] == last}
    assert shown == {price: sums["bid", price] for price in sorted(best)[-2:]}
    bids = [row for row in spans if row["side"] == "bid" and row["end"] is None]
    left = {row["price"] for row in bids if row["seen"] < last}
    assert left == {99.9}, "it was heard of before there was a window, and is carried"


def test_feed__of_the_books_has_the_trades_if_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, [*(line.text for line in a_market().lines), trade(20, 100.02, 1.0, 1)])
    capture = lm.read(path, feed="ob3")
    assert capture.orders is None
    assert capture.trades.num_rows == 1
    assert [event for event, _, _ in messages(capture.depth)] == ["snapshot"] * 3
    assert capture.report.table["gaps"][0] == 0
    with pytest.raises(FormatError, match=r"expected a feed of mbo, ob3, got 'ob20'"):
        lm.read(path, feed="ob20")


def test_ingest__of_one_feed_and_then_of_all_tells_trades_once(tmp_path: Path) -> None:
    path = write(tmp_path, [*(line.text for line in a_market().lines), trade(20, 100.02, 1.0, 1)])
    one = lm.ingest(path, store=tmp_path / "store", feed="ob3")
    assert [(s.kind, s.feed) for s in one.sources] == [("depth", "ob3"), ("trades", None)]
    both = lm.ingest(path, store=tmp_path / "store")
    assert {(s.kind, s.feed) for s in both.sources} >= {("depth", "mbo"), ("orders", None), ("depth", "ob3")}
    session = lm.open_store(tmp_path / "store").session("bitstamp", "BTCUSD")
    assert (session.trades().num_rows, session.feed) == (1, "mbo")


def test_events__that_cross_are_told(tmp_path: Path) -> None:
    lines = [
        order(0, "created", 7, 0, "99.00", "1.00000000"),
        order(1, "created", 8, 1, "101.00", "1.00000000"),
        order(2, "deleted", 9, 0, "99.50", "2.00000000"),
        order(3, "created", 9, 0, "99.50", "2.00000000"),  # it went before it came
        order(4, "deleted", 7, 0, "99.00", "1.00000000"),
        order(5, "deleted", 7, 0, "99.00", "1.00000000"),
        order(6, "changed", 7, 0, "99.00", "0.50000000"),
    ]
    capture = lm.read(write(tmp_path, lines))
    events = [event for event, _, _ in messages(capture.depth)]
    assert events == ["update", "update", "heard", "heard", "update", "heard", "heard"]
    notes = " ".join(capture.report.notes)
    for told in ("1 creates came after", "1 orders were cancelled a second time", "1 changes came after"):
        assert told in notes
    assert capture.orders.num_rows == len(lines), "what was told stands in the orders, as it was told"
    assert "older than the log were told of" not in notes


def test_older_orders__where_none_should_be_left_are_told(tmp_path: Path) -> None:
    market = a_market()
    lines = [line.text for line in market.lines]
    lines.append(order(len(lines), "deleted", 5, 0, "99.97", "1.00000000"))
    notes = " ".join(lm.read(write(tmp_path, lines)).report.notes)
    assert "1 orders older than the log were told of at prices where none seemed to be left" in notes


def test_line__that_is_lost_is_a_gap_and_ends_the_window(tmp_path: Path) -> None:
    market = a_market()
    market.show(3)
    lines = [line.text for line in market.lines]
    lines[5] = lines[5][:60]
    capture = lm.read(write(tmp_path, lines))
    assert capture.report.table["gaps"][0] == 1
    assert [line for _, line, _ in capture.report.rejected] == [6]
    events = [event for event, _, _ in messages(capture.depth)]
    assert events == [*["update"] * 4, "snapshot", "update", "gap", "snapshot", "update"]


BAD = {
    "no time": (order(1, "created", 7, 0, "1.00", "1")[14:], "expected a time in ms before a line"),
    "no object": (f"{BEGIN} trade []", "expected a JSON object"),
    "another kind": (f'{BEGIN} ticker {{"price": "1"}}', "expected order_created"),
    "no id": (order(1, "created", -7, 0, "1.00", "1"), "expected `id`"),
    "no side": (order(1, "created", 7, 2, "1.00", "1"), "expected `order_type`"),
    "no price": (order(1, "created", 7, 1, "0", "1"), "expected a positive price"),
    "no amount": (order(1, "created", 7, 1, "1.00", "-1"), "expected an amount"),
    "a trade of nothing": (trade(1, 1.0, 0.0, 3), "expected a positive amount"),
    "a trade without a price": (trade(1, 0.0, 1.0, 3), "expected a positive price"),
    "a trade of another side": (trade(1, 1.0, 1.0, 3)[:-1] + ', "type": 2}', "expected `type`"),
    "a book of nothing": (books(1, [], []), "expected levels"),
    "a level of nothing": (books(1, [("1.00", "0")], []), "expected a size above 0"),
    "a level of three": (books(1, [("1.00", "1", "1")], []), "expected \\[price, size\\]"),  # type: ignore[list-item]
    "no list": (f'{BEGIN} order_book {json.dumps({"bids": 1, "asks": []})}', "expected `bids`"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_line__that_is_none_is_rejected(tmp_path: Path, case: str) -> None:
    text, why = BAD[case]
    lines = [line.text for line in a_market().lines]
    report = lm.read(write(tmp_path, [*lines[:5], text, *lines[5:]])).report
    ((_, at, reason),) = report.rejected
    assert at == 6
    assert re.search(why, str(reason)), reason


def test_aggressor__is_known_where_a_trade_says_it(tmp_path: Path) -> None:
    told = [trade(0, 100.5, 1.0, 1)[:-1] + ', "type": 1}', trade(1, 100.5, 1.0, 2)]
    capture = lm.read(write(tmp_path, told))
    assert capture.trades["aggressor"].to_pylist() == ["sell", None]
    assert capture.depth is None


def test_symbol__is_assumed_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, [line.text for line in a_market().lines])
    assert "took symbol BTCUSD" in " ".join(map(str, lm.read(path).report.notes))
    other = lm.read(path, symbol="btceur", venue="elsewhere")
    assert (other.meta.venue, other.meta.symbol) == ("elsewhere", "BTCEUR")
    assert "took symbol" not in " ".join(map(str, other.report.notes))


@pytest.mark.parametrize("chunk", [200, 1 << 20])
def test_log__cut_anywhere(tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, [line.text for line in a_market().lines])
    whole = lm.read(path)
    chunks = RawFile.chunks
    monkeypatch.setattr("liqmap.formats.raw.packed_file.READ", 50)
    monkeypatch.setattr(RawFile, "chunks", lambda self: chunks(self, chunk))
    parts = lm.read(path)
    assert parts.depth.equals(whole.depth)
    assert parts.orders.equals(whole.orders)
    assert parts.report.notes == whole.report.notes


def test_prices__that_leave_no_tick_size_cost_their_level(tmp_path: Path) -> None:
    lines = [line.text for line in a_market().lines]
    far = order(len(lines), "created", 99, 0, "0.00000001", "1.00000000")
    capture = lm.read(write(tmp_path, [*lines, far]))
    assert capture.meta.tick_size == 0.01
    assert capture.orders["price"].to_pylist()[-1] is None
    assert [line for _, line, _ in capture.report.rejected] == [len(lines) + 1]
