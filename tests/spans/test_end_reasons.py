"""Spans as frames, and why each ended: held to a slow walk over messages and trades."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.schema import SchemaError, int64
from tests.oracle.replay import oracle_replay
from tests.strategies import SECOND, START, TICK_SIZE, st_messages, to_depth_table

DAY = 86_400 * SECOND
COLUMNS = ["side", "price", "tick", "start", "seen", "end", "size", "age", "end_reason"]
Key = tuple[str, int, int]


# ------------------------------------------------------------------ the oracle


def walk(messages: list, n: int, end: int | None = None) -> dict[Key, tuple[str, int, float]]:
    """(side, tick, start) -> why it ended, when, and how much less rested then, by a walk over the messages
    of a feed of N levels a side, at rising times; ``end``: when the book last said anything."""
    found: dict[Key, tuple[str, int, float]] = {}
    listed: dict[tuple[str, int], tuple[int, float]] = {}
    windowed, last = False, 0
    for number, (event, ts, rows) in enumerate(messages):
        if event == "gap":  # what the message before it pushed out is lost like the others
            pushed = [key for key, v in found.items() if v[:2] == ("left the window", last) and last != end]
            found |= dict.fromkeys(pushed, ("gap", last, 0.0))
            found |= {(*key, start): ("gap", last, 0.0) for key, (start, _) in listed.items()}
            listed, windowed = {}, False
            continue
        told = windowed or (event == "snapshot" and not closes(messages[number + 1 :]))
        last, windowed = ts, windowed or event == "snapshot"
        if event == "heard":
            continue
        book = {} if event == "snapshot" else {key: size for key, (_, size) in listed.items()}
        book.update({row[:2]: row[2] for row in rows})
        book = {key: size for key, size in book.items() if size > 0}
        for key, (start, size) in list(listed.items()):
            now = book.get(key, 0.0)
            if now == size:
                continue
            del listed[key]
            why = "resized" if now else "cancelled or traded"
            ticks = sorted(tick for side, tick in book if side == key[0])
            worse = key[1] < ticks[0] if key[0] == "bid" and ticks else ticks and key[1] > ticks[-1]
            if not now and windowed and len(ticks) >= n and worse:
                why = "left the window"
            elif not now and not told:
                why = "unknown"
            found[*key, start] = (why, ts, size - now)
        listed |= {key: (ts, size) for key, size in book.items() if key not in listed}
    found |= {(*key, start): ("open", last, 0.0) for key, (start, _) in listed.items()}
    return {k: ("open" if v[:2] == ("gap", end) else v[0], *v[1:]) for k, v in found.items()}


def closes(following: list) -> bool:
    """Whether the window closes with the message that these follow: one that opens it then opens none."""
    return not following or following[0][0] == "gap"


def with_trades(found: dict, trades: list, changes: list[int]) -> dict[Key, str]:
    """The same with trades (ts, tick, size, aggressor, flag), a loop over all of them for each."""
    told: dict[Key, str] = {}
    trades = [trade for trade in trades if trade[4] not in ("rpi", "block")]
    for (side, tick, start), (why, at, less) in found.items():
        before = max((t for t in changes if t < at), default=0)
        taker = "sell" if side == "bid" else "buy"
        volume = sum(t[2] for t in trades if t[1] == tick and t[3] == taker and before < t[0] <= at)
        near = any(
            t[1] == tick and t[3] in (taker, None) and before - SECOND < t[0] <= at + SECOND for t in trades
        )
        times = [t[0] for t in trades] or [0]
        known = min(times) <= at <= max(times) and at // DAY in {t // DAY for t in times}
        if why in ("resized", "cancelled or traded") and 0 < less * (1 - 1e-9) <= volume:
            why = "traded"
        elif why == "cancelled or traded" and known and not near:
            why = "cancelled"
        told[side, tick, start] = why
    return told


def told_by(frame: pd.DataFrame) -> dict[Key, str]:
    keys = zip(frame["side"], frame["tick"], frame["start"].astype("int64"))
    return dict(zip(keys, frame["end_reason"].astype(str)))


def rising(messages: list) -> list:
    """The same messages at times that rise."""
    return [(event, ts + number, rows) for number, (event, ts, rows) in enumerate(messages)]


def trades_table(trades: list, **meta: object) -> pa.Table:
    columns = {
        "ts": pa.array([t[0] for t in trades], pa.int64()).cast(schema.TIMESTAMP),
        "aggressor": pa.array([t[3] for t in trades], pa.string()).dictionary_encode(),
        "price": [round(t[1] * TICK_SIZE, 1) for t in trades],
        "size": pa.array([t[2] for t in trades], pa.float64()),
        "flags": pa.array([t[4] for t in trades], pa.string()),
    }
    market = schema.Meta(venue="test", symbol="TEST", **meta)
    return pa.table(columns).replace_schema_metadata(market.to_metadata())


@st.composite
def st_trades(draw, messages: list) -> list:
    """Trades around the messages."""
    times = st.sampled_from([ts for _, ts, _ in messages])
    offsets = st.sampled_from([0, 0, 0, -1, 1, -SECOND, SECOND, SECOND + 1, 2 * SECOND, -DAY])
    levels = [row[1] for _, _, rows in messages for row in rows] or [1]
    sizes = st.sampled_from([0.5, 1.0, 2.0, 3.125, 1000.0, 0.001])
    who, flag = (
        st.sampled_from(["buy", "sell", "sell", None]),
        st.sampled_from([None, None, None, "rpi", "liquidation"]),
    )
    found = draw(st.lists(st.tuples(times, offsets, st.sampled_from(levels), sizes, who, flag), max_size=15))
    return sorted(((ts + offset, *rest) for ts, offset, *rest in found), key=lambda trade: trade[0])


# ------------------------------------------------------------------ laws


def test_gap__that_nothing_but_a_removal_follows_is_why_the_rest_is_not_confirmed():
    book = [("bid", 19, 1.0), ("bid", 17, 1.0), ("ask", 20, 1.0), ("ask", 21, 1.0)]
    messages = rising([("snapshot", START, book), ("gap", START, []), ("update", START, [("bid", 17, 0.0)])])
    reasons = lm.replay(to_depth_table(messages, 2, policy="top_n")).to_pandas()["end_reason"]
    assert set(reasons) == {"gap"}
    reasons = lm.replay(to_depth_table(messages[:2], 2, policy="top_n")).to_pandas()["end_reason"]
    assert set(reasons) == {"open"}  # nothing was heard after it


@pytest.mark.long
@pytest.mark.parametrize("policy", ["top_n", "snapshots"])
@given(data=st.data())
@settings(max_examples=150)
def test_reasons__are_those_of_the_walk(policy, data):
    messages, n = data.draw(st_messages(policy=policy))
    messages = rising(messages)
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    slow, window = oracle_replay(messages, n, policy)
    changes = sorted({t for span in slow for t in span[2:5] if t is not None} | {step[1] for step in window})
    found = walk(messages, n, changes[-1] if changes else None)
    assert told_by(spans.to_pandas()) == {key: why for key, (why, _, _) in found.items()}
    trades = data.draw(st_trades(messages))
    expected = with_trades(found, trades, changes)
    assert told_by(spans.to_pandas(trades=trades_table(trades))) == expected


def test_reasons__of_a_real_capture_are_those_of_the_walk(real_data: Path) -> None:
    market = {"venue": "bybit"}
    depth = lm.read(real_data / "bybit/linear_BTCUSDT_ob200.ndjson", **market).depth
    trades = lm.read(real_data / "bybit/linear_BTCUSDT_publicTrade.ndjson", **market).trades
    spans = lm.replay(depth)
    messages: list = []
    for row in depth.to_pylist():
        ts = row["ts"].value
        if not messages or messages[-1][3] != row["seq"]:
            messages.append((row["event"], ts, [], row["seq"]))
        messages[-1][2].append((row["side"], round(row["price"] / 0.1), row["size"]))
    found = walk([message[:3] for message in messages], 200)
    assert told_by(spans.to_pandas()) == {key: why for key, (why, _, _) in found.items()}
    prints = [
        (t["ts"].value, round(t["price"] / 0.1), t["size"], t["aggressor"], t["flags"])
        for t in trades.to_pylist()
    ]
    expected = with_trades(found, prints, sorted({message[1] for message in messages}))
    told = told_by(spans.to_pandas(trades=trades))
    assert told == expected
    assert {"traded", "cancelled", "left the window", "open"} <= set(told.values())


# ------------------------------------------------------------------ the frame

FEED = [
    ("snapshot", START, [("bid", 10, 1.0), ("bid", 9, 4.0), ("ask", 12, 2.0), ("ask", 13, 5.0)]),
    ("update", START + SECOND, [("bid", 10, 0.0), ("bid", 8, 1.0), ("ask", 12, 0.5)]),
    ("update", START + 4 * SECOND, [("bid", 11, 2.0), ("bid", 8, 0.0), ("ask", 12, 0.75)]),
    ("heard", START + 5 * SECOND, []),
]


@pytest.fixture
def spans() -> lm.Spans:
    return lm.replay(to_depth_table(FEED, 2))


def test_frame__has_times_prices_and_ages(spans: lm.Spans) -> None:
    frame = spans.to_pandas()
    assert type(frame) is pd.DataFrame
    assert list(frame) == COLUMNS
    assert {str(frame[name].dtype) for name in ("start", "seen", "end")} == {"datetime64[ns, UTC]"}
    assert frame["price"].tolist() == spans.to_arrow()["price"].to_pylist()
    left = frame[frame["end_reason"] == "left the window"]
    assert left["tick"].tolist() == [8]
    assert left["end"].isna().all()
    assert left["age"].tolist() == [1.0]  # seen 4 s after the start, and the last message came after 5
    assert (frame.loc[frame["end_reason"] != "left the window", "age"] == 0).all()


def test_frame__says_cancelled_only_with_trades_that_say_so(spans: lm.Spans) -> None:
    gone = ("bid", 10, START)
    assert told_by(spans.to_pandas())[gone] == "cancelled or traded"
    at = START + SECOND
    for prints, reason in (
        ([], "cancelled or traded"),
        ([(at - 1, 10, 1.0, "sell", None)], "traded"),
        ([(at, 10, 0.25, "sell", None), (at, 10, 0.75, "sell", None)], "traded"),
        ([(at, 10, 0.5, "sell", None), (at + DAY, 1, 1.0, "buy", None)], "cancelled or traded"),
        ([(at - 1, 10, 1.0, "buy", None), (at + DAY, 1, 1.0, "buy", None)], "cancelled"),
        ([(at - 1, 10, 1.0, None, None), (at + DAY, 1, 1.0, "buy", None)], "cancelled or traded"),
        ([(at - 1, 10, 1.0, "sell", "rpi"), *[(at + n, 1, 1.0, "buy", None) for n in (-1, 1)]], "cancelled"),
        ([(at + 1, 10, 1.0, "sell", None), (at - DAY, 1, 1.0, "buy", None)], "cancelled or traded"),
        ([(at - DAY, 1, 1.0, "buy", None), (at + DAY, 1, 1.0, "buy", None)], "cancelled or traded"),
        ([(at - 2 * SECOND, 1, 1.0, "buy", None), (at - 1, 1, 1.0, "buy", None)], "cancelled or traded"),
    ):  # fmt: skip
        assert told_by(spans.to_pandas(trades=trades_table(prints)))[gone] == reason, prints


def test_frame__a_loss_in_size_may_be_traded_and_a_rise_never_is(spans: lm.Spans) -> None:
    trades = trades_table([(START + n * SECOND, 12, 1.5, "buy", None) for n in (1, 4)])
    found = told_by(spans.to_pandas(trades=trades))
    assert found["ask", 12, START] == "traded"
    assert found["ask", 12, START + SECOND] == "resized"


def test_trades__come_in_any_frame_or_from_what_has_them(spans: lm.Spans) -> None:
    table = trades_table(
        [(START + SECOND, 10, 1.0, "sell", None), (START + 4 * SECOND, 12, 1.5, "buy", None)]
    )
    expected = spans.to_pandas(trades=table)
    frame = table.to_pandas()
    shapes = [frame, frame.assign(ts=frame["ts"].dt.tz_localize(None)), frame.drop(columns="flags")]
    shapes += [SimpleNamespace(trades=table), SimpleNamespace(trades=lambda: table)]
    for trades in shapes:
        pd.testing.assert_frame_equal(spans.to_pandas(trades=trades), expected)


def test_trades__of_another_market_or_unit_or_without_columns_are_refused(spans: lm.Spans) -> None:
    good = trades_table([(START, 10, 1.0, "sell", None)])
    other = schema.Meta(venue="test", symbol="OTHER").to_metadata()
    with pytest.raises(SchemaError, match="trades: expected symbol TEST, got OTHER"):
        spans.to_pandas(trades=good.replace_schema_metadata(other))
    with pytest.raises(SchemaError, match="expected size_unit coins, got contracts"):
        spans.to_pandas(trades=trades_table([], size_unit="contracts"))
    with pytest.raises(SchemaError, match="expected columns ts"):
        spans.to_pandas(trades=good.drop_columns(["aggressor"]))
    with pytest.raises(SchemaError, match="expected columns ts"):
        spans.to_pandas(trades=good.set_column(0, "ts", int64_column(good)))


def int64_column(table: pa.Table) -> pa.Array:
    return pa.array(int64(table["ts"]))


def test_frame__of_no_spans_has_its_columns() -> None:
    spans = lm.replay(to_depth_table(FEED, 2).slice(0, 0))
    frame = spans.to_pandas(trades=trades_table([(START, 10, 1.0, "sell", None)]))
    assert list(frame) == COLUMNS
    assert len(frame) == 0


def test_frame__of_a_whole_book_knows_no_window_to_leave() -> None:
    spans = lm.replay(to_depth_table(FEED, 2, policy="full"))
    reasons = told_by(spans.to_pandas())
    assert reasons["bid", 8, START + SECOND] == "cancelled or traded"
    assert "left the window" not in reasons.values()


# ------------------------------------------------------------------ polars


def test_polars__has_the_same(spans: lm.Spans) -> None:
    polars = pytest.importorskip("polars")
    trades = trades_table([(START + SECOND, 10, 1.0, "sell", None)])
    frame, expected = spans.to_polars(trades=trades), spans.to_pandas(trades=trades)
    assert frame.columns == COLUMNS
    assert frame.schema["end"] == polars.Datetime("ns", "UTC")
    for name in COLUMNS:
        theirs = frame[name].cast(polars.String) if name in ("side", "end_reason") else frame[name]
        own = expected[name]
        own = own.astype("int64").where(own.notna()) if str(own.dtype).startswith("datetime") else own
        theirs = theirs.cast(polars.Int64) if theirs.dtype.is_temporal() else theirs
        assert theirs.to_list() == [None if pd.isna(v) else v for v in own.tolist()], name
    again = spans.to_polars(trades=polars.from_arrow(trades))
    assert again.equals(frame)


def test_polars__missing_is_told(spans: lm.Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(SchemaError, match="to_polars: expected polars, got none"):
        spans.to_polars()


def test_ages__are_nearest_seconds(spans: lm.Spans) -> None:
    frame = spans.to_pandas()
    last = np.int64(spans.last)
    ends = frame["end"].astype("int64").where(frame["end"].notna(), last)
    assert frame["age"].tolist() == ((ends - frame["seen"].astype("int64")) / 1e9).tolist()
