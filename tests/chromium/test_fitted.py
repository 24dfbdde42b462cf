"""The fitted model in the browser: the page draws by it, and Python does, as the rasterizer has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import liqmap as lm
from liqmap.render.frames.colour import pixels_of, scale_of_session
from liqmap.render.frames.frame import draw
from tests.app.fitted import MODEL, make_store, with_model
from tests.chromium.drawn import (
    STAGE,
    axes,
    drag_slider,
    image,
    panel,
    press,
    readout,
    settled,
    slider,
    slider_words,
)
from tests.chromium.test_links import wait_for_url
from tests.chromium.test_python_drawn import BY_PYTHON, who_draws

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

FITTED = "?market=bybit/AAAUSDT/ob20&layers=none&carry=fitted"

LOOK = lm.Look()

LATTICE = f"""() => {{
  {STAGE}
  const {{bounds, steps}} = stage.chart.picture, {{base, tick}} = stage.chart.market
  return {{bounds, steps, base, tick}}
}}"""


class Apps(NamedTuple):
    """Addresses of a server whose pages draw, and of one that draws itself; and their store."""

    page: str
    python: str
    store: lm.Store


@pytest.fixture(scope="module")
def apps(start_server: Callable, tmp_path_factory: pytest.TempPathFactory) -> Apps:
    store = make_store(tmp_path_factory.mktemp("fitted"))
    found = lm.calibrate(store.session("bybit", "AAAUSDT"), 10)
    store.save_calibration(with_model(found))
    return Apps(start_server(store.path).url, start_server(store.path, code=BY_PYTHON).url, store)


def expected(
    page: Any,
    store: lm.Store,
    carry: Any,
    agg: str = "peak",
    look: lm.Look = LOOK,
    presence: Any = None,
) -> np.ndarray:
    """The pixels of the page's cells, as the rasterizer and the colours of Python have them."""
    found = page.evaluate(LATTICE)
    (begin, end, low, high), (step, ticks) = found["bounds"], found["steps"]
    times = np.arange(int(begin), int(end) + 1, int(step), np.int64) + int(found["base"])
    rows = np.arange(round(low / found["tick"]), round(high / found["tick"]) + 1, int(ticks), np.int64)
    session = store.session("bybit", "AAAUSDT")
    spans = session.spans()
    scale = scale_of_session(spans, (session.time_range, session.price_range), agg, look)
    pixels = pixels_of(draw(spans, times, rows, carry, agg, presence=presence), look, scale)
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)


def assert_drawn(page: Any, store: lm.Store, carry: Any, agg: str = "peak") -> None:
    """Within 1/255 but for cells whose shade rounding turns."""
    ours, theirs = image(page).rgba.astype(int), expected(page, store, carry, agg).astype(int)
    assert ours.shape == theirs.shape
    assert (np.abs(ours - theirs).max(axis=-1) > 3).mean() < 1e-4


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
@pytest.mark.parametrize("prune", ["none", "20s"])
def test_pixels__are_those_of_the_model(visit: Callable, apps: Apps, agg: str, prune: str) -> None:
    link = f"{FITTED}&half_life=20s&prune={prune}&agg={agg}"
    carry = lm.Mixture(["3s", "2min", None], MODEL.shares, MODEL.sizes, MODEL.distances, prune)
    for url, who in ((apps.page, "page"), (apps.python, "python")):
        page = visit(url + link, 1280, 720).page
        settled(page)
        assert who_draws(page) == who
        assert_drawn(page, apps.store, carry, agg)
        other = expected(page, apps.store, lm.HalfLife("20s", prune), agg).astype(int)
        assert (np.abs(image(page).rgba - other).max(axis=-1) > 10).mean() > 0.02


@pytest.mark.parametrize("who", ["page", "python"])
def test_half_life__takes_over_once_it_is_moved(visit: Callable, apps: Apps, who: str) -> None:
    page = visit(f"{getattr(apps, who)}{FITTED}&half_life=20s&prune=none").page
    first = settled(page)
    assert slider_words(page, "half-life").inner_text() == "half-life: fitted model"
    page.locator(".strip", has_text="fitted model: 3 half-lives by 2 sizes and 2 distances").wait_for()
    assert page.get_by_role("radio", name="fitted model").is_checked()
    drag_slider(page, "half-life", 40)
    settled(page, unlike=first)
    said = slider_words(page, "half-life").inner_text()
    assert "fitted" not in said
    half_life = said.removeprefix("half-life: ").replace(" ", "")
    assert_drawn(page, apps.store, lm.HalfLife(half_life, None))
    page.locator(".strip", has_text="half-life").wait_for()
    page.wait_for_function("() => !location.search.includes('carry=')")
    assert page.get_by_role("radio", name="half-life").is_checked()
    press(page, "fitted model")
    assert settled(page, unlike=first | {"sum": -1})["cells"] == first["cells"]
    wait_for_url(page, "carry=fitted")
    page.locator(".strip", has_text="fitted model").wait_for()
    assert_drawn(page, apps.store, MODEL)


