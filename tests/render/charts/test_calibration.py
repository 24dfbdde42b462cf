"""The chart of a calibration: what it shows, by its dimensions and marks."""

from __future__ import annotations

from dataclasses import replace

import holoviews as hv
import numpy as np
import pytest

import liqmap as lm
from liqmap.render.png.calibration_picture import calibration_picture
from liqmap.schema import LiqmapError, SessionError


@pytest.fixture(scope="module")
def found() -> lm.Calibration:
    return lm.calibrate(lm.simulate(minutes=2, seed=3, levels=20, volatility=4.0, keep_truth=False), 5)


def test_plot__is_the_surface_and_the_errors(found: lm.Calibration) -> None:
    surface, curves, weights = found.plot()
    cells = surface.get(0)
    assert isinstance(cells, hv.HeatMap)
    error = dict(zip(zip(cells["half-life"], cells["prune"]), cells["error"]))
    for (half_life, prune), value in error.items():
        assert value == pytest.approx(float(found.surface.sel(half_life=half_life, prune=prune)))
    assert len(error) == found.surface.size
    dots, ring = surface.get(1), surface.get(2)
    assert len(dots) == int(found.measures["flat"].sum())
    best = found.best
    assert (ring["half-life"].tolist(), ring["prune"].tolist()) == ([best.half_life], [best.prune])
    curve = next(c for c in curves if isinstance(c, hv.Curve) and c.label == f"prune {best.prune}")
    np.testing.assert_allclose(curve["error"], found.surface.sel(prune=best.prune))
    lines = [float(mark.data) for mark in curves if isinstance(mark, hv.HLine)]
    assert {best.drop, best.hold, best.occupancy} >= set(lines) >= {best.drop}
    fitted = next(c for c in curves if isinstance(c, hv.Curve) and c.label.startswith("fitted"))
    assert set(fitted["error"]) == {found.late}
    learnt = found.learnt
    assert learnt is not None
    assert [c.label for c in weights] == ["after 10 s", "after 1 min", "after 10 min"]
    if not found.fitted.by_distance:
        for curve, name in zip(weights, ("weight_10s", "weight_1min", "weight_10min")):
            assert curve["weight"][::2].tolist() == pytest.approx(learnt[name].tolist())
            np.testing.assert_allclose(curve["size"][1:-1:2], learnt["size_high"][:-1])


def test_plot__without_a_fitted_model_has_two(found: lm.Calibration) -> None:
    without = replace(found, fitted=None, learnt=None, table=found.table[found.table["model"] != "fitted"])
    assert len(without.plot()) == 2


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_plot__renders(found: lm.Calibration, theme: str) -> None:
    hv.renderer("bokeh").get_plot(found.plot(theme))


def test_picture__refuses_what_is_none(found: lm.Calibration, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SessionError, match=r"expected what lm\.calibrate returns, got int"):
        calibration_picture(3, tmp_path / "x.png")  # type: ignore[arg-type]
    with pytest.raises(LiqmapError, match=r"x\.bmp"):
        calibration_picture(found, tmp_path / "x.bmp")
