"""Snapshots saved apart from their diffs: joined by id where that is certain, refused in words where it is
not."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.formats import Hints
from liqmap.ingestion.joining import joins
from tests.formats.binance.test_two_streams import in_pieces

pytestmark = pytest.mark.filterwarnings("error")

AT = 1_709_280_000_000
LEVELS = 12


@dataclass
class Market:
    """A book that changes, its diffs, and the state of it after each id."""

    diffs: list[dict[str, Any]]
    states: dict[int, dict[str, dict[float, str]]]

    def snapshot(self, number: int, **more: object) -> dict[str, Any]:
        book = self.states[number]
        bids = [[f"{p:.1f}", book["b"][p]] for p in sorted(book["b"], reverse=True)]
        asks = [[f"{p:.1f}", book["a"][p]] for p in sorted(book["a"])]
        return {"lastUpdateId": number, "bids": bids, "asks": asks} | more


def market(symbol: str = "XYZBTC", mid: float = 100, spot: bool = True, seed: int = 0) -> Market:
    """Forty diffs of one to four ids each, which never cross the book."""
    chance = random.Random(seed)
    book = {side: {mid + way * k: f"{k}.5" for k in range(1, LEVELS)} for side, way in (("b", -1), ("a", 1))}
    number = 1_001
    states, diffs = {number - 1: {s: dict(book[s]) for s in "ba"}}, []
    for k in range(40):
        told: dict[str, dict[float, str]] = {"b": {}, "a": {}}
        begin = number
        for _ in range(chance.randint(1, 4)):
            side = chance.choice("ba")
            price = mid + (1 if side == "a" else -1) * chance.randint(1, LEVELS - 1)
            size = chance.choice(["0.000", f"{chance.randint(1, 9)}.5"])
            told[side][price] = size
            book[side][price] = size
            if size == "0.000":
                del book[side][price]
            states[number] = {s: dict(book[s]) for s in "ba"}
            number += 1
        event = {"e": "depthUpdate", "E": AT + 1_000 * k, "s": symbol, "U": begin, "u": number - 1}
        if not spot:
            event |= {"T": AT + 1_000 * k - 3, "pu": begin - 1}
        event |= {s: [[f"{p:.1f}", size] for p, size in told[s].items()] for s in "ba"}
        diffs.append(event)
    return Market(diffs, states)


def write(path: Path, messages: list[dict[str, Any]] | dict[str, Any], form: str = "lines") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "lines":
        lines = [messages] if isinstance(messages, dict) else messages
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    else:
        path.write_text(json.dumps(messages, indent=2 if form == "pretty" else None))
    return path


def ingest(paths: Any, store: Path, **hints: Any) -> Any:
    return lm.ingest(paths, store=store, progress=False, **hints)


def book_of(store: Path, symbol: str = "XYZBTC") -> dict[str, dict[float, float]]:
    opened = lm.open_store(store)
    rows = opened.sessions().to_dict("records")
    (row,) = [r for r in rows if (r["symbol"], r["kind"]) == (symbol, "depth")]
    book = opened.session(row["venue"], symbol, feed=row["feed"]).book(row["end"])
    return {
        key: {r["price"]: r["size"] for r in book.to_dict("records") if r["side"] == side}
        for key, side in (("b", "bid"), ("a", "ask"))
    }


def plain(state: dict[str, dict[float, str]]) -> dict[str, dict[float, float]]:
    return {side: {p: float(s) for p, s in levels.items()} for side, levels in state.items()}


def last_id(found: Market) -> int:
    return int(found.diffs[-1]["u"])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spot", [True, False])
@pytest.mark.parametrize(("one", "many"), [("list", "list"), ("pretty", "lines"), ("lines", "pretty")])
def test_book__is_that_of_the_exchange(tmp_path: Path, seed: int, spot: bool, one: str, many: str) -> None:
    """Wherever within a diff the snapshot's id falls: what is older is dropped, the rest applied."""
    found = market(spot=spot, seed=seed)
    number = random.Random(seed).choice([n for n in found.states if n < last_id(found)])
    inside = [found.snapshot(number)] if one == "list" else found.snapshot(number)
    folder = tmp_path / "in"
    write(folder / "snapshot.json", inside, one)
    write(folder / "update.json", found.diffs, many)
    report = ingest(folder, tmp_path / "store")
    assert book_of(tmp_path / "store") == plain(found.states[last_id(found)])
    rows = {Path(row.path).name: row for row in report.sources}
    after = [d for d in found.diffs if d["u"] > number]
    ts = after[0].get("T", after[0]["E"]) * 1_000_000
    assert {name: (r.status, r.messages, r.gaps, r.symbol) for name, r in rows.items()} == {
        "snapshot.json": ("ok", 1, 0, "XYZBTC"),
        "update.json": ("ok", len(after), 0, "XYZBTC"),
    }
    assert (rows["snapshot.json"].start, report.exit_code) == (ts, 0)
    depth = lm.open_store(tmp_path / "store").session(rows["update.json"].venue, "XYZBTC").depth()
    assert depth["event"][0].as_py() == "snapshot"
    assert depth["ts"][0].value == ts
    dropped = len(found.diffs) - len(after)
    told = f"{dropped} diffs from before the snapshot were left out"
    assert any(told in note for note in report.notes) == (dropped > 0)


