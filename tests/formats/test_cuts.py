"""Messages of several lines: where a file is cut into chunks changes nothing, and lost lines are gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.formats.raw import packed_file
from tests.formats.bybit.lines import write_lines

US = 1_700_000_000_000_000
TARDIS = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount"
T_DEPTH = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu"
TABLE = "ts,seq,event,side,price,size"
MBO = "ts_recv,ts_event,publisher_id,instrument_id,action,side,price,size,order_id,flags,sequence,symbol"


def tardis(n: int, snapshot: bool, ask: bool, price: int) -> str:
    side = "ask" if ask else "bid"
    return f"bybit,X,{US + n},{US + n},{str(snapshot).lower()},{side},{price}.5,1"


def t_depth(n: int, snapshot: bool, ask: bool, price: int) -> str:
    kind, prev = ("snap", -1) if snapshot else ("set", n)
    return f"X,{US // 1000 + n},{n + 1},{n + 1},{'a' if ask else 'b'},{kind},{price}.5,1,{prev}"


def table(n: int, snapshot: bool, ask: bool, price: int) -> str:
    event = "snapshot" if snapshot else "update"
    return f"{US + n},{n + 1},{event},{'ask' if ask else 'bid'},{price}.5,1"


def mbo(n: int, snapshot: bool, ask: bool, price: int) -> str:
    flags, ns, side = 32 if snapshot else 0, (US + n) * 1000, "A" if ask else "B"
    return f"{ns},{ns},1,5,A,{side},{price}000000000,1,{100 * n + price + 50 * ask},{flags},{n + 1},X"


FORMATS = {
    "tardis-incremental": (TARDIS, tardis),
    "binance-t-depth": (T_DEPTH, t_depth),
    "tabular": (TABLE, table),
    "databento-csv": (MBO, mbo),
}


def lines(form: str, sizes: list[int], snapshots: set[int]) -> list[str]:
    """A header and messages of so many lines, bids before asks, the first of them a snapshot."""
    head, line = FORMATS[form]
    found = [head]
    for n, size in enumerate(sizes):
        snapshot = n == 0 or n in snapshots
        own = [line(n, snapshot, k >= (size + 1) // 2, 10 + k) for k in range(size)]
        if form == "databento-csv" and not snapshot:
            cells = own[-1].split(",")
            cells[9] = "128"  # F_LAST
            own[-1] = ",".join(cells)
        found += own
    return found


def told(path: Path) -> list[Any]:
    capture = lm.read(path, venue="kraken", symbol="X", mapping=None)
    report = capture.report
    return [capture.depth.to_pylist(), report.lost, report.rejected, report.sources[0].messages]


@pytest.mark.long
@settings(max_examples=40)
@given(
    form=st.sampled_from(sorted(FORMATS)),
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=6),
    snapshots=st.sets(st.integers(1, 5), max_size=2),
    broken=st.sets(st.integers(2, 18), max_size=4),
    chunk=st.integers(20, 400),
)
def test_cuts__anywhere_give_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    form: str,
    sizes: list[int],
    snapshots: set[int],
    broken: set[int],
    chunk: int,
) -> None:
    text = lines(form, sizes, snapshots)
    for at in sorted(broken & set(range(2, len(text)))):
        text[at] = "x" * 40
    path = write_lines(tmp_path_factory.mktemp("cuts") / "x.csv", text)
    whole = told(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed_file, "READ", 10)
        patch.setattr(raw, "FIRST_CHUNK", chunk)
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        assert told(path) == whole


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("later", [False, True])
def test_snapshot__without_its_first_lines_is_not_whole(tmp_path: Path, form: str, later: bool) -> None:
    """Its bids are lost: not known to be none."""
    text = lines(form, [4, 1, 4, 2], {2}) if later else lines(form, [4, 2], set())
    text[6:8] = text[1:3] = ["broken"] * 2
    if later:
        text[1:3] = lines(form, [4], set())[1:3]
    capture = lm.read(write_lines(tmp_path / "x.csv", text), venue="kraken", symbol="X")
    rows = [(r["event"], r["side"]) for r in capture.depth.to_pylist()]
    gap, last = ("gap", None), len(rows) - rows[::-1].index(("snapshot", "ask"))
    assert rows[last - 2 : last + 1] == [("snapshot", "ask"), ("snapshot", "ask"), gap]
    assert rows[: last - 2][-1:] == ([gap] if later else [])


@pytest.mark.parametrize("form", FORMATS)
def test_lost__line_at_the_end_is_a_gap(tmp_path: Path, form: str) -> None:
    text = [*lines(form, [4, 2], set()), "broken"]
    capture = lm.read(write_lines(tmp_path / "x.csv", text), venue="kraken", symbol="X")
    assert capture.depth["event"].to_pylist()[-1] == "gap"
    assert capture.report.sources[0].gaps == 1
