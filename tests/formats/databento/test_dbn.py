"""Databento's DBN files against plain dictionaries, and against the vendor's own records."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import Hints
from liqmap.formats.databento import dbn as reader
from liqmap.formats.databento.dbn import DatabentoDbn
from liqmap.formats.databento.mbo import COUNTS
from liqmap.formats.databento.records import LEVEL, SCHEMAS
from liqmap.formats.raw import RawFile
from liqmap.schema import SNAPSHOT, FormatError, Meta, depth_rows
from liqmap.store import ledger_entries

dbn = pytest.importorskip("databento_dbn")
from tests.formats.databento.written import ES, T, dbn_bytes, header, order, shown, trade, write  # noqa: E402

NAME = "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
LAST, BAD = dbn.F_LAST, dbn.F_MAYBE_BAD_BOOK


def messages(depth: pa.Table) -> list[tuple[str, dict]]:
    """(event, {(side, price): size}) of each message."""
    out: list[tuple] = []
    for r in depth.to_pylist():
        key = r["event"], r["seq"]
        if not out or out[-1][:2] != key:
            out.append((*key, {}))
        if r["side"]:
            assert (r["side"], r["price"]) not in out[-1][2]
            out[-1][2][r["side"], r["price"]] = r["size"]
    return [(event, levels) for event, _, levels in out]


# ------------------------------------------------------------------ market by order


class Plain:
    """A book of orders in dictionaries, from the documentation alone."""

    def __init__(self) -> None:
        self.orders: dict[int, tuple[str, float, int]] = {}
        self.counts: Counter = Counter()

    def levels(self) -> Counter:
        out: Counter = Counter()
        for side, price, size in self.orders.values():
            out[{"B": "bid", "A": "ask"}[side], price] += size
        return Counter({k: v for k, v in out.items() if v})

    def take(self, r: Any) -> None:
        side, price = str(r.side), r.price / 10**9
        if r.action == "R":
            self.orders = {}
        elif r.action == "C":
            if r.order_id not in self.orders:
                self.counts["unknown_cancels"] += 1
                return
            *at, have = self.orders.pop(r.order_id)
            self.counts["oversized_cancels"] += r.size > have
            if have > r.size:
                self.orders[r.order_id] = (*at, have - r.size)
        elif r.action in ("A", "M"):
            if r.flags & dbn.F_TOB:
                self.orders = {k: o for k, o in self.orders.items() if o[0] != side}
                if r.price == dbn.UNDEF_PRICE:
                    return
            known = r.order_id in self.orders
            self.counts["repeated_adds"] += known and r.action == "A"
            self.counts["unknown_modifies"] += not known and r.action == "M"
            self.orders[r.order_id] = (side, price, r.size)


def plain_messages(records: list) -> tuple[list[tuple[str, dict]], Counter]:
    book, out, pending, flagged, bad = Plain(), [], False, False, False
    before: Counter = Counter()
    for i, r in enumerate(records):
        if r.flags & dbn.F_SNAPSHOT and not (i and records[i - 1].flags & dbn.F_SNAPSHOT):
            book.orders, pending = {}, True
        pending |= r.action == "R"
        book.take(r)
        flagged |= bool(r.flags & BAD)
        within = r.flags & dbn.F_SNAPSHOT and i + 1 < len(records) and records[i + 1].flags & dbn.F_SNAPSHOT
        if within or not (r.flags & (LAST | dbn.F_SNAPSHOT) or i + 1 == len(records)):
            continue
        if flagged and not bad:
            out.append(("gap", {}))
        bad, flagged = flagged, False
        now = book.levels()
        if pending and now:
            out.append(("snapshot", dict(now)))
            pending = False
        else:
            changed = {k: now[k] for k in now | before if now[k] != before[k]}
            out += [("update", changed)] if changed else []
        before = now
    return out, book.counts


@st.composite
def st_orders(draw: st.DrawFn) -> list:
    out = []
    for n in range(draw(st.integers(1, 40))):
        action = draw(st.sampled_from("AAAACCMMTFNR" if n else "AAR"))
        flags = draw(st.sampled_from([0, LAST, LAST, LAST | BAD, BAD, dbn.F_SNAPSHOT | LAST, dbn.F_SNAPSHOT]))
        if draw(st.integers(0, 9)) == 0:
            flags |= dbn.F_TOB
        side = draw(st.sampled_from("BA"))
        price = 100.0 + draw(st.integers(0, 4)) / 4
        if flags & dbn.F_TOB and action in "AM" and draw(st.booleans()):
            price = None
        out.append(order(n, action, side, price, draw(st.integers(1, 3)), draw(st.integers(1, 6)), flags))
    return out


@given(records=st_orders(), block=st.sampled_from([150, 600, 10_000]))
def test_mbo__messages_are_those_of_a_plain_book(tmp_path_factory: Any, records: list, block: int) -> None:
    path = write(tmp_path_factory.mktemp("dbn") / "x.dbn", dbn_bytes("mbo", records))
    expected, counts = plain_messages(records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "CHUNK", block)
        patch.setattr("liqmap.formats.raw.packed_file.READ", block)
        patch.setattr("liqmap.formats.databento.mbo.FEW", 4)
        read = DatabentoDbn(RawFile(path), Hints())
        found, told = [], Counter()
        for batch in read.batches():
            assert not batch.rejected
            told.update(batch.counts)
            if (d := batch.depth) is not None:
                for i, event in enumerate(d.event.tolist()):
                    at = slice(d.rows[i], d.rows[i + 1])
                    side = [("bid", "ask")[s] for s in d.side[at]]
                    found.append(
                        (("update", "snapshot", "gap")[event], dict(zip(zip(side, d.price[at]), d.size[at])))
                    )
    if not any(r.flags & LAST for r in records):  # then a time is a message: another test
        return
    assert found == expected
    assert {k: v for k, v in told.items() if v and k in dict.fromkeys(counts)} == +counts
    assert told["maybe_bad_book"] == sum(bool(r.flags & BAD) for r in records)


def test_mbo__orders_are_every_record_that_says_something(tmp_path: Path) -> None:
    records = [
        order(0, "R", flags=0), order(1, "A", "B", 100.0, 5, 2**64 - 2), order(2, "T", "A", 100.0, 2),
        order(3, "F", "B", 100.0, 2, 2**64 - 2), order(4, "C", "B", 100.0, 2, 2**64 - 2), order(5, "N"),
        order(6, "M", "B", 99.75, 1, 2**64 - 2), order(7, "T", "N", 100.0, 1, flags=LAST | dbn.F_BAD_TS_RECV),
    ]  # fmt: skip
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes("mbo", records)))
    assert capture.orders.schema.equals(lm.schema.ORDERS)
    names = {"A": "add", "C": "cancel", "M": "modify", "T": "trade", "F": "fill", "R": "clear"}
    sides = {"B": "bid", "A": "ask", "N": None}
    expected = [
        (r.ts_event, None if r.flags & dbn.F_BAD_TS_RECV else r.ts_recv, r.sequence, r.order_id,
         names[str(r.action)], sides[str(r.side)], None if r.price == dbn.UNDEF_PRICE else r.price / 10**9,
         r.size)
        for r in records if str(r.action) != "N"
    ]  # fmt: skip
    rows = [tuple(r.values()) for r in capture.orders.to_pylist()]
    assert [(r[0].value, r[1] and r[1].value, *r[2:]) for r in rows] == expected
    assert Meta.from_metadata(capture.orders.schema.metadata).symbol == "ESH4"
    assert capture.trades["aggressor"].to_pylist() == ["sell", None]
    assert capture.trades["id"].to_pylist() == ["102", "107"]


def test_what_does_not_fit_the_book_is_told(tmp_path: Path) -> None:
    records = [
        order(0, "A", "B", 100.0, 5, 1), order(1, "C", "B", 100.0, 2, 9), order(2, "M", "A", 101.0, 1, 3),
        order(3, "A", "B", 100.0, 4, 1), order(4, "C", "A", 101.0, 7, 3, LAST | BAD),
    ]  # fmt: skip
    path = write(tmp_path / "x.dbn.zst", dbn_bytes("mbo", records), packed=True)
    report = lm.ingest(path, store=tmp_path / "store", progress=False)
    assert report.exit_code == 0
    for what in (
        "1 cancels of orders",
        "1 modifies",
        "1 orders were added again",
        "1 cancels of more",
        "1 records",
    ):
        assert any(f"x.dbn.zst: {what}" in note for note in report.notes), what
    assert report.gaps["reason"].tolist() == ["maybe bad book"]
    ((_, kept),) = ledger_entries(tmp_path / "store")
    counts = {k: v for k, v in kept["told"]["counts"].items() if v}
    assert counts == dict.fromkeys((*COUNTS, "maybe_bad_book"), 1)
    folders = [p.name for p in (tmp_path / "store").iterdir() if not p.name.startswith(".")]
    assert sorted(folders) == ["depth", "orders"]


def test_mbo__without_the_flag_that_ends_events_a_time_is_a_message(tmp_path: Path) -> None:
    records = [
        order(0, "A", "B", 100.0, 5, 1, 0, ts=T), order(1, "A", "B", 100.0, 2, 2, 0, ts=T),
        order(2, "C", "B", 100.0, 5, 1, 0, ts=T + 1),
    ]  # fmt: skip
    path = write(tmp_path / "x.dbn", dbn_bytes("mbo", records))
    for most in (1, 1 << 17):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("liqmap.formats.databento.rows.UNENDED", most)
            capture = lm.read(path)
        expected = [("update", {("bid", 100.0): 7.0}), ("update", {("bid", 100.0): 2.0})]
        assert messages(capture.depth) == expected
    assert any("F_LAST" in note for note in capture.report.notes)


@given(data=st.data())
def test_mbo__an_impossible_record_is_rejected_alone(tmp_path_factory: Any, data: st.DataObject) -> None:
    """Bytes of a record's body changed at will: its number is told, the others are as without it."""
    records = [order(n, "A", "B", 100.0 + n / 4, 1 + n, 1 + n) for n in range(6)]
    at = data.draw(st.integers(0, 5))
    body = bytearray(bytes(records[at]))
    where, value, why = data.draw(st.sampled_from([
        (slice(38, 39), b"X", "actions"), (slice(39, 40), b"N", "side"),
        (slice(24, 32), b"\xff" * 7 + b"\x7f", "price"),
        (slice(24, 32), b"\x00" * 7 + b"\x80", "price"), (slice(24, 32), (1).to_bytes(8, "little"), "ticks"),
    ]))  # fmt: skip
    body[where] = value
    raw = [bytes(body) if n == at else bytes(r) for n, r in enumerate(records)]
    path = write(tmp_path_factory.mktemp("dbn") / "x.dbn", header("mbo", {"ESH4": [ES]}) + b"".join(raw))
    capture = lm.read(path)
    kept = [r for n, r in enumerate(records) if n != at]
    (line,) = capture.report.rejected
    assert line[1] == at + 1
    assert why in line[2]
    assert capture.orders["order_id"].to_pylist() == [r.order_id for r in kept]


