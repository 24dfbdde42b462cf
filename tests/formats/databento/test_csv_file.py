"""Databento CSV files, as the vendor's encoder writes them, against the DBN files they were made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import detect
from liqmap.formats.raw import RawFile
from liqmap.schema import FormatError

dbn = pytest.importorskip("databento_dbn")
from tests.formats.databento.written import csv_bytes, dbn_bytes, order, shown, trade, write  # noqa: E402

MBO = [
    order(0, "R"), order(1, "A", "B", 100.0, 5, 2**64 - 2), order(2, "A", "A", -0.25, 3, 7, 0),
    order(3, "T", "N", 100.0, 2, flags=0), order(4, "F", "B", 100.0, 2, 2**64 - 2, 0),
    order(5, "C", "B", 100.0, 2, 2**64 - 2), order(6, "M", "A", 100.75, 1, 7),
]  # fmt: skip
BOOKS = [([(100.0, 5)], [(100.25, 1)]), ([(100.0, 4), (99.75, 1)], []), ([], [(100.5, 2)])]
FILES = {
    "mbo": MBO,
    "mbp-1": [shown(n, *b, levels=1, price=None if n == 2 else 1.0) for n, b in enumerate(BOOKS)],
    "mbp-10": [shown(n, *b, levels=10, action="AT"[n % 2]) for n, b in enumerate(BOOKS)],
    "tbbo": [shown(n, *b, levels=1, action="T") for n, b in enumerate(BOOKS)],
    "trades": [trade(n, "BAN"[n], 100.0 + n / 4, 1 + n) for n in range(3)],
}
PRETTY = [
    {"pretty_px": px, "pretty_ts": ts, "map_symbols": True} for px in (True, False) for ts in (True, False)
]
PRETTY.append({"pretty_px": False, "pretty_ts": False, "map_symbols": False})


def tables(capture: Any) -> list:
    return [t and t.to_pylist() for t in (capture.depth, capture.trades, capture.orders)]


@pytest.mark.parametrize("pretty", PRETTY, ids=str)
@pytest.mark.parametrize("schema", FILES)
def test_csv_holds_what_the_binary_file_holds(tmp_path: Path, schema: str, pretty: dict) -> None:
    data = dbn_bytes(schema, FILES[schema])
    path = write(tmp_path / "x.csv.zst", csv_bytes(data, **pretty), packed=True)
    assert detect(RawFile(path)).name == "databento-csv"
    ours, theirs = lm.read(path), lm.read(write(tmp_path / "x.dbn", data))
    assert ours.report.exit_code == 0
    assert tables(ours) == tables(theirs)
    assert ours.meta.symbol == ("ESH4" if pretty["map_symbols"] else "17077")
    for name in ("feed", "tick_size", "depth_limit", "window_policy", "size_unit", "venue"):
        assert getattr(ours.meta, name) == getattr(theirs.meta, name), name


def test_columns_in_another_order__a_frame_as_pandas_writes_it(tmp_path: Path) -> None:
    data = dbn_bytes("mbo", MBO[1:])
    frame = pd.read_csv(write(tmp_path / "a.csv", csv_bytes(data)), parse_dates=["ts_event", "ts_recv"])
    path = tmp_path / "x.csv"
    frame[sorted(frame.columns)].to_csv(path)
    assert tables(lm.read(path)) == tables(lm.read(write(tmp_path / "x.dbn", data)))


CELLS = [
    "",
    "x",
    "-1",
    "1e99",
    "1703462400",
    "1703462400000",
    "99999999999999999999",
    "N",
    "é",
    "1,2",
    "0.1234567891",
]


@given(
    schema=st.sampled_from(["mbo", "mbp-1", "trades"]),
    pretty=st.sampled_from(PRETTY[:4]),
    edits=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 24), st.sampled_from(CELLS)), max_size=4),
)
def test_a_bad_line_is_rejected_alone(
    tmp_path_factory: Any, schema: str, pretty: dict, edits: list[tuple[int, int, str]]
) -> None:
    """Each line is judged as if the file had none but it, or, where prices fit alone but not together, as if
    it had none but such; only what was edited is lost; what is left reads as a file of the sound lines."""
    folder = tmp_path_factory.mktemp("csv")
    records = MBO[1:5] if schema == "mbo" else FILES[schema] + FILES[schema][-1:]
    head, first, *rest = csv_bytes(dbn_bytes(schema, records), **pretty).decode().split("\n")
    rows = [r.split(",") for r in rest[:3]]
    plain = [",".join(r) for r in rows]
    for line, column, value in edits:
        rows[line][column % len(rows[line])] = value
    lines = [",".join(r) for r in rows]

    def lost(of: list[str]) -> tuple[list, list]:
        capture = lm.read(
            write(folder / "x.csv", "\n".join([head, *[first] * 9, *of, ""]).encode()), symbol="ESH4"
        )
        return [r[1] for r in capture.report.rejected], tables(capture)

    sound = [line for line in lines if not lost([line])[0]]
    apart = {sound[n - 11] for n in lost(sound)[0]}
    kept = [line for line in sound if line not in apart]
    numbers, found = lost(lines)
    assert numbers == [11 + i for i, line in enumerate(lines) if line not in kept]
    assert not [n for n in numbers if lines[n - 11] == plain[n - 11]]
    none, wanted = lost(kept)
    assert none == []
    assert found[1:] == wanted[1:]  # the depth has gaps beside


@pytest.mark.parametrize("price", ["1703462400", "0.000000001", "100.123456789"])
@pytest.mark.parametrize("schema", ["mbo", "mbp-1", "trades"])
@pytest.mark.parametrize("line", [0, 1, 2])
def test_an_absurd_price_costs_its_own_line_wherever_it_stands(
    tmp_path: Path, schema: str, price: str, line: int
) -> None:
    """A round one that is far too large too, and at the very beginning of the file."""
    orders = [order(n, "A", "B", 100.25 + n / 4, 1, n) for n in range(3)]
    records = orders if schema == "mbo" else FILES[schema][:2] + FILES[schema][1:2]
    head, *rows = csv_bytes(dbn_bytes(schema, records), pretty_px=True, pretty_ts=True).decode().split("\n")
    cells = rows[line].split(",")
    cells[head.split(",").index("price")] = price
    rows[line] = ",".join(cells)
    capture = lm.read(write(tmp_path / "x.csv", "\n".join([head, *rows]).encode()), symbol="ESH4")
    assert [r[1] for r in capture.report.rejected] == [2 + line]


def test_several_symbols(tmp_path: Path) -> None:
    records = [order(n, "A", "B", 100.0 + n, 1, 1 + n, instrument=(1, 2, 2)[n]) for n in range(3)]
    data = csv_bytes(dbn_bytes("mbo", records, {"ESH4": [1], "NQH4": [2]}))
    path = write(tmp_path / "x.csv", data)
    with pytest.raises(FormatError, match="expected one symbol of ESH4, NQH4, got none"):
        lm.read(path)
    capture = lm.read(path, symbol="NQH4")
    assert capture.depth["price"].to_pylist() == [101.0, 102.0]
    assert any("1 lines of ESH4 were left out" in note for note in capture.report.notes)
    with pytest.raises(FormatError, match="Nothing could be used"):
        lm.read(path, symbol="CLH4")


@pytest.mark.parametrize(("data", "why"), [
    (b"ts_event,publisher_id,instrument_id,action,side,price,size\n", "expected lines of 7 columns"),
    (b"ts_event,publisher_id,instrument_id,action,side,price,size\n1,2\n", "expected lines of 7 columns"),
    (b"ts_event,publisher_id,instrument_id,action,side,price,size\n1703462400,1,2,T,A,5.0,6\n", "in ns"),
    (b"ts_event,publisher_id,instrument_id,action,side,price,size\n\xff,1,2,T,A,5.0,6\n", "ts_event"),
])  # fmt: skip
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(FormatError, match=why) as error:
        lm.read(write(tmp_path / "x.csv", data))
    assert "\n" not in str(error.value)


def test_consolidated_and_sampled_quotes_are_not_taken_for_a_book() -> None:
    from liqmap.formats.databento.csv_file import _is_csv

    common = "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,flags,ts_in_delta,"
    levels = "bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,"
    assert _is_csv((common + levels + "bid_ct_00,ask_ct_00\n").encode())
    assert not _is_csv((common + levels + "bid_pb_00,ask_pb_00\n").encode())
    assert not _is_csv((common.replace("action,", "") + levels + "bid_ct_00,ask_ct_00\n").encode())


def test_truncated(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv.zst", csv_bytes(dbn_bytes("mbo", MBO * 400)), packed=True)
    path.write_bytes(path.read_bytes()[:-4])
    capture = lm.read(path)
    assert capture.report.exit_code == 1
    assert "damaged" in capture.report.rejected[0][2]


def test_real_file__csv_is_the_binary_file(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "databento" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    data = pa.input_stream(str(path), compression="zstd").read()
    ours, theirs = lm.read(write(tmp_path / "x.csv", csv_bytes(data))), lm.read(path)
    for name in ("depth", "trades", "orders"):
        assert getattr(ours, name).equals(getattr(theirs, name))
    assert ours.orders.num_rows == 68_792


@pytest.mark.parametrize(
    ("schema", "name", "other"),
    [("mbp-10", b"bid_sz_00", b"bid_sz_10"), ("mbp-1", b"ask_px_00", b"ask_px_01")],
)
def test_level_that_its_schema_has_not__is_another_format(
    tmp_path: Path, schema: str, name: bytes, other: bytes
) -> None:
    # Such a level has no place in the record: what it says would be written over other memory.
    data = csv_bytes(dbn_bytes(schema, FILES[schema]), map_symbols=True).replace(name, other)
    with pytest.raises(FormatError, match="numbered through"):
        lm.read(write(tmp_path / "x.csv", data))
