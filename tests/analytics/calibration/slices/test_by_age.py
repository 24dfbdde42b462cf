"""The best half-life by age: each row is that of the rows held out of that age, and together they are all."""

from __future__ import annotations

import json

import numpy as np
import pytest

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.analytics.calibration import held_out
from liqmap.analytics.calibration.score import choices
from liqmap.analytics.calibration.slices import by_age
from liqmap.analytics.calibration.sums import Sums
from liqmap.cli import main
from liqmap.simulation import write_bybit

LIVES = ["5s", "30s", "2min", "none"]
PRUNES = ["20s", "1min", "none"]


@pytest.fixture(scope="module")
def market() -> lm.Capture:
    return lm.simulate(minutes=4, seed=3, levels=40, volatility=4.0, keep_truth=False)


@pytest.fixture(scope="module")
def found(market: lm.Capture) -> Calibration:
    return lm.calibrate(market, 10, half_lives=LIVES, prunes=PRUNES, block="3s")


def test_each_age__is_what_was_held_out_of_it(market: lm.Capture, found: Calibration) -> None:
    """By the rows themselves, which know of no sums: every half-life in every age."""
    rows, total = held_out(lm.replay(market, 10), lm.replay(market)), 0
    assert found.by_age["age_high"].tolist() == [20.0, 60.0, np.inf]
    for row in found.by_age.to_dict("records"):
        mine = (rows.age > row["age_low"] * 1e9) | (row["age_low"] == 0)
        mine &= rows.age <= row["age_high"] * 1e9
        size, true, age = rows.size[mine], rows.true[mine], rows.age[mine]
        total += row["rows"]
        assert row["rows"] == mine.sum()
        assert row["liquidity"] == pytest.approx(true.sum() / rows.true.sum())
        assert row["there"] == pytest.approx((true > 0).mean())
        errors = {}
        for words in LIVES:
            carried = size * lm.HalfLife(words, None).weight(age)
            errors[words] = np.abs(carried - true).sum() / true.sum()
        best = min(errors, key=errors.__getitem__)
        assert row["hold"] == pytest.approx(errors["none"])
        best_of_all, prune = found.best.half_life, found.best.prune
        kept = lm.HalfLife(best_of_all, prune).weight(np.nextafter(age.astype(float), 0))
        assert row["overall"] == pytest.approx(np.abs(size * kept - true).sum() / true.sum())
        if errors[best] < 1:
            assert row["half_life"] == best
            assert row["error"] == pytest.approx(errors[best])
            assert row["low"] <= row["error"] <= row["high"]
            places = [LIVES.index(row[name]) for name in ("shortest", "half_life", "longest")]
            assert places == sorted(places)
        else:
            assert (row["half_life"], row["error"]) == ("drop", 1.0)
    assert total == found.levels
    assert found.by_age["liquidity"].sum() == pytest.approx(1)


def test_overall__weighed_by_liquidity_is_the_error_of_the_best(found: Calibration) -> None:
    table = found.by_age
    assert (table["liquidity"] * table["overall"]).sum() == pytest.approx(found.best.error)
    assert (table["liquidity"] * table["hold"]).sum() == pytest.approx(found.best.hold)
    assert (table["error"] <= table["overall"] + 1e-12).all()


def test_an_age_that_nothing_has__is_unknown(market: lm.Capture) -> None:
    table = lm.calibrate(market, 10, half_lives=LIVES, prunes=["0s", "1min", "5h", None]).by_age
    assert table["age_low"].tolist() == [0.0, 60.0, 18_000.0]  # no age is below a prune of 0
    last = table.iloc[-1]
    assert (last["rows"], last["liquidity"], last["half_life"]) == (0, 0.0, "")
    assert np.isnan([last[name] for name in ("there", "error", "low", "high", "overall", "hold")]).all()


def test_an_age_of_few_blocks__is_no_answer() -> None:
    """Four blocks of time with liquidity say how much there is, and nothing of a half-life; five do."""
    chosen = choices(["30s"], [None], None, 0.5, 50, 0.9, 0)
    for blocks in (4, 5):
        sums = Sums.zeros(8, 1, 2)
        sums.plain[:blocks, 0] = (2.0, 1.0, 3.0, 9.0)
        sums.weighed[:blocks, 0, :, 0] = (1.0, 2.0)
        (row,) = by_age(sums, chosen, "30s", "none").to_dict("records")
        assert (row["rows"], row["liquidity"], row["there"]) == (2 * blocks, 1.0, 0.5)
        assert row["half_life"] == ("30s" if blocks == 5 else "")
        assert np.isnan(row["error"]) == (blocks == 4)
        assert row["overall"] == pytest.approx(1 / 3)


def test_shown_and_kept(market: lm.Capture, found: Calibration, tmp_path, capsys) -> None:
    assert "by age" in found._repr_html_()
    again = Calibration.from_record(json.loads(json.dumps(found.to_record())))
    assert again.by_age.equals(found.by_age)
    older = found.to_record()
    del older["fields"]["by_age"]
    assert Calibration.from_record(older).by_age is None
    write_bybit(market, tmp_path)
    (archive,) = tmp_path.glob("*.zip")
    assert main(["calibrate", str(archive), "--view", "10", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["by_age"]
    expected = lm.calibrate(market, 10).by_age
    assert [row["half_life"] for row in told] == expected["half_life"].tolist()
    assert [row["rows"] for row in told] == expected["rows"].tolist()
    assert told[-1]["age_high"] is None  # without an end
    assert main(["calibrate", str(archive), "--view", "10"]) == 0
    assert "by age of the level" in capsys.readouterr().out