def test_again__changes_nothing(tmp_path: Path) -> None:
    found = market()
    update = write(tmp_path / "update.json", found.diffs)
    files = [update, write(tmp_path / "s.json", found.snapshot(1_012), "pretty")]
    first = ingest(files, tmp_path / "store")
    kept = {p: p.read_bytes() for p in sorted((tmp_path / "store").rglob("*.parquet"))}
    again = ingest(files[::-1], tmp_path / "store", jobs=1)
    assert {p: p.read_bytes() for p in sorted((tmp_path / "store").rglob("*.parquet"))} == kept
    assert any("already in the store" in note for note in again.notes)
    strip = lambda report: sorted((r.path, r.status, r.messages, r.rows, r.start) for r in report.sources)  # noqa: E731
    assert strip(again) == strip(first)
    meta = lm.open_store(tmp_path / "store").session("binance", "XYZBTC").depth().schema.metadata
    assert sorted(s.name for s in lm.schema.Meta.from_metadata(meta).sources) == ["s.json", "update.json"]


def test_diffs_first__the_snapshot_comes_later(tmp_path: Path) -> None:
    """Diffs that are in the store alone, and then with their snapshot."""
    found = market()
    update = write(tmp_path / "update.json", found.diffs)
    ingest(update, tmp_path / "store")
    ingest([update, write(tmp_path / "s.json", found.snapshot(1_012))], tmp_path / "store")
    assert book_of(tmp_path / "store") == plain(found.states[last_id(found)])


def test_several__snapshots_and_files_of_diffs(tmp_path: Path) -> None:
    """Each goes to the file that its id falls in; the second file goes on where the first ends."""
    found = market(seed=3)
    one = write(tmp_path / "u1.json", found.diffs[:20])
    two = write(tmp_path / "u2.json", found.diffs[20:], "list")
    between = found.diffs[19]["u"]
    numbers = [found.diffs[4]["u"], found.diffs[9]["U"], between, found.diffs[30]["U"], last_id(found)]
    files = [write(tmp_path / f"s{n}.json", found.snapshot(n), "pretty") for n in numbers]
    report = ingest([*files, one, two], tmp_path / "store")
    assert [r.status for r in report.sources] == ["ok"] * 7
    assert sum(r.gaps for r in report.sources) == 0
    depth = lm.open_store(tmp_path / "store").session("binance", "XYZBTC").depth()
    events = [(r["seq"], r["event"]) for r in depth.to_pylist()]
    assert sorted({seq for seq, event in events if event == "snapshot"}) == numbers
    assert not [e for e in events if e[1] == "gap"]
    assert book_of(tmp_path / "store") == plain(found.states[last_id(found)])


