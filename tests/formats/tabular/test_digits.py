"""Numbers that lost digits are refused, those that only look different are the same; missing by any word."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.tabular.digits import TimeDigits
from liqmap.formats.tabular.rows.fast_lines import FastLines
from liqmap.formats.tabular.values import numbers, whole
from liqmap.formats.text.ids import are_plain, ids, lost_ids, null_words, plain_id
from liqmap.schema import FormatError
from tests.formats.samples import SAMPLES

T0 = 1_700_000_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
UPDATES: dict[str, Any] = {"mapping": {"layout": "updates"}, **MARKET}
MISSING_WORDS = ["", "nan", "NaN", "None", "null", "NULL", "NA", "N/A", "<NA>", " nan", "NaT"]


def trades(path: Path, ids: list[str], times: list[str] | None = None) -> Path:
    times = times or [str(T0 + i) for i in range(len(ids))]
    rows = [f"{t},buy,{100 + i}.5,2,{name}" for i, (t, name) in enumerate(zip(times, ids))]
    path.write_text("\n".join(["timestamp,taker_side,price,amount,id", *rows, ""]))
    return path


def depth(path: Path, rows: list[tuple[object, ...]]) -> Path:
    text = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join(["timestamp,side,price,amount,seq", *text, ""]))
    return path


# ids


def oracle_id(text: str) -> str | None:
    """None: it may be that of another."""
    if not re.fullmatch(r"\d+(\.\d*)?([eE][+-]\d+)?", text) or not re.search(r"[.eE]", text):
        return text
    value = Decimal(text)
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    if value >= 1 << 53 or (re.search("[eE]", text) and exponent > 0):
        return None
    return str(int(value)) if value == int(value) else text


st_number = st.integers(0, 1 << 60)
st_id = st.one_of(
    st_number.map(str),
    st_number.map(lambda n: f"{n}.0"),
    st_number.map(lambda n: f"{float(n):.18e}"),
    st_number.map(lambda n: f"{float(n):.5E}"),
    st_number.map(lambda n: f"{n}.5"),
    st.sampled_from(["12e34", "a.0", "1.2.3", "0x10", "-5.0", "5f1e+0a"]),
)


@given(st.lists(st_id, min_size=1, max_size=20))
@example(["4503599627370496.5", "4.5035996273704965e+15", "4503599627370496.0", "4503599627370496.50"])
@settings(deadline=None)
def test_ids__as_written(texts: list[str]) -> None:
    column = pa.array(texts)
    assert ids(column).to_pylist() == [oracle_id(t) for t in texts]
    assert lost_ids(column).tolist() == [oracle_id(t) is None for t in texts]


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e18), st.integers(0, 1 << 55).map(float)), min_size=1))
@settings(deadline=None)
def test_ids__that_are_floats(values: list[float | None]) -> None:
    column = pa.array(values, pa.float64())
    sound = [v is not None and v == int(v) and v < 1 << 53 for v in values]
    wanted = [int(v) if good and v is not None else None for v, good in zip(values, sound)]
    assert ids(column).to_pylist() == [None if v is None else str(v) for v in wanted]
    assert whole(column).tolist() == [-1 if v is None else v for v in wanted]


def test_ids__float32_has_24_bits() -> None:
    column = pa.array(np.array([16_777_215, 16_777_216], np.float32))
    assert ids(column).to_pylist() == ["16777215", None]


def test_whole__beside_a_float_keeps_all_digits() -> None:
    assert whole(pa.array(["9007199254740993", "5.0", None])).tolist() == [9007199254740993, 5, -1]


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("written", ["{}.0", "{:.18e}"])
def test_ids__overlapping_files_are_kept_once(tmp_path: Path, quoted: bool, written: str) -> None:
    first = trades(tmp_path / "a.csv", [str(1000 + i) for i in range(6)])
    second = trades(
        tmp_path / "b.csv",
        [written.format(float(1004 + i) if "e" in written else 1004 + i) for i in range(6)],
        [str(T0 + 4 + i) for i in range(6)],
    )
    text = second.read_text()
    for i in range(6):  # the price of a trade is that of the other file
        text = text.replace(f",{100 + i}.5,2,", f",price{i},2,")
    for i in range(6):
        text = text.replace(f"price{i}", f"{104 + i}.5")
    second.write_text(text.replace("buy", '"buy"') if quoted else text)
    lm.ingest([first, second], store=tmp_path / "store", **MARKET)
    found = lm.open_store(tmp_path / "store").session("kraken", "XBTUSD").trades()["id"].to_pylist()
    assert found == [str(1000 + i) for i in range(10)]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int32()])
def test_ids__of_a_container(tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table(
        {
            "timestamp": [T0, T0 + 1],
            "taker_side": ["buy", "sell"],
            "price": [1.5, 2.5],
            "amount": [1.0, 1.0],
            "id": pa.array([1005, None], kind),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert lm.read(tmp_path / "a.parquet", **MARKET).trades["id"].to_pylist() == ["1005", None]


def test_ids__that_lost_digits_are_rejected(tmp_path: Path) -> None:
    path = trades(tmp_path / "a.csv", ["1005", "1.23457E+12", "9007199254740993.0", "1006.0"])
    capture = lm.read(path, **MARKET)
    assert capture.trades["id"].to_pylist() == ["1005", "1006"]
    assert [line for _, line, _ in capture.report.rejected] == [3, 4]
    assert all("integers or text" in str(why) for _, _, why in capture.report.rejected)


def test_seq__as_floats(tmp_path: Path) -> None:
    rows = [(T0 + i, "bid", 100.5, 1 + i, f"{7 + i}.0") for i in range(3)]
    assert lm.read(depth(tmp_path / "a.csv", rows), **UPDATES).depth["seq"].to_pylist() == [7, 8, 9]
    rows = [(T0 + i, "bid", 100.5, 1 + i, "1.5E+12") for i in range(3)]
    with pytest.raises(FormatError, match="seq with all its digits"):
        lm.read(depth(tmp_path / "b.csv", rows), **UPDATES)


def test_seq__of_a_wide_table_that_is_none_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "ts,seq,bid1_price,bid1_size,ask1_price,ask1_size\n"
        f"{T0},5,99.5,1,100.5,1\n{T0 + 1},x,99.5,1,100.5,1\n{T0 + 2},7.0,99.5,1,100.5,1\n"
    )
    capture = lm.read(path, **MARKET)
    assert set(capture.depth["seq"].to_pylist()) == {5, 7}
    assert capture.report.sources[0].rejected == 1


ID = {"bybit-spot-trades": 0, "tardis-trades": 4}


@pytest.mark.parametrize("name", ID)
@pytest.mark.parametrize("new", ["1005.0", "1.005000000000000000e+03", "nan", "", "1.23457E+12", "1005"])
def test_ids__of_archives_that_were_saved_again(tmp_path: Path, name: str, new: str) -> None:
    sample = SAMPLES[name]
    cells = sample.lines[2].split(",")
    cells[ID[name]] = new
    lines = [*sample.lines[:2], ",".join(cells), *sample.lines[3:]]
    capture = lm.read(sample.write(tmp_path, lines), **sample.hints)
    names = capture.trades["id"].to_pylist()
    if "E" in new:
        assert [line for _, line, _ in capture.report.rejected] == [3]
        assert len(names) == len(lines) - 2
    else:
        assert names[1] == (None if new in ("nan", "") else "1005")


@given(st.one_of(st_id, st.sampled_from(MISSING_WORDS)))
@settings(deadline=None)
def test_ids__one_by_one_as_many_at_once(text: str) -> None:
    column = null_words(pa.array([text]))
    if lost_ids(column)[0]:
        with pytest.raises(ValueError, match="integers or text"):
            plain_id(text)
        return
    assert plain_id(text) == ids(column)[0].as_py()
    if are_plain(pa.array([text])):
        assert plain_id(text) == (text or None)


# times


@pytest.mark.parametrize(
    ("time", "said"),
    [("1.70928E+12", "6 digits"), ("1.534403e+18", "7 digits"), ("1.7092800001E+9", None)],
)
@pytest.mark.parametrize("layout", ["trades", "depth"])
def test_times__that_lost_digits_are_refused(
    tmp_path: Path, time: str, said: str | None, layout: str
) -> None:
    path = tmp_path / "a.csv"
    if layout == "trades":
        trades(path, ["1", "2", "3"], [time] * 3)
    else:
        depth(path, [(time, "bid", 100.5, 1 + i, i) for i in range(3)])
    said_layout = MARKET if layout == "trades" else UPDATES
    if said is None:
        capture = lm.read(path, **said_layout)
        assert (capture.trades or capture.depth)["ts"][0].as_py().value == 1_709_280_000_100_000_000
        return
    with pytest.raises(FormatError, match=said) as refused:
        lm.read(path, **said_layout)
    assert "integers or text" in str(refused.value)


def test_times__that_end_in_zeros_beside_others(tmp_path: Path) -> None:
    times = ["1.70928e+18", "1.709280001234567e+18"]  # as a float64 is printed
    with pytest.raises(FormatError, match="to the us"):
        lm.read(trades(tmp_path / "a.csv", ["1"], times[:1]), **MARKET)
    capture = lm.read(trades(tmp_path / "b.csv", ["1", "2"], times), **MARKET)
    assert [t.value for t in capture.trades["ts"].to_pylist()] == [
        1_709_280_000_000_000_000,
        1_709_280_001_234_567_000,
    ]


def test_times__of_which_few_lost_digits(tmp_path: Path) -> None:
    times = [str(T0), "1.70000E+12", str(T0 + 2)]
    capture = lm.read(trades(tmp_path / "a.csv", ["1", "2", "3"], times), **MARKET)
    assert [line for _, line, _ in capture.report.rejected] == [3]
    assert capture.trades["id"].to_pylist() == ["1", "3"]


@given(st.lists(st.tuples(st.integers(T0, T0 + 10**9), st.integers(0, 14)), min_size=1, max_size=8))
@settings(deadline=None)
def test_times__coarser_than_their_unit(values: list[tuple[int, int]]) -> None:
    texts = [f"{v:.{digits}E}" for v, digits in values]
    fine = any(digits >= 12 for _, digits in values)
    lost = TimeDigits("ms").lost(pa.array(texts))
    assert lost.tolist() == [not fine and digits < 12 for _, digits in values]


@pytest.mark.parametrize("kind", ["float32", "widened", "text"])
def test_times__float32_are_refused(tmp_path: Path, kind: str) -> None:
    times = np.array([T0 + 200_000 * i for i in range(20)]).astype(np.float32)
    frame = pd.DataFrame({"ts": times, "taker_side": "buy", "price": 100.5, "amount": 1.0})
    if kind != "float32":
        frame["ts"] = frame["ts"].astype(np.float64)
    path = tmp_path / ("a.csv" if kind == "text" else "a.parquet")
    frame.to_csv(path, index=False) if kind == "text" else frame.to_parquet(path)
    with pytest.raises(FormatError, match="float32, which has 7"):
        lm.read(path, mapping={"layout": "trades"}, **MARKET)


def test_times__at_midnight_are_no_float32(tmp_path: Path) -> None:
    times = [str(86_400 * (19_000 + i)) for i in range(20)]
    assert lm.read(trades(tmp_path / "a.csv", ["1"] * 20, times), **MARKET).trades.num_rows


# numbers and missing ones


@given(st.lists(st.floats(0, 2.0**120, width=32), min_size=1))
@settings(deadline=None)
def test_numbers__float32_is_its_shortest_text(values: list[float]) -> None:
    single = np.array(values, np.float32)
    assert numbers(pa.array(single)).tolist() == [float(str(v)) for v in single]


@pytest.mark.parametrize("cell", ["1_0.5", "1__0", "0x10", "1e5_0", "١٢", "1 0", "1,5"])
def test_numbers__what_is_none(cell: str) -> None:
    assert np.isnan(numbers(pa.array([cell, "1.5"]))).tolist() == [True, False]


@pytest.mark.parametrize("word", MISSING_WORDS)
def test_missing__by_any_word(word: str) -> None:
    assert null_words(pa.array([word, "x", None])).to_pylist() == [None, "x", None]
    assert null_words(pa.array([word, "x"]).dictionary_encode()).to_pylist() == [None, "x"]


@pytest.mark.parametrize("word", MISSING_WORDS)
@pytest.mark.parametrize("all_rows", [False, True])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_missing__levels_of_a_wide_table(tmp_path: Path, word: str, all_rows: bool, name: str) -> None:
    rows, wanted = [], 0
    for i in range(5):
        gone = all_rows or i % 2
        rows.append(
            [str(T0 + i), "99.5", "1", "100.5", "2", "99.0", "1", *([word] * 2 if gone else ["101", "3"])]
        )
        wanted += 3 if gone else 4
    names = ["ts", "bid1_price", "bid1_size", "ask1_price", "ask1_size"]
    names += ["bid2_price", "bid2_size", "ask2_price", "ask2_size"]
    frame = pd.DataFrame(rows, columns=names)
    frame.to_csv(tmp_path / name, index=False) if name == "a.csv" else frame.to_parquet(tmp_path / name)
    capture = lm.read(tmp_path / name, **MARKET)
    (row,) = capture.report.sources
    assert (row.messages, row.rows, row.rejected, row.gaps) == (5, wanted, 0, 0)


@pytest.mark.parametrize("word", MISSING_WORDS)
@pytest.mark.parametrize("fast", [False, True])
def test_missing__id_of_a_trade(
    tmp_path: Path, word: str, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not fast:
        monkeypatch.setattr(FastLines, "trades", lambda *_: None)
    capture = lm.read(trades(tmp_path / "a.csv", ["1005.0", word, "1006", "f-2"]), **MARKET)
    assert capture.trades["id"].to_pylist() == ["1005", None, "1006", "f-2"]


@pytest.mark.parametrize("word", MISSING_WORDS)
def test_missing__price_of_a_row(tmp_path: Path, word: str) -> None:
    rows = [(T0, "bid", 100.5, 1, 1), (T0 + 1, "bid", word, 1, 2), (T0 + 2, "bid", 100.5, 3, 3)]
    capture = lm.read(depth(tmp_path / "a.csv", rows), **UPDATES)
    assert [(line, why) for _, line, why in capture.report.rejected] == [(3, "expected a positive price")]


@pytest.mark.parametrize("column", ["price", "size", "ts"])
def test_float16__is_refused(tmp_path: Path, column: str) -> None:
    columns = {"ts": pa.array([T0] * 2), "side": pa.array(["bid", "ask"]), "price": pa.array([1.5, 2.5])}
    columns |= {"size": pa.array([1.0, 0.0])}
    columns[column] = pa.array(np.ones(2, np.float16))
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="float16, which has 3"):
        lm.read(tmp_path / "a.parquet", mapping={"layout": "updates"}, **MARKET)
