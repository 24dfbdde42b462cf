"""A carry model stands wherever half-life and prune stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import liqmap as lm
from liqmap.browser import standalone_html
from liqmap.render import heatmap, picture
from liqmap.render.frames.frame import screen
from liqmap.schema import CARRIED, OPEN, GridError
from tests.render.market import CARRIED_BID, Market

HALVES = lm.Survival(["0s", "100ms"], [1.0, 0.5])
MIXTURE = lm.Mixture(["1s", None], [[[0.5, 0.1], [0.9, 0.1]], [[0.3, 0.6], [0.2, 0.2]]], [5.0], [20.0])


def test_a_model_weighs_what_a_screen_shows() -> None:
    market = Market()
    view = (market.spans(), market.time_range, market.price_range, 600, 1000)
    frame = screen(*view, carry=HALVES)
    (row,) = np.flatnonzero(frame.rows == CARRIED_BID)
    sizes = frame.liquidity[0, row][frame.state[0, row] == CARRIED]
    assert len(sizes) > 300
    np.testing.assert_allclose(sizes[1:], 5.0)


SUFFIX = {picture: ".png", standalone_html: ".html"}


@pytest.mark.parametrize(
    ("draw", "models"),
    [(draw, (lm.HOLD, HALVES, MIXTURE, lm.DROP)) for draw in (picture, standalone_html)],
)
def test_files_take_one(tmp_path: Path, draw, models) -> None:  # type: ignore[no-untyped-def]
    drawn = {
        draw(Market(), tmp_path / f"{k}{SUFFIX[draw]}", carry=model).read_bytes()
        for k, model in enumerate(models)
    }
    assert len(drawn) == len(models)
    with pytest.raises(GridError, match="expected a carry model"):
        draw(Market(), tmp_path / f"a{SUFFIX[draw]}", carry="fast")


class Own:
    """A model of one's own."""

    by_distance = False

    def weight(self, age, distance=None):  # type: ignore[no-untyped-def]
        return np.full(np.shape(age), 0.5)

    def integral(self, young, old, distance=None):  # type: ignore[no-untyped-def]
        return 0.5 * (old - young)

    def reach(self, distance=None):  # type: ignore[no-untyped-def]
        return OPEN

    def attrs(self) -> dict[str, str]:
        return {"half_life": "own", "prune": "none"}


def test_pages_take_no_model_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(GridError, match=r"^carry: expected a HalfLife, .* got Own\. .*picture draws any"):
        standalone_html(Market(), tmp_path / "a.html", carry=Own())
    assert list(tmp_path.iterdir()) == []


def test_heatmap_takes_one() -> None:
    chart = heatmap(Market(), carry=HALVES, dynamic=False)
    assert "Survival" in chart.opts.get().kwargs["title"]
    choices = ({"carry": lm.HalfLife("1min", None)}, {"half_life": "1min", "prune": None})
    drawn = [heatmap(Market(), overlays=(), dynamic=False, **choice) for choice in choices]
    one, same = ([rgb.dimension_values(c, flat=False) for c in "RGBA"] for rgb in drawn)
    np.testing.assert_array_equal(one, same)
