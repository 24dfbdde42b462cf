"""Binance's book tickers: as plain JSON says, at the touch of the replayed book, and bad ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.formats.binance.chunk import Chunk
from liqmap.formats.binance.stream import BinanceStream
from liqmap.schema import FormatError, int64
from tests.formats.binance.test_stream import AT, CAPTURES, FEED, snapshot, ticker, trade
from tests.formats.bybit.lines import write_lines

SIDES = ("bid", "bid_size", "ask", "ask_size")


def read(tmp_path: Path, lines: list[str], name: str = "feed.ndjson", **hints: Any) -> lm.Capture:
    return lm.read(write_lines(tmp_path / name, lines), **hints)


def told(table: Any) -> list[tuple[Any, ...]]:
    """(time in ms, id, bid, its size, ask, its size) of each quote."""
    ts = (int64(table["ts"]) // 10**6).tolist()
    return list(zip(ts, *(table[name].to_pylist() for name in ("seq", *SIDES)), strict=True))


# ------------------------------------------------------------------ real captures


def plain_tickers(path: Path) -> Iterator[tuple[Any, ...]]:
    """Every ticker of a capture, by nothing but ``json``."""
    digits = {13: 10**6, 16: 10**3, 19: 1}
    with gzip.open(path, "rt") as file:
        for line in file:
            clock, _, body = line.partition(" ")
            event = json.loads(body).get("data", {})
            if event.get("e") == "bookTicker":
                recv = int(clock) * digits[len(clock)]
                sides = (float(event[key]) for key in "bBaA")
                yield event["T"] * 10**6, recv, event["u"], *sides


@pytest.mark.parametrize("name", CAPTURES)
def test_real__every_ticker_is_a_quote(real_data: Path, name: str) -> None:
    path = real_data / "binance" / name
    quotes = lm.read(path).quotes
    columns = [int64(quotes[n]).tolist() for n in ("ts", "ts_recv", "seq")]
    columns += [quotes[n].to_pylist() for n in SIDES]
    assert list(zip(*columns, strict=True)) == list(plain_tickers(path))


def touches(depth: Any) -> Iterator[tuple[int, tuple[float, ...]]]:
    """(id, best bid and ask with their sizes) after each message from the snapshot on, by dictionaries."""
    book: dict[str, dict[float, float]] | None = None
    seqs = depth["seq"].to_pylist()
    rows = zip(seqs, *(depth[n].to_pylist() for n in ("event", "side", "price", "size")), strict=True)
    before = None
    for i, (seq, event, side, price, size) in enumerate(rows):
        if event == "snapshot" and (seq, event) != before:
            book = {"bid": {}, "ask": {}}
        assert event != "gap" or book is None
        before = seq, event
        if book is None or side is None:
            continue
        if size:
            book[side][price] = size
        else:
            book[side].pop(price, None)
        if i + 1 == len(seqs) or seqs[i + 1] != seq:
            bid, ask = max(book["bid"]), min(book["ask"])
            yield seq, (bid, book["bid"][bid], ask, book["ask"][ask])


@pytest.mark.parametrize("name", CAPTURES[:2])
def test_real__tickers_are_the_touch_of_the_book_at_the_same_id(real_data: Path, name: str) -> None:
    capture = lm.read(real_data / "binance" / name)
    ticked = {seq: sides for _, seq, *sides in told(capture.quotes)}
    both = [(ticked[seq], touch) for seq, touch in touches(capture.depth) if seq in ticked]
    assert len(both) > 200
    assert [list(touch) for _, touch in both] == [sides for sides, _ in both]


@pytest.mark.long
def test_real__a_store_of_two_captures_agrees_too(real_data: Path, tmp_path: Path) -> None:
    """The second has no snapshot of its own: its book is the first one's, continued."""
    lm.ingest([real_data / "binance" / name for name in CAPTURES[1:]], store=tmp_path, progress=False)
    session = lm.open_store(tmp_path).session("binance-futures", "BTCUSDT")
    ticked = {seq: sides for _, seq, *sides in told(session.quotes())}
    both = [(ticked[seq], touch) for seq, touch in touches(session.depth()) if seq in ticked]
    assert len(both) > 1_500
    assert [list(touch) for _, touch in both] == [sides for sides, _ in both]


# ------------------------------------------------------------------ what is read


