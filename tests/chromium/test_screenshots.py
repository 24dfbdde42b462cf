"""The app on the bundled sample, and on minutes and a day of real markets: all in its place, structure seen.

LIQMAP_SCREENSHOTS keeps the pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.render.frames.palettes import THEMES
from tests.chromium.drawn import figures, image, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MARKETS = ("sample", "usdm", "bitstamp")
LINKS = {
    "sample": "market=bybit/SIMUSDT/ob200&half_life=10min&prune=none",
    "usdm": "market=bybit/BTCUSDT/ob50&half_life=2min&prune=none",
    "bitstamp": "market=bybit-spot/BTCUSD/ob20&half_life=30min&prune=3h",
}
SIZES = {"1600x1000-dark": (1600, 1000), "1600x1000-light": (1600, 1000), "1280x720-dark": (1280, 720)}
PANELS = "layers=bbo,bubbles&panels=delta,profile,ladder"
CHARTS = 4
"""The heatmap, the ladder, the profile, the delta."""


@pytest.fixture(scope="module")
def markets(real_data: Path, serve_app: Callable, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on a store with the three markets."""
    store = tmp_path_factory.mktemp("screenshots") / "store"
    usdm, bitstamp = real_data / "derived-usdm-btc", real_data / "derived-bitstamp"
    for paths, venue in (
        (sorted(SAMPLE.glob("*SIMUSDT*")), None),
        ([*usdm.glob("*ob50*"), *usdm.glob("*.csv.gz")], None),
        ([*bitstamp.glob("*ob20*"), *bitstamp.glob("*.csv.gz")], "bybit-spot"),
    ):
        assert lm.ingest(paths, store=store, venue=venue).exit_code == 0
    return serve_app(store)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("market", MARKETS)
def test_page__is_whole_and_shows_structure(
    visit: Callable, markets: str, out: Path, market: str, size: str
) -> None:
    width, height = SIZES[size]
    theme = size.rsplit("-", 1)[1]
    page = visit(f"{markets}?{LINKS[market]}&{PANELS}&theme={theme}", width, height).page
    settled(page)
    page.screenshot(path=out / f"app-{market}-{size}.png")
    assert page.locator(".warning, .notice").count() == 0
    boxes = _boxes(page)
    assert len(boxes) == CHARTS
    assert all(b[0] >= 0 and b[1] >= 0 and b[2] <= width and b[3] <= height for b in boxes)
    assert not any(_overlap(a, b) for a, b in combinations(boxes, 2))
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    labels = {label for figure in figures(page) for label in figure["labels"]}
    assert {"time, UTC", "price, USD" if market == "bitstamp" else "price, USDT"} <= labels
    assert 0.05 < _drawn(image(page).rgba, theme) < 0.98


def test_markets_of_other_days__can_be_chosen(visit: Callable, markets: str) -> None:
    page = visit(f"{markets}?market=bybit/SIMUSDT/ob200").page
    first = settled(page)
    page.locator("select").first.select_option(label="bybit BTCUSDT ob50")
    second = settled(page, unlike=first)
    page.get_by_text("2024-08-08 23:54:16").wait_for()
    page.locator("select").first.select_option(label="bybit SIMUSDT ob200")
    assert settled(page, unlike=second) == first


def _boxes(page: Any) -> list[tuple[float, ...]]:
    """Left, top, right and bottom of every chart."""
    found = [one.bounding_box() for one in page.locator(".liqmap-chart, .liqmap-panel").all()]
    return [(b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]) for b in found]


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1


def _drawn(rgba: np.ndarray, theme: str) -> float:
    """Share of the cells that stand out from the page."""
    background = np.array(THEMES[theme].background[:3])
    apart = np.abs(rgba[..., :3].astype(int) - background).max(axis=-1) > 24
    return float((apart & (rgba[..., 3] > 0)).mean())