# ------------------------------------------------------------------ market by price


@st.composite
def st_books(draw: st.DrawFn, levels: int) -> list[tuple[int, list, list]]:
    """(ts, bids, asks): the best levels of a book that changes by one level at a time."""
    bids = {100.0 - i / 4: 1 + i for i in range(draw(st.integers(1, 14)))}
    asks = {100.25 + i / 4: 1 + i for i in range(draw(st.integers(1, 14)))}
    out, ts = [], T
    for _ in range(draw(st.integers(1, 25))):
        for _ in range(draw(st.integers(1, 4))):
            side, first = draw(st.sampled_from([(bids, 100.0), (asks, 100.25)]))
            step = -1 if side is bids else 1
            price = first + step * draw(st.integers(0, 15)) / 4
            size = draw(st.integers(0, 3))
            if size:
                side[price] = size
            elif len(side) > 1:
                side.pop(price, None)
        ts += draw(st.integers(1, 3))
        best = sorted(bids.items(), reverse=True)[:levels], sorted(asks.items())[:levels]
        out.append((ts, *best))
    return out


def as_snapshots(books: list[tuple[int, list, list]], levels: int) -> pa.Table:
    """The same books, each written out whole, unless it is as before."""
    told = [b for i, b in enumerate(books) if i == 0 or b[1:] != books[i - 1][1:]]
    rows = [
        (ts, n, side, p, s) for n, (ts, *sides) in enumerate(told) for side in (0, 1) for p, s in sides[side]
    ]
    ts, seq, side, price, size = (np.array(c) for c in zip(*rows))
    batch = depth_rows(
        ts, np.full(len(ts), lm.schema.MISSING), seq, np.full(len(ts), SNAPSHOT, np.int8),
        side.astype(np.int8), price, size.astype(float),
    )  # fmt: skip
    meta = Meta(
        venue="v", symbol="s", tick_size=0.25, depth_limit=levels, window_policy="snapshots"
    ).to_metadata()
    return pa.Table.from_batches([batch]).replace_schema_metadata(meta)