@pytest.mark.parametrize("who", ["page", "python"])
def test_key__takes_over_too(visit: Callable, apps: Apps, who: str) -> None:
    page = visit(f"{getattr(apps, who)}{FITTED}&half_life=20s&prune=none", 1280, 720).page
    first = settled(page)
    page.locator(".liqmap-chart").focus()
    page.keyboard.press("]")
    settled(page, unlike=first)
    page.wait_for_function("() => !location.search.includes('carry=')")
    assert_drawn(page, apps.store, lm.HalfLife("30s", None))


@pytest.mark.parametrize("who", ["page", "python"])
def test_prune__is_the_models(visit: Callable, apps: Apps, who: str) -> None:
    page = visit(f"{getattr(apps, who)}{FITTED}&half_life=20s&prune=none", 1280, 720).page
    first = settled(page)
    slider(page, "prune").focus()
    for _ in range(40):  # down to where it bites
        page.keyboard.press("ArrowLeft")
        said = slider_words(page, "prune").inner_text().removeprefix("prune: ").replace(" ", "")
        if said == "20s":
            break
    assert said == "20s"
    settled(page, unlike=first)
    wait_for_url(page, "prune=20s")
    assert "carry=fitted" in page.url
    assert slider_words(page, "half-life").inner_text() == "half-life: fitted model"
    carry = lm.Mixture(["3s", "2min", None], MODEL.shares, MODEL.sizes, MODEL.distances, "20s")
    assert_drawn(page, apps.store, carry)


def test_ladder_and_tooltip__say_the_same(visit: Callable, apps: Apps) -> None:
    link = f"{FITTED}&half_life=20s&prune=none&panels=ladder"
    one, other = (visit(url + link, 1280, 720).page for url in (apps.page, apps.python))
    plain = visit(f"{apps.page}{link.replace('&carry=fitted', '')}", 1280, 720).page
    for page in (one, other, plain):
        settled(page)
        page.wait_for_function(f"() => {{ {STAGE} return stage.panels.ladder.content }}")
        page.wait_for_timeout(300)
    assert panel(one, "ladder").same_as(panel(other, "ladder"))
    assert not panel(one, "ladder").same_as(panel(plain, "ladder"))
    said = []
    for x, y in [(0.5, 0.15), (0.7, 0.2), (0.8, 0.8), (0.9, 0.9), (0.95, 0.12)]:
        for page in (one, other):
            page.mouse.move(*axes(page).at(x, y), steps=3)
        for _ in range(60):
            one.wait_for_timeout(50)
            if readout(other) == readout(one) != said[-1:]:
                break
        said.append(readout(one))
        assert readout(other) == said[-1]
    assert any("carried" in " ".join(lines) for lines in said)


@pytest.mark.parametrize("who", ["page", "python"])
def test_before_and_after__carry_nothing_and_by_the_model(visit: Callable, apps: Apps, who: str) -> None:
    link = f"{FITTED}&half_life=20s&prune=none&view=before%20and%20after"
    page = visit(getattr(apps, who) + link, 1600, 900).page
    settled(page, place=1)
    settled(page, place=0)
    left, right = (image(page, k).rgba.astype(int) for k in (0, 1))
    carried, nothing = (
        expected(page, apps.store, carry).astype(int) for carry in (MODEL, lm.HalfLife("20s", 0))
    )
    assert (np.abs(right - carried).max(axis=-1) > 3).mean() < 1e-4
    assert (np.abs(left - nothing).max(axis=-1) > 3).mean() < 1e-4


def test_link__to_a_market_without_one_says_so(visit: Callable, apps: Apps) -> None:
    link = FITTED.replace("AAA", "BBB") + "&half_life=20s&prune=none"
    page = visit(apps.page + link, 1280, 720).page
    settled(page)
    page.locator(".warning", has_text="expected a market with a fitted model, got bybit BBBUSDT").wait_for()
    assert slider_words(page, "half-life").inner_text() == "half-life: 20 s"
    assert page.get_by_role("radio", name="fitted model").count() == 0


@pytest.mark.parametrize(("theme", "width", "height"), [("dark", 1600, 1000), ("light", 1280, 800)])
def test_screenshot(visit: Callable, apps: Apps, out: Path, theme: str, width: int, height: int) -> None:
    page = visit(f"{apps.page}?market=bybit/AAAUSDT/ob20&theme={theme}", width, height).page
    settled(page)
    page.locator(".strip", has_text="fitted model").wait_for()
    page.screenshot(path=out / f"app-fitted-{theme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
