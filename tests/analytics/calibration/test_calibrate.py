"""`calibrate` on a simulated market, whose deep book is known, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import liqmap as lm
from liqmap.analytics.calibration import Calibration, held_out
from liqmap.schema import GridError


@pytest.fixture(scope="module")
def market() -> lm.Capture:
    return lm.simulate(minutes=4, seed=3, levels=40, volatility=4.0)


@pytest.fixture(scope="module")
def found(market: lm.Capture) -> Calibration:
    return lm.calibrate(market, view=10)


def test_surface__is_the_error_of_what_was_held_out(market: lm.Capture, found: Calibration) -> None:
    rows = held_out(lm.replay(market, 10), lm.replay(market))
    assert found.levels == len(rows.time)
    for half_life, prune in (("5s", "1min"), ("30s", "none"), ("none", "2min"), ("none", "none")):
        carry = lm.HalfLife(half_life, prune)
        carried = rows.size * carry.weight(np.nextafter(rows.age.astype(float), 0))
        error = np.abs(carried - rows.true).sum() / rows.true.sum()
        assert float(found.surface.sel(half_life=half_life, prune=prune)) == pytest.approx(error, rel=1e-9)


def test_best__is_the_least_of_the_surface_and_of_the_table(found: Calibration) -> None:
    best, models = found.best, found.table[found.table["model"] == "half-life"]
    assert best.error == float(found.surface.min()) == models["error"].min() < 1
    assert float(found.surface.sel(half_life=best.half_life, prune=best.prune)) == best.error
    assert best.error_interval[0] <= best.error <= best.error_interval[1]
    assert bool(found.measures["flat"].sel(half_life=best.half_life, prune=best.prune))
    assert found.surface.sizes == {"half_life": 12, "prune": 8}
    assert best.hold == float(found.surface.sel(half_life="none", prune="none"))
    at = dict(zip(("half_life", "prune"), best.chosen_on_first))
    assert best.out_of_sample == float(found.measures["out_of_sample"].sel(at))
    assert found.rival == (best.half_life, best.prune)
    assert "By squares" not in found.sentence


def test_fitted__stands_beside(market: lm.Capture, found: Calibration) -> None:
    rows = held_out(lm.replay(market, 10), lm.replay(market))
    model = found.fitted
    assert isinstance(model, lm.Mixture)
    weight = model.weight(rows.age, rows.distance if model.by_distance else None, rows.size)
    row = found.table.set_index("model").loc["fitted"]
    assert row["error"] == pytest.approx(np.abs(rows.size * weight - rows.true).sum() / rows.true.sum())
    assert row["brier"] == pytest.approx(((weight - (rows.true > 0)) ** 2).mean())
    assert row["low"] <= row["error"] <= row["high"]
    assert found.gain == pytest.approx(found.best.out_of_sample - row["out_of_sample"])
    low, high = found.gain_interval
    assert low < found.gain < high
    assert found.recommended == (low > 0)
    assert found.learnt is not None
    assert found.learnt["rows"].sum() == found.levels


def test_carry__is_the_fitted_model_where_that_is_recommended(found: Calibration) -> None:
    assert replace(found, recommended=True).carry is found.fitted
    plain = replace(found, recommended=False)
    assert plain.carry == lm.HalfLife(found.best.half_life, found.best.prune)
    assert "better on the second part" in found.sentence
    assert "recommended" in dict(found.facts())["fitted"]


def test_target__the_mean_is_judged_by_squares(market: lm.Capture) -> None:
    found = lm.calibrate(market, 10, target="mean")
    assert found.target == "mean"
    assert found.fitted is not None
    half_life, prune = found.rival
    l2 = found.measures["l2"]
    assert float(l2.sel(half_life=half_life, prune=prune)) == float(l2.min())
    assert "in l2" in found.sentence
    table = found.table.set_index("model")
    assert table.loc["fitted", "l2"] < l2.min()
    says = f"By squares half-life {half_life}, prune {prune} is best: l2 {float(l2.min()):.2f}"
    assert says in found.sentence
    assert "in l2" in dict(found.facts())["fitted"]
    plain = replace(found, recommended=False)
    assert f"{says}, 1 when dropped; `carry` draws by it." in plain.sentence
    assert plain.carry == lm.HalfLife(half_life, prune)
    assert "no half-life is better than to carry nothing" in replace(found, rival=("none", "0s")).sentence
    with pytest.raises(GridError, match=r"target: expected one of \('median', 'mean'\), got 'mode'"):
        lm.calibrate(market, 10, target="mode")


def test_baselines__stand_beside(market: lm.Capture, found: Calibration) -> None:
    rows = held_out(lm.replay(market, 10), lm.replay(market))
    baselines = found.table.set_index("model")
    assert baselines.loc["drop", ["error", "l2", "bias", "recovered"]].tolist() == [1, 1, -1, 0]
    rate = (rows.true > 0).mean()
    assert baselines.loc["drop", "brier"] == pytest.approx(rate)
    assert baselines.loc["occupancy", "brier"] == pytest.approx(rate * (1 - rate))
    even = np.abs(rate * rows.size - rows.true).sum() / rows.true.sum()
    assert found.best.occupancy == baselines.loc["occupancy", "error"] == pytest.approx(even)


def test_out_of_sample__is_of_the_second_part(market: lm.Capture, found: Calibration) -> None:
    rows = held_out(lm.replay(market, 10), lm.replay(market))
    late = rows.time > found.split
    half_life, prune = found.best.chosen_on_first
    carry = lm.HalfLife(half_life, prune)
    carried = rows.size * carry.weight(np.nextafter(rows.age.astype(float), 0))
    error = np.abs(carried - rows.true)[late].sum() / rows.true[late].sum()
    assert found.best.out_of_sample == pytest.approx(error, rel=1e-9)
    held = np.abs(rows.size - rows.true)[late].sum() / rows.true[late].sum()
    assert found.best.hold_out_of_sample == pytest.approx(held, rel=1e-9)


def test_reliability__counts_all_that_was_judged(found: Calibration) -> None:
    table = found.reliability
    assert table["levels"].sum() == found.levels
    there = table["there"].dropna()
    assert there.between(0, 1).all()
    filled = table[table["levels"] > 0]
    assert ((filled["weight"] >= filled["low"]) & (filled["weight"] <= filled["high"])).all()


def test_shows_itself(found: Calibration) -> None:
    best = found.best
    for text in (repr(found), str(found), found._repr_html_()):
        assert f"Half-life {best.half_life}, prune {best.prune}" in text
        assert "10 levels a side judged by 40" in text
    assert "\\n" not in str(found)
    assert repr(found).startswith("<liqmap.Calibration bybit SIMUSDT")


def test_truth__of_a_deep_book(market: lm.Capture) -> None:
    """A book that is known beyond the window judges all that is carried."""
    deep = lm.replay(market.truth.depth)
    found = lm.calibrate(market, truth=deep)
    rows = held_out(lm.replay(market), deep)
    assert found.levels == len(rows.time)
    assert found.depth is None
    assert "40 levels a side judged by the whole book" in found.title
    assert lm.calibrate(lm.replay(market), truth=deep).best == found.best


def test_a_whole_book__is_cut_and_judged_by_itself(market: lm.Capture) -> None:
    """Of a feed without a limit a feed of 40 levels is made: the same as that feed by the whole book."""
    whole = replace(market, depth=market.truth.depth)
    found = lm.calibrate(whole, 40)
    assert (found.view, found.depth) == (40, None)
    assert found.best == lm.calibrate(market, truth=whole).best
    with pytest.raises(GridError, match=r"view: expected fewer levels than the feed's \d+"):
        lm.calibrate(whole, 100_000)


def test_views__an_eighth_a_quarter_and_a_half(market: lm.Capture) -> None:
    found = lm.calibrate(market)
    assert found.views["view"].tolist() == [5, 10, 20]
    assert found.view == 20
    ten = found.views.set_index("view").loc[10]
    alone = lm.calibrate(market, 10)
    assert (ten["half_life"], ten["prune"], ten["error"]) == (
        alone.best.half_life, alone.best.prune, alone.best.error,
    )  # fmt: skip
    assert len(alone.views) == 1


def test_session__calibrates_its_range_and_draws_by_it(tmp_path: Path, market: lm.Capture) -> None:
    from liqmap.simulation import write_bybit

    write_bybit(market, tmp_path / "raw")
    lm.ingest(tmp_path / "raw", store=tmp_path / "store", venue="bybit")
    session = lm.open_store(tmp_path / "store").session("bybit", "SIMUSDT")
    found = session.calibrate(10)
    assert found.best == lm.calibrate(market, 10).best
    part = session.sel(start="00:02")
    late = part.calibrate(10)
    assert late.time_range[0] >= part.time_range[0].astype(np.int64) - 10**9
    grid = session.grid("5s", 1.0, carry=found.carry)
    assert grid.attrs["half_life"] == found.carry.attrs()["half_life"]


def test_a_market_where_all_goes_at_once__is_not_carried() -> None:
    """Levels that leave are cancelled then, and small ones of other makers come: to draw nothing is best."""
    from tests.strategies import SECOND, START, to_depth_table

    messages, deep = [], []
    for k in range(200):
        at = START + k * SECOND + 1
        asks = [("ask", 30 + (k % 2) * 3 + i, 50.0 if i < 3 else 0.01) for i in range(8)]
        messages.append(("snapshot", at, [("bid", 10, 1.0), *asks[:3]]))
        deep.append(("snapshot", at, [("bid", 10, 1.0), *asks]))
    narrow = lm.replay(to_depth_table(messages, 3))
    wide = lm.replay(to_depth_table(deep, 8))
    found = lm.calibrate(narrow, truth=wide, half_lives=["1h"], prunes=[None])
    assert found.best.prune == "0s"
    assert found.best.error == found.best.out_of_sample == 1
    plain = replace(found, recommended=False)
    assert plain.carry.weight(1) == 0
    assert plain.sentence.startswith("Carry nothing")


def test_refuses__in_words(market: lm.Capture) -> None:
    with pytest.raises(GridError, match=r"view: expected fewer levels than the feed's 40.*got 40"):
        lm.calibrate(market, 40)
    with pytest.raises(GridError, match="view: expected a whole number of at least 1, got 0"):
        lm.calibrate(market, 0)
    short = lm.simulate(minutes=0.5, seed=3, levels=40, volatility=4.0)
    with pytest.raises(GridError, match=r"60 instants or more, got \d+ of \d+\. Take a longer session"):
        lm.calibrate(short, 10)
    with pytest.raises(
        GridError, match=r"source: expected a Session or a Capture.*Pass a deeper book as truth"
    ):
        lm.calibrate(lm.replay(market), 10)
    with pytest.raises(GridError, match="view: expected None, as spans are of one depth"):
        lm.calibrate(lm.replay(market), 10, truth=market)
    with pytest.raises(GridError, match="source: expected Spans, or a Session"):
        lm.calibrate(3)  # type: ignore[arg-type]
    one = lm.simulate(minutes=1, levels=1)
    with pytest.raises(GridError, match="two levels a side or more"):
        lm.calibrate(one)


def test_refuses__a_feed_that_never_loses_sight(market: lm.Capture) -> None:
    deep = lm.replay(market.truth.depth)
    with pytest.raises(GridError, match="expected levels that it carries inside the deeper book, got none"):
        lm.calibrate(deep, truth=deep)