@pytest.mark.parametrize("levels", [1, 10])
@given(data=st.data(), block=st.sampled_from([500, 1_500, 100_000]))
def test_mbp__changes_alone_replay_to_what_whole_books_do(
    tmp_path_factory: Any, levels: int, data: st.DataObject, block: int
) -> None:
    books = data.draw(st_books(levels))
    flags = data.draw(st.sampled_from([0, LAST]))
    records = [shown(n, *b[1:], levels=levels, ts=b[0], flags=flags) for n, b in enumerate(books)]
    path = write(tmp_path_factory.mktemp("dbn") / "x.dbn", dbn_bytes(f"mbp-{levels}", records))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "CHUNK", block)
        patch.setattr("liqmap.formats.raw.packed_file.READ", block)
        capture = lm.read(path, tick_size=0.25)
    assert (capture.meta.feed, capture.meta.depth_limit, capture.meta.window_policy) == (
        f"mbp{levels}", levels, "top_n",
    )  # fmt: skip
    ours, theirs = lm.replay(capture.depth), lm.replay(as_snapshots(books, levels))
    assert ours.to_arrow().to_pylist() == theirs.to_arrow().to_pylist()
    assert ours.window.to_pylist() == theirs.window.to_pylist()
    found = messages(capture.depth)
    assert [event for event, _ in found] == ["snapshot"] + ["update"] * (len(found) - 1)
    book: dict = {}
    for (_, changed), (_, bids, asks) in zip(
        found, [b for i, b in enumerate(books) if i == 0 or b[1:] != books[i - 1][1:]], strict=True
    ):
        assert all(book.get(k, 0.0) != v for k, v in changed.items())
        book |= changed
        assert {k: v for k, v in book.items() if v} == {("bid", p): s for p, s in bids} | {
            ("ask", p): s for p, s in asks
        }


