"""BitMEX's lines against a plain client of rows by id: what fits, what proves a loss, what is never
guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import FormatError
from tests.formats.bitmex.plain import Venue, at, client, line, row, trade
from tests.formats.bitmex.samples import SAMPLES
from tests.formats.bybit.lines import write_lines

pytestmark = pytest.mark.filterwarnings("error")

FIRST = [row(1, "Buy", 100, 99.5, 1_000), row(2, "Sell", 200, 100.5, 1_000)]
BEGIN = 1_699_999_980_000
"""ms: `at` of 0."""


def read(folder: Path, lines: list[str], **hints: Any) -> lm.Capture:
    return lm.read(write_lines(folder / "bitmex.txt", lines), **hints)


def rows_of(capture: lm.Capture) -> list[tuple[str, str, float, float]]:
    return [(r["event"], r["side"], r["price"], r["size"]) for r in capture.depth.to_pylist()]


def last_book(capture: lm.Capture) -> set[tuple[str, float, float]]:
    """What is observed after the last message."""
    spans = lm.replay(capture.depth)
    rows = [row for row in spans.to_arrow().to_pylist() if row["end"] is None]
    last = max(row["seen"] for row in rows)
    names = {"bid": "Buy", "ask": "Sell"}
    return {
        (names[row["side"]], round(row["tick"] * spans.tick_size, 6), row["size"])
        for row in rows
        if row["seen"] == last
    }


@given(
    seed=st.integers(0, 10_000),
    drop=st.lists(st.integers(1, 40), max_size=2),
    priced=st.booleans(),
    again=st.booleans(),
)
@settings(max_examples=40)
def test_stream__tells_what_a_plain_client_finds(
    tmp_path_factory: pytest.TempPathFactory, seed: int, drop: list[int], priced: bool, again: bool
) -> None:
    venue = Venue(seed, priced)
    lines = [venue.partial(), *(venue.step() for _ in range(40))]
    if again:
        lines += [venue.partial(), *(venue.step() for _ in range(5))]
    kept = [text for k, text in enumerate(lines) if k not in drop]
    capture = read(tmp_path_factory.mktemp("bitmex"), kept)
    wrong = client(kept)
    told = {gap.line: gap.reason for gap in capture.report.lost}
    if priced:
        assert capture.report.rejected == []
        assert [n for n, why in told.items() if why == "row that does not fit"] == wrong
    else:  # an id whose price was never told costs its line, which is a gap too
        assert {n for n, why in told.items() if why == "row that does not fit"} <= set(wrong)
        assert len(told) >= (1 if wrong and wrong[0] < len(kept) else 0)
    assert (capture.meta.window_policy, capture.meta.feed, capture.meta.size_unit) == (
        "full",
        "full",
        "contracts",
    )
    if not drop:
        assert sum(why != "sequence" for why in told.values()) == 0
        assert last_book(capture) == set(venue.rows.values())


def test_price__is_never_computed_from_an_id(tmp_path: Path) -> None:
    lines = [
        line("partial", FIRST),
        line("update", [row(1, "Buy", 50, None, 2_000)]),
        line("update", [row(8799473750, "Buy", 50, None, 3_000)]),
        line("delete", [row(2, "Sell", None, None, 4_000)]),
    ]
    capture = read(tmp_path, lines)
    assert rows_of(capture)[2] == ("update", "bid", 99.5, 50.0)
    assert rows_of(capture)[-1] == ("update", "ask", 100.5, 0.0)
    ((_, number, why),) = capture.report.rejected
    assert (number, "a row 8799473750 that was told before" in why) == (3, True)
    assert [gap.reason for gap in capture.report.lost] == ["broken line"]


@pytest.mark.parametrize(
    ("action", "odd"),
    [
        ("update", row(7, "Buy", 50, 98.0, 2_000)),
        ("update", row(1, "Sell", 50, 99.5, 2_000)),
        ("update", row(1, "Buy", 50, 98.0, 2_000)),
        ("delete", row(7, "Buy", None, 98.0, 2_000)),
        ("insert", row(1, "Buy", 50, 99.5, 2_000)),
    ],
)
def test_row__that_does_not_fit_is_a_gap_until_the_next_partial(
    tmp_path: Path, action: str, odd: dict[str, Any]
) -> None:
    later = [row(1, "Buy", 70, 99.5, 9_000), row(2, "Sell", 200, 100.5, 9_000)]
    lines = [
        line("partial", FIRST),
        line("update", [row(2, "Sell", 210, 100.5, 1_500)]),
        line(action, [odd]),
        line(action, [odd | {"timestamp": at(3_000)}]),
        line("partial", later),
        line("update", [row(2, "Sell", 90, 100.5, 9_500)]),
    ]
    capture = read(tmp_path, lines)
    assert [(gap.reason, gap.line) for gap in capture.report.lost] == [
        ("row that does not fit", 3),
        ("sequence", 5),
    ]
    window = [w["known"] for w in lm.replay(capture.depth).window.to_pylist() if w["side"] == "bid"]
    assert window == [True, False, True, False]


def test_time__is_that_of_arrival_where_rows_have_none(tmp_path: Path) -> None:
    """As before February 2022."""
    rows = [row(1, "Buy", 100, 99.5), row(2, "Sell", 200, 100.5)]
    change = [row(1, "Buy", 50)]
    for local in (f"{BEGIN} ", f"{BEGIN // 1_000}.000: ", f"{at(0)[:-1]}0000Z "):
        capture = read(
            tmp_path, [line("partial", rows, local=local), line("update", change, local=f"{BEGIN + 9} ")]
        )
        ts = {r["ts"].value // 10**6 - BEGIN for r in capture.depth.to_pylist()}
        assert ts == {0, 9}
        assert any("take that of their arrival" in note for note in capture.report.notes)
    with pytest.raises(FormatError, match="expected a `timestamp` in the rows, or a local time"):
        read(tmp_path, [line("partial", rows)])


def test_line__told_twice_changes_nothing(tmp_path: Path) -> None:
    venue = Venue(4)
    lines = [venue.partial(), *(venue.step() for _ in range(10))]
    once = read(tmp_path, lines)
    for k in range(1, 9):
        twice = read(tmp_path, [*lines[: k + 2], lines[k], *lines[k + 2 :]])
        if json.loads(lines[k])["data"][0]["timestamp"] < json.loads(lines[k + 1])["data"][0]["timestamp"]:
            assert rows_of(twice) == rows_of(once)
            assert twice.report.table.gaps.tolist() == [0]


def test_markets__of_one_capture_are_all_ingested(tmp_path: Path) -> None:
    ours, others = (
        SAMPLES["bitmex-book"].lines,
        [x.replace("XBTUSD", "ETHUSD") for x in SAMPLES["bitmex-book"].lines],
    )
    lines = [
        '{"info":"Welcome","version":"2"}',
        *(x for pair in zip(ours, others) for x in pair),
        "pong",
        trade(1, 5, 6),
    ]
    path = write_lines(tmp_path / "bitmex.txt", lines)
    for _ in range(2):
        report = lm.ingest(path, store=tmp_path / "store")
        table = report.table[report.table.kind == "depth"]
        assert table.symbol.tolist() == ["XBTUSD", "ETHUSD"]
        assert table.messages.tolist() == [7, 7]
        assert report.table.gaps.sum() == report.table.rejected.sum() == 0
    both = line(
        "update",
        [row(902, "Buy", 5, 1000.0, 8_000), row(902, "Buy", 6, 1000.0, 8_000) | {"symbol": "ETHUSD"}],
    )
    mixed = read(tmp_path, [*lines, both], symbol="ETHUSD")
    assert rows_of(mixed)[-1] == ("update", "bid", 1000.0, 6.0)


def test_trades__have_the_side_of_the_aggressor_or_none(tmp_path: Path) -> None:
    settled = "00000000-0000-0000-0000-000000000000"
    lines = [
        trade(1, 1000.5, 100),
        trade(2, 1000.0, 300, "Sell"),
        trade(3, 999.5, 5, None, settled),
        trade(1, 1000.5, 100),
    ]
    rows = read(tmp_path, lines).trades.to_pylist()
    assert [(r["aggressor"], r["price"], r["size"]) for r in rows] == [
        ("buy", 1000.5, 100.0),
        ("sell", 1000.0, 300.0),
        (None, 999.5, 5.0),
    ]
    assert [r["id"] is None for r in rows] == [False, False, True]


def test_levels__of_25_are_refused(tmp_path: Path) -> None:
    lines = [line("partial", FIRST, table="orderBookL2_25"), line("update", FIRST, table="orderBookL2_25")]
    with pytest.raises(FormatError, match="orderBookL2_25: a book of 25 levels that is told in parts"):
        read(tmp_path, lines)
    beside = read(tmp_path, [*SAMPLES["bitmex-book"].lines, *lines])
    assert any("2 lines of table orderBookL2_25 were left out" in note for note in beside.report.notes)


WRONG = {
    "[]": "expected a JSON object",
    "{}": "expected a `table`",
    line("x", []): "expected action partial",
    line("update", [5]): "expected `data` to be a list of rows",  # type: ignore[list-item]
    line("update", [{"id": 5}]): "expected rows with a `symbol`",
    line("update", [row(-1, "Buy", 5, 1.5, 0)]): "expected `id`",
    line("update", [row(901, "x", 5, 1.5, 0)]): "expected side Buy or Sell",
    line("update", [row(901, "Buy", None, 1.5, 0)]): "expected a positive size",
    line("insert", [row(9, "Buy", 5, None, 0)]): "expected a positive price",
    line("partial", [], filter={"symbol": "XBTUSD"}): "an empty book",
    line("delete", [row(9, "Buy")], table="trade"): "expected action partial or insert",
    trade(1, 5, 6, "x"): "expected side Buy or Sell",
    trade(1, 5, 6).replace('"trdMatchID":"', '"trdMatchID":5,"x":"'): "expected `trdMatchID`",
}


@pytest.mark.parametrize("text", WRONG)
def test_line__that_is_none_is_told(tmp_path: Path, text: str) -> None:
    lines = SAMPLES["bitmex-book"].lines
    capture = read(tmp_path, [*lines[:3], text, *lines[3:]])
    ((_, number, why),) = capture.report.rejected
    assert number == 4
    assert WRONG[text] in str(why)
    assert capture.report.table.gaps.tolist() == [1]