def test_several__snapshots_of_one_list(tmp_path: Path) -> None:
    found = market()
    numbers = [found.diffs[k]["u"] for k in (3, 12, 25)]
    write(tmp_path / "in" / "s.json", [found.snapshot(n) for n in numbers], "list")
    write(tmp_path / "in" / "u.json", found.diffs)
    report = ingest(tmp_path / "in", tmp_path / "store")
    assert {Path(r.path).name: r.messages for r in report.sources} == {"s.json": 3, "u.json": 36}
    assert book_of(tmp_path / "store") == plain(found.states[last_id(found)])


def test_markets__each_snapshot_goes_to_its_own(tmp_path: Path) -> None:
    """Ids of futures are counted over all symbols: here only the prices tell them apart."""
    btc, eth = market("BTCUSDT", 62_000, spot=False, seed=1), market("ETHUSDT", 3_400, spot=False, seed=2)
    for name, found in (("a", btc), ("b", eth)):
        write(tmp_path / "in" / f"{name}_s.json", found.snapshot(1_020), "pretty")
        write(tmp_path / "in" / f"{name}_u.json", found.diffs, "list")
    trade = {"e": "trade", "E": AT, "T": AT, "s": "BTCUSDT", "t": 7, "p": "62000", "q": "1", "m": True}
    write(tmp_path / "in" / "trades.txt", trade | {"X": "MARKET"})
    report = ingest(tmp_path / "in", tmp_path / "store")
    found_rows = {Path(r.path).name: (r.symbol, r.kind, r.status) for r in report.sources}
    assert found_rows == {
        "a_s.json": ("BTCUSDT", "depth", "ok"),
        "a_u.json": ("BTCUSDT", "depth", "ok"),
        "b_s.json": ("ETHUSDT", "depth", "ok"),
        "b_u.json": ("ETHUSDT", "depth", "ok"),
        "trades.txt": ("BTCUSDT", "trades", "ok"),
    }
    for symbol, of in (("BTCUSDT", btc), ("ETHUSDT", eth)):
        assert book_of(tmp_path / "store", symbol) == plain(of.states[last_id(of)])


def test_markets__at_one_price_need_a_name(tmp_path: Path) -> None:
    one, two = market("BTCUSDT", 62_000, spot=False, seed=1), market("BTCUSDC", 62_000, spot=False, seed=2)
    first, second = write(tmp_path / "u1.json", one.diffs), write(tmp_path / "u2.json", two.diffs)
    report = ingest([first, second, write(tmp_path / "s.json", one.snapshot(1_020))], tmp_path / "store")
    (error,) = report.errors
    assert "whose id 1020 and prices fit one market, got one that fits BTCUSDC and BTCUSDT" in error
    assert [r.status for r in report.sources] == ["ok", "ok", "failed"]
    named = write(tmp_path / "btcusdt-depth.json", one.snapshot(1_020))
    report = ingest([first, second, named], tmp_path / "named")
    assert {Path(r.path).name: r.symbol for r in report.sources} == {
        "u1.json": "BTCUSDT", "btcusdt-depth.json": "BTCUSDT", "u2.json": "BTCUSDC",
    }  # fmt: skip
    own = write(tmp_path / "own.json", one.snapshot(1_020, symbol="BTCUSDT"))
    assert ingest([first, second, own], tmp_path / "own").exit_code == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s | {"lastUpdateId": 5}, "expected updates around id 5, which the snapshot has, got none"),
        (lambda s: s | {"lastUpdateId": 9_999}, "expected updates around id 9999"),
        (
            lambda s: s | {"bids": [["3400.0", "1"]], "asks": [["3401.0", "1"]]},
            "as id 1020 falls among its updates .*, got prices near 3400, where theirs are near",
        ),
        (
            lambda s: s | {"bids": [["130.0", "1"]], "asks": [["131.0", "1"]]},
            "as id 1020 falls among its updates .*, got a book that their updates cross",
        ),
        (lambda s: s | {"symbol": "ABCBTC"}, "expected a snapshot of XYZBTC.*got one of ABCBTC"),
    ],
)
def test_unfit__is_refused_and_the_diffs_are_read_alone(tmp_path: Path, change: Any, said: str) -> None:
    found = market()
    update = write(tmp_path / "update.json", found.diffs)
    snapshot = write(tmp_path / "snapshot.json", change(found.snapshot(1_020)), "pretty")
    report = ingest([snapshot, update], tmp_path / "store")
    (error,) = report.errors
    with pytest.raises(lm.LiqmapError, match=said):
        raise report.failures[0]
    assert "snapshot.json: expected" in error
    assert {Path(r.path).name: (r.status, r.messages) for r in report.sources} == {
        "snapshot.json": ("failed", 0), "update.json": ("ok", 40),
    }  # fmt: skip
    assert report.exit_code == 1