@pytest.mark.parametrize("far", [1_703_462_400.0, 900_000_000.25])
@pytest.mark.parametrize("at", [0, 3])
def test_mbp__a_far_level_costs_itself_alone(tmp_path: Path, far: float, at: int) -> None:
    """The book of the others stands, without a gap, though the far ask is shown again and again."""
    bids = [(100.0 - k / 4, 3 + k) for k in range(9)]
    asks = [(100.25 + k / 4, 2 + k) for k in range(9)]
    one, other = [], []
    for n in range(9):
        sides, is_far = (bids[: 8 + n % 2], asks[: 8 - n % 2]), n >= at
        other.append(shown(n, *sides, levels=10, ts=T + n))
        more = [*sides[1], *([(far, 1)] if is_far else [])]
        one.append(shown(n, sides[0], more, levels=10, ts=T + n, price=far if is_far else 100.0))
    capture, plain = (
        lm.read(write(tmp_path / f"{k}.dbn", dbn_bytes("mbp-10", records)))
        for k, records in enumerate((one, other))
    )
    assert capture.depth.to_pylist() == plain.depth.to_pylist()
    assert len(capture.report.rejected) == 9 - at
    assert len(capture.report.gaps) == 0


def test_a_tick_size_that_is_no_whole_unit(tmp_path: Path) -> None:
    path = write(tmp_path / "x.dbn", dbn_bytes("mbo", [order(0, "A", "B", 0.25, 1, 1)]))
    capture = lm.read(path, tick_size=0.25e-9)
    assert capture.depth["price"].to_pylist() == [0.25]


