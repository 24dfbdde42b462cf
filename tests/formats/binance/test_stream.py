"""Binance stream captures: the fast scanner against the exact path, plain dictionaries, and bad input."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import Hints
from liqmap.formats.binance.events import scan as _binance_scan
from liqmap.formats.binance.snapshots import order as _binance_order
from liqmap.formats.binance.stream import BinanceStream
from liqmap.schema import FormatError, int64
from liqmap.spans.touch import touch
from tests.formats.bybit.lines import write_lines
from tests.formats.bybit.test_stream import Text

pytestmark = pytest.mark.filterwarnings("error")

AT = 1_700_000_000_000
CAPTURES = ["usdm_btcusdt_20240808.gz", "usdm_btcusdt_20230404.dat.gz", "usdm_btcusdt_20230405.dat.gz"]


def diff(first: int, last: int, prev: int | None, bids=(), asks=(), *, spot=False, **more) -> str:  # type: ignore[no-untyped-def]
    """One diff as Binance writes it, with a local time in us."""
    event = {"e": "depthUpdate", "E": AT + last + 3, "T": AT + last, "s": "BTCUSDT", "U": first, "u": last}
    if spot:
        del event["T"]
    else:
        event["pu"] = prev
    event |= {"b": [list(b) for b in bids], "a": [list(a) for a in asks]} | more
    wrapped = {"stream": "btcusdt@depth@0ms", "data": event}
    return f"{(AT + last + 5) * 1000} {json.dumps(wrapped, separators=(',', ':'))}"


def snapshot(last: int, bids=(("99", "1"),), asks=(("101", "2"),), *, spot=False) -> str:  # type: ignore[no-untyped-def]
    event = {"lastUpdateId": last, "E": AT + last + 1, "T": AT + last, "bids": bids, "asks": asks}
    if spot:
        del event["E"], event["T"]
    return f"{(AT + last + 9) * 1000} {json.dumps(event)}"


def trade(number: int, **more) -> str:  # type: ignore[no-untyped-def]
    event = {"e": "trade", "E": AT + 2, "T": AT + 1, "s": "BTCUSDT", "t": number, "p": "100.5", "q": "0.25"}
    return json.dumps({"stream": "btcusdt@trade", "data": event | {"X": "MARKET", "m": True} | more})


def ticker(number: int, bid="98", ask="101", *, spot=False, bare=False, clock=True, **more) -> str:  # type: ignore[no-untyped-def]
    """One book ticker as Binance writes it, of the time of diffs of its id, with a local time in us."""
    event = {"e": "bookTicker", "u": number, "s": "BTCUSDT", "b": bid, "B": "2.5", "a": ask, "A": "0.75"}
    event |= {"T": AT + number, "E": AT + number + 2} | more
    if spot:
        del event["e"], event["T"], event["E"]
    wrapped = event if bare else {"stream": "btcusdt@bookTicker", "data": event}
    text = json.dumps(wrapped, separators=(",", ":"))
    return f"{(AT + number + 7) * 1000} {text}" if clock else text


TICKER = ticker(95)
FEED = [
    diff(90, 95, 89, [("98", "5")]),
    TICKER,
    diff(96, 100, 95, [("97.5", "6")], [("102", "1")]),
    diff(101, 110, 100, [("99", "3")]),
    snapshot(105),
    trade(7),
    diff(112, 120, 110, [("99", "0")], [("100.5", "4")]),
]


TICKERS = [
    TICKER,
    ticker(96, bare=True, clock=False),
    ticker(97, spot=True),
    ticker(97, spot=True, clock=False, bare=True),
    ticker(98, ps="BTCUSD"),
    ticker(99, "0.00", B="0.000"),
    ticker(99, "98.123"),
    ticker(100).replace("BTCUSDT", "ETHUSDT"),
]


def events(depth) -> list[tuple[int, str]]:  # type: ignore[no-untyped-def]
    """(seq, event) of each message."""
    found = [(r["seq"], r["event"]) for r in depth.to_pylist()]
    return [pair for i, pair in enumerate(found) if i == 0 or pair != found[i - 1]]


def outcome(lines: list[bytes], cuts: list[int]) -> tuple:
    """Everything a reader says of these lines, comparable."""
    reader = BinanceStream(Text(lines, cuts), Hints(symbol="BTCUSDT"))  # type: ignore[arg-type]
    messages, trades, quotes, rejected = [], [], [], []
    try:
        batches = list(reader.batches())
    except FormatError as error:
        return str(error), reader.meta
    for batch in batches:
        rejected += batch.rejected
        trades += batch.trades.to_pylist() if batch.trades is not None else []
        if batch.quotes is not None:
            quotes += zip(
                *(repr(column.tolist())[1:-1].split(", ") for column in vars(batch.quotes).values())
            )
        if (m := batch.depth) is not None:
            for i in range(len(m.seq)):
                rows = slice(m.rows[i], m.rows[i + 1])
                head = [int(a[i]) for a in (m.ts, m.ts_recv, m.seq, m.prev, m.event, m.line)]
                messages.append((head, [a[rows].tolist() for a in (m.side, m.price, m.size)]))
    return messages, trades, rejected, reader.meta, sorted(reader.notes), quotes


SPOILT = [
    ('"u":', '"v":'), ('"T":17', '"T":1'), ('"pu":', '"pw":'), ('"99"', '"0"'), ('"99"', '"99.123456"'),
    ('"99"', "99"),
    ("depthUpdate", "depth"), ("@0ms", "20"), ("}}", "}"), ("BTCUSDT", "ETHUSDT"),
    ("MARKET", "INSURANCE_FUND"),
    ("MARKET", "NA"), ('"0.25"', '"0"'), ("true", "1"), ("1700", "17000"), ("trade", "aggTrade"), (" {", "{"),
    ('"e":"depthUpdate","E"', '"E":5,"e":"depthUpdate","F"'), ('"U":', '"U":-'), ('"b":[]', '"b":{}'),
    ('"B"', '"b"'), ('"2.5"', '"0"'), ('"A"', '"V"'), ('"T":17', '"T":0,"V":17'), ('"e":"bookTicker",', ''),
    ('"s":"', '"s":5,"S":"'),
]  # fmt: skip


@st.composite
def st_lines(draw: st.DrawFn) -> list[bytes]:
    lines = []
    for line in draw(st.lists(st.sampled_from(FEED + TICKERS), min_size=1, max_size=12)):
        for old, new in draw(st.lists(st.sampled_from(SPOILT), max_size=1)):
            line = line.replace(old, new, 1)
        cut = draw(st.sampled_from([None] * 9 + [5, -1, -3]))
        lines.append(line[:cut].encode())
    return lines


@given(lines=st_lines(), cut=st.integers(0, 12))
def test_scan__means_what_the_exact_path_says(lines: list[bytes], cut: int) -> None:
    fast = outcome(lines, [min(cut, len(lines))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_binance_scan, "scan", lambda text, i, *rest: i)
        slow = outcome(lines, [])
    assert fast[1:] == slow[1:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_binance_scan, "scan", lambda text, i, *rest: i)
        assert fast == outcome(lines, [min(cut, len(lines))])


def test_scan__takes_every_line_of_a_plain_feed_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.encode() for line in FEED if "lastUpdateId" not in line]
    monkeypatch.setattr(BinanceStream, "exact", lambda *args: pytest.fail("a line was not taken"))
    assert len(outcome(lines, [])[0]) == 4


def test_snapshot__stands_before_the_first_newer_diff_and_breaks_nothing(tmp_path: Path) -> None:
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", FEED))
    assert events(capture.depth) == [
        (95, "update"), (100, "update"), (105, "snapshot"), (110, "update"), (120, "update"),
    ]  # fmt: skip
    assert capture.report.table["gaps"].max() == 0
    first = capture.depth.slice(0, 1).to_pylist()[0]
    assert first["ts"].value == (AT + 95) * 1_000_000
    assert first["ts_recv"].value == (AT + 100) * 1_000_000
    assert (capture.meta.venue, capture.meta.feed, capture.meta.window_policy, capture.meta.depth_limit) == (
        "binance-futures", "full", "full", 1000,
    )  # fmt: skip
    row = capture.trades.to_pylist()[0]
    assert (row["id"], row["aggressor"], row["price"], row["size"]) == ("7", "sell", 100.5, 0.25)


@pytest.mark.parametrize("held", [1, 2, 3, 1000])
@pytest.mark.parametrize("cut", range(8))
def test_snapshot__in_any_batches(monkeypatch: pytest.MonkeyPatch, held: int, cut: int) -> None:
    lines = [line.encode() for line in FEED]
    whole = outcome(lines, [])[0]
    monkeypatch.setattr(_binance_order, "KEPT", held)
    found = outcome(lines, [min(cut, len(lines))])
    if not any("older than the book" in note for note in found[4]):
        assert found[0] == whole
    else:
        assert [m[0][2] for m in found[0]] == [95, 100, 110, 120]


def test_spot__follows_by_first_id_and_a_snapshot_without_time_takes_that_of_its_neighbour(
    tmp_path: Path,
) -> None:
    lines = [
        diff(90, 95, None, [("98", "5")], spot=True),
        snapshot(97, spot=True),
        diff(96, 99, None, [("98", "1")], spot=True),
        diff(100, 104, None, [("98", "2")], spot=True),
        diff(106, 107, None, [("98", "3")], spot=True),
    ]
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", lines))
    assert capture.meta.venue == "binance"
    assert events(capture.depth) == [
        (95, "update"), (97, "snapshot"), (99, "update"), (104, "update"), (104, "gap"), (107, "update"),
    ]  # fmt: skip
    rows = [r for r in capture.depth.to_pylist() if r["seq"] == 97]
    assert {r["ts"].value for r in rows} == {(AT + 98) * 1_000_000}


def test_snapshot__older_than_all_diffs_is_followed_by_a_gap(tmp_path: Path) -> None:
    lines = [snapshot(50), diff(90, 95, 89, [("98", "5")])]
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", lines))
    assert events(capture.depth) == [(50, "snapshot"), (50, "gap"), (95, "update")]


def test_read__mixed_symbols_are_lost_unless_one_is_told(tmp_path: Path) -> None:
    other = diff(1, 2, 0, [("5", "1")]).replace("BTCUSDT", "ETHUSDT")
    path = write_lines(tmp_path / "feed.ndjson", [*FEED[:3], other, *FEED[3:]])
    assert lm.read(path).report.table["rejected"].sum() == 1
    told = lm.read(path, symbol="BTCUSDT").report
    assert told.table["rejected"].sum() == 0
    assert any("symbol ETHUSDT" in note for note in told.notes)


def test_read__limited_depth_streams_are_left_out(tmp_path: Path) -> None:
    limited = diff(101, 110, 100, [("1", "3")]).replace("@depth@0ms", "@depth20@100ms")
    path = write_lines(tmp_path / "feed.ndjson", [*FEED[:3], limited, *FEED[3:]])
    capture = lm.read(path)
    assert capture.report.table["rejected"].sum() == 0
    assert 1.0 not in capture.depth["price"].to_pylist()
    assert any("@depth20@100ms" in note for note in capture.report.notes)


def test_coin_m__counts_contracts(tmp_path: Path) -> None:
    lines = [line.replace("BTCUSDT", "BTCUSD_PERP") for line in FEED]
    meta = lm.read(write_lines(tmp_path / "feed.ndjson", lines)).meta
    assert (meta.venue, meta.size_unit, meta.contract_value) == ("binance-delivery", "contracts", 100.0)


@pytest.mark.parametrize(
    "line",
    [
        diff(1, 2, 0, [("0", "1")]),
        diff(1, 2, 0, [("x", "1")]),
        diff(1, 2, 0, [("5", "1")], T=1_700_000_000, E=1_700_000_000),
        diff(1, 2, 0, [("5", "1")])[:-9],
        "1700000000 " + diff(1, 2, 0, [("5", "1")]).split(" ", 1)[1],
        trade(7, p="0"),
    ],
)
def test_read__nothing_usable_is_one_line(tmp_path: Path, line: str) -> None:
    path = write_lines(tmp_path / "feed.ndjson", [line])
    with pytest.raises(FormatError, match=r"feed\.ndjson.*expected.*got") as told:
        lm.read(path)
    assert "\n" not in str(told.value)


# ------------------------------------------------------------------ captures of several symbols


def of_eth(line: str, factor: int = 30) -> str:
    """A line of ETHUSDT, its prices ``factor`` times ours."""
    clock, _, body = line.partition(" ")
    wrapped = json.loads(body)
    event = wrapped.get("data", wrapped)
    if "s" in event:
        event["s"] = "ETHUSDT"
    for side in ("b", "a", "bids", "asks"):
        if side in event:
            event[side] = [[f"{float(p) * factor + 0.01:.2f}", s] for p, s in event[side]]
    return f"{clock} {json.dumps(wrapped)}"


ETH = [
    of_eth(diff(91, 97, 90, [("98", "5")])),
    of_eth(snapshot(103)),
    of_eth(diff(98, 107, 97, [("99", "3")], [("102", "1")])),
    of_eth(diff(108, 119, 107, [("99", "4")])),
]


def mixed(ours: list[str], others: list[str]) -> list[str]:
    """The lines of both, one by one; each snapshot where it stands in its own list."""
    return [line for pair in zip_longest(ours, others) for line in pair if line is not None]


@pytest.mark.parametrize("asked", ["BTCUSDT", "btcusdt"])
@pytest.mark.parametrize("first", [True, False])
def test_symbol__of_a_combined_capture_takes_its_own_snapshot_alone(
    tmp_path: Path, asked: str, first: bool
) -> None:
    """Futures count their ids over all symbols: the other's snapshot lies among ours, its price does not."""
    lines = mixed(FEED, ETH) if first else mixed(ETH, FEED)
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", lines), symbol=asked)
    alone = lm.read(write_lines(tmp_path / "alone.ndjson", FEED))
    assert capture.depth.drop(["ts_recv"]).equals(alone.depth.drop(["ts_recv"]))
    assert (capture.meta.symbol, capture.meta.tick_size) == ("BTCUSDT", alone.meta.tick_size)
    assert capture.report.exit_code == 0
    assert any("1 snapshots were left out" in note for note in capture.report.notes)


