"""REST snapshots asked for again and again, without diffs: each replaces the book, and none is a gap."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.formats.market import named_symbol
from liqmap.schema import FormatError
from tests.formats.binance.test_stream import diff, trade
from tests.formats.bybit.lines import write_lines

pytestmark = pytest.mark.filterwarnings("error")

AT = 1_709_280_000_000


def poll(k: int, *, times: bool = True, local: bool = True, levels: int = 3, **more: object) -> str:
    """The k-th second's book: its bid rises by 1 a second."""
    book: dict[str, object] = {"lastUpdateId": 9_000 + 50 * k}
    if times:
        book |= {"E": AT + 1_000 * k + 2, "T": AT + 1_000 * k}
    book["bids"] = [[f"{62_000 + k - n}.0", f"{n + 1}.5"] for n in range(levels)]
    book["asks"] = [[f"{62_001 + k + n}.0", f"{n + 2}"] for n in range(levels)]
    return (f"{AT + 1_000 * k + 30} " if local else "") + json.dumps(book | more)


def write(path: Path, lines: list[str]) -> Path:
    return write_lines(path, lines)


@pytest.mark.parametrize("times", [True, False])
def test_each_replaces_the_book_and_none_is_a_gap(tmp_path: Path, times: bool) -> None:
    path = write(tmp_path / "polled.txt", [poll(k, times=times) for k in range(10)])
    lm.ingest(path, store=tmp_path / "store", symbol="btcusdt", progress=False)
    store = lm.open_store(tmp_path / "store")
    (market,) = store.sessions().to_dict("records")
    venue = "binance-futures" if times else "binance"
    assert (market["venue"], market["symbol"], market["feed"]) == (venue, "BTCUSDT", "snapshots")
    session = store.session(venue, "BTCUSDT")
    bbo = session.bbo()
    assert bbo["bid"].tolist() == [62_000.0 + k for k in range(10)]
    assert bbo["ask"].tolist() == [62_001.0 + k for k in range(10)]
    late = AT * 1_000_000 + (0 if times else 30_000_000)
    assert [t.value for t in bbo["ts"]] == [late + 10**9 * k for k in range(10)]
    depth = session.depth()
    assert set(depth["event"].to_pylist()) == {"snapshot"}
    window = session.spans().window
    assert window.filter(window["known"])["worst_tick"].null_count == 0


def test_both_ways_of_writing_them_are_one(tmp_path: Path) -> None:
    """A list of books is the same as a book a line."""
    lines = [poll(k, local=False) for k in range(5)]
    listed = tmp_path / "listed.json"
    listed.write_text(json.dumps([json.loads(line) for line in lines], indent=1))
    plain = lm.read(write(tmp_path / "lines.txt", lines), symbol="BTCUSDT")
    found = lm.read(listed, symbol="BTCUSDT")
    assert found.depth.equals(plain.depth)
    assert found.report.sources[0].messages == 5


def test_a_side_is_bounded_by_the_levels_that_were_asked_for(tmp_path: Path) -> None:
    lines = [poll(k, levels=levels) for k, levels in enumerate((5, 3, 5, 5))]
    capture = lm.read(write(tmp_path / "a.txt", lines), symbol="BTCUSDT")
    assert (capture.meta.depth_limit, capture.meta.window_policy) == (3, "snapshots")
    window = lm.replay(capture.depth).window.to_pylist()
    bids = [w["worst_tick"] for w in window if w["side"] == "bid" and w["known"]]
    assert bids == [61_996, 61_999, 61_998]


def test_symbol__of_trades_of_the_books_or_of_the_name(tmp_path: Path) -> None:
    plain = [poll(k) for k in range(3)]
    beside = lm.read(write(tmp_path / "a.txt", [*plain, trade(7)]))
    assert (beside.meta.symbol, beside.trades.num_rows, beside.depth.num_rows) == ("BTCUSDT", 1, 18)
    own = [poll(k, symbol="BTCUSD_PERP", pair="BTCUSD") for k in range(3)]
    coin_m = lm.read(write(tmp_path / "b.txt", own))
    assert (coin_m.meta.venue, coin_m.meta.symbol) == ("binance-delivery", "BTCUSD_PERP")
    named = lm.read(write(tmp_path / "ethusdt_depth.txt", plain))
    assert named.meta.symbol == "ETHUSDT"
    assert any("from the file's name" in note for note in named.report.notes)
    with pytest.raises(FormatError, match=r"expected a symbol in its events, got none\. Pass symbol="):
        lm.read(write(tmp_path / "c.txt", plain))
    two = [*plain, trade(7), trade(8, s="ETHUSDT")]
    with pytest.raises(FormatError, match="expected trades of one symbol"):
        lm.read(write(tmp_path / "d.txt", two))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("BTCUSDT.json", "BTCUSDT"),
        ("depth_ethusdt_2024-03-01.txt", "ETHUSDT"),
        ("btcusd_perp.json", "BTCUSD_PERP"),
        ("snapshot.json", None),
        ("country.json", None),
        ("BTCUSDT-ETHUSDT.json", None),
    ],
)
def test_symbol__in_a_name(name: str, symbol: str | None) -> None:
    assert named_symbol(Path("folder") / name) == symbol


