"""Stacking and pulling against a walk over whole books, and the law that accounts for every change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.book.stacking import COLUMNS, Stacking, stacking_of
from liqmap.schema import GridError, SessionError
from tests.analytics.book.slow import split, standing, traded, walk
from tests.spans.test_end_reasons import rising, st_trades, trades_table
from tests.strategies import DEPTH, MS, START, st_messages, to_depth_table

assert DEPTH == 20
ROWS = np.array([8, 11, 12, 18, 21, 25, 33])


def slow_cells(
    messages: list, n: int, policy: str, trades: list, time: np.ndarray, side: str
) -> dict[tuple[int, int], list[float]]:
    """(row, bin) -> the columns of a cell, one event after the other."""
    events, moments = walk(messages, n, policy)
    cells: dict[tuple[int, int], dict[str, float]] = {}
    for event in events:
        at = int(np.searchsorted(time, event.ts, side="right")) - 1
        if event.side != side or not 0 <= at < len(time) - 1:
            continue
        row = int(np.searchsorted(ROWS, event.tick, side="right")) - 1
        cell = cells.setdefault((row, at), dict.fromkeys(COLUMNS, 0.0))
        for name, value in split(event, traded(event, trades)).items():
            cell[name] += value
    for (row, at), cell in cells.items():
        for name, edge in (("start_size", time[at]), ("end_size", time[at + 1])):
            book = standing(moments, side, edge)
            cell[name] = sum(size for tick, size in book.items() if ROWS[row] <= tick < ROWS[row + 1])
    return {key: [cell[name] for name in COLUMNS] for key, cell in cells.items()}


def edges_of(data: st.DataObject, messages: list) -> np.ndarray:
    times = st.sampled_from([ts for _, ts, _ in messages])
    aside = st.sampled_from([0, 1, -1, MS, 10**10])
    found = data.draw(st.sets(st.builds(int.__add__, times, aside), min_size=2, max_size=6))
    return np.array(sorted(found), np.int64)


@pytest.mark.parametrize("policy", ["top_n", "full", "truncate", "snapshots"])
@given(data=st.data())
@settings(max_examples=80)
def test_stacking__is_that_of_a_walk_over_whole_books(policy: str, data: st.DataObject) -> None:
    messages, n = data.draw(st_messages(policy=policy))
    messages = rising(messages)
    trades = data.draw(st_trades(messages))
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    time = edges_of(data, messages)
    for number, side in enumerate(("bid", "ask")):
        found = stacking_of(spans, trades_table(trades), time, ROWS, number)
        expected = slow_cells(messages, n, policy, trades, time, side)
        assert list(zip(found.row.tolist(), found.bin.tolist())) == sorted(expected)
        for name, values in zip(COLUMNS, zip(*(expected[key] for key in sorted(expected)))):
            np.testing.assert_allclose(getattr(found, name), values, rtol=1e-9, atol=1e-9, err_msg=name)
        accounted(found)


def accounted(found: Stacking | pd.DataFrame, lot: float = 1e-9) -> None:
    """Every change of size is accounted for, exactly: in whole lots."""
    lots = {name: np.rint(np.asarray(getattr(found, name)) / lot).astype(np.int64) for name in COLUMNS}
    change = lots["added"] - lots["pulled"] - lots["traded"] + lots["entered"] - lots["left"]
    np.testing.assert_array_equal(change, lots["end_size"] - lots["start_size"])


FEED = [
    ("snapshot", START, [("bid", 10, 1.0), ("bid", 9, 4.0), ("ask", 12, 2.0), ("ask", 13, 5.0)]),
    ("update", START + 100, [("bid", 10, 3.0), ("ask", 12, 0.5)]),
    ("update", START + 200, [("bid", 11, 2.0), ("bid", 9, 0.0)]),
    ("update", START + 300, [("bid", 11, 0.0), ("bid", 9, 4.0), ("ask", 13, 0.0), ("ask", 14, 7.0)]),
    ("update", START + 400, [("bid", 10, 1.5)]),
]
PRINTS = [
    (START + 150, 10, 1.0, "sell", None),  # taken from the bid at 10 and not seen to be missing
    (START + 50, 12, 1.0, "buy", None),
    (START + 250, 11, 0.5, "sell", None),
    (START + 350, 10, 1.5, None, None),  # nobody says who, but a bid stood there
    (START + 390, 10, 100.0, "buy", None),  # met no bid
    (START + 390, 10, 100.0, "sell", "block"),  # met no level
]


def test_each_rule__by_hand() -> None:
    spans = lm.replay(to_depth_table(FEED, 2))
    time = np.array([START, START + 500])
    rows = np.arange(8, 16)
    bids, asks = (stacking_of(spans, trades_table(PRINTS), time, rows, side) for side in (0, 1))
    cells = {
        ("bid", rows[row]): dict(zip(COLUMNS, values))
        for row, values in zip(bids.row, zip(*(getattr(bids, name) for name in COLUMNS)))
    } | {
        ("ask", rows[row]): dict(zip(COLUMNS, values))
        for row, values in zip(asks.row, zip(*(getattr(asks, name) for name in COLUMNS)))
    }
    expected = {  # start, end, added, pulled, traded, entered, left
        ("bid", 9): (0, 4, 0, 0, 0, 8, 4),  # listed by the snapshot, pushed out, and back
        ("bid", 10): (0, 1.5, 3, 0, 2.5, 1, 0),  # +2; then 3 to 1.5 with 2.5 traded: 1 came in between
        ("bid", 11): (0, 0, 2, 1.5, 0.5, 0, 0),
        ("ask", 12): (0, 0.5, 0, 0.5, 1, 2, 0),
        ("ask", 13): (0, 0, 0, 5, 0, 5, 0),
        ("ask", 14): (0, 7, 0, 0, 0, 7, 0),  # beyond the window until then
    }
    assert {key: tuple(cell.values()) for key, cell in cells.items()} == expected


@pytest.fixture(scope="module")
def usdm(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = real_data / "derived-usdm-btc"
    store = tmp_path_factory.mktemp("stacking") / "store"
    lm.ingest(
        [folder / "2024-08-08_BTCUSDT_ob200.data.zip", folder / "BTCUSDT2024-08-08.csv.gz"], store=store
    )
    return lm.open_store(store).session("bybit", "BTCUSDT")


@pytest.mark.parametrize("price", [None, 10.0])
def test_every_level_and_minute_of_a_real_book__is_accounted_for(
    usdm: lm.Session, price: float | None
) -> None:
    found = lm.stacking(usdm, "1min", price)
    known = found["ts"] < pd.Timestamp("2024-08-09", tz="UTC")  # the last message is of a day without trades
    assert (found["pulled"].notna() == known).all()
    found = found[known]
    accounted(found, 1e-6)
    assert (found[["added", "pulled", "traded", "entered", "left"]] >= 0).all().all()
    assert len(found) == len(found.drop_duplicates(["ts", "side", "price"]))
    for side in ("bid", "ask"):  # what stands at the end of a minute is what stands when the next begins
        cells = found[found["side"] == side].set_index(["price", "ts"])
        after = cells["end_size"].rename(index=lambda t: t + pd.Timedelta("1min"), level="ts")
        both = after.to_frame("before").join(cells["start_size"], how="inner")
        assert len(both) > 20
        np.testing.assert_allclose(both["before"], both["start_size"], atol=1e-9)


def test_cut_at_a_time__it_is_the_same_up_to_there(usdm: lm.Session) -> None:
    whole = lm.stacking(usdm, "30s", 5.0)
    for cut in whole["ts"].drop_duplicates().iloc[[2, 5, 8]]:
        part = lm.stacking(usdm.sel(end=cut), "30s", 5.0)
        pd.testing.assert_frame_equal(part, whole[whole["ts"] < cut].reset_index(drop=True))


def test_without_trades__it_is_refused(usdm: lm.Session) -> None:
    with pytest.raises(SessionError, match="trades of the market"):
        lm.stacking(usdm.spans())
    none = lm.stacking(usdm.spans(), trades=usdm)
    pd.testing.assert_frame_equal(none, lm.stacking(usdm))
    with pytest.raises(GridError, match="multiple of the tick"):
        lm.stacking(usdm, price=0.15)
    with pytest.raises(GridError, match="at most"):
        lm.stacking(usdm, "1us")


def test_before_the_first_trade__what_was_pulled_is_not_known(usdm: lm.Session) -> None:
    trades = usdm.trades().to_pandas()
    late = trades[trades["ts"] >= trades["ts"].iloc[0] + pd.Timedelta("150s")]
    found = lm.stacking(usdm, "30s", 5.0, trades=late)
    told = found["ts"] + pd.Timedelta("30s") > late["ts"].iloc[0]
    told &= found["ts"] < pd.Timestamp("2024-08-09", tz="UTC")
    assert 0 < told.mean() < 1
    assert (found["pulled"].notna() == told).all()
    assert found["entered"].notna().all()
