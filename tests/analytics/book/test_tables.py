"""Tables of a book against slow loops over plain books and trades, and against the formulas by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.book.microprice import estimate
from liqmap.analytics.book.regress import lines
from liqmap.schema import GridError, SessionError
from liqmap.simulation import write_bybit

MINUTE = pd.Timedelta("1min")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder = tmp_path_factory.mktemp("tables")
    raw = write_bybit(lm.simulate(minutes=2, seed=3, keep_truth=False), folder / "raw")
    lm.ingest(raw, store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


def messages_of(session: lm.Session) -> Iterator[tuple[int, dict[str, dict[float, float]]]]:
    """(ts, both sides) after each message: plain dicts, from the rows."""
    books: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    frame = session.depth().to_pandas()
    for (ts, _), rows in frame.groupby(["ts", "seq"], sort=False):
        if rows["event"].iloc[0] == "snapshot":
            books = {"bid": {}, "ask": {}}
        for row in rows.itertuples():
            books[row.side][row.price] = row.size
        books = {side: {p: s for p, s in book.items() if s > 0} for side, book in books.items()}
        yield ts.value, books


def best(books: dict[str, dict[float, float]], side: str, m: int) -> tuple[float, float]:
    price = sorted(books[side], reverse=side == "bid")[m]
    return price, books[side][price]


def test_order_flow_imbalance__is_the_formula_of_the_paper(session: lm.Session) -> None:
    found = session.order_flow_imbalance("5s", 3).set_index("ts")
    expected: dict[pd.Timestamp, list[float]] = {}
    before = None
    for ts, books in messages_of(session):
        now = [[best(books, side, m) for m in range(3)] for side in ("bid", "ask")]
        if before is not None:
            end = pd.Timestamp(ts, tz="UTC").floor("5s") + pd.Timedelta("5s")
            sums = expected.setdefault(end, [0.0] * 3)
            for m in range(3):
                (pb, qb), (pa, qa) = before[0][m], before[1][m]
                (pb1, qb1), (pa1, qa1) = now[0][m], now[1][m]
                sums[m] += qb1 * (pb1 >= pb) - qb * (pb1 <= pb) - qa1 * (pa1 <= pa) + qa * (pa1 >= pa)
        before = now
    last = pd.Timestamp(session.spans().last, tz="UTC")
    for end, sums in expected.items():
        if end in found.index and end <= last:
            np.testing.assert_allclose(found.loc[end, ["ofi_1", "ofi_2", "ofi_3"]], sums, atol=1e-6)
    alone = session.order_flow_imbalance("5s").set_index("ts")
    np.testing.assert_allclose(alone["ofi"], alone["ofi_1"], atol=1e-6)
    sampled = session.sample("5s", ["ofi@1", "ofi@3", "mid"]).set_index("ts")
    np.testing.assert_allclose(sampled.loc[found.index, "ofi@3"], found["ofi"], atol=1e-9)
    np.testing.assert_allclose(sampled.loc[alone.index, "ofi@1"], alone["ofi"], atol=1e-9)
    np.testing.assert_array_equal(sampled.loc[found.index, "mid"].iloc[1:], found["mid"].iloc[1:])
    np.testing.assert_allclose(found["mid"].diff().iloc[2:], found["mid_change"].iloc[2:], atol=1e-9)


def test_measures_over_intervals__are_the_sums_of_stacking(session: lm.Session) -> None:
    """Of a band that holds the whole window, both count the same but for what the snapshot lists."""
    names = ["added@200", "pulled@200", "bid_added@200", "ask_pulled@200", "ofi@200"]
    found = session.sample("30s", names).set_index("ts")
    cells = session.stacking("30s")
    cells["ts"] += pd.Timedelta("30s")
    sums = cells.groupby(["ts", "side"])[["added", "pulled", "traded"]].sum().unstack("side")
    for ts in found.index[found["ofi@200"].notna()][1:]:
        now = sums.loc[ts]
        assert found.loc[ts, "bid_added@200"] <= now["added", "bid"] + 1e-6
        assert found.loc[ts, "ask_pulled@200"] <= now["pulled", "ask"] + 1e-6
        assert found.loc[ts, "added@200"] == pytest.approx(now["added"].sum(), rel=0.05)
    assert (found["known"].iloc[2:-1] == 1).all()


def test_cut_at_a_time__measures_are_the_same_up_to_there(session: lm.Session) -> None:
    names = ["ofi@1", "ofi@5", "added@5", "pulled@5bps", "mid", "pressure@5", "weighted_mid"]
    whole, flow = session.sample("7s", names), session.order_flow_imbalance("7s", 2)
    track, far = session.tracker("7s"), session.beyond(*session.price_range, "7s")
    for share in (0.4, 0.7):
        begin, end = (t.astype("int64") for t in session.time_range)
        cut = pd.Timestamp(int(begin + share * (end - begin)), tz="UTC")
        part = session.sel(end=cut)
        until = pd.Timestamp(part.spans().last, tz="UTC")
        for one, other in (
            (part.sample("7s", names), whole),
            (part.order_flow_imbalance("7s", 2), flow),
            (part.tracker("7s"), track),
            (part.beyond(*session.price_range, "7s"), far),
        ):
            pd.testing.assert_frame_equal(
                one[one["ts"] <= until].reset_index(drop=True),
                other[other["ts"] <= until].reset_index(drop=True),
            )


def test_pressure_and_weighted_mid__by_hand(session: lm.Session) -> None:
    names = ["pressure@4", "bid_pressure@4", "ask_pressure@4", "pressure@3bps", "bid_pressure@3bps"]
    found = session.sample("20s", [*names, "weighted_mid", "micro", "mid"]).iloc[2]
    book = session.book(found["ts"] - pd.Timedelta(1, "ns"))
    book = book[book["state"] == "observed"]
    sides = {side: book[book["side"] == side] for side in ("bid", "ask")}
    by_place = {s: sum(q * (1 - k / 4) for k, q in enumerate(b["size"].iloc[:4])) for s, b in sides.items()}
    mid = found["mid"]
    near = {
        s: sum(q * max(0.0, 1 - abs(p - mid) / mid * 1e4 / 3) for p, q in zip(b["price"], b["size"]))
        for s, b in sides.items()
    }
    for sums, band in ((by_place, "4"), (near, "3bps")):
        assert found[f"bid_pressure@{band}"] == pytest.approx(sums["bid"])
        expected = (sums["bid"] - sums["ask"]) / (sums["bid"] + sums["ask"])
        assert found[f"pressure@{band}"] == pytest.approx(expected)
    assert found["micro"] == found["weighted_mid"]
    with pytest.raises(SessionError, match="weighted_mid") as error:
        session.sample("1s", ["mood"])
    assert "micro," not in str(error.value)


# ------------------------------------------------------------------ lines

points = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 2)), max_size=30)


@given(points)
def test_lines__are_those_of_least_squares(drawn: list[tuple[int, int, int]]) -> None:
    x, y, window = (np.array([p[k] for p in drawn], float) for k in range(3))
    found = lines(x, y, window.astype(np.int64), 3)
    for w in range(3):
        u, v = x[window == w], y[window == w]
        assert found.count[w] == len(u)
        if len(u) < 3 or np.ptp(u) == 0:
            assert math.isnan(found.slope[w])
            continue
        design = np.stack([np.ones(len(u)), u], axis=1)
        (intercept, slope), *_ = np.linalg.lstsq(design, v)
        left = ((v - intercept - slope * u) ** 2).sum()
        error = math.sqrt(left / (len(u) - 2) * np.linalg.inv(design.T @ design)[1, 1])
        assert (found.slope[w], found.intercept[w]) == pytest.approx((slope, intercept), abs=1e-9)
        assert found.standard_error[w] == pytest.approx(error, abs=1e-9)
        whole = ((v - v.mean()) ** 2).sum()
        if whole > 0:
            assert found.r2[w] == pytest.approx(1 - left / whole, abs=1e-9)


def test_price_impact_and_lambda__are_lines_through_plain_columns(session: lm.Session) -> None:
    impact = session.price_impact("2s", "1min")
    flow = session.order_flow_imbalance("2s")
    tick = session.meta.tick_size
    for row in impact.to_dict("records"):
        begins = flow["ts"] - pd.Timedelta("2s")
        mine = flow[(begins >= row["ts"]) & (begins < row["ts"] + MINUTE) & (flow["known"] == 1)].dropna()
        assert row["intervals"] == len(mine)
        if len(mine) > 2:
            slope, intercept = np.polyfit(mine["ofi"], mine["mid_change"] / tick, 1)
            assert (row["slope"], row["intercept"]) == pytest.approx((slope, intercept))
            assert row["depth"] == pytest.approx(mine["depth"].mean())
    (found,) = session.kyle_lambda("2s").to_dict("records")
    trades = session.trades().to_pandas()
    trades["net"] = trades["size"].where(trades["aggressor"] == "buy", -trades["size"])
    net = trades.groupby(trades["ts"].dt.floor("2s") + pd.Timedelta("2s"))["net"].sum()
    both = flow.set_index("ts")["mid_change"].to_frame().join(net).fillna({"net": 0.0}).dropna()
    assert found["intervals"] == len(both)
    assert found["slope"] == pytest.approx(np.polyfit(both["net"], both["mid_change"], 1)[0])
    assert found["unsigned"] == 0
    with pytest.raises(GridError, match="at least an interval"):
        session.price_impact("2s", "1s")
    with pytest.raises(SessionError, match="trades of the market"):
        lm.kyle_lambda(session.spans())


# ------------------------------------------------------------------ the micro-price


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_estimate__is_where_the_chain_takes_the_mid(seed: int) -> None:
    """The sum over moves, as the paper has it, against plain steps of the whole chain, one by one."""
    rng = np.random.default_rng(seed)
    shape, steps = (3, 2), 400
    state, following = rng.integers(0, 6, (2, steps))
    moved = rng.choice([0.0, 0.0, 0.5, -0.5, 1.0], steps)
    first, whole, counts = estimate(state, following, moved, shape)
    mirror = [(2 - s // 2) * 2 + s % 2 for s in range(6)]
    seen = [
        *zip(state, following, moved),
        *((mirror[a], mirror[b], -m) for a, b, m in zip(state, following, moved)),
    ]
    assert counts.sum() == len(seen)
    chain, drift = np.zeros((6, 6)), np.zeros(6)
    for a, b, m in seen:
        chain[a, b] += 1 / counts.ravel()[a]
        drift[a] += m / counts.ravel()[a]
    expected, term = np.zeros(6), drift
    for _ in range(5_000):
        expected, term = expected + term, chain @ term
    np.testing.assert_allclose(whole.ravel(), expected, atol=1e-6)
    np.testing.assert_allclose(whole, -whole[::-1], atol=1e-6)  # up and down are alike
    walks = np.zeros(6)  # G1: until the first move, step by step
    stay = np.zeros((6, 6))
    for a, b, m in seen:
        stay[a, b] += (m == 0) / counts.ravel()[a]
    reach = drift
    for _ in range(5_000):
        walks, reach = walks + reach, stay @ reach
    np.testing.assert_allclose(first.ravel(), walks, atol=1e-6)


def test_microprice__is_a_table_and_becomes_a_measure(session: lm.Session) -> None:
    found = lm.microprice(session, imbalances=4, spreads=2)
    table = found.adjustment
    assert list(table.columns) == [
        "imbalance_from", "imbalance_to", "spread", "adjustment", "first", "observations",
    ]  # fmt: skip
    assert len(table) == 8
    tick = session.meta.tick_size
    heavy, light = found.of([0.9, 0.1], tick)
    assert heavy == pytest.approx(-light)
    assert np.isnan(found.of(0.5, 40 * tick))
    found.use("microprice")
    try:
        sampled = session.sample("10s", ["microprice", "mid", "imbalance@1", "spread"]).dropna()
    finally:
        from liqmap.analytics.book.registry import MEASURES

        del MEASURES["microprice"]
    expected = sampled["mid"] + found.of((sampled["imbalance@1"] + 1) / 2, sampled["spread"])
    np.testing.assert_allclose(sampled["microprice"], expected)


# ------------------------------------------------------------------ trades and depth


def test_spreads__are_those_of_the_quotes_beside_the_trades(session: lm.Session) -> None:
    found = session.spreads("3s")
    quoted = session.trades(quotes=True).to_pandas()
    mid = (quoted["bid"] + quoted["ask"]) / 2
    sign = quoted["aggressor"].map({"buy": 1.0, "sell": -1.0}).astype(float)
    assert len(found) == len(quoted)
    np.testing.assert_allclose(found["quoted"], quoted["ask"] - quoted["bid"], atol=1e-9)
    np.testing.assert_allclose(found["effective"], 2 * sign * (quoted["price"] - mid), atol=1e-9)
    last = pd.Timestamp(session.spans().last, tz="UTC")
    for k in range(0, len(found), 97):
        at = found["ts"][k] + pd.Timedelta("3s")
        if at > last:
            assert np.isnan(found["realised"][k])
            continue
        later = session.bbo()
        later = later[later["ts"] < at].iloc[-1]
        expected = 2 * sign[k] * (quoted["price"][k] - (later["bid"] + later["ask"]) / 2)
        assert found["realised"][k] == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(found["effective"] - found["realised"], found["impact"])
    nobody = session.trades().to_pandas().assign(aggressor=pd.NA)
    ruled = lm.spreads(session, "3s", trades=nobody)
    beside = (found["price"] - found["mid"]).abs() > 1e-9
    assert (ruled["sign"].notna() == beside).all()
    assert (ruled["effective"][beside] >= 0).all()


def test_tracker_and_beyond__are_sums_over_the_book(session: lm.Session) -> None:
    track = session.tracker("20s", min_size=0.5, half_distance=2.0)
    low, high = (session.bbo()[side].median() for side in ("bid", "ask"))
    far = session.beyond(low - 3, high + 3, "20s", half_life=None, prune=None)
    for row, beyond in list(zip(track.to_dict("records"), far.to_dict("records")))[1:]:
        book = session.book(row["ts"] - pd.Timedelta(1, "ns"))
        seen = book[book["state"] == "observed"]
        mid = (seen[seen["side"] == "bid"]["price"].max() + seen[seen["side"] == "ask"]["price"].min()) / 2
        sums = {}
        for side in ("bid", "ask"):
            levels = seen[(seen["side"] == side) & (seen["size"] >= 0.5)]
            away = (levels["price"] - mid).abs() / mid * 1e4
            sums[side] = (levels["size"] * 2 ** (-away / 2)).sum()
            assert row[side] == pytest.approx(sums[side])
        assert row["balance"] == pytest.approx((sums["bid"] - sums["ask"]) / (sums["bid"] + sums["ask"]))
        reach = [abs(seen[seen["side"] == s]["price"] - mid).max() / mid * 1e4 for s in ("bid", "ask")]
        assert row["known"] == pytest.approx(1 - 2 ** (-min(reach) / 2))
        for state in ("observed", "carried"):
            mine = book[book["state"] == state]
            below = mine[(mine["side"] == "bid") & (mine["price"] < low - 3 - 1e-9)]["size"].sum()
            above = mine[(mine["side"] == "ask") & (mine["price"] > high + 3 - 1e-9)]["size"].sum()
            assert beyond[f"below_{state}"] == pytest.approx(below, rel=1e-5)
            assert beyond[f"above_{state}"] == pytest.approx(above, rel=1e-5)
    assert list(session.beyond(high=high, every="20s").columns) == ["ts", "above_observed", "above_carried"]
    with pytest.raises(GridError, match="low, high or both"):
        session.beyond()
    with pytest.raises(GridError, match="half_distance"):
        session.tracker(half_distance=0)
