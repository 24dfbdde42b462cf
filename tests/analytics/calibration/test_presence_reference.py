"""How right a presence is on real captures and a simulated market, out of sample: the guide's table."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.analytics.calibration.held_out import Judged
from liqmap.analytics.calibration.presence import Counting, Reliability
from liqmap.analytics.calibration.presence.judge import TOLERANCE, fits_of, present
from liqmap.analytics.calibration.score import _cut, blocks_of
from liqmap.analytics.calibration.sizes import SizeCoverage, sized

pytestmark = pytest.mark.long

EVERY = os.environ.get("LIQMAP_EVERY", "") == "1"
"""Every row of the table, not only those of the perpetual: a quarter of an hour, and 12 GB for the 8 h."""

BTC, BITSTAMP = (
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob1000.data.zip",
    "derived-bitstamp/2015-05-01_BTCUSD_ob20.data.zip",
)


def shallower(file: str, view: int) -> Callable[[Path, Path], tuple[lm.Spans, lm.Spans]]:
    def found(data: Path, folder: Path) -> tuple[lm.Spans, lm.Spans]:
        capture = lm.read(data / file, venue="bybit")
        return lm.replay(capture, view), lm.replay(capture)

    return found


def bitstamp_orders(data: Path, folder: Path) -> tuple[lm.Spans, lm.Spans]:
    lm.ingest(data / "l3-bitstamp-2015/2015-05-01.log.bz2", store=folder)
    store = lm.open_store(folder)
    narrow, wide = (store.session("bitstamp", "BTCUSD", feed=feed).spans() for feed in ("ob20", "mbo"))
    return narrow, wide


def es(data: Path, folder: Path) -> tuple[lm.Spans, lm.Spans]:
    lm.ingest(data / "databento/esh4-glbx-mdp3-20231225.mbo.dbn.zst", store=folder)
    session = lm.open_store(folder).session("databento", "ESH4", feed="mbo")
    return session.spans(depth_limit=10), session.spans()


def simulated(minutes: int) -> Callable[[Path, Path], tuple[lm.Spans, lm.Spans]]:
    def found(data: Path, folder: Path) -> tuple[lm.Spans, lm.Spans]:
        market = lm.simulate(minutes=minutes, seed=1, levels=50)
        return lm.replay(market), lm.replay(replace(market, depth=market.truth.depth))

    return found


TABLE = [
    ("perpetual 50 of 1000", shallower(BTC, 50), 0.065, 0.087, 0.94, (0.892, 0.957)),
    ("perpetual 200 of 1000", shallower(BTC, 200), 0.061, 0.071, 0.94, (0.886, 0.957)),
    ("Bitstamp 10 of 20", shallower(BITSTAMP, 10), 0.144, 0.100, 0.87, (0.887, 0.953)),
    ("Bitstamp 5 of 20", shallower(BITSTAMP, 5), 0.121, 0.110, 0.84, (0.903, 0.959)),
    ("Bitstamp 20 by orders", bitstamp_orders, 0.141, 0.101, 0.92, (0.945, 0.961)),
    ("ES 10 by orders", es, 0.0, 0.0, 1.0, (0.919, 0.919)),
    ("simulated 1 h", simulated(60), 0.033, 0.044, 0.91, (0.902, 0.964)),
    ("simulated 4 h", simulated(240), 0.020, 0.024, 0.93, (0.916, 0.963)),
    ("simulated 8 h", simulated(480), 0.017, 0.021, 0.96, (0.909, 0.954)),
]
"""Market, error, floor and coverage on the second half, fitted to the first; then shares of what is there,
and of all, whose size is within its interval."""


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(
    ("name", "make", "error", "floor", "covered", "sizes"), TABLE if EVERY else TABLE[:2]
)
def test_presence__is_as_right_as_the_guide_says(
    real_data: Path,
    tmp_path: Path,
    name: str,
    make: Callable,
    error: float,
    floor: float,
    covered: float,
    sizes: tuple[float, float],
) -> None:
    judged = Judged(*make(real_data, tmp_path))
    blocks = blocks_of(judged, None)
    counting = Counting(judged, split=blocks.begin + _cut(judged, blocks, 0.5) * blocks.length)
    for _ in counting.counted(judged):
        pass
    fits = fits_of(counting, 0.9)
    found = Reliability(present(counting, fits)["presence_groups"])
    assert found.error == pytest.approx(error, abs=0.002), name
    assert found.floor == pytest.approx(floor, abs=0.002), name
    assert found.covered == pytest.approx(covered, abs=0.02), name
    assert found.long_enough == (floor <= TOLERANCE)
    assert found.error <= TOLERANCE or not found.long_enough
    held = SizeCoverage(sized(counting, fits, 0.9)["size_groups"])
    assert (held.inside, held.whole_inside) == pytest.approx(sizes, abs=0.005), name
