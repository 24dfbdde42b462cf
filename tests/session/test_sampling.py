"""Measures, levels and books at instants, against the book of each instant, level by level."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.analytics.book import observed_books
from liqmap.analytics.book.measures import MEASURES, measure
from liqmap.schema import SessionError
from liqmap.simulation import write_bybit

BANDS = [
    "imbalance@1",
    "imbalance@5",
    "depth@3",
    "bid_depth@2bps",
    "ask_depth@2bps",
    "depth@30bps",
    "imbalance@2bps",
]
PLAIN = ["bid", "ask", "mid", "micro", "spread", "spread_bps"]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = tmp_path_factory.mktemp("sampled")
    lm.ingest(
        write_bybit(lm.simulate(minutes=1, seed=3, keep_truth=False), folder / "raw"), store=folder / "store"
    )
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def observed(session: lm.Session, at: pd.Timestamp) -> dict[str, list[tuple[float, float]]]:
    """(price, size) of each side in the instant before, best first."""
    try:
        book = session.book(at - pd.Timedelta(1, "ns"))
    except SessionError:
        return {"bid": [], "ask": []}
    book = book[book["state"] == "observed"]
    return {
        side: list(zip(*(book.loc[book["side"] == side, c] for c in ("price", "size"))))
        for side in ("bid", "ask")
    }


def slow(levels: dict[str, list[tuple[float, float]]], name: str) -> float:
    """A measure, level by level."""
    if not (levels["bid"] and levels["ask"]):
        return math.nan
    (bid, bid_size), (ask, ask_size) = levels["bid"][0], levels["ask"][0]
    mid = (bid + ask) / 2
    if name in PLAIN:
        return {
            "bid": bid, "ask": ask, "mid": mid, "spread": ask - bid, "spread_bps": (ask - bid) / mid * 1e4,
            "micro": (bid * ask_size + ask * bid_size) / (bid_size + ask_size),
        }[name]  # fmt: skip
    kind, _, band = name.partition("@")
    if band.endswith("bps"):
        share = float(band[:-3]) * 1e-4
        sums = {
            "bid": sum(s for p, s in levels["bid"] if p >= mid * (1 - share) - 1e-9),
            "ask": sum(s for p, s in levels["ask"] if p <= mid * (1 + share) + 1e-9),
        }
    else:
        sums = {side: sum(s for _, s in levels[side][: int(band)]) for side in levels}
    if kind == "imbalance":
        return (sums["bid"] - sums["ask"]) / (sums["bid"] + sums["ask"])
    return {"bid_depth": sums["bid"], "ask_depth": sums["ask"], "depth": sums["bid"] + sums["ask"]}[kind]


def test_sample__is_the_book_in_the_instant_before(session: lm.Session) -> None:
    found = session.sample("700ms", [*PLAIN, *BANDS])
    assert list(found.columns) == ["ts", *PLAIN, *BANDS, "known"]
    assert str(found["ts"].dtype) == "datetime64[ns, UTC]"
    assert (found["ts"].astype("int64") % 700_000_000 == 0).all()
    begin, end = (pd.Timestamp(t, tz="UTC") for t in session.time_range)
    assert found["ts"].iloc[0] - begin < pd.Timedelta("700ms")
    assert end - found["ts"].iloc[-1] < pd.Timedelta("700ms")
    for row in found.iloc[::7].to_dict("records"):
        levels = observed(session, row["ts"])
        for name in (*PLAIN, *BANDS):
            np.testing.assert_allclose(
                row[name], slow(levels, name), rtol=1e-9, err_msg=f"{name} {row['ts']}"
            )


def test_blocks_of_any_size__say_the_same(session: lm.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a measure that looks at the levels themselves."""
    measure("bids", "1", "bps")(lambda books, band: np.bincount(books.bid.at, minlength=len(books)))
    try:
        at_once = session.sample("700ms", [*BANDS, "bids@2bps"])
        monkeypatch.setattr(observed_books, "BLOCK", 1_000)
        in_blocks = session.sample("700ms", [*BANDS, "bids@2bps"])
    finally:
        del MEASURES["bids"]
    pd.testing.assert_frame_equal(in_blocks, at_once)
    assert at_once["bids@2bps"].max() == 200


def test_known__is_the_share_of_the_ticks_that_the_window_covers(session: lm.Session) -> None:
    found = session.sample("5s", ["depth@60bps"])
    spans, tick = session.spans(), session.meta.tick_size
    window = spans.window.to_pandas()
    for row in found.to_dict("records"):
        levels = observed(session, row["ts"])
        if not (levels["bid"] and levels["ask"]):
            assert row["known"] == 0
            continue
        middle = (levels["bid"][0][0] + levels["ask"][0][0]) / 2 / tick
        shares = []
        for side, outward in (("bid", -1), ("ask", 1)):
            steps = window[(window["side"] == side) & (window["start"] < row["ts"])]
            worst = int(steps["worst_tick"].iloc[-1])
            inner = math.floor(middle + 1e-6) if side == "bid" else math.ceil(middle - 1e-6)
            edge = middle * (1 + outward * 60e-4)
            outer = math.ceil(edge - 1e-6) if side == "bid" else math.floor(edge + 1e-6)
            ticks = range(min(inner, outer), max(inner, outer) + 1)
            shares.append(sum(t * outward <= worst * outward for t in ticks) / len(ticks))
        assert row["known"] == pytest.approx(min(shares), abs=1e-9)
    assert 0 < found["known"].iloc[-2] < 1


