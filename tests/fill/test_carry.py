"""`fill_forward` by another carry model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.schema import GridError

FRAME = pd.DataFrame(
    {"time": [0, 1_000, 2_000, 4_000, 9_000], "side": "bid", "price": [1.0, 2.0, 1.0, 3.0, 4.0], "size": 8.0}
)


def test_a_curve_weighs_by_age() -> None:
    curve = lm.Survival(["0s", "4s"], [1.0, 0.0])
    filled = lm.fill_forward(FRAME, carry=curve)
    np.testing.assert_allclose(filled["size"], 8 * np.maximum(1 - filled["age"] / 4, 0))
    assert filled["time"].tolist() == [0, 1_000, 1_000, 2_000, 2_000, 4_000, 4_000, 4_000, 9_000]
    assert len(lm.fill_forward(FRAME, carry=curve, floor=0.6)) == 7


def test_a_half_life_as_a_model_is_the_half_life() -> None:
    pd.testing.assert_frame_equal(
        lm.fill_forward(FRAME, carry=lm.HalfLife("2s", "3s")), lm.fill_forward(FRAME, "2s", "3s")
    )


def test_a_frame_knows_no_distance() -> None:
    with pytest.raises(GridError, match="by age alone"):
        lm.fill_forward(FRAME, carry=lm.Survival(["0s"], [[1.0], [0.5]], distances=[5.0]))


def test_a_comparison_takes_one() -> None:
    spans = lm.replay(lm.simulate(minutes=1, seed=5, levels=30, keep_truth=False).depth)
    curve = lm.Survival(["0s", "20s"], [1.0, 0.0])
    settings = {"every": "500ms", "levels": 20, "time": "5s", "price": 1.0}
    by_curve, by_half_life = (
        lm.compare_fill(spans, **settings, carry=curve),
        lm.compare_fill(spans, **settings),
    )
    assert by_curve.cells.attrs["carry"] == repr(curve)
    assert float(by_curve.cells["carried"].sum()) < float(by_half_life.cells["carried"].sum())