def test_hole__a_snapshot_within_lost_diffs_is_refused(tmp_path: Path) -> None:
    found = market()
    number = found.diffs[10]["u"]
    update = write(tmp_path / "update.json", [*found.diffs[:9], *found.diffs[13:]])
    report = ingest([update, write(tmp_path / "s.json", found.snapshot(number))], tmp_path / "store")
    assert [(r.status, r.gaps) for r in report.sources] == [("ok", 1), ("failed", 0)]


def test_alone__a_snapshot_says_what_it_needs(tmp_path: Path) -> None:
    path = write(tmp_path / "s.json", market().snapshot(1_012))
    (error,) = ingest(path, tmp_path / "store").errors
    assert error.endswith("Pass symbol=..., or give it with the file of its diffs")
    (error,) = ingest(path, tmp_path / "store", symbol="XYZBTC").errors
    assert "expected a time with the snapshot, or the file of its diffs given with it" in error


def test_alone__one_with_a_time_and_a_symbol_is_read_beside_others(tmp_path: Path) -> None:
    """As before, where its id falls among no diffs."""
    found = market(spot=False)
    timed = found.snapshot(1_012) | {"lastUpdateId": 5, "T": AT - 9_000, "E": AT - 9_000}
    files = [write(tmp_path / "s.json", timed), write(tmp_path / "u.json", found.diffs)]
    report = ingest(files, tmp_path / "store", symbol="XYZBTC")
    assert [(r.status, r.messages) for r in report.sources] == [("ok", 1), ("ok", 40)]


