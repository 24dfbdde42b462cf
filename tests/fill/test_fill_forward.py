"""`fill_forward` is the original algorithm, exactly; `snapshots` is the book at its instants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import GridError, SchemaError
from liqmap.simulation import write_bybit


def literal(frame: pd.DataFrame, half_life: float | None, prune: float | None, floor: float) -> list[tuple]:
    """The algorithm written down word by word: (time, side, price, size, age), times and ages in ms."""
    state: dict[tuple, tuple] = {}
    emitted = []
    for time, rows in frame.groupby("time", sort=True):
        for row in rows.itertuples():
            state[row.side, row.price] = (row.size, time)
        for (side, price), (size, since) in state.items():
            age = time - since
            decayed = size * (1.0 if half_life is None else 2.0 ** (-age / half_life))
            if decayed > floor * size:
                emitted.append((time, side, price, decayed, age))
        if prune is not None:
            state = {key: (size, since) for key, (size, since) in state.items() if time - since <= prune}
    return sorted(emitted)


def assert_same(filled: pd.DataFrame, expected: list[tuple]) -> None:
    assert list(filled.columns) == ["time", "side", "price", "size", "age"]
    assert len(filled) == len(expected)
    if not expected:
        return
    times, sides, prices, sizes, ages = zip(*expected)
    assert filled["time"].tolist() == list(times)
    assert filled["side"].tolist() == list(sides)
    assert filled["price"].tolist() == list(prices)
    np.testing.assert_allclose(filled["size"], sizes, rtol=1e-12)
    np.testing.assert_allclose(filled["age"], np.array(ages) * 1e-3, rtol=1e-12)


rows = st.tuples(
    st.integers(0, 12).map(lambda k: k * 700),
    st.sampled_from(["bid", "ask"]),
    st.integers(1, 5).map(float),
    st.sampled_from([0.0, 0.25, 1.0, 40.0]),
)


@pytest.mark.pure
@given(
    rows=st.lists(rows, max_size=40),
    half_life=st.sampled_from([None, 500, 1_400]),
    prune=st.sampled_from([None, 0, 1_400, 3_000]),
    floor=st.sampled_from([0.0, 1e-3, 0.5]),
)
@settings(max_examples=150)
def test_equals_its_literal_transcription(rows, half_life, prune, floor) -> None:  # type: ignore[no-untyped-def]
    frame = pd.DataFrame(rows, columns=["time", "side", "price", "size"]).astype(
        {"time": "int64", "side": str, "price": float, "size": float}
    )
    ms = {k: None if v is None else pd.Timedelta(v, "ms") for k, v in (("h", half_life), ("p", prune))}
    assert_same(lm.fill_forward(frame, ms["h"], ms["p"], floor), literal(frame, half_life, prune, floor))


def test_times_come_back_as_they_came() -> None:
    frame = pd.DataFrame({"time": [1_000, 2_000], "side": "bid", "price": [1.0, 2.0], "size": 1.0})
    for kind in ("datetime64[ms]", "datetime64[ns]", "datetime64[ns, UTC]", "int64"):
        given = frame
        if kind != "int64":
            times = pd.to_datetime(frame["time"], unit="ms", utc="UTC" in kind).astype(kind)
            given = frame.assign(time=times)
        filled = lm.fill_forward(given)
        assert filled["time"].dtype == given["time"].dtype
        assert len(filled) == 3
        assert filled["age"].tolist() == [0.0, 1.0, 0.0]


def test_the_column_of_times_keeps_its_name() -> None:
    frame = pd.DataFrame({"ts": [1_000, 2_000], "side": "bid", "price": [1.0, 2.0], "size": 1.0})
    named = lm.fill_forward(frame.rename(columns={"ts": "time"}))
    pd.testing.assert_frame_equal(lm.fill_forward(frame), named.rename(columns={"time": "ts"}))
    with pytest.raises(SchemaError, match="both of them"):
        lm.fill_forward(frame.assign(time=frame["ts"]))


def test_snapshots_join_with_the_other_frames(tmp_path: Path) -> None:
    """One clock: snapshots and best quotes meet in `merge_asof` as they come, and say the same."""
    market = lm.simulate(minutes=0.2, seed=5, levels=20, keep_truth=False)
    lm.ingest(write_bybit(market, tmp_path / "raw"), store=tmp_path / "store")
    session = lm.open_store(tmp_path / "store").session("bybit", "SIMUSDT")
    frame = lm.snapshots(session, every="1s", levels=1)
    assert frame["ts"].dtype == "datetime64[ns, UTC]"
    joined = pd.merge_asof(frame[frame["side"] == "bid"], session.bbo(), on="ts")
    assert len(joined) > 8
    np.testing.assert_array_equal(joined["price"], joined["bid"])
    np.testing.assert_array_equal(joined["size"], joined["bid_size"])


def test_real_snapshots_are_filled_4_to_5_times(real_data: Path) -> None:
    depth = lm.read(real_data / "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip", venue="bybit").depth
    raw = lm.snapshots(lm.replay(depth), every="500ms", levels=100)
    assert (raw.groupby(["ts", "side"]).size() == 100).all()
    raw["ts"] = raw["ts"].dt.floor("5s")
    raw["price"] = np.floor(raw["price"])
    cells = raw.groupby(["ts", "side", "price"], as_index=False)["size"].sum()
    filled = lm.fill_forward(cells)
    assert 4 < len(filled) / len(cells) < 5
    ms = cells.assign(time=cells["ts"].astype("datetime64[ms, UTC]").astype("int64")).drop(columns="ts")
    assert_same(lm.fill_forward(ms), literal(ms, 30_000, 300_000, 1e-3))


def test_snapshots_are_the_book_at_their_instants() -> None:
    spans = lm.replay(lm.simulate(minutes=0.2, seed=5, levels=20, keep_truth=False).depth)
    frame = lm.snapshots(spans, every="700ms", levels=7)
    assert frame["ts"].nunique() > 10
    for time, book in frame.groupby("ts"):
        at = int(time.value)
        assert at % 700_000_000 == 0
        for side, name in enumerate(("bid", "ask")):
            s = spans.sides[side]
            there = np.flatnonzero((s.start <= at) & (at < s.seen))
            there = there[np.argsort(s.tick[there] * (1 if side else -1))][:7]
            mine = book[book["side"] == name]
            np.testing.assert_array_equal(mine["price"], spans.prices(s.tick[there]))
            np.testing.assert_array_equal(mine["size"], s.size[there])


def test_bad_input() -> None:
    frame = pd.DataFrame({"time": [1], "side": ["bid"], "price": [1.0], "size": [1.0]})
    with pytest.raises(SchemaError, match="a frame of"):
        lm.fill_forward(frame.drop(columns="size"))
    with pytest.raises(SchemaError, match="datetime64"):
        lm.fill_forward(frame.assign(time=0.5))
    for wrong in ({"floor": -1.0}, {"floor": float("nan")}, {"half_life": "0s"}, {"prune": "-1s"}):
        with pytest.raises(GridError):
            lm.fill_forward(frame, **wrong)
    spans = lm.replay(lm.simulate(minutes=0.05, seed=5, keep_truth=False).depth)
    for wrong in ({"every": "0s"}, {"every": None}, {"levels": 0}):
        with pytest.raises(GridError):
            lm.snapshots(spans, **wrong)


# ------------------------------------------------------------------ whatever frame it is


@pytest.mark.pure
@pytest.mark.parametrize("half_life", [7_000, 30_000, 1_100])
def test_a_size_exactly_at_the_floor_is_not_emitted(half_life: int) -> None:
    """2**-1, 2**-2, ... are exact, so that the comparison with the floor is too."""
    times = [k * half_life for k in range(5)]
    frame = pd.DataFrame({"time": times, "side": "bid", "price": [1.0, 2.0, 2.0, 2.0, 2.0], "size": 3.0})
    for floor, emitted in ((0.5, 1), (0.25, 2), (0.0625, 4)):
        filled = lm.fill_forward(frame, pd.Timedelta(half_life, "ms"), None, floor)
        assert (filled["price"] == 1.0).sum() == emitted
        assert_same(filled, literal(frame, half_life, None, floor))


def test_rows_may_come_in_any_order_and_duplicates_keep_theirs() -> None:
    frame = pd.DataFrame(
        {
            "time": [2_000, 1_000, 2_000, 1_000, 1_000],
            "side": "bid",
            "price": [1.0, 2.0, 1.0, 1.0, 2.0],
            "size": [5.0, 1.0, 6.0, 2.0, 3.0],
        },
        index=[9, 9, 3, 3, 0],
    )
    filled = lm.fill_forward(frame, None)
    assert filled["size"].tolist() == [2.0, 3.0, 6.0, 3.0]
    assert_same(filled, literal(frame, None, 300_000, 1e-3))
    assert filled.index.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "sides",
    [
        pd.Series(["sell", "buy"], dtype=object),
        pd.Series(["sell", "buy"]),
        pd.Series(pd.Categorical(["sell", "buy"], categories=["sell", "unused", "buy"])),
        pd.Series(pd.Categorical(["sell", "buy"], categories=["buy", "sell"])),
        pd.Series([1, 0]),
        pd.Series([True, False]),
        pd.Series(["sell", "buy"], dtype="string[pyarrow]"),
    ],
)
def test_sides_come_back_as_they_came(sides: pd.Series) -> None:
    frame = pd.DataFrame({"time": [1_000, 2_000], "side": sides, "price": 1.0, "size": 2.0})
    filled = lm.fill_forward(frame)
    assert filled["side"].dtype == frame["side"].dtype
    assert len(filled) == 3
    expected = filled.sort_values(["time", "side", "price"], ignore_index=True)
    pd.testing.assert_frame_equal(filled, expected)


@pytest.mark.parametrize(
    "kind",
    [
        "M8[s]",
        "M8[us]",
        "datetime64[us, Europe/Berlin]",
        "timestamp[us][pyarrow]",
        "uint64",
        "Int64",
        "int32",
    ],
)
def test_times_of_any_unit(kind: str) -> None:
    ms = pd.Series([1_000, 3_000, 3_000])
    if "int" in kind.lower():
        times = ms.astype(kind)
    else:
        times = pd.to_datetime(ms, unit="ms", utc="Berlin" in kind).astype(kind)
    filled = lm.fill_forward(
        pd.DataFrame({"time": times, "side": "ask", "price": [1.0, 2.0, 3.0], "size": 8.0})
    )
    assert filled["time"].dtype == times.dtype
    assert filled["time"].tolist() == times.iloc[[0, 1, 1, 1]].tolist()
    assert filled["age"].tolist() == [0.0, 2.0, 0.0, 0.0]


def test_an_empty_frame_stays_one() -> None:
    for times in (pd.Series([], dtype="M8[ns]"), pd.Series([], dtype="int64")):
        frame = pd.DataFrame({"time": times, "side": pd.Series([], dtype=str), "price": [], "size": []})
        filled = lm.fill_forward(frame)
        assert list(filled.columns) == ["time", "side", "price", "size", "age"]
        assert len(filled) == 0
        assert filled["time"].dtype == times.dtype
        assert filled["price"].dtype == float


@pytest.mark.long
def test_many_prices() -> None:
    rng = np.random.default_rng(3)
    n = 200_000
    frame = pd.DataFrame(
        {"time": np.sort(rng.integers(0, 40, n)) * 1_000, "side": "bid", "price": rng.random(n), "size": 1.0}
    )
    assert frame["price"].nunique() > 0.99 * n
    filled = lm.fill_forward(frame, "5s", "2s")
    assert_same(filled, literal(frame, 5_000, 2_000, 1e-3))


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("time", pd.NaT, "row 1: expected `time` to be a time, got NaT"),
        ("side", None, "row 1: expected `side` to be a name"),
        ("price", float("nan"), "row 1: expected `price` to be a finite number, got nan"),
        ("price", float("inf"), "row 1: expected `price` to be a finite number, got inf"),
        ("size", float("nan"), "row 1: expected `size` to be a finite number, got nan"),
        ("size", -1.0, "row 1: expected `size` to be at least 0, got -1.0"),
    ],
)
def test_rows_that_hold_no_level_are_refused(column: str, value: object, words: str) -> None:
    times = pd.to_datetime([1, 2, 3], unit="s")
    frame = pd.DataFrame({"time": times, "side": "bid", "price": 1.0, "size": 1.0})
    frame.loc[1, column] = value
    with pytest.raises(SchemaError, match=words) as error:
        lm.fill_forward(frame)
    assert "\n" not in str(error.value)
    frame.loc[2, column] = value
    with pytest.raises(SchemaError, match="and 1 more such row"):
        lm.fill_forward(frame)


def test_columns_that_are_none_are_refused() -> None:
    frame = pd.DataFrame({"time": [1, 2], "side": "bid", "price": [1.0, 2.0], "size": [1.0, 1.0]})
    for wrong, words in (
        (frame.to_dict(), "DataFrame, got dict"),
        (frame.assign(time=np.array([1.7e18, 1.8e18]).astype(int)), "whole ms since 1970 .is it us or ns"),
        (frame.assign(time=[1_767_571_200, 1_767_571_201]), "whole ms since 1970 .is it seconds"),
        (frame.assign(time=np.array(["9999-01-01"] * 2, "M8[s]")), "between 1685 and 2255"),
        (frame.assign(time=["a", "b"]), "pd.to_datetime"),
        (frame.assign(price=["x", "y"]), "`price` as numbers"),
    ):
        with pytest.raises(SchemaError, match=words):
            lm.fill_forward(wrong)


def test_snapshots_of_a_book_that_never_was() -> None:
    from tests.strategies import SECOND, START, to_depth_table

    told = [("snapshot", START, [("bid", 15, 1.0)]), ("update", START, [("bid", 15, 0.0)])]
    spans = lm.replay(to_depth_table([*told, ("heard", START + SECOND, [])], 2))
    assert len(spans) == 0
    assert spans.last > 0
    assert len(lm.snapshots(spans)) == 0
