"""The wheel, turned on and on."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import pytest

from tests.chromium.drawn import figures, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def scroll(page: Any, notches: int, by: int) -> dict:
    for _ in range(notches):
        page.mouse.wheel(0, by)
        page.wait_for_timeout(20)
    settled(page)
    figure = figures(page)[0]
    assert all(isfinite(figure[name]) for name in ("start", "end", "low", "high"))
    return figure


def test_wheel__ends_where_axes_can_be_read(visit: Callable, app: str) -> None:
    page = visit(app).page
    whole = settled(page)
    begun = figures(page)[0]
    page.mouse.move(900, 450)
    near = scroll(page, 40, -500)
    assert near["high"] - near["low"] == pytest.approx(0.1)  # a tick: there the time stops too
    frame = page.locator(".bk-Figure").first.bounding_box()
    page.mouse.move(900, frame["y"] + frame["height"] - 30)  # over the axis it alone is zoomed
    near = scroll(page, 40, -500)
    assert near["end"] - near["start"] == pytest.approx(1.0, abs=1e-3)
    page.mouse.move(900, 450)
    far = scroll(page, 60, 500)
    for low, high in (("start", "end"), ("low", "high")):
        assert far[high] - far[low] < 4.1 * (begun[high] - begun[low])
    out = settled(page)
    page.get_by_role("button", name="whole", exact=True).click()
    assert settled(page, unlike=out) == whole
    assert figures(page)[0] == begun
