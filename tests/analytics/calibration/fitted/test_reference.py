"""The fitted model beside the best half-life, on real captures and simulated markets: the guide's table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import liqmap as lm

pytestmark = pytest.mark.long

EVERY = os.environ.get("LIQMAP_EVERY", "") == "1"
"""Every row of the table, not only those of the perpetual: some minutes."""

DAYS = os.environ.get("LIQMAP_DAYS", "") == "1"
"""The rows of two simulated days too: two minutes of one core and 3.4 GB each."""


def usdm(view: int) -> Callable[[Path, Path], lm.Calibration]:
    def found(data: Path, folder: Path) -> lm.Calibration:
        file = data / "derived-usdm-btc/2024-08-08_BTCUSDT_ob1000.data.zip"
        return lm.calibrate(lm.read(file, venue="bybit"), view)

    return found


def bitstamp(data: Path, folder: Path) -> lm.Calibration:
    file = data / "derived-bitstamp/2015-05-01_BTCUSD_ob20.data.zip"
    return lm.calibrate(lm.read(file, venue="bybit"), 10)


def bitstamp_orders(data: Path, folder: Path) -> lm.Calibration:
    lm.ingest(data / "l3-bitstamp-2015/2015-05-01.log.bz2", store=folder)
    store = lm.open_store(folder)
    feed = store.session("bitstamp", "BTCUSD", feed="ob20")
    return lm.calibrate(feed, truth=store.session("bitstamp", "BTCUSD", feed="mbo"))


def es(data: Path, folder: Path) -> lm.Calibration:
    lm.ingest(data / "databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst", store=folder)
    return lm.calibrate(lm.open_store(folder).session("databento", "ESH4", feed="mbo"), 10)


def simulated(seed: int, view: int, hours: int = 4) -> Callable[[Path, Path], lm.Calibration]:
    def found(data: Path, folder: Path) -> lm.Calibration:
        market = lm.simulate(minutes=60 * hours, seed=seed, levels=40, volatility=4.0, keep_truth=False)
        return lm.calibrate(market, view)

    return found


TABLE = [
    ("perpetual 200 of 1000", usdm(200), 0.8936, 0.6888, True),
    ("perpetual 50 of 1000", usdm(50), 0.8763, 0.6272, True),
    ("Bitstamp 10 of 20", bitstamp, 0.6775, 0.5389, True),
    ("Bitstamp 20 by orders", bitstamp_orders, 0.4584, 0.2903, True),
    ("ES 10 by orders", es, 0.3499, 0.3499, False),
    ("simulated 10 of 40", simulated(1, 10), 0.4325, 0.4266, True),
    ("simulated 20 of 40", simulated(2, 20), 0.3437, 0.3384, True),
]
"""Market, the best half-life's error and the fitted model's on the second part of the time, recommended."""

TWO_DAYS = [
    ("simulated day, 10 of 40", simulated(1, 10, hours=24), 0.4386, 0.4342, True),
    ("simulated day, 20 of 40", simulated(2, 20, hours=24), 0.3308, 0.3277, True),
]

CHOSEN = (TABLE if EVERY else TABLE[:2]) + (TWO_DAYS if DAYS else [])


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize(("name", "make", "half_life", "fitted", "recommended"), CHOSEN)
def test_fitted__stands_beside_the_best_half_life(
    real_data: Path,
    tmp_path: Path,
    name: str,
    make: Callable,
    half_life: float,
    fitted: float,
    recommended: bool,
) -> None:
    found = make(real_data, tmp_path)
    assert found.best.out_of_sample == pytest.approx(half_life, abs=2e-4), name
    assert found.late == pytest.approx(fitted, abs=2e-3), name
    low, high = found.gain_interval
    assert low <= found.gain <= high
    assert high >= -1e-9, "never worse than the best half-life by more than the interval"
    assert found.recommended == recommended == (low > 1e-9)
    if name.startswith("perpetual"):
        assert found.late < 0.9 * found.best.out_of_sample