def test_two_markets__are_refused(tmp_path: Path) -> None:
    other = poll(1, bids=[["3400.0", "1"]], asks=[["3401.0", "1"]])
    with pytest.raises(FormatError, match="expected snapshots of one market, got prices of 62000 and 3400"):
        lm.read(write(tmp_path / "a.txt", [poll(0), other, poll(2)]), symbol="BTCUSDT")
    turns = [poll(k, lastUpdateId=100 if k % 2 else 9_000 + k) for k in range(8)]
    with pytest.raises(FormatError, match="4 of 8 with a lower id"):
        lm.read(write(tmp_path / "b.txt", turns), symbol="BTCUSDT")


def test_one_older_than_the_last_is_ignored_and_told(tmp_path: Path) -> None:
    lines = [*[poll(k) for k in range(8)], poll(5), poll(8)]
    capture = lm.read(write(tmp_path / "a.txt", lines), symbol="BTCUSDT")
    (row,) = capture.report.sources
    assert (row.messages, row.gaps) == (9, 0)
    assert any("1 repeated or older messages" in note for note in capture.report.notes)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (poll(1)[:-9], "broken JSON"),
        (poll(1, times=False, local=False), "expected a time with the snapshot"),
        (poll(1, bids=[["61999", "0"]]), "above 0"),
        (poll(1, bids=[], asks=[]), "levels"),
        ("{}", "lastUpdateId"),
    ],
)
def test_bad_line__costs_itself(tmp_path: Path, line: str, said: str) -> None:
    capture = lm.read(write(tmp_path / "a.txt", [poll(0), line, poll(2), poll(3)]), symbol="BTCUSDT")
    ((_, number, reason),) = capture.report.rejected
    assert (number, said in reason, capture.report.sources[0].messages) == (2, True, 3)


def test_diffs__after_all_make_a_capture_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far behind the first bytes they are; farther than is looked, they are left out, and told."""
    lines = [*[poll(k) for k in range(3)], diff(9_101, 9_110, 9_100, [("62000.0", "7")])]
    path = write(tmp_path / "a.txt", lines)
    assert lm.read(path, symbol="BTCUSDT").meta.feed == "full"
    monkeypatch.setattr("liqmap.formats.binance.stream.is_polled", lambda *args: True)
    capture = lm.read(path, symbol="BTCUSDT")
    assert capture.meta.feed == "snapshots"
    assert any("1 lines of event depthUpdate were left out" in note for note in capture.report.notes)


def test_one_snapshot_alone_is_a_book_that_diffs_may_follow(tmp_path: Path) -> None:
    assert lm.read(write(tmp_path / "a.txt", [poll(0)]), symbol="BTCUSDT").meta.feed == "full"


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize(("answers", "lost"), [
    (['{"result":null,"id":1}'], 0),
    (['{"id": 7, "result": null}', '{"result":null,"id":2}'], 0),
    (['{"code":-1003,"msg":"Too many requests"}'], 1),
])  # fmt: skip
def test_answers_before_the_first_are_none_of_them(
    tmp_path: Path, local: bool, answers: list[str], lost: int
) -> None:
    before = [f"{AT} {line}" if local else line for line in answers]
    books = [poll(k, local=local) for k in range(4)]
    plain = lm.read(write(tmp_path / "plain.txt", books), symbol="BTCUSDT")
    found = lm.read(write(tmp_path / "a.txt", [*before, *books]), symbol="BTCUSDT")
    assert found.depth.equals(plain.depth)
    assert len(found.report.rejected) == lost
    assert found.report.sources[0].messages == 4


@pytest.mark.parametrize("lines", [['{"result":null,"id":1}'] * 3, ['{"result":null,"id":1}', '{"a":1}']])
def test_answers_alone_are_no_capture(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(FormatError, match="expected one of"):
        lm.read(write(tmp_path / "a.txt", lines), symbol="BTCUSDT")
