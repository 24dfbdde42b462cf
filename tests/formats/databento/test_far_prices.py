"""A price that leaves no tick size for the others costs the order, level or trade that has it: no record is
missing, the book goes on without a gap, and what befalls such an order later leaves the others alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.databento import dbn as reader

dbn = pytest.importorskip("databento_dbn")
from tests.formats.databento.written import (  # noqa: E402
    ES,
    UNIT,
    T,
    csv_bytes,
    dbn_bytes,
    order,
    shown,
    trade,
    write,
)  # fmt: skip

FAR = (1_703_462_400.0, 900_000_000.25)
OPENING = [order(n, "A", "BA"[n % 2], 100.0 + n % 2 + n / 4, 2 + n, 1_000 + n) for n in range(12)]
"""Orders that say what a price is here."""

Told = tuple[str, str, float | None, int, int]
"""(action, side, price, size, order) of a record."""

st_told = st.tuples(
    st.sampled_from("AAACMMTF"),
    st.sampled_from("BA"),
    st.sampled_from([*[98.25 + k / 4 for k in range(8)], *FAR]),
    st.integers(1, 4),
    st.one_of(st.integers(1, 4), st.integers(1_000, 1_003)),
)


def plain_books(told: list[Told]) -> list[dict[tuple[str, float], int]]:
    """The sizes of all levels after each record, from orders in a dictionary; one at a far price is none."""
    orders = {r.order_id: (str(r.side), r.price / UNIT, r.size) for r in OPENING}
    books = []
    for action, side, price, size, key in told:
        if action in "AM":
            orders.pop(key, None)
            if price not in FAR:
                orders[key] = (side, price, size)
        elif action == "C" and key in orders:
            *at, have = orders.pop(key)
            if have > size:
                orders[key] = (*at, have - size)
        book: dict[tuple[str, float], int] = {}
        for side_of, price_of, rests in orders.values():
            level = {"B": "bid", "A": "ask"}[side_of], price_of
            book[level] = book.get(level, 0) + rests
        books.append(book)
    return books


def read_books(depth: Any) -> dict[int, dict[tuple[str, float], int]]:
    """The same by the time of each message."""
    book: dict[tuple[str, float], int] = {}
    found = {}
    for row in depth.to_pylist():
        assert row["event"] in ("update", "snapshot")
        book[row["side"], row["price"]] = row["size"]
        found[row["ts"].value] = {level: size for level, size in book.items() if size}
    return found


@given(told=st.lists(st_told, max_size=10), block=st.sampled_from([600, 100_000]), as_csv=st.booleans())
@example(told=[("A", "B", FAR[0], 3, 1), ("C", "B", FAR[0], 3, 1)], block=600, as_csv=False)
@example(told=[("M", "B", FAR[1], 2, 1_000), ("C", "B", 100.0, 1, 1_000)], block=600, as_csv=False)
@example(told=[("M", "A", FAR[0], 2, 1_001), ("M", "A", 99.0, 5, 1_001)], block=600, as_csv=True)
@example(told=[("C", "B", FAR[0], 1, 1_000), ("F", "B", FAR[0], 1, 1_002)], block=600, as_csv=False)
def test_mbo__the_book_is_that_of_the_other_orders(
    tmp_path_factory: pytest.TempPathFactory, told: list[Told], block: int, as_csv: bool
) -> None:
    records = OPENING + [order(20 + n, a, s, p, size, key) for n, (a, s, p, size, key) in enumerate(told)]
    data = dbn_bytes("mbo", records)
    folder = tmp_path_factory.mktemp("dbn")
    path = write(folder / "x.csv", csv_bytes(data)) if as_csv else write(folder / "x.dbn", data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "CHUNK", block)
        patch.setattr("liqmap.formats.raw.packed_file.READ", block)
        capture = lm.read(path)
    far = [n for n, (_, _, price, _, _) in enumerate(told) if price in FAR]
    first = 1 + len(OPENING) + as_csv
    assert [line for _, line, _ in capture.report.rejected] == [first + n for n in far]
    assert all("ticks" in why for _, _, why in capture.report.rejected)
    assert [row.gaps for row in capture.report.sources if row.kind == "depth"] == [0]
    assert capture.meta.tick_size == 0.25
    books, found = plain_books(told), read_books(capture.depth)
    before = found[OPENING[-1].ts_event]
    for n, book in enumerate(books):
        assert found.get(T + 1_000 * (20 + n), before) == book
        before = book
    trades = [price for action, _, price, _, _ in told if action == "T" and price not in FAR]
    assert (capture.trades["price"].to_pylist() if capture.trades else []) == trades
    words = {"A": "add", "C": "cancel", "M": "modify", "T": "trade", "F": "fill"}
    orders = [
        (words[action], key, None if price in FAR else price, float(size))
        for action, _, price, size, key in told
        if price not in FAR or action not in "AT"
    ]
    names = ("action", "order_id", "price", "size")
    assert [tuple(r[k] for k in names) for r in capture.orders.to_pylist()[len(OPENING) :]] == orders


def test_mbo__within_a_snapshot_and_within_an_event(tmp_path: Path) -> None:
    """The rest of the snapshot is the whole book; the rest of an event is a message."""
    whole = dbn.F_SNAPSHOT
    records = [
        order(0, "R", flags=whole),
        *(order(0, "A", "B", 100.0 - n / 4, 1 + n, n, whole, ts=T) for n in range(1, 6)),
        order(0, "A", "A", FAR[0], 4, 90, whole, ts=T),
        order(0, "A", "A", 101.0, 4, 91, whole | dbn.F_LAST, ts=T),
        order(9, "C", "A", FAR[0], 4, 90, 0), order(9, "A", "A", 101.0, 3, 92),
        order(10, "C", "B", 99.75, 2, 1),
    ]  # fmt: skip
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes("mbo", records)))
    assert [line for _, line, _ in capture.report.rejected] == [7, 9]
    assert len(capture.report.gaps) == 0
    rows = [(r["event"], r["side"], r["price"], r["size"]) for r in capture.depth.to_pylist()]
    assert sorted(rows[:6]) == sorted(
        [("snapshot", "bid", 100.0 - n / 4, 1.0 + n) for n in range(1, 6)] + [("snapshot", "ask", 101.0, 4.0)]
    )
    assert rows[6:] == [("update", "ask", 101.0, 7.0), ("update", "bid", 99.75, 0.0)]


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("schema", ["trades", "tbbo", "mbp-1", "mbp-10"])
@pytest.mark.parametrize("at", [0, 2, 5])
def test_trades__a_far_one_costs_itself_alone(tmp_path: Path, schema: str, at: int, far: float) -> None:
    """The levels that its record shows stand."""
    prices = [100.0 + n / 4 for n in range(6)]
    told = [far if n == at else price for n, price in enumerate(prices)]

    def read(of: list[float], name: str) -> Any:
        if schema == "trades":
            records = [trade(n, "B", price, 1 + n) for n, price in enumerate(of)]
        else:
            levels = {"mbp-10": 10}.get(schema, 1)
            books = [([(99.0, 1 + n)], [(103.0, 5 + n)]) for n in range(len(of))]
            records = [
                shown(n, *books[n], levels=levels, action="T", price=price, size=1 + n, instrument=ES)
                for n, price in enumerate(of)
            ]
        return lm.read(write(tmp_path / name, dbn_bytes(schema, records)))

    found, plain = read(told, "a.dbn"), read(prices, "b.dbn")
    assert [line for _, line, _ in found.report.rejected] == [1 + at]
    assert found.report.sources[0].gaps == 0
    rows = plain.trades.to_pylist()
    assert found.trades.to_pylist() == rows[:at] + rows[at + 1 :]
    if plain.depth is not None:
        assert found.depth.to_pylist() == plain.depth.to_pylist()
