"""A session that Python draws, as of large ones, looks as it does where the page draws it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.chromium.drawn import STAGE, axes, figures, image, painted, panel, readout, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

BY_PYTHON = """
import sys
from liqmap.app import serve
from liqmap.app.picture import scene
scene.IN_PAGE = 0
serve(sys.argv[1], port=int(sys.argv[2]))
"""

NEAR = "&from=2026-01-05T00:00:20&to=2026-01-05T00:00:50&low=64900&high=64950"

LINKS = [
    "half_life=20s&prune=none",
    "half_life=20s&prune=none" + NEAR,
    "half_life=10s&prune=1min&agg=mean&stable=off&scaling=equalised",
    "half_life=none&prune=none&agg=last&carried_shown=outline&theme=light",
    "view=as%20transmitted&palette=classic&bids=off",
    "half_life=20s&prune=none&row=20&min_size=2&opacity=0.5&carried=0.4",
]


@pytest.fixture(scope="module")
def by_python(start_server: Callable, store_path: Path) -> str:
    return start_server(store_path, code=BY_PYTHON).url


def _wider(drawn: np.ndarray, by: int) -> np.ndarray:
    """What is drawn and so many pixels around it."""
    shifts = range(-by, by + 1)
    return np.any([np.roll(drawn, (dy, dx), (0, 1)) for dy in shifts for dx in shifts], axis=0)


def who_draws(page: Any) -> str:
    return page.evaluate(f"() => {{ {STAGE} return stage.drawn }}")


@pytest.mark.parametrize("link", LINKS)
def test_pixels__are_the_same(visit: Callable, app: str, by_python: str, link: str) -> None:
    one, other = (visit(f"{url}?{link}&layers=none", 1280, 720).page for url in (app, by_python))
    assert settled(one) | {"sum": 0} == settled(other) | {"sum": 0}
    assert (who_draws(one), who_draws(other)) == ("page", "python")
    ours, theirs = image(one).rgba.astype(int), image(other).rgba.astype(int)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1
    assert len(np.unique(ours.reshape(-1, 4), axis=0)) > 20


@pytest.mark.parametrize("layer", ["bbo", "mid", "bubbles", "candles"])
@pytest.mark.parametrize("view", ["", NEAR])
def test_layer__is_the_same(visit: Callable, app: str, by_python: str, layer: str, view: str) -> None:
    link = f"?half_life=20s&prune=none&layers={layer}{view}"
    one, other = (visit(url + link, 1280, 720).page for url in (app, by_python))
    settled(one)
    settled(other)
    other.wait_for_function(f"layer => {{ {STAGE} return stage.chart.told[layer] }}", arg=layer)
    other.wait_for_timeout(300)
    ours, theirs = (painted(page, "lines").rgba.astype(int) for page in (one, other))
    # Where there are some steps a pixel Python draws all of them, the page the last: their ends lie apart.
    same = 0.85 if layer in ("bbo", "mid") and not view else 0.97
    for here, there in ((ours, theirs), (theirs, ours)):
        ink, near = here[..., 3] > 200, _wider(there[..., 3] > 200, 3)
        assert ink.mean() > 0.003
        assert near[ink].mean() > same
        np.testing.assert_allclose(here[ink].mean(axis=0), there[there[..., 3] > 200].mean(axis=0), atol=12)


@pytest.mark.parametrize("name", ["delta", "profile", "ladder"])
def test_panel__is_the_same(visit: Callable, app: str, by_python: str, name: str) -> None:
    link = f"?half_life=20s&prune=none&layers=none&panels={name}"
    one, other = (visit(url + link, 1280, 720).page for url in (app, by_python))
    for page in (one, other):
        settled(page)
        page.wait_for_function(f"name => {{ {STAGE} return stage.panels[name].content }}", arg=name)
        page.wait_for_timeout(300)
    # With their words at the axes, the tag of the last price among them; what is none is not equal to itself.
    np.testing.assert_equal(figures(one), figures(other))
    ours, theirs = panel(one, name), panel(other, name)
    assert ours.same_as(theirs)
    assert len(np.unique(ours.rgba.reshape(-1, 4), axis=0)) > 10


def test_cell__says_the_same(visit: Callable, app: str, by_python: str) -> None:
    one, other = (
        visit(url + "?half_life=20s&prune=none&layers=none", 1280, 720).page for url in (app, by_python)
    )
    settled(one)
    settled(other)
    said = []
    for x, y in [(0.2, 0.3), (0.5, 0.4), (0.6, 0.6), (0.8, 0.55), (0.9, 0.7)]:
        for page in (one, other):
            page.mouse.move(*axes(page).at(x, y), steps=3)
        for _ in range(60):
            one.wait_for_timeout(50)
            if readout(other) == readout(one) != said[-1:]:
                break
        said.append(readout(one))
        assert readout(other) == said[-1] != []
    assert len({tuple(lines) for lines in said}) == len(said)


AGAIN = f"""async () => {{
  {STAGE}
  const {{source, asked, view}} = stage.chart
  const tones = first => [first, first + 1].map(tone => new Uint32Array(1024).fill(tone))
  const pictures = []
  for (const plus of [0, 0, 10]) {{
    const palette = {{empty: 1 + plus, sides: tones(2 + plus), carried: tones(4 + plus)}}
    const {{image}} = await source.frame({{...asked, view, shown: [true, true], size: [300, 200], palette}})
    pictures.push(Array.from(image.pixels))
  }}
  return pictures
}}"""


def test_cells__asked_for_again_are_coloured_anew(visit: Callable, by_python: str) -> None:
    """They are not sent again."""
    page = visit(f"{by_python}?{LINKS[0]}&layers=none", 1280, 720).page
    settled(page)
    one, again, other = map(np.array, page.evaluate(AGAIN))
    assert {1, 2, 3} <= set(one)
    assert set(one) <= {0, 1, 2, 3, 4, 5}
    np.testing.assert_array_equal(again, one)
    np.testing.assert_array_equal(other, np.where(one == 0, 0, one + 10))
