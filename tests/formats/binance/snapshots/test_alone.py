"""A REST snapshot saved alone, in whatever order its keys stand and however it is laid out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw.file import HEAD
from liqmap.schema import FormatError

pytestmark = pytest.mark.filterwarnings("error")

AT = 1_714_521_600_000
Row = tuple[int, int, str, float, float]

LAYOUTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "compact": lambda one: json.dumps(one, separators=(",", ":")),
    "on one line": json.dumps,
    "without a newline at the end": lambda one: json.dumps(one),
    "pretty": lambda one: json.dumps(one, indent=4),
    "pretty, with tabs": lambda one: json.dumps(one, indent="\t"),
    "pretty, not indented": lambda one: json.dumps(one, indent=0),
    "a key a line": lambda one: (
        "{" + ",\n ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in one.items()) + "}"
    ),
    "in a list": lambda one: json.dumps([one]),
    "in a pretty list": lambda one: json.dumps([one], indent=2),
    "Windows lines": lambda one: json.dumps(one, indent=2).replace("\n", "\r\n"),
    "as the WebSocket API answers": lambda one: json.dumps({"id": "a-1", "status": 200, "result": one}),
    "the same, pretty": lambda one: json.dumps({"result": one, "rateLimits": [{"limit": 6000}]}, indent=1),
    "after a mark and a blank line": lambda one: "\ufeff\n" + json.dumps(one, indent=2),
}


def book(levels: int, number: int = 77_001, mid: int = 20_000) -> dict[str, Any]:
    """A snapshot as USD-M sends it."""
    bids = [[f"{mid - k}.{k % 10}0", f"{k}.12500000"] for k in range(1, levels + 1)]
    asks = [[f"{mid + k}.{k % 10}0", f"{k}.37500000"] for k in range(1, levels + 1)]
    return {"lastUpdateId": number, "E": AT + 7, "T": AT + 4, "bids": bids, "asks": asks}


def plain(one: dict[str, Any]) -> list[Row]:
    """(ms, id, side, price, size) of every level, by the documented keys."""
    return sorted(
        (one["T"], one["lastUpdateId"], side, float(price), float(size))
        for side in ("bid", "ask")
        for price, size in one[f"{side}s"]
    )


def read_rows(path: Path, **hints: str) -> list[Row]:
    depth = lm.read(path, **hints).depth  # type: ignore[arg-type]
    assert depth is not None
    assert depth["event"].unique().to_pylist() == ["snapshot"]
    return sorted(
        (r["ts"].value // 10**6, r["seq"], r["side"], r["price"], r["size"]) for r in depth.to_pylist()
    )


ORDERS = {
    "levels first": ("bids", "asks", "lastUpdateId", "E", "T"),
    "asks first": ("asks", "bids", "T", "E", "lastUpdateId"),
    "sorted": ("E", "T", "asks", "bids", "lastUpdateId"),
    "times first": ("T", "E", "lastUpdateId", "asks", "bids"),
    "id between": ("bids", "lastUpdateId", "asks", "T", "E"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("levels", [1, 60])
def test_a_snapshot_alone__is_read(tmp_path: Path, order: str, layout: str, levels: int) -> None:
    whole = book(levels)
    path = tmp_path / "book.json"
    path.write_text(LAYOUTS[layout]({key: whole[key] for key in ORDERS[order]}), newline="")
    assert read_rows(path, symbol="ETHUSDT", venue="binance-futures") == plain(whole)


EXTRA: list[tuple[str, Any]] = [
    ("symbol", "ETHUSDT"),
    ("pair", "ETHUSDT"),
    ("code", 200),
    ("msg", None),
    ("success", True),
    ("note", 'a "quoted" \\ word, {not} [brackets]'),
    ("weights", [1, [2, {"used": 3}]]),
    ("headers", {"x-mbx-used-weight": "20", "bids": []}),
]


@given(
    extra=st.lists(st.sampled_from(EXTRA), unique_by=lambda pair: pair[0]),
    indent=st.sampled_from([None, 0, 2]),
    data=st.data(),
)
def test_a_snapshot_alone__whatever_stands_beside_it(
    tmp_path_factory: pytest.TempPathFactory,
    extra: list[tuple[str, Any]],
    indent: int | None,
    data: st.DataObject,
) -> None:
    whole = book(3) | dict(extra)
    order = data.draw(st.permutations(list(whole)))
    path = tmp_path_factory.mktemp("in") / "book.json"
    path.write_text(json.dumps({key: whole[key] for key in order}, indent=indent))
    assert read_rows(path, symbol="ETHUSDT", venue="binance-futures") == plain(whole)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_snapshot_alone__without_a_time_says_what_is_missing(tmp_path: Path, layout: str) -> None:
    """Spot's has none: it is known, and refused for that alone."""
    path = tmp_path / "ETHUSDT.json"
    spot = {key: book(5)[key] for key in ("asks", "bids", "lastUpdateId")}
    path.write_text(LAYOUTS[layout](spot), newline="")
    with pytest.raises(FormatError, match="expected a time with the snapshot, or the file of its diffs"):
        lm.read(path)


