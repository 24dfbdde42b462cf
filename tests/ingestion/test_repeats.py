"""A trade that a source tells of twice counts once."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import store
from liqmap.formats.registry import TradeIds
from liqmap.ingestion import repeats as module
from liqmap.ingestion.repeats import Repeats
from liqmap.schema import TRADES
from tests.formats.bybit.lines import START_MS, write_lines

HEADER = "id,price,qty,quote_qty,time,is_buyer_maker"


def row(number: int, size: str = "1.5") -> str:
    return f"{number},100.5,{size},150,{START_MS + number},true"


def ids(root: Path) -> list[str]:
    return store.read_trades(root, "binance-futures", "BTCUSDT")["id"].to_pylist()


@pytest.mark.pure
def test_repeats__are_ignored_and_counted(tmp_path: Path) -> None:
    rows = [row(n) for n in (98, 99, 100, 101)]
    path = write_lines(tmp_path / "BTCUSDT-trades-2023-11-14.csv", [HEADER, *rows, *rows[:3]])
    report = lm.ingest(path, store=tmp_path / "s")
    (source,) = report.sources
    assert (report.exit_code, source.rows, source.rejected) == (0, 4, 0)
    assert any("3 trades that came before were ignored" in note for note in report.notes)
    assert ids(tmp_path / "s") == ["98", "99", "100", "101"]
    assert lm.read(path).trades.num_rows == 4


@pytest.mark.pure
def test_repeats__of_other_content_are_kept_and_told(tmp_path: Path) -> None:
    rows = [row(1), row(2), row(1, "9.5"), row(1, "9.5"), row(1)]
    path = write_lines(tmp_path / "BTCUSDT-trades-2023-11-14.csv", [HEADER, *rows])
    report = lm.ingest(path, store=tmp_path / "s")
    (source,) = report.sources
    assert (report.exit_code, source.status, source.rows, source.rejected) == (0, "ok", 3, 0)
    assert report.notes[-2:] == [
        f"{path}: 2 trades that came before were ignored",
        f"{path}: 1 trades have the id of another that differs, and were kept",
    ]
    trades = store.read_trades(tmp_path / "s", "binance-futures", "BTCUSDT")
    assert list(zip(trades["id"].to_pylist(), trades["size"].to_pylist())) == [
        ("1", 1.5),
        ("1", 9.5),
        ("2", 1.5),
    ]


@pytest.mark.pure
def test_repeats__farther_apart_than_remembered_are_kept_once_by_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Repeats, "drop", lambda self, rows, *_: rows)
    rows = [row(n) for n in (1, 2, 3)]
    lm.ingest(
        write_lines(tmp_path / "BTCUSDT-trades-2023-11-14.csv", [HEADER, *rows, *rows]), store=tmp_path / "s"
    )
    assert ids(tmp_path / "s") == ["1", "2", "3"]


@pytest.mark.pure
def test_repeats__rows_and_messages_that_trades_share_are_all_kept(tmp_path: Path) -> None:
    rows = [f"1,{START_MS},100.5,1,buy", f"1,{START_MS},100.5,1,buy"]
    path = write_lines(tmp_path / "BTCUSDT_2023-11-14.csv", ["id,timestamp,price,volume,side", *rows])
    assert lm.read(path).trades.num_rows == 2


NAMES = st.sampled_from(["", "7", "9", "10", "u-1", "u-2"])


@given(
    batches=st.lists(st.lists(st.tuples(NAMES, st.integers(1, 2)), min_size=1), max_size=4),
    whole=st.booleans(),
)
@settings(max_examples=60)
def test_repeats__keep_the_first_of_each_id_and_content(
    batches: list[list[tuple[str, int]]], whole: bool
) -> None:
    """Against a dictionary, whatever the batches."""
    had: dict[str, set[int]] = {}
    kept, count, other = [], 0, 0
    for name, size in (trade for batch in batches for trade in batch):
        if name and size in had.get(name, ()):
            count += 1
            continue
        other += bool(name) and name in had
        kept.append((name, size))
        had.setdefault(name, set()).add(size)
    mine = Repeats()
    found: list[tuple[str, int]] = []
    for some in batches if whole else [[trade] for batch in batches for trade in batch]:
        rows = mine.drop(trades_of(some), "trade")
        found += [(r["id"] or "", int(r["size"])) for r in rows.to_pylist()]
    assert (found, mine.count, mine.other) == (kept, count, other)


def trades_of(trades: list[tuple[str, int]]) -> pa.RecordBatch:
    rows = [
        {"ts": START_MS * 10**6, "id": name or None, "aggressor": None, "price": 1.0, "size": float(size)}
        for name, size in trades
    ]
    return pa.RecordBatch.from_pylist(rows, schema=TRADES)


@pytest.mark.pure
@pytest.mark.parametrize("names", [["a", "b", "c", "d"], ["1", "2", "3", "4"]])
def test_repeats__memory_is_bounded(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    mine = Repeats()
    for number in range(20):
        mine.drop(trades_of([(f"{name}{number}", 1) for name in names]), "trade")
        assert sum(len(piece.rows) for piece in mine._seen) <= len(names) + 2


@pytest.mark.pure
@pytest.mark.parametrize("form", ["t{}", "{}"], ids=["words", "rising numbers"])
def test_repeats__a_feed_of_single_trades_is_kept_in_few_pieces(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece costs memory and a look: that there are few does not depend on how the trades come."""
    monkeypatch.setattr(module, "REMEMBERED", 256)
    mine, most = Repeats(), 0
    for number in range(1_500):
        assert mine.drop(trades_of([(form.format(number), 1)]), "trade").num_rows == 1
        most = max(most, len(mine._seen))
        assert sum(len(piece.rows) for piece in mine._seen) == mine._rows <= 256 + 256 // module.PIECES
    assert most <= 2 * module.PIECES + 8  # the long ones, and those between one trade and 64
    known = [form.format(number) for number in range(1_500 - 256, 1_500)]
    assert mine.drop(trades_of([(name, 1) for name in known]), "trade").num_rows == 0
    assert mine.count == 256


@pytest.mark.pure
def test_repeats__of_a_stream(tmp_path: Path) -> None:
    data = [{"T": START_MS, "s": "BTCUSDT", "S": "Buy", "v": "1", "p": "100.5", "i": f"t{n}"} for n in (1, 2)]
    lines = [json.dumps({"topic": "publicTrade.BTCUSDT", "data": d}) for d in (data, data[1:])]
    assert lm.read(write_lines(tmp_path / "linear.ndjson", lines)).trades["id"].to_pylist() == ["t1", "t2"]


@pytest.mark.pure
@pytest.mark.parametrize("certain", [True, False])
def test_repeats__of_a_table_whose_ids_count_from_0(certain: bool) -> None:
    """0 is an id where ids rise from it, and none where it comes again."""
    mine = Repeats()
    own = TradeIds(certain)
    assert mine.drop(trades_of([(f"{n}", 1) for n in range(12)]), None, own).num_rows == 12
    assert mine._last is not None, "no id is looked for in those before"
    again = mine.drop(trades_of([("0", 1), ("11", 1), ("12", 1)]), None, own)
    assert again["id"].to_pylist() == (["0", "12"] if certain else ["0", "11", "12"])
    assert (mine.count, mine.alike) == ((1, 0) if certain else (0, 1))