def test_levels__are_those_of_the_book(session: lm.Session) -> None:
    found = session.levels("5s", 4)
    assert found["price"].dims == ("side", "level", "time")
    wide = session.levels("5s", 4, wide=True)
    assert list(wide.columns[:5]) == [
        "ts",
        "asks[0].price",
        "asks[0].amount",
        "bids[0].price",
        "bids[0].amount",
    ]
    for k, time in enumerate(found["time"].values):
        levels = observed(session, pd.Timestamp(time, tz="UTC"))
        for side, word in (("bid", "bids"), ("ask", "asks")):
            for n in range(4):
                expected = levels[side][n] if n < len(levels[side]) else (math.nan, math.nan)
                cell = found.isel(time=k).sel(side=side, level=n)
                np.testing.assert_array_equal([cell["price"], cell["size"]], expected)
                np.testing.assert_array_equal(
                    wide.loc[k, [f"{word}[{n}].price", f"{word}[{n}].amount"]].astype(float), expected
                )


def test_books__stand_below_each_other(session: lm.Session) -> None:
    times = [session.time_range[0] + np.timedelta64(s, "s") for s in (5, 20)]
    found = session.books(times)
    assert list(found.columns) == ["ts", "side", "price", "size", "state", "age"]
    for time in times:
        own = found[found["ts"] == pd.Timestamp(time, tz="UTC")].drop(columns="ts").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, session.book(time))


def test_trades__with_the_quote_that_stood_before_them(session: lm.Session) -> None:
    found = session.trades(quotes=True).to_pandas()
    assert session.trades().num_rows == len(found)
    for row in found.iloc[::11].to_dict("records"):
        levels = observed(session, row["ts"])
        for side in ("bid", "ask"):
            expected = levels[side][0] if levels[side] else (math.nan, math.nan)
            np.testing.assert_array_equal([row[side], row[f"{side}_size"]], expected)


def test_sel__is_a_part_of_the_range_half_open(session: lm.Session) -> None:
    begin, end = (session.time_range[0] + np.timedelta64(s, "s") for s in (10, 30))
    part = session.sel(begin, end)
    whole = session.depth().to_pandas()
    inside = whole[
        (whole["ts"] >= pd.Timestamp(begin, tz="UTC")) & (whole["ts"] < pd.Timestamp(end, tz="UTC"))
    ]
    assert part.depth().num_rows == len(inside) > 0
    assert part.sel(end=end).depth().num_rows == len(inside)
    assert session.sel().depth().num_rows == len(whole)
    with pytest.raises(SessionError, match="expected a part of its range"):
        part.sel(end, None)


@pytest.mark.parametrize(
    ("measures", "word"),
    [(["mood"], "some of bid, ask, mid"), (["mid@5"], "expected mid"), (["depth"], "depth@5 or depth@10bps"),
     (["imbalance@0"], "above zero"), (["imbalance@2.5"], "above zero"), ("mid", "a list of names")],
)  # fmt: skip
def test_what_is_no_measure__is_refused(session: lm.Session, measures: object, word: str) -> None:
    with pytest.raises(SessionError, match=word):
        session.sample("1s", measures)  # type: ignore[arg-type]


def test_a_measure_of_ones_own__is_found_by_its_name(
    session: lm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liqmap.analytics.book.measures.MEASURES", MEASURES)
    measure("half_spread", "quote currency")(lambda books, band: (books.best[1] - books.best[0]) / 2)
    try:
        found = session.sample("10s", ["spread", "half_spread"])
    finally:
        del MEASURES["half_spread"]
    np.testing.assert_array_equal(found["spread"] / 2, found["half_spread"])


def test_empty_book__is_unknown(tmp_path: Path) -> None:
    market = lm.simulate(minutes=0.2, seed=1, keep_truth=False)
    lm.ingest(write_bybit(market, tmp_path / "raw"), store=tmp_path / "store")
    session = lm.open_store(tmp_path / "store").session("bybit", "SIMUSDT")
    first = session.sample("1s", ["mid", "depth@5"]).iloc[0]
    assert first["ts"] == pd.Timestamp(session.time_range[0], tz="UTC")
    assert first["known"] == 0
    assert math.isnan(first["mid"])


def test_sample_as_xarray__holds_what_the_frame_does(session: lm.Session) -> None:
    names = ["mid", "imbalance@5", "depth@30bps"]
    frame, found = session.sample("7s", names), session.sample("7s", names, as_xarray=True)
    assert dict(found.sizes) == {"time": len(frame)}
    assert list(found) == [*names, "known"]
    for name in found:
        np.testing.assert_array_equal(found[name], frame[name])
    np.testing.assert_array_equal(found["time"], frame["ts"].dt.tz_localize(None))
    assert found["mid"].attrs["units"] == "quote currency"
    assert (found.attrs["symbol"], found.attrs["size_unit"]) == ("SIMUSDT", "coins")
    grid = session.grid("7s", 1.0)
    assert len(found.sel(time=grid["time"], method="nearest")["mid"]) == grid.sizes["time"]


def test_more_than_memory_holds__is_refused(session: lm.Session) -> None:
    for call in (lambda: session.sample("1us"), lambda: session.levels("1s", 10**9)):
        with pytest.raises(SessionError, match="every: expected at most 150,000,000 numbers"):
            call()


def test_books__take_a_time_of_the_day_of_the_session(session: lm.Session) -> None:
    day = str(session.time_range[0])[:10]
    pd.testing.assert_frame_equal(session.books(["00:00:20"]), session.books([f"{day} 00:00:20"]))