def test_symbol__of_spot_is_told_by_ids_even_at_one_price(tmp_path: Path) -> None:
    ours = [diff(90, 95, None, [("98", "5")], spot=True), snapshot(97, spot=True)]
    ours += [diff(96, 99, None, [("98", "1")], spot=True)]
    other = [of_eth(line, 1) for line in [
        diff(9_000, 9_005, None, [("98", "5")], spot=True), snapshot(9_006, spot=True),
        diff(9_006, 9_009, None, [("98", "1")], spot=True),
    ]]  # fmt: skip
    path = write_lines(tmp_path / "feed.ndjson", mixed(ours, other))
    for symbol, ids in (("BTCUSDT", [95, 97, 99]), ("ETHUSDT", [9_005, 9_006, 9_009])):
        capture = lm.read(path, symbol=symbol)
        assert [seq for seq, _ in events(capture.depth)] == ids
        assert [kind for _, kind in events(capture.depth)] == ["update", "snapshot", "update"]


@pytest.mark.parametrize(("bid", "rival", "taken"), [("99", "98.99", True), ("98", "97", False)])
def test_symbol__a_snapshot_near_our_price_is_ours_one_between_two_of_none(
    tmp_path: Path, bid: str, rival: str, taken: bool
) -> None:
    """Ours is 99; the ids of another symbol, perhaps of the same asset, span those of ours."""
    feed = [snapshot(105, ((bid, "1"),)) if "lastUpdateId" in line else line for line in FEED]
    other = [of_eth(diff(90, 120, 89, [(rival, "5")]), 1)]
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", mixed(feed, other)), symbol="BTCUSDT")
    assert ("snapshot" in {kind for _, kind in events(capture.depth)}) is taken
    assert any("1 snapshots were left out" in note for note in capture.report.notes) is not taken