def test_mbp__a_message_is_an_event(tmp_path: Path) -> None:
    """Two records of one time without F_LAST are one message; a trade leaves the book as it is shown."""
    bid, ask = [(100.0, 3)], [(100.25, 2)]
    records = [
        shown(0, bid, ask, levels=1, flags=0, ts=T), shown(1, [(99.75, 1)], ask, levels=1, flags=0, ts=T),
        shown(2, bid, ask, levels=1, ts=T),
        shown(3, bid, ask, levels=1, action="T", flags=0, ts=T + 5, price=100.25),
        shown(4, bid, [(100.25, 1)], levels=1, action="C", ts=T + 5),
    ]  # fmt: skip
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes("mbp-1", records)))
    assert messages(capture.depth) == [
        ("snapshot", {("bid", 100.0): 3.0, ("ask", 100.25): 2.0}), ("update", {("ask", 100.25): 1.0}),
    ]  # fmt: skip
    assert capture.trades["price"].to_pylist() == [100.25]
    assert capture.orders is None


def test_mbp__missed_packets_are_a_gap_until_the_next_sound_record(tmp_path: Path) -> None:
    ask = [(100.25, 2)]
    books = [
        ([(100.0, 3)], LAST),
        ([(100.0, 4)], LAST | BAD),
        ([(100.0, 5)], LAST | BAD),
        ([(100.0, 6)], LAST),
    ]
    records = [shown(n, bid, ask, levels=1, flags=flags) for n, (bid, flags) in enumerate(books)]
    records += [shown(4, [], [], levels=1, action="R"), shown(5, [(99.0, 1)], [], levels=1)]
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes("mbp-1", records)))
    bid = ("bid", 100.0)
    assert messages(capture.depth) == [
        ("snapshot", {bid: 3.0, ("ask", 100.25): 2.0}), ("gap", {}), ("update", {bid: 4.0}),
        ("update", {bid: 5.0}),
        ("snapshot", {bid: 6.0, ("ask", 100.25): 2.0}), ("update", {bid: 0.0, ("ask", 100.25): 0.0}),
        ("update", {("bid", 99.0): 1.0}),
    ]  # fmt: skip
    assert any("2 records have the flag F_MAYBE_BAD_BOOK" in note for note in capture.report.notes)


def test_feeds_of_one_symbol_stand_side_by_side_in_a_store(tmp_path: Path) -> None:
    orders = [order(n, "A", "BA"[n % 2], 100.0 + n % 2, 1 + n, 1 + n) for n in range(6)]
    books = [shown(n, [(100.0, 1 + n)], [(101.0, 2)], levels=10) for n in range(3)]
    paths = [
        write(tmp_path / "a.dbn", dbn_bytes("mbo", orders)),
        write(tmp_path / "b.dbn", dbn_bytes("mbp-10", books)),
    ]  # fmt: skip
    assert lm.ingest(paths, store=tmp_path / "store", progress=False).exit_code == 0
    store = lm.open_store(tmp_path / "store")
    for feed, path in zip(("mbo", "mbp10"), paths):
        session = store.session("databento", "ESH4", feed=feed)
        assert session.depth().to_pylist() == lm.read(path).depth.to_pylist()
    assert session.book(session.depth()["ts"].to_pylist()[-1])["size"].tolist() == [3.0, 2.0]


@pytest.mark.parametrize("schema", ["trades", "tbbo"])
def test_trades__alone(tmp_path: Path, schema: str) -> None:
    if schema == "trades":
        records = [trade(n, "BAN"[n], 100.0 + n / 4, 1 + n) for n in range(3)]
    else:
        bid, ask = [(100.0, 1)], [(100.25, 1)]
        records = [
            shown(n, bid, ask, levels=1, action="T", side="BAN"[n], price=100.0 + n / 4, size=1 + n)
            for n in range(3)
        ]
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes(schema, records)))
    assert capture.depth is None
    rows = [(r["ts"].value, *list(r.values())[1:]) for r in capture.trades.to_pylist()]
    assert rows == [
        (T + n * 1_000, str(100 + n), ("buy", "sell", None)[n], 100.0 + n / 4, 1.0 + n, None)
        for n in range(3)
    ]
    assert capture.meta.tick_size == 0.25


# ------------------------------------------------------------------ files


