"""Each trade of a market stands in the store once, whatever sources tell of it and in whatever order."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import store
from tests.formats.bybit.lines import START_MS

START_US = START_MS * 1_000
AGGREGATES = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"
TRADES = "id,price,qty,quote_qty,time,is_buyer_maker"
BYBIT = "timestamp,symbol,side,size,price,tickDirection,trdMatchID"
BYBIT_SPOT = "id,timestamp,price,volume,side"
TARDIS = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"


def written(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def binance(path: Path, numbers: list[int], *, maker: str = "true", price: str = "100.5") -> Path:
    rows = [f"{n},{price},1.5,150,{START_MS + n},{maker}" for n in numbers]
    return written(path, [TRADES, *rows])


def aggregates(path: Path, numbers: list[int]) -> Path:
    return written(path, [AGGREGATES, *(f"{n},100.5,1.5,{n},{n},{START_MS + n},true" for n in numbers)])


def archive(path: Path, micros: list[int]) -> Path:
    """A Bybit archive, times in seconds to the microsecond."""
    rows = [f"{(START_US + t) / 1e6:.6f},BTCUSDT,Buy,1,100.5,PlusTick,u{t}" for t in micros]
    return written(path, [BYBIT, *rows])


def stream(path: Path, micros: list[int]) -> Path:
    """Bybit's lines of the same trades, times cut to the millisecond."""
    about = {"s": "BTCUSDT", "S": "Buy", "v": "1", "p": "100.5"}
    lines = [
        {"topic": "publicTrade.BTCUSDT", "data": [{"T": (START_US + t) // 1000, "i": f"u{t}", **about}]}
        for t in micros
    ]
    return written(path, [json.dumps(line) for line in lines])


def taken(root: Path, *paths: Path) -> None:
    for path in paths:
        report = lm.ingest(path, store=root)
        assert report.exit_code == 0, report.errors


# ------------------------------------------------------------------ kinds of ids


@pytest.mark.pure
@pytest.mark.parametrize("order", [1, -1])
def test_kinds__trades_and_their_aggregates_over_one_time_are_refused(tmp_path: Path, order: int) -> None:
    names = ["BTCUSDT-trades-2023-11-14.csv", "BTCUSDT-aggTrades-2023-11-14.csv"][::order]
    for name in names:
        (binance if "-trades" in name else aggregates)(tmp_path / name, [1, 2, 3])
    taken(tmp_path / "s", tmp_path / names[0])
    report = lm.ingest(tmp_path / names[1], store=tmp_path / "s")
    assert report.exit_code == 2
    (error,) = report.errors
    assert all(name in error for name in names)
    assert "Ingest only one of them" in error
    assert store.read_trades(tmp_path / "s", "binance-futures", "BTCUSDT").num_rows == 3


@pytest.mark.pure
def test_kinds__side_by_side_where_they_do_not_overlap_also_when_joined(tmp_path: Path) -> None:
    root = tmp_path / "s"
    taken(
        root,
        binance(tmp_path / "BTCUSDT-trades-a.csv", [1, 2]),
        aggregates(tmp_path / "BTCUSDT-aggTrades-b.csv", [3, 4]),
        binance(tmp_path / "BTCUSDT-trades-c.csv", [5, 6]),
        binance(tmp_path / "BTCUSDT-trades-d.csv", [8]),
    )
    for _ in range(2):
        trades = store.read_trades(root, "binance-futures", "BTCUSDT")
        assert trades["id"].to_pylist() == ["1", "2", "3", "4", "5", "6", "8"]
        store.compact(root)
    taken(root, binance(tmp_path / "BTCUSDT-trades-e.csv", [6, 7]))
    report = lm.ingest(aggregates(tmp_path / "BTCUSDT-aggTrades-f.csv", [7]), store=root)
    assert report.exit_code == 2
    assert store.read_trades(root, "binance-futures", "BTCUSDT").num_rows == 8


@pytest.mark.pure
def test_kinds__spot_rows_counted_from_1_are_no_ids_of_trades(tmp_path: Path) -> None:
    rows = [f"{n + 1},{START_MS + n},100.5,1,buy" for n in range(4)]
    spot = written(tmp_path / "spot" / "BTCUSDT_2023-11-14.csv", [BYBIT_SPOT, *rows])
    live = stream(tmp_path / "spot" / "stream.ndjson", [1000 * n for n in range(4)])
    taken(tmp_path / "s", spot)
    report = lm.ingest(live, store=tmp_path / "s")
    assert report.exit_code == 2
    assert spot.name in report.errors[0]
    assert live.name in report.errors[0]


@pytest.mark.pure
def test_kinds__files_that_count_their_own_rows_are_joined_by_content(tmp_path: Path) -> None:
    times = [0, 1, 1, 1, 2, 3]  # three equal trades at one time
    rows = [f"{START_MS + t},100.5,1,buy" for t in times]
    paths = [
        written(tmp_path / f"BTCUSDT_2023-11-{name}.csv", [BYBIT_SPOT, *(f"{n},{r}" for n, r in numbered)])
        for name, numbered in (("14", enumerate(rows[:4], 1)), ("14b", enumerate(rows[2:], 1)))
    ]
    taken(tmp_path / "s", *paths)
    trades = store.read_trades(tmp_path / "s", "bybit-spot", "BTCUSDT")
    assert [t.value // 10**6 - START_MS for t in trades["ts"].to_pylist()] == times


@contextmanager
def untold() -> Iterator[None]:
    """Parts as older versions wrote them, which did not tell what ids number."""
    plain = lm.Meta.to_metadata
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            lm.Meta, "to_metadata", lambda m: {k: v for k, v in plain(m).items() if k != b"trade_ids"}
        )
        yield


@pytest.mark.pure
def test_kinds__of_older_stores_are_not_known_and_ids_tell(tmp_path: Path) -> None:
    with untold():
        taken(tmp_path / "s", binance(tmp_path / "BTCUSDT-trades-a.csv", [1, 2]))
    trades = store.read_trades(tmp_path / "s", "binance-futures", "BTCUSDT")
    assert lm.Meta.from_metadata(trades.schema.metadata).trade_ids is None
    taken(tmp_path / "s", binance(tmp_path / "BTCUSDT-trades-b.csv", [2, 3]))
    trades = store.read_trades(tmp_path / "s", "binance-futures", "BTCUSDT")
    assert trades["id"].to_pylist() == ["1", "2", "3"]
    assert lm.Meta.from_metadata(trades.schema.metadata).trade_ids == "trade"


@pytest.mark.pure
def test_kinds__a_capture_goes_on_with_that_of_an_older_store(tmp_path: Path) -> None:
    """Two trades of one ms, the earlier in the one, the later in the other."""
    with untold():
        taken(tmp_path / "s", stream(tmp_path / "linear" / "a.ndjson", [0, 900_000, 2_000_100]))
    taken(tmp_path / "s", stream(tmp_path / "linear" / "b.ndjson", [2_000_600, 3_000_000]))
    trades = store.read_trades(tmp_path / "s", "bybit", "BTCUSDT")
    assert trades["id"].to_pylist() == ["u0", "u900000", "u2000100", "u2000600", "u3000000"]


@pytest.mark.pure
def test_kinds__pieces_of_spot_files_may_touch_an_older_store(tmp_path: Path) -> None:
    rows = [[f"{n},{START_MS + t},{price},1,buy" for n, t in enumerate(times)] for times, price in PIECES]
    first, second = (
        written(tmp_path / "spot" / f"BTCUSDT_2023-11-14{i}.csv", [BYBIT_SPOT, *piece])
        for i, piece in enumerate(rows)
    )
    with untold():
        taken(tmp_path / "s", first)
    taken(tmp_path / "s", second)
    trades = store.read_trades(tmp_path / "s", "bybit-spot", "BTCUSDT")
    assert trades["price"].to_pylist() == [100.5] * 12 + [101.5] * 12


PIECES = [([*range(0, 2_000, 1_000), *[2_000] * 10], 100.5), ([*[2_000] * 10, 3_000, 4_000], 101.5)]
"""Times and price of two pieces; both have ten trades of the ms where they touch."""


@pytest.mark.pure
def test_kinds__a_file_in_a_hole_of_another_kind_is_taken_and_read_in_order(tmp_path: Path) -> None:
    root = tmp_path / "s"
    taken(
        root,
        binance(tmp_path / "BTCUSDT-trades-a.csv", [1, 2]),
        binance(tmp_path / "BTCUSDT-trades-b.csv", [9]),
    )
    store.compact(root)
    taken(root, aggregates(tmp_path / "BTCUSDT-aggTrades-c.csv", [4, 5]))
    for _ in range(2):
        trades = store.read_trades(root, "binance-futures", "BTCUSDT")
        assert trades["id"].to_pylist() == ["1", "2", "4", "5", "9"]
        store.compact(root)
    report = lm.ingest(aggregates(tmp_path / "BTCUSDT-aggTrades-d.csv", [8, 10]), store=root)
    assert report.exit_code == 2, "a trade of the other kind lies between"


@pytest.mark.pure
def test_kinds__parts_of_older_stores_are_joined_with_the_one_kind_of_their_day(tmp_path: Path) -> None:
    root = tmp_path / "s"
    paths = [binance(tmp_path / f"BTCUSDT-trades-{n}.csv", [10 * n, 10 * n + 1]) for n in range(4)]
    for old, new in (paths[:2], paths[2:]):
        with untold():
            taken(root, old)
        taken(root, new)
    before = store.read_trades(root, "binance-futures", "BTCUSDT")
    done = store.compact(root)
    assert (done.files, done.files_after) == (4, 1)
    after = store.read_trades(root, "binance-futures", "BTCUSDT")
    assert after.to_pylist() == before.to_pylist()
    assert lm.Meta.from_metadata(after.schema.metadata).trade_ids == "trade"


@pytest.mark.pure
def test_kinds__a_table_of_ids_that_meet_none_of_the_others_is_refused(tmp_path: Path) -> None:
    taken(tmp_path / "s", binance(tmp_path / "BTCUSDT-trades-a.csv", list(range(0, 2_000, 100))))
    hints = {"venue": "binance-futures", "symbol": "BTCUSDT"}
    header = "trade_id,time,side,price,size"
    others = written(
        tmp_path / "others.csv",
        [header, *(f"{n + 900},{START_MS + n},sell,100.5,1.5" for n in range(50, 2_000, 100))],
    )
    report = lm.ingest(others, store=tmp_path / "s", **hints)
    assert report.exit_code == 2
    assert "may number anything" in report.errors[0]
    same = written(
        tmp_path / "same.csv",
        [header, *(f"{n},{START_MS + n},sell,100.5,1.5" for n in (1_900, 1_901, 1_902))],
    )
    assert lm.ingest(same, store=tmp_path / "s", **hints).exit_code == 0
    trades = store.read_trades(tmp_path / "s", "binance-futures", "BTCUSDT")
    assert trades["id"].to_pylist() == [str(n) for n in (*range(0, 2_000, 100), 1_901, 1_902)]


# ------------------------------------------------------------------ one trade, two clocks


@st.composite
def st_sources(draw: st.DrawFn) -> list[tuple[bool, list[int]]]:
    """Sources of one market: whether times are cut to the ms, and its trades (us), in order."""
    every = sorted(draw(st.sets(st.integers(0, 6_000), min_size=2, max_size=12)))
    sources = []
    for _ in range(draw(st.integers(2, 4))):
        held = draw(st.sets(st.sampled_from(every), min_size=1))
        sources.append((draw(st.booleans()), sorted(held)))
    return sources


@given(sources=st_sources())
@example(sources=[(False, [123_400, 1_123_400]), (True, [123_400, 1_123_400])])
@example(sources=[(False, [100]), (False, [900]), (True, [100, 900])])
@example(sources=[(False, [900, 2_000]), (True, [900])])
@example(sources=[(True, [100, 900, 1_100]), (False, [900, 1_000]), (True, [1_000, 3_000])])
@settings(max_examples=60)
def test_clocks__each_trade_once_by_id(sources: list[tuple[bool, list[int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number, (cut, micros) in enumerate(sources):
            write = stream if cut else archive
            taken(root / "s", write(root / f"linear{number}" / "BTCUSDT2023-11-14.csv", micros))
        trades = store.read_trades(root / "s", "bybit", "BTCUSDT")
        names = trades["id"].to_pylist()
        assert sorted(names) == sorted({f"u{t}" for _, micros in sources for t in micros})
        times = trades["ts"].to_pylist()
        assert times == sorted(times)


# ------------------------------------------------------------------ what must agree, what has no id


@pytest.mark.pure
def test_conflict__of_the_aggressor_is_refused(tmp_path: Path) -> None:
    taken(tmp_path / "s", binance(tmp_path / "BTCUSDT-trades-a.csv", [1, 2]))
    report = lm.ingest(
        binance(tmp_path / "BTCUSDT-trades-b.csv", [2, 3], maker="false"), store=tmp_path / "s"
    )
    assert report.exit_code == 2
    assert "'2'" in report.errors[0]
    assert "BTCUSDT-trades-a.csv" in report.errors[0]
    assert "BTCUSDT-trades-b.csv" in report.errors[0]


def tardis(path: Path, rows: list[tuple[int, str, str]]) -> Path:
    """(us, id, side) of each trade."""
    lines = [f"kraken,XBT/USD,{START_US + t},{START_US + t},{name},{side},100.5,1" for t, name, side in rows]
    return written(path, [TARDIS, *lines])


@pytest.mark.pure
def test_conflict__an_aggressor_that_one_does_not_know_is_none(tmp_path: Path) -> None:
    taken(
        tmp_path / "s",
        tardis(tmp_path / "a.csv", [(0, "a", "unknown"), (1, "b", "buy")]),
        tardis(tmp_path / "b.csv", [(0, "a", "sell"), (1, "b", "unknown"), (2, "c", "sell")]),
    )
    trades = store.read_trades(tmp_path / "s", "kraken", "XBT/USD")
    assert trades["aggressor"].to_pylist() == [None, "buy", "sell"]


@pytest.mark.pure
def test_ids__an_empty_one_names_nothing(tmp_path: Path) -> None:
    rows = [(t, "", "buy") for t in (0, 1, 1, 2, 3, 4)]
    taken(tmp_path / "s", tardis(tmp_path / "a.csv", rows[:4]), tardis(tmp_path / "b.csv", rows[2:]))
    trades = store.read_trades(tmp_path / "s", "kraken", "XBT/USD")
    assert [t.value // 1000 - START_US for t in trades["ts"].to_pylist()] == [0, 1, 1, 2, 3, 4]