def test_symbol__snapshots_before_all_diffs_wait_for_them(tmp_path: Path) -> None:
    lines = [
        of_eth(snapshot(103)),
        snapshot(105),
        of_eth(snapshot(104)),
        *mixed(FEED[3:4] + FEED[6:], ETH[2:]),
    ]
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", lines), symbol="BTCUSDT")
    assert events(capture.depth) == [(105, "snapshot"), (110, "update"), (120, "update")]
    assert any("2 snapshots were left out" in note for note in capture.report.notes)


def test_symbol__that_is_not_there_is_one_line_that_names_those_that_are(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "feed.ndjson", mixed(FEED, ETH))
    with pytest.raises(
        FormatError, match=r"expected events of symbol SOLUSDT, got .*BTCUSDT.*ETHUSDT.*symbol="
    ):
        lm.read(path, symbol="SOLUSDT")
    report = lm.ingest(path, store=tmp_path / "store", symbol="SOLUSDT")
    assert (report.exit_code, [row.status for row in report.sources]) == (2, ["failed"])


def test_read__events_that_it_does_not_know_are_named(tmp_path: Path) -> None:
    line = json.dumps({"e": "kline", "E": AT, "s": "BTCUSDT", "k": {}})
    path = write_lines(tmp_path / "feed.ndjson", [line, line])
    with pytest.raises(FormatError, match=r"got event kline \(2 lines\)\. Nothing could be used"):
        lm.read(path, symbol="BTCUSDT", format="binance-stream")


