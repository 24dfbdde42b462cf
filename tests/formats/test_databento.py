"""Databento's market-by-order file against a book rebuilt from the vendor's own records."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.formats import Hints, RawFile
from liqmap.formats.databento import DatabentoDbn
from liqmap.schema import SNAPSHOT, FormatError

dbn = pytest.importorskip("databento_dbn")
NAME = "esh4-glbx-mdp3-20231225.mbo.dbn.zst"


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