@pytest.mark.parametrize(("schema", "record"), [
    ("mbo", order(1, "A", "B", 1.0, 2, 3)), ("mbp-1", shown(1, [(1, 2)], [(3, 4)], levels=1)),
    ("mbp-10", shown(1, [(1, 2)] * 10, [(3, 4)] * 10, levels=10)), ("trades", trade(1, "B", 1.0, 2)),
])  # fmt: skip
def test_layouts_are_the_vendors(schema: str, record: Any) -> None:
    rtype, layout = SCHEMAS[schema]
    (ours,) = np.frombuffer(bytes(record), layout)
    for name in layout.names or ():
        if name == "levels":
            for i, level in enumerate(record.levels):
                assert ours["levels"][i].item() == tuple(getattr(level, n) for n in LEVEL.names or ())
        elif name == "length":
            assert 4 * int(ours["length"]) == record.record_size()
        elif name in ("action", "side"):
            assert chr(ours[name]) == str(getattr(record, name))
        elif name == "rtype":
            assert ours[name] == rtype == record.rtype.value
        else:
            assert ours[name] == getattr(record, name), name


def test_records_of_other_kinds_are_left_out_and_told(tmp_path: Path) -> None:
    """As in the file of a live session: system messages between, no schema, a sending time with each."""
    first, second = order(0, "A", "B", 100.0, 5, 1), order(1, "A", "B", 100.0, 2, 2)
    system = bytes(dbn.SystemMsg(T, "Heartbeat"))
    data = header("mbo", {"ESH4": [ES]}) + bytes(first) + system + bytes(second) + system
    capture = lm.read(write(tmp_path / "x.dbn", data))
    assert capture.depth["size"].to_pylist() == [5.0, 7.0]
    assert any("2 records of type 23 were left out" in note for note in capture.report.notes)
    sent = [bytes([len(bytes(r)) // 4 + 2]) + bytes(r)[1:] + T.to_bytes(8, "little") for r in (first, second)]
    capture = lm.read(
        write(tmp_path / "y.dbn", header(None, {}, ts_out=True) + system + b"".join(sent)), symbol="ES"
    )
    assert capture.depth["size"].to_pylist() == [5.0, 7.0]
    assert (capture.meta.symbol, capture.meta.feed) == ("ES", "mbo")


def test_one_market_of_several(tmp_path: Path) -> None:
    records = [order(n, "A", "B", 100.0 + n, 1, 1 + n, instrument=(1, 2, 2)[n]) for n in range(3)]
    path = write(tmp_path / "x.dbn", dbn_bytes("mbo", records, {"ESH4": [1], "NQH4": [2]}))
    with pytest.raises(FormatError, match="ESH4, NQH4, got none"):
        lm.read(path)
    capture = lm.read(path, symbol="NQH4")
    assert capture.depth["price"].to_pylist() == [101.0, 102.0]
    assert any("1 records of other symbols" in note for note in capture.report.notes)


def test_a_continuous_symbol_begins_a_new_book_where_it_rolls(tmp_path: Path) -> None:
    records = [order(n, "A", "B", 100.0 + n, 1, 1, instrument=(1, 1, 2, 2)[n]) for n in range(4)]
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes("mbo", records, {"ES.c.0": [1, 2]})))
    assert messages(capture.depth)[-2:] == [
        ("snapshot", {("bid", 102.0): 1.0}), ("update", {("bid", 102.0): 0.0, ("bid", 103.0): 1.0}),
    ]  # fmt: skip
    books = [shown(n, [(100.0 + n, 1)], [], levels=1, instrument=(1, 1, 2)[n]) for n in range(3)]
    capture = lm.read(write(tmp_path / "y.dbn", dbn_bytes("mbp-1", books, {"ES.c.0": [1, 2]})))
    assert [event for event, _ in messages(capture.depth)] == ["snapshot", "update", "snapshot"]


def test_a_book_is_of_one_publisher(tmp_path: Path) -> None:
    records = [order(n, "A", "B", 100.0 + n, 1, 1 + n, publisher=(2, 2, 41)[n]) for n in range(3)]
    capture = lm.read(write(tmp_path / "x.dbn", dbn_bytes("mbo", records)))
    assert capture.depth["price"].to_pylist() == [100.0, 101.0]
    assert any("1 records of other publishers" in note for note in capture.report.notes)


def test_other_schemas_are_refused(tmp_path: Path) -> None:
    made = dbn.Metadata("GLBX.MDP3", T, dbn.SType.RAW_SYMBOL, dbn.SType.INSTRUMENT_ID, dbn.Schema.OHLCV_1S)
    with pytest.raises(FormatError, match=r"expected schema mbo, .*, got ohlcv-1s"):
        lm.read(write(tmp_path / "x.dbn", bytes(made)))


@given(cut=st.integers(1, 400))
@settings(max_examples=20)
def test_cut_anywhere__what_is_whole_is_kept_and_the_loss_told(tmp_path_factory: Any, cut: int) -> None:
    records = [order(n, "A", "B", 100.0 + n, 1, 1 + n) for n in range(10)]
    data = dbn_bytes("mbo", records)
    path = write(tmp_path_factory.mktemp("dbn") / "x.dbn", data[:-cut])
    capture = lm.read(path)
    whole, part = divmod(560 - cut, 56)
    assert capture.orders.num_rows == whole
    assert capture.report.exit_code == int(part > 0)
    assert [r[1] for r in capture.report.rejected] == [whole + 1] * (part > 0)


# ------------------------------------------------------------------ the real file


def records(path: Path) -> list:
    decoder = dbn.DBNDecoder()
    decoder.write(pa.input_stream(str(path), compression="zstd").read())
    return decoder.decode()[1:]


def test_real_file__level_book_equals_the_vendors_at_every_thousandth_record(real_data: Path) -> None:
    path = real_data / "databento" / NAME
    reader = DatabentoDbn(RawFile(path), Hints())
    messages = []
    for batch in reader.batches():
        d = batch.depth
        for i in range(len(d.seq)) if d else ():
            rows = slice(d.rows[i], d.rows[i + 1])
            levels = zip(d.side[rows].tolist(), d.price[rows].tolist(), d.size[rows].tolist())
            messages.append((int(d.line[i]), int(d.event[i]), list(levels)))
    ours: dict[tuple, float] = {}
    orders: dict[int, tuple] = {}
    taken = checked = 0
    owed = False
    for number, r in enumerate(records(path), 1):
        key = int(r.side == "A"), r.price / 10**9
        if r.action in ("A", "M"):
            orders[r.order_id] = (*key, r.size)
        elif r.action == "C" and r.order_id in orders:
            *at, have = orders.pop(r.order_id)
            if have > r.size:
                orders[r.order_id] = (*at, have - r.size)
        owed |= number % 1_000 == 0
        if not ((owed and r.flags & (dbn.F_LAST | dbn.F_SNAPSHOT)) or number == 68_792):
            continue
        if number < 8_725:  # within the snapshot, which is one message
            continue
        while taken < len(messages) and messages[taken][0] <= number:
            _, event, levels = messages[taken]
            ours = {} if event == SNAPSHOT else ours
            ours |= {(side, price): size for side, price, size in levels}
            taken += 1
        theirs: Counter = Counter()
        for side, price, have in orders.values():
            theirs[side, price] += have
        assert {k: v for k, v in ours.items() if v} == theirs, number
        owed, checked = False, checked + 1
    assert checked == 62  # one that closes the snapshot, the 60 thousands after it, the last record
    assert (number, taken) == (68_792, len(messages))
    assert reader.meta["depth"].tick_size == 0.25


def test_real_file__trades(real_data: Path) -> None:
    path = real_data / "databento" / NAME
    trades = lm.read(path).trades
    theirs = [r for r in records(path) if r.action == "T"]
    assert trades["size"].to_pylist() == [r.size for r in theirs]
    assert trades["price"].to_pylist() == [r.price / 10**9 for r in theirs]
    words = {"B": "buy", "A": "sell", "N": None}
    assert trades["aggressor"].to_pylist() == [words[str(r.side)] for r in theirs]


def test_truncated__is_reported(real_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.dbn.zst"
    path.write_bytes((real_data / "databento" / NAME).read_bytes()[:500_000])
    assert lm.read(path).report.exit_code == 1


@pytest.mark.parametrize(
    "head", [b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfdjunk", b"DBN", b"DBN\x09aaaa", b"DBN\x01\xff\0\0\0xx"]
)
def test_binary__is_told_in_one_line(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "x.dbn"
    path.write_bytes(head)
    with pytest.raises(FormatError) as error:
        lm.read(path)
    assert "\n" not in str(error.value)
