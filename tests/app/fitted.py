"""A market with a calibration whose fitted model is known by heart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

import liqmap as lm
from liqmap.simulation import write_bybit

MODEL = lm.Mixture(
    ["3s", "2min", None],
    [[[0.9, 0.1, 0.0], [0.5, 0.3, 0.2]], [[0.1, 0.3, 0.6], [0.0, 0.1, 0.9]]],
    sizes=[4.0],
    distances=[2.0],
)
"""By two sizes and two distances, of which large ones that were far stay."""

PRESENCE = lm.Presence(lm.HalfLife("20s", None), lm.HalfLife("10s", None), lm.HalfLife("40s", None))
"""Half of the levels are gone after 20 s, or after 10 to 40 s."""

GAINS = {True: (0.1, (0.05, 0.15)), False: (0.01, (-0.02, 0.04))}


def make_store(folder: Path) -> lm.Store:
    """Two markets of two minutes, of 20 levels."""
    for seed, symbol in ((3, "AAAUSDT"), (4, "BBBUSDT")):
        capture = lm.simulate(
            minutes=2, seed=seed, levels=20, volatility=4.0, symbol=symbol, keep_truth=False
        )
        lm.ingest(write_bybit(capture, folder / symbol), store=folder / "store")
    return lm.open_store(folder / "store")


def with_model(found: lm.Calibration, recommended: bool = True, model: lm.Mixture = MODEL) -> lm.Calibration:
    """A calibration that has fitted `MODEL`, or another."""
    gain, interval = GAINS[recommended]
    return replace(found, fitted=model, recommended=recommended, gain=gain, gain_interval=interval)


def times_of(session: lm.Session) -> tuple[int, int]:
    """Its time range, ns."""
    begin, end = (int(t.astype("datetime64[ns]").astype(np.int64)) for t in session.time_range)
    return begin, end
