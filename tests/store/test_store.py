"""The store gives back the feed, however its sources were cut, overlapped and ordered."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import store
from tests.formats.bybit.lines import START_MS, depth_line, feed, plain_rows, table_rows, write_lines

FEED = feed(40, first=1_000)[1:]  # updates only: a piece may begin anywhere
DAY_MS = 86_400_000
MIDNIGHT_GAP = ("gap", 1_019)


def ids(depth) -> list[tuple[str, int]]:  # type: ignore[no-untyped-def]
    """(event, seq) of each message."""
    found: list[tuple[str, int]] = []
    for event, seq in zip(depth["event"].to_pylist(), depth["seq"].to_pylist()):
        if not found or found[-1] != (event, seq):
            found.append((event, seq))
    return found


@st.composite
def st_pieces(draw: st.DrawFn) -> list[list[int]]:
    """Positions in FEED that each source holds: a stretch, perhaps with holes."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, len(FEED) - 1))
        last = draw(st.integers(first, len(FEED) - 1))
        holes = draw(st.sets(st.integers(first, last), max_size=2))
        piece = [i for i in range(first, last + 1) if i not in holes]
        if piece:
            pieces.append(piece)
    return pieces


def over_midnight(lines: list[str]) -> list[str]:
    """The same messages, so timed that a day ends in their middle."""
    shift = (START_MS // DAY_MS + 1) * DAY_MS - START_MS - 102_000
    found = []
    for line in lines:
        message = json.loads(line)
        message["cts"] += shift
        found.append(json.dumps(message))
    return found


@pytest.mark.long
@pytest.mark.parametrize("lines", [FEED, over_midnight(FEED)], ids=["one day", "two days"])
@given(pieces=st_pieces())
@example(pieces=[[0], [1], [0, 2]])
@example(pieces=[[17, 18, 20, 21], [18, 19, 20]])
@example(pieces=[[17, 19], [17, 18]])
@example(pieces=[[17, 18, 20], [17, 18, 19], [17, 18, 19, 20, 21]])
@settings(max_examples=60)
def test_overlapping_sources__any_order_gives_the_union_with_its_gaps(
    lines: list[str], pieces: list[list[int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number, piece in enumerate(pieces):
            path = write_lines(root / f"linear{number}.ndjson", [lines[i] for i in piece])
            assert lm.ingest(path, store=root / "store").exit_code == 0
        union = sorted({i for piece in pieces for i in piece})
        expected: list[tuple[str, int]] = []
        for before, i in zip([None, *union], union):
            if before is not None and i != before + 1:
                expected.append(("gap", 1_001 + before))
            expected.append(("update", 1_001 + i))
        depth = store.read_depth(root / "store", "bybit", "BTCUSDT", "ob50") if union else None
        if depth is None:
            return
        if lines is not FEED and not any({18, 19} <= set(piece) for piece in pieces):
            # Nobody saw both sides of midnight: one source's gap there may stand though the ids chain.
            expected = [e for e in expected if e != MIDNIGHT_GAP]
            depth = depth.filter(
                pc.invert(pc.and_(pc.equal(depth["event"], "gap"), pc.equal(depth["seq"], 1_019)))
            )
        assert ids(depth) == expected
        assert table_rows(depth) == plain_rows([lines[i] for i in union])
        query = store.connect(root / "store", "bybit", "BTCUSDT", "ob50").sql("select event, seq from depth")
        told = list(dict.fromkeys(query.fetchall()))
        assert [t for t in told if t != MIDNIGHT_GAP] == [e for e in expected if e != MIDNIGHT_GAP]


@pytest.mark.pure
def test_overlap__snapshot_and_update_of_one_seq_are_no_conflict(tmp_path: Path) -> None:
    lines = feed(10)
    snapshot = depth_line(1004, [("99.9", "1004.25")], [("100.2", "1")], kind="snapshot")
    late = [snapshot, *lines[5:], *feed(14)[10:]]
    for name, piece in (("a_linear", lines), ("b_linear", late)):
        assert lm.ingest(write_lines(tmp_path / name, piece), store=tmp_path / "s").exit_code == 0
    depth = store.read_depth(tmp_path / "s", "bybit", "BTCUSDT", "ob50")
    assert ids(depth)[4:7] == [("update", 1004), ("snapshot", 1004), ("update", 1005)]
    assert ("gap", 1004) not in ids(depth)
    assert [s for _, s in ids(depth)][-1] == 1013


def at_day(day: int, first: int) -> list[str]:
    """Four messages about the end of a day."""
    start = START_MS // DAY_MS * DAY_MS + (day + 1) * DAY_MS
    return [
        depth_line(first + i, [("99.9", f"{i + 1}")], kind="delta", ts=start + 100 * (i - 2))
        for i in range(4)
    ]


@pytest.mark.pure
def test_days__parts_by_utc_day_chain_and_a_missing_day_does_not(tmp_path: Path) -> None:
    paths = [
        write_lines(tmp_path / f"linear{n}", at_day(day, first))
        for n, (day, first) in enumerate([(0, 10), (3, 90)])
    ]
    report = lm.ingest(paths, store=tmp_path / "s")
    assert [r.gaps for r in report.sources] == [0, 0]
    sessions = store.sessions(tmp_path / "s")
    assert list(sessions.columns) == [
        "venue",
        "symbol",
        "feed",
        "kind",
        "date",
        "start",
        "end",
        "rows",
        "bytes",
    ]
    assert len(sessions) == 4
    assert sessions["rows"].tolist() == [2, 2, 2, 2]
    depth = store.read_depth(tmp_path / "s", "bybit", "BTCUSDT", "ob50")
    assert [s for e, s in ids(depth) if e == "gap"] == [13]
    first_day = store.read_depth(tmp_path / "s", "bybit", "BTCUSDT", "ob50", end=sessions["start"][2].value)
    assert ids(first_day)[-1] == ("gap", 13)


@pytest.mark.pure
@pytest.mark.parametrize("name", ["a/b", "../../up", "..", "x=y", "é %2F"])
def test_names__any_name_is_one_folder(tmp_path: Path, name: str) -> None:
    path = write_lines(tmp_path / "raw" / "linear", feed(3))
    lm.ingest(path, store=tmp_path / "s", venue=name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw", "s"]
    assert store.sessions(tmp_path / "s")["venue"].tolist() == [name]
    assert store.read_depth(tmp_path / "s", name, "BTCUSDT", "ob50").num_rows == 6


@given(low=st.integers(0, 5_000), high=st.integers(0, 5_000))
@settings(max_examples=25)
def test_read_depth__range_is_half_open(one_store: Path, low: int, high: int) -> None:
    start, end = START_MS + 100_000 + low, START_MS + 100_000 + high
    bounds = start * 10**6, end * 10**6
    part = store.read_depth(one_store, "bybit", "BTCUSDT", "ob50", *bounds)
    expected = [r for r in plain_rows(feed(40)) if start <= r[0] < end]
    assert table_rows(part) == expected
    query = store.connect(one_store, "bybit", "BTCUSDT", "ob50", *bounds).sql("select seq from depth")
    assert [r for (r,) in query.fetchall()] == [r[1] for r in expected]


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    lm.ingest(write_lines(folder / "linear", feed(40)), store=folder / "store")
    return folder / "store"


def test_files__are_plain_hive_parquet(one_store: Path) -> None:
    relation = duckdb.sql(f"from read_parquet('{one_store}/depth/**/*.parquet', hive_partitioning = true)")
    assert relation.aggregate("venue, symbol, feed, count(*)").fetchall() == [
        ("bybit", "BTCUSDT", "ob50", 80)
    ]
    frame = pd.read_parquet(one_store / "depth")
    assert set(frame["event"]) == {"snapshot", "update"}
    (path,) = one_store.glob("depth/venue=bybit/symbol=BTCUSDT/feed=ob50/date=*/*.parquet")
    metadata = pq.read_metadata(path)
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    meta = lm.Meta.from_metadata(metadata.metadata)
    assert (meta.tick_size, meta.depth_limit, meta.window_policy) == (0.1, 50, "top_n")
    assert meta.sources[0].name == "linear"


def test_connect__types_and_gaps(tmp_path: Path) -> None:
    for n, piece in enumerate((FEED[:5], FEED[9:12])):
        lm.ingest(write_lines(tmp_path / f"linear{n}", piece), store=tmp_path / "s")
    connection = store.connect(tmp_path / "s", "bybit", "BTCUSDT", "ob50")
    types = {n: t for n, t, *_ in connection.sql("describe depth").fetchall()}
    assert types["ts"] == types["ts_recv"] == "TIMESTAMPTZ_NS"
    assert types["event"] == types["side"] == "VARCHAR"
    table = store.read_depth(tmp_path / "s", "bybit", "BTCUSDT", "ob50")
    rows = connection.sql("select epoch_ms(ts), seq, event, side, price, size from depth").fetchall()
    assert [r[1:] for r in rows] == [
        (r["seq"], r["event"], r["side"], r["price"], r["size"]) for r in table.to_pylist()
    ]
    assert connection.sql("select count(*) from trades").fetchall() == [(0,)]


def test_read__nothing_there_is_empty(one_store: Path) -> None:
    assert store.read_depth(one_store, "bybit", "NOPE", "ob50").num_rows == 0
    assert store.read_trades(one_store, "bybit", "BTCUSDT").num_rows == 0


# ------------------------------------------------------------------ trades


def trade_lines(numbers: list[int], price: str = "100.5") -> list[str]:
    return [
        json.dumps(
            {
                "topic": "publicTrade.BTCUSDT",
                "data": [{"T": START_MS + n, "s": "BTCUSDT", "S": "Buy", "v": "1", "p": price, "i": f"t{n}"}],
            }
        )
        for n in numbers
    ]


@given(pieces=st.lists(st.lists(st.integers(0, 30), min_size=1, unique=True), min_size=1, max_size=3))
@settings(max_examples=25)
def test_trades__kept_once_by_id_in_time_order(pieces: list[list[int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for n, piece in enumerate(pieces):
            lm.ingest(write_lines(root / f"linear{n}", trade_lines(piece)), store=root / "s")
        found = store.read_trades(root / "s", "bybit", "BTCUSDT")["id"].to_pylist()
        assert found == [f"t{n}" for n in sorted({n for piece in pieces for n in piece})]


@pytest.mark.pure
def test_trades__conflict_is_refused(tmp_path: Path) -> None:
    lm.ingest(write_lines(tmp_path / "linear1", trade_lines([1, 2, 3])), store=tmp_path / "s")
    report = lm.ingest(write_lines(tmp_path / "linear2", trade_lines([2], "99.5")), store=tmp_path / "s")
    assert report.exit_code == 2
    assert "'t2'" in report.errors[0]
    assert "linear1" in report.errors[0]
