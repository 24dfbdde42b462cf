"""A real day: the book of its orders against a plain one, and against the books told beside them."""

from __future__ import annotations

import bz2
import json
import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm

LINES = int(os.environ.get("LIQMAP_L3_LINES", "6000"))
"""Lines of the day that are read; ``LIQMAP_L3_LINES=0`` reads all, which takes some minutes."""

Level = tuple[str, Decimal]


@pytest.fixture(scope="module")
def path(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole = real_data / "l3-bitstamp-2015" / "2015-05-01.log.bz2"
    if not whole.exists():
        pytest.skip(f"no {whole}")
    if not LINES:
        return whole
    part = tmp_path_factory.mktemp("l3") / "2015-05-01.log"
    with bz2.open(whole, "rb") as file:
        part.write_bytes(b"".join(islice(file, LINES)))
    return part


def told(path: Path) -> Iterator[tuple[int, str, dict[str, Any]]]:
    with (bz2.open if path.suffix == ".bz2" else open)(path, "rt") as file:  # type: ignore[operator]
        for line in file:
            ms, kind, text = line.split(" ", 2)
            yield int(ms), kind, json.loads(text)


class Plain:
    """Orders in a dictionary, from the documentation of the venue alone."""

    def __init__(self) -> None:
        self.orders: dict[int, tuple[Level, Decimal]] = {}
        self.gone: set[int] = set()
        self.levels: Counter[Level] = Counter()
        self.counts: Counter[str] = Counter()

    def take(self, kind: str, data: dict[str, Any]) -> None:
        key, size = data["id"], Decimal(data["amount"])
        level = ("bid", "ask")[data["order_type"]], Decimal(data["price"])
        if key in self.gone:
            self.counts[kind] += 1
            return
        if key not in self.orders and kind != "order_created":
            self.counts["unknown " + kind] += 1
        if key in self.orders and kind == "order_created":
            self.counts["order_created"] += 1
            return
        self._put(key, None)
        if kind == "order_deleted":
            self.gone.add(key)
        else:
            self._put(key, (level, size))

    def _put(self, key: int, order: tuple[Level, Decimal] | None) -> None:
        if key in self.orders:
            level, size = self.orders.pop(key)
            self.levels[level] -= size  # type: ignore[assignment]
            if not self.levels[level]:
                del self.levels[level]
        if order is not None:
            self.orders[key] = order
            self.levels[order[0]] += order[1]  # type: ignore[assignment]


class Rests:
    """What older orders add to the sum at each price: what the book before showed there."""

    def __init__(self) -> None:
        self.known: dict[Level, Decimal] = {}
        self.older: set[Level] = set()
        self.predicted = self.books = 0

    def predict(self, levels: Counter[Level], data: dict[str, Any]) -> None:
        """Whether a book is the sum and these; one that shows an older price first is not judged."""
        shown = {(s, Decimal(p)): Decimal(n) for s in ("bid", "ask") for p, n in data[s + "s"]}
        worst = {s: (min if s == "bid" else max)(p for w, p in shown if w == s) for s in ("bid", "ask")}
        within = {k for k in levels.keys() | self.known.keys() if _is_within(k, worst)}
        before = {k: levels[k] + self.known.get(k, 0) for k in within | shown.keys()}
        rests = {k: shown.get(k, Decimal(0)) - levels[k] for k in before}
        new = {k for k in shown if k not in self.known and rests[k]}
        self.older |= new
        if not new:
            self.books += 1
            self.predicted += {k: n for k, n in before.items() if n} == shown
        self.known |= rests


def _is_within(level: Level, worst: dict[str, Decimal]) -> bool:
    side, price = level
    return price >= worst[side] if side == "bid" else price <= worst[side]


def compared(levels: Counter[Level], data: dict[str, Any]) -> str:
    """``agreed``, ``less`` (the sum has less than the venue tells, nowhere more), or ``more``."""
    shown = {(s, Decimal(p)): Decimal(n) for s in ("bid", "ask") for p, n in data[s + "s"]}
    worst = {s: (min if s == "bid" else max)(p for which, p in shown if which == s) for s in ("bid", "ask")}
    mine = {level: size for level, size in levels.items() if _is_within(level, worst)}
    if mine == shown:
        return "agreed"
    return "less" if all(shown.get(level, 0) >= size for level, size in mine.items()) else "more"


@pytest.mark.long
def test_day__sums_to_what_the_venue_told(path: Path, tmp_path: Path) -> None:
    report = lm.ingest(path, store=tmp_path / "store")
    assert report.exit_code == 0, report.errors
    session = lm.open_store(tmp_path / "store").session("bitstamp", "BTCUSD")
    assert session.feed == "mbo"
    plain, rests, verdicts, kinds = Plain(), Rests(), Counter(), Counter()
    rows = iter(session.depth().to_pylist())
    row, book, snapshot = next(rows, None), {}, None
    previous = 0
    for ms, kind, data in told(path):
        if ms > previous and kind == "order_book":  # all before this ms is read, and compared
            while row is not None and row["ts"].value < ms * 10**6:
                if row["event"] == "snapshot" and row["seq"] != snapshot:
                    book, snapshot = {}, row["seq"]
                if row["side"] is not None:
                    book[row["side"], row["price"]] = row["size"]
                if not row["size"]:
                    book.pop((row["side"], row["price"]), None)
                row = next(rows, None)
            assert book == {(s, float(p)): float(n) for (s, p), n in plain.levels.items()}, ms
        previous = ms
        kinds[kind] += 1
        if kind == "order_book":
            verdicts[compared(plain.levels, data)] += 1
            rests.predict(plain.levels, data)
        elif kind != "trade":
            plain.take(kind, data)
    orders = session.orders()
    assert orders.num_rows == sum(kinds[k] for k in ("order_created", "order_changed", "order_deleted"))
    assert session.trades().num_rows == kinds["trade"]
    said = " ".join(map(str, report.notes))
    assert f"{verdicts['agreed']:,} of {kinds['order_book']:,} books of the venue are what" in said
    assert f"{verdicts['less']:,} have more" in said
    assert f"{verdicts['more']:,} have less" in said
    assert "older than the log were told of" not in said, "no older order came out of the window"
    for what, count in (
        ("creates came after", plain.counts["order_created"]),
        ("were cancelled a second time", plain.counts["order_deleted"]),
        ("cancels told of orders that were not known", plain.counts["unknown order_deleted"]),
    ):
        assert (f"{count:,} {what}" in said or f"{count:,} orders {what}" in said) == (count > 0), what
    assert rests.predicted > 0.9 * rests.books
    if not LINES:
        assert (rests.predicted, rests.books, len(rests.older)) == (28_335, 29_930, 154)
        assert dict(verdicts) == {"agreed": 12_143, "less": 17_387, "more": 462}
        assert (orders.num_rows, kinds["trade"], kinds["order_book"]) == (242_524, 4_251, 29_992)


@pytest.mark.long
def test_books__are_as_they_were_told(path: Path, tmp_path: Path) -> None:
    depth = lm.read(path, feed="ob20").depth
    found: list[tuple[int, set[tuple[str, float, float]]]] = []
    last = None
    for row in depth.to_pylist():
        if row["seq"] != last:
            found.append((row["ts"].value // 10**6, set()))
        last = row["seq"]
        found[-1][1].add((row["side"], row["price"], row["size"]))
    expected = [
        (ms, {(s, float(p), float(n)) for s in ("bid", "ask") for p, n in data[s + "s"]})
        for ms, kind, data in told(path)
        if kind == "order_book"
    ]
    assert found == expected


@pytest.mark.long
def test_table__of_the_same_orders_agrees(real_data: Path, path: Path) -> None:
    """`orders.csv.xz` has the volumes of the first hours in 1e-8, cut, so some are 1e-8 low."""
    csv = real_data / "l3-bitstamp-2015" / "orders.csv.xz"
    mapping = {"layout": "orders", "order_id": "id", "ts": "timestamp", "size_scale": "1e-8"}
    mapping |= {"size": "volume", "side": "direction", "action": "action"}
    mapped = lm.read(csv, venue="bitstamp", symbol="BTCUSD", mapping=mapping)
    known = lm.read(csv, venue="bitstamp", symbol="BTCUSD")
    assert mapped.orders.equals(known.orders), "the table is known by its columns, too"
    assert mapped.depth.equals(known.depth)
    said = " ".join(known.report.notes)
    assert "5 creates came after" in said
    assert "21 orders were cancelled a second time" in said
    log = lm.read(path).orders.to_pandas()
    table = known.orders.to_pandas()
    both = log.merge(table, on=["ts", "order_id", "action", "side"], suffixes=("", "_cut"))
    begin, end = log.ts.min(), min(log.ts.max(), table.ts.max())
    assert len(both) >= table.ts.between(begin, end).sum() > 1_000
    assert (both.price == both.price_cut).all()
    low = both["size"] - both["size_cut"]
    assert ((low.abs() < 1e-12) | ((low - 1e-8).abs() < 1e-12)).all()
    assert 0.05 < (low.abs() > 1e-12).mean() < 0.11, "8 % of them are low"
