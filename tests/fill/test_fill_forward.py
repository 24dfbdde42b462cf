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


def test_real_snapshots_are_filled_4_to_5_times(real_data: Path) -> None:
    depth = lm.read(real_data / "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip", venue="bybit").depth
    raw = lm.snapshots(lm.replay(depth), every="500ms", levels=100)
    assert (raw.groupby(["time", "side"]).size() == 100).all()
    raw["time"] = raw["time"].dt.floor("5s")
    raw["price"] = np.floor(raw["price"])
    cells = raw.groupby(["time", "side", "price"], as_index=False)["size"].sum()
    filled = lm.fill_forward(cells)
    assert 4 < len(filled) / len(cells) < 5
    ms = cells.assign(time=cells["time"].astype("datetime64[ms]").astype("int64"))
    assert_same(lm.fill_forward(ms), literal(ms, 30_000, 300_000, 1e-3))


def test_snapshots_are_the_book_at_their_instants() -> None:
    spans = lm.replay(lm.simulate(minutes=0.2, seed=5, levels=20, keep_truth=False).depth)
    frame = lm.snapshots(spans, every="700ms", levels=7)
    assert frame["time"].nunique() > 10
    for time, book in frame.groupby("time"):
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
    with pytest.raises(SchemaError, match="missing"):
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
