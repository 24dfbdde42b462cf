"""Tables of single orders: told by mapping, summed to levels, kept as they were told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.tabular.rows.order_rows import ACTIONS, places_of, scaled
from liqmap.schema import FormatError
from tests.formats.orders.plain import Told, book
from tests.formats.tabular.test_tabular import save

T0 = 1_700_000_000_000
MARKET = {"venue": "x", "symbol": "Y"}
ORDERS = {"layout": "orders"}
TOLD = ("action", "order_id", "side", "price", "size")


def table(events: list[Told], **more: list[Any]) -> pd.DataFrame:
    action, key, side, price, left = (list(column) for column in zip(*events))
    times = [T0 + 10 * n for n in range(len(events))]
    told = {"ts": times, "order_id": key, "action": action, "side": side}
    told |= {"price": [float(p) for p in price], "size": [float(s) for s in left]}
    return pd.DataFrame(told | more)


def levels_by_seq(capture: lm.Capture) -> list[dict[tuple[str, float], float]]:
    """The book after each message."""
    books: list[dict[tuple[str, float], float]] = []
    last = None
    for row in capture.depth.to_pylist():
        assert row["event"] in ("update", "heard")
        if row["seq"] != last:
            books.append(dict(books[-1]) if books else {})
        last = row["seq"]
        if row["side"] is not None:
            books[-1][row["side"], row["price"]] = row["size"]
    return [{key: size for key, size in one.items() if size} for one in books]


def one(action: str, key: int, side: str, price: str, left: str) -> Told:
    return Told(action, key, side, Decimal(price), Decimal(left))


events = st.builds(
    one,
    st.sampled_from(["add", "add", "modify", "cancel", "delete"]),
    st.integers(1, 4),
    st.sampled_from(["bid", "ask"]),
    st.sampled_from(["100", "100.25", "101.5"]),
    st.sampled_from(["0", "0.1", "0.2", "12.345678"]),
)
HISTORY = [
    one("add", 1, "bid", "100", "0.1"),
    one("add", 2, "bid", "100", "0.2"),
    one("add", 3, "ask", "101.5", "2"),
    one("modify", 2, "bid", "100.25", "0.15"),
    one("cancel", 3, "ask", "101.5", "0.5"),
    one("delete", 1, "bid", "100", "0.1"),
]


@settings(max_examples=25)
@given(history=st.lists(events, min_size=1, max_size=15))
def test_levels__are_the_sums_of_the_orders(history: list[Told]) -> None:
    capture = lm.read(table(history), mapping=ORDERS, **MARKET)
    assert levels_by_seq(capture) == [book(history[:n]) for n in range(1, len(history) + 1)]
    rows = capture.orders.to_pylist()
    assert [row["order_id"] for row in rows] == [event.order_id for event in history]
    words = [[str(row[n]) if n in ("price", "size") else row[n] for n in TOLD] for row in rows]
    kept = [one(*told) for told in words]
    assert book(kept) == book(history), "what is kept sums to the same book"
    assert (capture.meta.feed, capture.meta.window_policy, capture.meta.depth_limit) == ("mbo", "full", None)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.arrow"])
def test_ingest__keeps_orders_and_the_book(tmp_path: Path, name: str) -> None:
    path = save(table(HISTORY), tmp_path / name)
    report = lm.ingest(path, store=tmp_path / "store", mapping=ORDERS, **MARKET)
    assert report.exit_code == 0, report.errors
    assert [(s.kind, s.rows) for s in report.sources] == [("depth", 7), ("orders", 6)]
    session = lm.open_store(tmp_path / "store").session("x", "Y")
    rows = [(r["action"], r["order_id"], r["size"]) for r in session.orders().to_pylist()]
    assert rows == [
        ("add", 1, 0.1), ("add", 2, 0.2), ("add", 3, 2.0), ("modify", 2, 0.15), ("cancel", 3, 0.5),
        ("cancel", 1, 0.1),
    ]  # fmt: skip
    resting = session.book(T0 + 49).set_index(["side", "price"])["size"].to_dict()
    assert resting == {("bid", 100.0): 0.1, ("bid", 100.25): 0.15, ("ask", 101.5): 1.5}


def test_mapping__names_columns_and_the_unit_of_sizes(tmp_path: Path) -> None:
    """As `orders.csv.xz` of obAnalytics has them, which is also known by its columns."""
    lines = [
        "id,timestamp,exchange.timestamp,price,volume,action,direction",
        f"7,{T0},{T0 - 500},236.47,200000000,created,bid",
        f"7,{T0 + 5},{T0 - 500},236.47,178855669,changed,bid",
        f"8,{T0 + 9},{T0 - 400},236.67,671355612,created,ask",
        f"7,{T0 + 9},{T0 - 500},236.47,0,deleted,bid",
        f"8,{T0 + 9},{T0 - 400},236.67,671355611,deleted,ask",
    ]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines) + "\n")
    mapping = ORDERS | {"order_id": "id", "ts": "timestamp", "size": "volume", "side": "direction"}
    mapped = lm.read(path, mapping=mapping | {"action": "action", "size_scale": "1e-8"}, **MARKET)
    known = lm.read(path, **MARKET)
    assert known.depth.equals(mapped.depth)
    assert known.orders.equals(mapped.orders)
    assert [row["size"] for row in known.orders.to_pylist()] == [2.0, 1.78855669, 6.71355612, 0.0, 6.71355612]
    assert levels_by_seq(known)[-1] == {}
    said = " ".join(map(str, known.report.notes))
    assert "1 deletes told another size than their order rested at" in said
    assert "events of obAnalytics" in said
    raw = lm.read(path, mapping=mapping | {"size_scale": "1"}, **MARKET)
    assert raw.orders["size"].to_pylist()[0] == 200_000_000


def test_seq__makes_rows_one_message(tmp_path: Path) -> None:
    rows = table(HISTORY, seq=[5, 5, 5, 9, 9, 12])
    capture = lm.read(save(rows, tmp_path / "a.csv"), mapping=ORDERS, **MARKET)
    assert list(dict.fromkeys(capture.depth["seq"].to_pylist())) == [5, 9, 12]
    assert levels_by_seq(capture) == [book(HISTORY[:n]) for n in (3, 5, 6)]
    assert capture.orders["seq"].to_pylist() == [5, 5, 5, 9, 9, 12]
    assert capture.report.table["gaps"][0] == 0


@pytest.mark.parametrize("numbered", [False, True])
def test_table__cut_anywhere(tmp_path: Path, numbered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(table(HISTORY, **({"seq": [5, 5, 5, 9, 9, 12]} if numbered else {})), tmp_path / "a.parquet")
    whole = lm.read(path, mapping=ORDERS, **MARKET)
    monkeypatch.setattr("liqmap.formats.tabular.pieces.ROWS", 2)
    parts = lm.read(path, mapping=ORDERS, **MARKET)
    assert parts.depth.equals(whole.depth)
    assert parts.orders.equals(whole.orders)


def test_events__that_cross_are_told() -> None:
    crossed = [HISTORY[5], HISTORY[0], HISTORY[5]]
    report = lm.read(table(crossed), mapping=ORDERS, **MARKET).report
    said = " ".join(map(str, report.notes))
    for told in ("1 creates came after", "1 orders were cancelled a second time", "1 cancels told of orders"):
        assert told in said


def test_cells__that_are_not_told_are_kept_from_before() -> None:
    more = [one("modify", 2, "bid", "100", "0.15"), one("delete", 1, "bid", "100", "0.1")]
    rows = table([*HISTORY[:2], *more])
    rows.loc[2:, ["price", "side"]] = None
    rows.loc[3, "size"] = None
    capture = lm.read(rows, mapping=ORDERS, **MARKET)
    assert levels_by_seq(capture)[-1] == {("bid", 100.0): 0.15}
    last = capture.orders.to_pylist()[3]
    assert (last["price"], last["side"]) == (None, None)
    assert last["size"] == 0.1, "of a delete that says nothing, what it took away"


BAD = {
    "order_id": ("abc", "an order_id as a whole number"),
    "action": ("upset", "an action"),
    "side": ("middle", "side to be bid or ask"),
    "price": ("-1", "a positive price"),
    "size": ("-1", "a size of 0 or more"),
}


@pytest.mark.parametrize("column", BAD)
def test_row__that_is_none_is_rejected_and_a_gap(tmp_path: Path, column: str) -> None:
    rows = table(HISTORY * 400).astype(str)
    rows["order_id"], rows["action"] = rows.index.astype(str), "add"
    cell, why = BAD[column]
    rows.loc[2_300, column] = cell  # beyond the first rows, which say what a table is
    report = lm.read(save(rows, tmp_path / "a.parquet"), mapping=ORDERS, **MARKET).report
    ((_, line, reason),) = report.rejected
    assert line == 2_301
    assert f"expected {why}" in str(reason)
    assert report.table["gaps"][0] == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"action": ["executed"] * 6}, r"expected action to say add, .* delete, got 'executed'"),
        ({"ts": [T0 + 1000 - 200 * n for n in range(6)]}, r"rows in order of ts, got line \d earlier"),
        ({"seq": [1, 2, 3, 2, 4, 5]}, "expected rows in order of seq, got line 4 earlier"),
    ],
)
def test_table__that_gives_no_book_is_refused(change: dict[str, list[Any]], why: str) -> None:
    with pytest.raises(FormatError, match=why):
        lm.read(table(HISTORY, **change), mapping=ORDERS, **MARKET)


@pytest.mark.parametrize("scale", ["0", "-1", "x", "nan"])
def test_scale__that_is_none_is_refused(scale: str) -> None:
    with pytest.raises(FormatError, match="expected size_scale as a number"):
        lm.read(table(HISTORY), mapping=ORDERS | {"size_scale": scale}, **MARKET)


def test_scale__is_of_orders_alone() -> None:
    rows = table(HISTORY).drop(columns=["order_id", "action"])
    with pytest.raises(FormatError, match="expected size_scale of a table of orders, got one of updates"):
        lm.read(rows, mapping={"layout": "updates", "size_scale": "1e-8"}, **MARKET)


def test_table__lacking_a_column_says_which() -> None:
    rows = table(HISTORY).drop(columns=["order_id"])
    with pytest.raises(FormatError, match="expected a column for order_id of orders"):
        lm.read(rows, mapping=ORDERS, **MARKET)


def test_table__of_orders_says_how_to_read_it() -> None:
    with pytest.raises(FormatError, match=r"of single orders .*layout.*orders"):
        lm.read(table(HISTORY), **MARKET)


def test_actions__mean_one_thing() -> None:
    assert len(ACTIONS) == len({word for word in ACTIONS if word == word.lower()})
    assert not {"fill", "filled", "execute", "executed", "trade", "match"} & ACTIONS.keys()


@given(units=st.integers(0, 10**15))
def test_scaled__is_the_decimal(units: int) -> None:
    assert scaled(np.array([float(units)]), "1e-8")[0] == float(Decimal(units).scaleb(-8))


@given(units=st.lists(st.integers(0, 10**9), min_size=1), places=st.integers(0, 8))
def test_places__are_enough(units: list[int], places: int) -> None:
    sizes = np.array([float(Decimal(u).scaleb(-places)) for u in units])
    found = places_of(sizes)
    assert found <= places
    assert all(round(size, found) == size for size in sizes)
