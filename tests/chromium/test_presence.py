"""Shading by presence in the browser: the colours of Python, of a small session and of one that it draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from tests.app.fitted import PRESENCE, make_store
from tests.chromium.drawn import axes, drag_slider, image, readout, settled, slider_words
from tests.chromium.test_fitted import Apps, expected
from tests.chromium.test_links import wait_for_url
from tests.chromium.test_python_drawn import BY_PYTHON, who_draws

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?market=bybit/AAAUSDT/ob20&half_life=none&prune=none&layers=none"


@pytest.fixture(scope="module")
def apps(start_server: Callable, tmp_path_factory: pytest.TempPathFactory) -> Apps:
    store = make_store(tmp_path_factory.mktemp("presence"))
    found = lm.calibrate(store.session("bybit", "AAAUSDT"), 10)
    store.save_calibration(replace(found, presence=PRESENCE, fitted=None, recommended=False))
    return Apps(start_server(store.path).url, start_server(store.path, code=BY_PYTHON).url, store)


def assert_shaded(page: Any, store: lm.Store, carry: Any = lm.HOLD, **look: Any) -> None:
    ours = image(page).rgba.astype(int)
    theirs = expected(page, store, carry, look=lm.Look(**look), presence=PRESENCE.likely).astype(int)
    assert ours.shape == theirs.shape
    assert (np.abs(ours - theirs).max(axis=-1) > 3).mean() < 1e-4


@pytest.mark.parametrize("who", ["page", "python"])
@pytest.mark.parametrize("look", [{}, {"theme": "light", "palette": "classic"}])
def test_pixels__are_shaded_by_presence(visit: Callable, apps: Apps, who: str, look: dict[str, str]) -> None:
    more = "".join(f"&{name}={value}" for name, value in look.items())
    page = visit(f"{getattr(apps, who)}{LINK}&presence=on{more}", 1280, 720).page
    settled(page)
    assert who_draws(page) == "python"
    assert_shaded(page, apps.store, **look)
    plain = expected(page, apps.store, lm.HOLD, look=lm.Look(**look)).astype(int)
    assert (np.abs(image(page).rgba - plain).max(axis=-1) > 10).mean() > 0.02


def test_box__goes_there_and_back(visit: Callable, apps: Apps) -> None:
    page = visit(apps.page + LINK, 1280, 720).page
    first = settled(page)
    assert who_draws(page) == "page"
    box = page.get_by_label("shade by presence")
    box.check()
    second = settled(page, unlike=first)
    assert who_draws(page) == "python"
    wait_for_url(page, "presence=on")
    page.locator(".strip", has_text="greyer: less likely still there").wait_for()
    page.locator(".states", has_text="surely gone").wait_for()
    assert_shaded(page, apps.store)
    box.uncheck()
    assert settled(page, unlike=second) == first
    assert who_draws(page) == "page"


def test_slider__is_followed(visit: Callable, apps: Apps) -> None:
    page = visit(f"{apps.page}{LINK.replace('half_life=none', 'half_life=20s')}&presence=on", 1280, 720).page
    first = settled(page)
    drag_slider(page, "half-life", -30)
    settled(page, unlike=first)
    said = slider_words(page, "half-life").inner_text().removeprefix("half-life: ").replace(" ", "")
    assert said != "20s"
    assert_shaded(page, apps.store, lm.HalfLife(said, None))


def test_pointer__says_how_likely(visit: Callable, apps: Apps) -> None:
    page = visit(f"{apps.page}{LINK}&presence=on", 1280, 720).page
    settled(page)
    said = []
    for x, y in [(0.5, 0.15), (0.7, 0.2), (0.8, 0.8), (0.9, 0.9), (0.95, 0.12), (0.9, 0.2), (0.9, 0.85)]:
        page.mouse.move(*axes(page).at(x, y), steps=3)
        page.wait_for_timeout(400)
        said.append(readout(page))
    carried = [lines for lines in said if any("carried" in line for line in lines)]
    assert carried
    for lines in carried:
        (line,) = (one for one in lines if one.startswith("still there: "))
        assert " % (" in line


@pytest.mark.parametrize(("theme", "width", "height"), [("dark", 1600, 1000), ("light", 1280, 800)])
def test_screenshot(visit: Callable, apps: Apps, out: Path, theme: str, width: int, height: int) -> None:
    link = f"?market=bybit/AAAUSDT/ob20&half_life=none&prune=none&presence=on&theme={theme}"
    page = visit(apps.page + link, width, height).page
    settled(page)
    page.locator(".states", has_text="surely gone").wait_for()
    page.mouse.move(*axes(page).at(0.9, 0.2), steps=3)
    page.wait_for_timeout(500)
    page.screenshot(path=out / f"app-presence-{theme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