def test_read__futures_take_the_time_of_the_engine(tmp_path: Path) -> None:
    capture = read(tmp_path, [*FEED, ticker(130, "98.5", "100.25"), ticker(131, T=AT + 129), ticker(132)])
    assert told(capture.quotes) == [
        (AT + 95, 95, 98.0, 2.5, 101.0, 0.75),
        (AT + 130, 130, 98.5, 2.5, 100.25, 0.75),
        (AT + 130, 131, 98.0, 2.5, 101.0, 0.75),
        (AT + 132, 132, 98.0, 2.5, 101.0, 0.75),
    ]
    assert int64(capture.quotes["ts_recv"])[0] == (AT + 95 + 7) * 10**6
    assert any("1 book tickers had a clock that stepped back" in note for note in capture.report.notes)
    assert (capture.meta.venue, capture.meta.symbol) == ("binance-futures", "BTCUSDT")


def test_read__an_empty_side_is_null(tmp_path: Path) -> None:
    capture = read(tmp_path, [ticker(1), ticker(2, "0.00000000", B="0.00000000")])
    assert told(capture.quotes)[1] == (AT + 2, 2, None, None, 101.0, 0.75)
    assert capture.report.table["rejected"].sum() == 0
    assert capture.depth is None


def test_read__tickers_of_before_are_ignored(tmp_path: Path) -> None:
    lines = [ticker(n) for n in (1, 2, 4, 4, 3, 2, 5)]
    capture = read(tmp_path, lines)
    assert [row[1] for row in told(capture.quotes)] == [1, 2, 4, 5]
    assert any("3 repeated or older book tickers were ignored" in note for note in capture.report.notes)


def test_read__ids_that_begin_anew_are_not_of_before(tmp_path: Path) -> None:
    lines = [ticker(10), ticker(11), ticker(1, T=AT + 500), ticker(2, T=AT + 501), ticker(12)]
    found = told(read(tmp_path, lines).quotes)
    assert [row[1] for row in found] == [10, 11, 1, 2, 12]


def test_read__spot_takes_the_time_of_arrival(tmp_path: Path) -> None:
    capture = read(tmp_path, [ticker(1, spot=True), ticker(3, spot=True, bare=True)])
    assert [row[:2] for row in told(capture.quotes)] == [(AT + 8, 1), (AT + 10, 3)]
    assert capture.quotes["ts"].equals(capture.quotes["ts_recv"])
    assert capture.meta.venue == "binance"
    assert any("take that of arrival" in note for note in capture.report.notes)


def test_read__spot_without_a_time_of_arrival_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="expected a local time before each book ticker"):
        read(tmp_path, [ticker(1, spot=True, clock=False)])
    lines = [trade(7, M=True), ticker(1, spot=True, clock=False), ticker(2, spot=True)]
    capture = read(tmp_path, lines)
    assert [row[1] for row in told(capture.quotes)] == [2]
    assert any("1 book tickers were left out: those of spot have no time" in n for n in capture.report.notes)


def test_read__tickers_of_the_other_market_are_left_out(tmp_path: Path) -> None:
    capture = read(tmp_path, [*FEED, ticker(96, spot=True)])
    assert [row[1] for row in told(capture.quotes)] == [95]
    assert any("book tickers of spot, another market" in note for note in capture.report.notes)


