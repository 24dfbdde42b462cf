"""What views of a feed say beyond its own depth: a line, an interval wider than any view's, and words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.analytics.calibration.slices import Beyond, beyond_of
from liqmap.analytics.calibration.slices.beyond import trend

LIVES = ["5s", "10s", "15s", "30s", "1min", "2min", "5min", "10min", "15min", "30min", "1h", "none"]
VIEWS = np.array([25, 50, 100])


@pytest.fixture(scope="module")
def found() -> Calibration:
    return lm.calibrate(lm.simulate(minutes=4, seed=3, levels=40, volatility=4.0, keep_truth=False))


def views_of(lives: list[str], low: list[str], high: list[str]) -> pd.DataFrame:
    named = {"unpruned": lives, "unpruned_shortest": low, "unpruned_longest": high}
    views = [25, 50, 100][-len(lives) :]
    return pd.DataFrame({"view": views, "depth": [200] * len(lives)} | named)


values = st.lists(st.floats(-20, 20), min_size=2, max_size=4)
widths = st.floats(0, 5)


@given(values, widths, widths, st.integers(2, 5))
def test_trend__is_the_line_of_least_squares(value: list[float], down: float, up: float, times: int) -> None:
    """By numpy's own fit, and the rules of the interval said once more, view by view."""
    views, y = np.array([3 * 2**k for k in range(len(value))]), np.array(value)
    depth = int(views[-1]) * times
    end, low, high, slope = trend(views, y, y - down, y + up, depth)
    line = np.polyfit(np.log2(views), y, 1)
    assert end == pytest.approx(np.polyval(line, np.log2(depth)), abs=1e-9)
    assert slope == pytest.approx(line[0], abs=1e-9)
    before = np.polyfit(np.log2(views[:-1]), y[:-1], 1) if len(y) > 2 else [y[0]]
    missed = abs(np.polyval(before, np.log2(views[-1])) - y[-1])
    above = below = 0.0
    for k in range(len(y)):
        one = np.polyval(np.polyfit(np.log2(views), np.eye(len(y))[k], 1), np.log2(depth))
        above += (one * (up if one > 0 else down)) ** 2
        below += (one * (down if one > 0 else up)) ** 2
    assert high == pytest.approx(max(end + above**0.5 + missed, y[-1] + up), abs=1e-8)
    assert low == pytest.approx(min(end - below**0.5 - missed, y[-1] - down), abs=1e-8)
    assert low <= y[-1] - down
    assert high >= y[-1] + up
    assert high - low >= down + up - 1e-9


def test_a_steady_growth__goes_on_and_is_wider() -> None:
    views = views_of(["15s", "30s", "1min"], ["10s", "15s", "30s"], ["30s", "1min", "2min"])
    beyond = beyond_of(views, LIVES)
    assert (beyond.depth, beyond.views, beyond.half_lives) == (200, (25, 50, 100), ("15s", "30s", "1min"))
    assert beyond.half_life == "2min"
    assert beyond.growth == pytest.approx(2)
    assert beyond.interval == ("30s", "10min")  # 1.53 doublings to each side, outward to what was tried


def test_no_growth__is_as_wide_as_the_views_are_unsure() -> None:
    one = beyond_of(views_of(["1min"] * 3, ["30s"] * 3, ["2min"] * 3), LIVES)
    assert (one.half_life, one.growth, one.interval) == ("1min", 1.0, ("15s", "5min"))
    sure = beyond_of(views_of(["1min"] * 3, ["1min"] * 3, ["1min"] * 3), LIVES)
    assert sure.interval == ("1min", "1min")


def test_a_line_that_missed__is_wider_by_what_it_missed() -> None:
    views = views_of(["1min", "1min", "5min"], ["1min", "1min", "5min"], ["1min", "1min", "5min"])
    beyond = beyond_of(views, LIVES)
    assert beyond.interval == ("1min", "1h")
    two = beyond_of(views[1:], LIVES)
    assert two.half_life in ("15min", "30min")
    assert two.interval[0] == "5min"
    assert LIVES.index(two.interval[1]) >= LIVES.index("1h")


def test_never_decaying__has_no_growth() -> None:
    beyond = beyond_of(views_of(["none"] * 2, ["1h"] * 2, ["none"] * 2), LIVES)
    assert (beyond.half_life, beyond.interval) == ("none", ("30min", "none"))
    assert np.isnan(beyond.growth)
    alone = beyond_of(views_of(["none"] * 2, ["none"] * 2, ["none"] * 2), ["none"])
    assert (alone.half_life, alone.interval) == ("none", ("none", "none"))


def test_nothing_is_beyond__one_view_or_the_whole_book(found: Calibration) -> None:
    views = views_of(["15s", "30s", "1min"], ["10s"] * 3, ["1h"] * 3)
    assert beyond_of(views[:1], LIVES) is None
    assert beyond_of(views.assign(depth=np.nan), LIVES) is None
    assert beyond_of(views.drop(columns="unpruned"), LIVES) is None  # of an older calibration
    refused = pd.DataFrame([{"view": 12, "depth": 200, "refused": "too short"}])
    assert beyond_of(pd.concat([refused, views[1:]], ignore_index=True), LIVES).views == (50, 100)
    assert replace(found, views=found.views[-1:]).beyond is None


def test_calibration__says_it_in_words(found: Calibration) -> None:
    beyond = found.beyond
    assert isinstance(beyond, Beyond)
    assert beyond.views == (5, 10, 20)
    assert beyond.depth == 40
    assert list(beyond.half_lives) == found.views["unpruned"].tolist()
    low, high = beyond.interval
    words = f"if that goes on it is {beyond.half_life} at 40 (widened interval {low} to {high})"
    for text in (repr(found), str(found), found._repr_html_()):
        assert words in text
    assert "Beyond the feed's own 40 levels nothing judges what is carried: at 5, 10 and 20 levels" in str(
        found
    )
    assert "nothing judges it" in dict(found.facts())["beyond"]
    again = Calibration.from_record(found.to_record())
    assert repr(again.beyond) == repr(beyond)


def test_views__have_the_fitted_model_beside_the_half_life(found: Calibration) -> None:
    market = lm.simulate(minutes=4, seed=3, levels=40, volatility=4.0, keep_truth=False)
    for row in found.views.to_dict("records"):
        alone = lm.calibrate(market, int(row["view"]))
        assert row["rival"] == pytest.approx(row["out_of_sample"]) == pytest.approx(alone.best.out_of_sample)
        assert row["fitted"] == pytest.approx(alone.late)
        assert (row["gain"], row["gain_low"], row["gain_high"]) == (alone.gain, *alone.gain_interval)
        assert row["recommended"] == alone.recommended
        for name in ("rival", "fitted"):
            assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
        curve = alone.surface.sel(prune="none")
        assert row["unpruned"] == curve["half_life"].values[int(np.argmin(curve.values))]
        places = [LIVES.index(row[name]) for name in ("unpruned_shortest", "unpruned", "unpruned_longest")]
        assert places == sorted(places)