def test_a_snapshot_alone__of_another_symbol_than_asked_for_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text(json.dumps({"bids": [["1", "2"]], "symbol": "BTCUSD_PERP"} | book(4)))
    with pytest.raises(FormatError, match="BTCUSD_PERP"):
        lm.read(path, symbol="ETHUSD_PERP")


def diff(number: int, after: int, **more: object) -> dict[str, Any]:
    """A diff of one id that follows another one."""
    times = {"e": "depthUpdate", "E": AT + 100 * (number - after), "T": AT + 100 * (number - after) - 2}
    ids = {"s": "ETHUSDT", "U": number, "u": number, "pu": number - 1}
    return times | ids | {"b": [["19999.10", f"{number - after}.5"]], "a": []} | more


@pytest.mark.long
@pytest.mark.parametrize("order", ORDERS)
def test_five_thousand_levels__are_more_than_the_head(tmp_path: Path, order: str) -> None:
    """Nothing after them is among the first bytes: neither their id, nor the diffs, nor the symbol."""
    whole = book(5_000)
    line = json.dumps({key: whole[key] for key in ORDERS[order]})
    assert len(line) > HEAD
    path = tmp_path / "book.json"
    for text in (line, line + "\n", json.dumps(whole, indent=1), f'{{"id": 7, "result": {line}}}'):
        path.write_text(text)
        assert read_rows(path, symbol="ETHUSDT", venue="binance-futures") == plain(whole)
    diffs = [diff(77_001 + k, 77_001) for k in (1, 2, 3)]
    together = tmp_path / "all.ndjson"
    together.write_text("".join(f"{text}\n" for text in (line, *map(json.dumps, diffs))))
    capture = lm.read(together)
    assert capture.depth is not None
    found = [(r["event"], r["seq"]) for r in capture.depth.to_pylist()]
    assert found == [("snapshot", 77_001)] * 10_000 + [("update", 77_001 + k) for k in (1, 2, 3)]
    assert (capture.meta.symbol, capture.meta.venue) == ("ETHUSDT", "binance-futures")
    apart = [tmp_path / "a" / name for name in ("book.json", "diffs.ndjson")]
    apart[0].parent.mkdir()
    apart[0].write_text(line)
    apart[1].write_text("".join(json.dumps(one) + "\n" for one in diffs))
    report = lm.ingest(apart, store=tmp_path / "store", progress=False)
    rows = sorted((row.status, row.messages, row.gaps) for row in report.sources)
    assert rows == [("ok", 1, 0), ("ok", 3, 0)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("indent", [None, 0, 3])
def test_asked_for_again__are_books_one_by_one(tmp_path: Path, order: str, indent: int | None) -> None:
    """One after the other in a file, as a shell's ``>>`` leaves them."""
    books = [book(4, number=100 + k) | {"T": AT + 500 * k, "E": AT + 500 * k + 3} for k in range(3)]
    path = tmp_path / "ETHUSDT_books.json"
    texts = [json.dumps({key: one[key] for key in ORDERS[order]}, indent=indent) for one in books]
    for wanted in (texts, [f'{{"id": 1,\n"result": {text}}}' for text in texts]):
        path.write_text("\n".join(wanted) + "\n")
        assert read_rows(path, venue="binance-futures") == sorted(row for one in books for row in plain(one))