def test_symbol__of_snapshots_alone_is_the_one_told(tmp_path: Path) -> None:
    capture = lm.read(write_lines(tmp_path / "rest.json", [snapshot(50)]), symbol="BTCUSDT")
    assert events(capture.depth) == [(50, "snapshot")]


def test_read__events_of_another_symbol_are_lost_but_no_gap(tmp_path: Path) -> None:
    capture = lm.read(write_lines(tmp_path / "feed.ndjson", mixed(FEED, [ETH[0], *ETH[2:]])))
    row = capture.report.sources[0]
    assert (capture.meta.symbol, row.status, row.rejected, row.gaps) == ("BTCUSDT", "partial", 3, 0)


# ------------------------------------------------------------------ real captures


def plain_events(path: Path) -> Iterator[dict]:
    with gzip.open(path) as lines:
        for line in lines:
            event = json.loads(line.split(b" ", 1)[1])
            yield event.get("data", event)


@pytest.mark.long
@pytest.mark.parametrize("name", CAPTURES)
def test_real__rows_equal_plain_json(real_data: Path, name: str) -> None:
    path = real_data / "binance" / name
    rows, trades = [], []
    for event in plain_events(path):
        if event.get("e") == "depthUpdate" or "lastUpdateId" in event:
            kind = "snapshot" if "lastUpdateId" in event else "update"
            seq = event["u"] if kind == "update" else event["lastUpdateId"]
            for side, keys in (("bid", ("b", "bids")), ("ask", ("a", "asks"))):
                for price, size in event.get(keys[0]) or event.get(keys[1]) or []:
                    rows.append((seq, event["T"], kind, side, float(price), float(size)))
        elif event.get("e") == "trade":
            trades.append((str(event["t"]), event["T"], "sell" if event["m"] else "buy", float(event["p"])))
    capture = lm.read(path)
    table = {name: capture.depth[name].to_pylist() for name in ("seq", "event", "side", "price", "size")}
    ms = (int64(capture.depth["ts"]) // 1_000_000).tolist()
    assert len(rows) == capture.depth.num_rows
    found = list(zip(table["seq"], ms, table["event"], table["side"], table["price"], table["size"]))
    clamped = any("clock that stepped back" in note for note in capture.report.notes)
    keep = [0, 2, 3, 4, 5] if clamped else range(6)
    assert sorted([r[i] for i in keep] for r in rows) == sorted([r[i] for i in keep] for r in found)
    got = [capture.trades[name].to_pylist() for name in ("id", "aggressor", "price")]
    times = (int64(capture.trades["ts"]) // 1_000_000).tolist()
    assert sorted(trades) == sorted(zip(got[0], times, *got[1:]))
    assert (capture.report.table[["gaps", "rejected"]] == 0).all(axis=None)
    assert int64(capture.depth["ts_recv"]).min() > 1.6e18


@pytest.mark.long
def test_real__book_is_that_of_a_plain_dict_and_never_crossed(real_data: Path) -> None:
    path = real_data / "binance" / CAPTURES[0]
    spans = lm.replay(lm.read(path).depth)
    diffs = [e for e in plain_events(path) if e.get("e") == "depthUpdate"]
    start = next(e for e in plain_events(path) if "lastUpdateId" in e)
    book = [{float(p): float(q) for p, q in start[side]} for side in ("bids", "asks")]
    times, updates, compared = [], 0, 0
    todo = [e for e in diffs if e["u"] > start["lastUpdateId"]]
    asked = False
    for event, after in zip(todo, [*todo[1:], None]):
        for side, key in enumerate("ba"):
            for price, size in event[key]:
                updates += 1
                asked |= updates % 1_000 == 0
                if float(size):
                    book[side][float(price)] = float(size)
                else:
                    book[side].pop(float(price), None)
        if after is None or after["T"] == event["T"]:
            continue
        times.append(event["T"] * 1_000_000)
        assert max(book[0]) < min(book[1])
        if asked:
            asked, at = False, times[-1]
            compared += 1
            for side, s in enumerate(spans.sides):
                held = (s.start <= at) & (at < s.seen)
                found = dict(zip(spans.prices(s.tick[held]).round(6).tolist(), s.size[held].tolist()))
                assert found == book[side]
    assert compared > 300
    best = []
    for side in (0, 1):
        begin, tick, size = touch(spans, side)
        at = np.searchsorted(begin, times, side="right") - 1
        assert (size[at] > 0).all()
        best.append(tick[at])
    assert (best[0] < best[1]).all()


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_real__second_file_without_a_snapshot_continues_the_first(
    real_data: Path, tmp_path: Path, order: tuple[int, int]
) -> None:
    files = [real_data / "binance" / CAPTURES[i] for i in order]
    lm.ingest(files, store=tmp_path / "store")
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    assert session.gaps().empty
    window = session.spans().window.to_pandas()
    assert window["known"].tolist() == [True, False, True, False]  # from the snapshot to the last message


def test_real__file_without_a_snapshot_has_no_window(real_data: Path) -> None:
    spans = lm.replay(lm.read(real_data / "binance" / CAPTURES[2]).depth)
    assert not spans.window["known"].to_pylist().count(True)