def test_many_diffs__in_any_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long after the diffs that are kept back for it, with those before it kept."""
    monkeypatch.setattr("liqmap.formats.binance.snapshots.order.KEPT", 5)
    in_pieces(monkeypatch, 3)
    found = market(seed=5)
    update = write(tmp_path / "update.json", found.diffs)
    late = write(tmp_path / "s.json", found.snapshot(found.diffs[30]["U"]))
    report = ingest([late, update], tmp_path / "store")
    assert [(r.status, r.messages, r.gaps) for r in report.sources] == [("ok", 40, 0), ("ok", 1, 0)]
    depth = lm.open_store(tmp_path / "store").session("binance", "XYZBTC").depth()
    events = [r["event"] for r in depth.to_pylist()]
    assert (events[0], events.count("gap"), "snapshot" in events) == ("update", 0, True)


def polls(seconds: list[int], price: int = 62_000) -> list[dict[str, Any]]:
    """Books of futures, each at its second."""
    return [
        {
            "lastUpdateId": 9_000 + 50 * k,
            "E": AT + 1_000 * k + 2,
            "T": AT + 1_000 * k,
            "bids": [[f"{price + k - n}.0", "1.5"] for n in range(3)],
            "asks": [[f"{price + 1 + k + n}.0", "2.5"] for n in range(3)],
        }
        for k in seconds
    ]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    "files", [[[0], [1], [2], [3], [4], [5]], [[0, 1, 2], [3], [4, 5]], [[0, 3], [1, 2, 4], [5]]]
)
def test_polled__books_in_files_of_their_own_are_one_series(
    tmp_path: Path, files: list[list[int]], named: bool
) -> None:
    """Whatever their names: the order is that of their ids."""
    for number, seconds in enumerate(files):
        name = f"btcusdt_{9 - number}.json" if named else f"{9 - number}.json"
        write(tmp_path / "in" / name, polls(seconds), "lines" if number else "list")
    hints = {} if named else {"symbol": "BTCUSDT"}
    report = ingest(tmp_path / "in", tmp_path / "store", **hints)
    assert sorted((r.status, r.messages, r.gaps, r.feed) for r in report.sources) == sorted(
        ("ok", len(seconds), 0, "snapshots") for seconds in files
    )
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    assert session.bbo()["bid"].tolist() == [62_000.0 + k for k in range(6)]
    assert "gap" not in session.depth()["event"].to_pylist()
    again = ingest(tmp_path / "in", tmp_path / "store", **hints)
    assert any("already in the store" in note for note in again.notes)
    assert len(again.sources) == len(files)


def test_polled__two_markets_and_far_times_are_no_series(tmp_path: Path) -> None:
    for name, second, price in (("btcusdt", 0, 62_000), ("btcusdt", 1, 62_000), ("btcusdt", 9_000, 62_000)):
        write(tmp_path / "in" / f"{name}-{second}.json", polls([second], price))
    for second in (0, 1):
        write(tmp_path / "in" / f"ethusdt-{second}.json", polls([second], 3_400))
    report = ingest(tmp_path / "in", tmp_path / "store")
    found = {Path(r.path).stem: (r.symbol, r.feed, r.status) for r in report.sources}
    assert found == {
        "btcusdt-0": ("BTCUSDT", "snapshots", "ok"),
        "btcusdt-1": ("BTCUSDT", "snapshots", "ok"),
        "ethusdt-0": ("ETHUSDT", "snapshots", "ok"),
        "ethusdt-1": ("ETHUSDT", "snapshots", "ok"),
        "btcusdt-9000": ("BTCUSDT", "full", "ok"),
    }


def test_polled__files_of_another_market_are_not_taken_for_the_symbol_asked_for(tmp_path: Path) -> None:
    """Their names say another; and where no name does, prices that leap do."""
    for second in (0, 1):
        write(tmp_path / "in" / f"btcusdt-{second}.json", polls([second]))
        write(tmp_path / "in" / f"btcusdc-{second}.json", polls([second], 50_000))
    report = ingest(tmp_path / "in", tmp_path / "store", symbol="BTCUSDT")
    found = {Path(r.path).stem: r.status for r in report.sources}
    assert found == {"btcusdt-0": "ok", "btcusdt-1": "ok", "btcusdc-0": "failed", "btcusdc-1": "failed"}
    assert "expected snapshots of BTCUSDT, as you say, got some of BTCUSDC" in report.errors[0]
    session = lm.open_store(tmp_path / "store").session("binance-futures", "BTCUSDT")
    assert session.bbo()["bid"].tolist() == [62_000.0, 62_001.0]
    for number, (second, price) in enumerate([(0, 62_000), (1, 50_000), (2, 62_000), (3, 50_000)]):
        write(tmp_path / "bare" / f"{number}.json", polls([second], price))
    report = ingest(tmp_path / "bare", tmp_path / "none", symbol="BTCUSDT")
    assert {r.status for r in report.sources} == {"failed"}
    assert "expected snapshots of one market" in report.errors[0]


def test_alone__a_symbol_asked_for_makes_no_foreign_snapshot_ours(tmp_path: Path) -> None:
    found = market()
    update = write(tmp_path / "update.json", found.diffs)
    then = {"E": found.diffs[10]["E"], "T": found.diffs[10]["E"]}
    foreign = found.snapshot(1_020) | {"bids": [["3400.0", "1"]], "asks": [["3401.0", "1"]]} | then
    report = ingest([write(tmp_path / "eth.json", foreign), update], tmp_path / "store", symbol="XYZBTC")
    assert {Path(r.path).name: r.status for r in report.sources} == {
        "eth.json": "failed",
        "update.json": "ok",
    }
    assert "prices near 3400" in report.errors[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipe__is_not_opened_to_see_what_belongs_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    update = write(tmp_path / "update.json", market().diffs)
    opened: list[str] = []
    monkeypatch.setattr("liqmap.ingestion.joining.RawFile", lambda path: opened.append(str(path)))
    assert not joins([str(tmp_path / "pipe"), str(update)], Hints(), None).joined
    assert opened == [str(update)]