def test_read__tickers_of_other_symbols(tmp_path: Path) -> None:
    other = ticker(96).replace("BTCUSDT", "ETHUSDT").replace("btcusdt", "ethusdt")
    capture = read(tmp_path, [*FEED, other, other])
    assert set(capture.report.table["status"]) == {"ok"}
    assert any("2 lines of book tickers of other symbols" in note for note in capture.report.notes)
    alone = read(tmp_path, [ticker(95), ticker(96), other])
    assert alone.report.table["rejected"].sum() == 1
    assert read(tmp_path, [ticker(95), other], symbol="ethusdt").quotes.num_rows == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"b": "x"}, "a price and a size of the bid"),
        ({"B": "0"}, "a price and a size of the bid"),
        ({"a": "0"}, "a price and a size of the ask"),
        ({"A": None}, "a price and a size of the ask"),
        ({"u": -5}, "`u` to be a positive integer"),
        ({"u": "96"}, "`u` to be a positive integer"),
        ({"T": 1_700_000_000}, "a time in ms or us"),
        ({"T": 0}, "a time in ms or us"),
    ],
)
def test_read__a_bad_ticker_is_lost_alone(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    good = [*FEED, ticker(130), ticker(140)]
    capture = read(tmp_path, [*good[:-1], ticker(135, **change), good[-1]])
    assert capture.report.table["rejected"].sum() == 1
    assert why in str(capture.report.rejected[0][2])
    assert capture.depth.equals(read(tmp_path, good).depth)
    assert [row[1] for row in told(capture.quotes)] == [95, 130, 140]


def test_read__a_price_that_leaves_no_tick_size_costs_its_ticker(tmp_path: Path) -> None:
    lines = [*(ticker(n, f"9{n % 10}.5") for n in range(1, 40)), ticker(50, "98.123456789012"), ticker(51)]
    capture = read(tmp_path, lines)
    assert [row[1] for row in told(capture.quotes)][-1] == 51
    assert capture.quotes.num_rows == 40
    assert capture.meta.tick_size == 0.5


def test_read__tickers_beside_first_levels_and_polled_books(tmp_path: Path) -> None:
    """Books one by one have tickers between them, as trades have."""
    polled = [snapshot(100), ticker(101), snapshot(102), ticker(103, "0", B="0")]
    capture = read(tmp_path, polled, symbol="BTCUSDT")
    assert [row[1] for row in told(capture.quotes)] == [101, 103]
    data = {"e": "depthUpdate", "E": AT, "T": AT, "s": "BTCUSDT", "U": 1, "u": 100, "pu": 0}
    data |= {"b": [["98", "1"]], "a": [["101", "1"]]}
    first = f"{AT * 1000} {json.dumps({'stream': 'btcusdt@depth20@100ms', 'data': data})}"
    capture = read(tmp_path, [first, ticker(101), ticker(102).replace("BTCUSDT", "ETHUSDT")])
    assert [row[1] for row in told(capture.quotes)] == [101]


# ------------------------------------------------------------------ a session


def test_bbo__of_tickers(tmp_path: Path) -> None:
    lines = [ticker(1), ticker(2, "98.5"), ticker(3, "99", T=AT + 2), ticker(4, "99"), ticker(5, "0", B="0")]
    path = write_lines(tmp_path / "a.ndjson", lines)
    lm.ingest(path, store=tmp_path / "store", progress=False)
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    found = session.bbo(source="ticker")
    assert list(found.columns) == ["ts", *SIDES]
    assert (found["ts"].astype("int64") // 10**6).tolist() == [AT + 1, AT + 2, AT + 5]
    assert found["bid"].fillna(-1).tolist() == [98, 99, -1]
    assert session.quotes().num_rows == 5
    assert session.sql("select count(*), max(bid) from quotes").fetchall() == [(5, 99.0)]
    with pytest.raises(lm.LiqmapError, match="depth of binance-futures BTCUSDT, got only quotes"):
        session.bbo()


def test_bbo__without_tickers_is_one_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.ndjson", [line for line in FEED if "bookTicker" not in line])
    lm.ingest(path, store=tmp_path / "store", progress=False)
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    assert session.quotes().num_rows == 0
    with pytest.raises(
        lm.LiqmapError, match="expected book tickers of the range in the store, got none"
    ) as raised:
        session.bbo(source="ticker")
    assert "\n" not in str(raised.value)
    with pytest.raises(lm.LiqmapError, match="expected 'book' or 'ticker', got 'tape'"):
        session.bbo(source="tape")  # type: ignore[arg-type]
    assert session.bbo().equals(session.bbo(source="book"))


def test_ingest__again_adds_the_tickers_that_an_earlier_version_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_lines(tmp_path / "a.ndjson", [*FEED, ticker(130), ticker(131)])
    with monkeypatch.context() as before:
        before.setattr(
            BinanceStream, "also", property(lambda self: "", lambda self, value: None), raising=False
        )
        before.setattr(Chunk, "quotes", lambda self, rejected: None)
        lm.ingest(path, store=tmp_path / "store", progress=False)
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    depth, trades = session.depth(), session.trades()
    assert session.quotes().num_rows == 0
    lm.ingest(path, store=tmp_path / "store", progress=False)
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    assert session.quotes().num_rows == 3
    assert (session.depth().equals(depth), session.trades().equals(trades)) == (True, True)
    assert lm.open_store(tmp_path / "store").check().findings == ()


def test_read__tickers_of_options_are_of_a_market_that_is_not_read(tmp_path: Path) -> None:
    lines = [ticker(n).replace("BTCUSDT", "BTC-251226-110000-C") for n in (1, 2)]
    with pytest.raises(FormatError, match="got a file that starts with"):
        read(tmp_path, lines)
