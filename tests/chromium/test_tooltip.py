"""The readout of the app's picture, in Chromium: what is under the pointer, now."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.chromium.drawn import STAGE, axes, choose, figures, readout, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?half_life=20s&prune=none&layers=none"
PLACE = re.compile(r"(\d{4}-\d\d-\d\d) (\S+)  ·  (\S+)(?: – (\S+))?")
TICK = 0.1
COLUMN = f"() => {{ {STAGE} return stage.chart.picture.steps[0] / 1e6 }}"


def agrees(page: Any, share: tuple[float, float]) -> bool:
    """Whether the cell that is told of is the one at a share of the axes."""
    found = PLACE.match("\n".join(readout(page)))
    if not found:
        return False
    figure = figures(page)[0]
    at = figure["start"] + share[0] * (figure["end"] - figure["start"])
    price = figure["high"] - share[1] * (figure["high"] - figure["low"])
    begins = float(np.datetime64(f"{found[1]}T{found[2]}", "us").astype(np.int64)) / 1e3
    low, high = (float(words.replace(",", "")) for words in (found[3], found[4] or found[3]))
    return -1 <= at - begins <= page.evaluate(COLUMN) + 1 and low - 0.01 <= price <= high + TICK + 0.01


def wait_until_agrees(page: Any, share: tuple[float, float]) -> None:
    for _ in range(100):
        if agrees(page, share):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"at {share} the readout says {readout(page)}")


def test_readout__tells_of_the_cell_where_the_mouse_rests(visit: Callable, app: str) -> None:
    page = visit(app + LINK, 1280, 720).page
    settled(page)
    plot, said = axes(page), []
    for k in range(12):
        share = (0.1 + 0.08 * (k * 5 % 11), 0.15 + 0.07 * (k * 7 % 11))
        page.mouse.move(*plot.at(*share), steps=15)
        wait_until_agrees(page, share)
        said.append("\n".join(readout(page)))
    assert sum("AAA" in words for words in said) >= 4  # sizes
    assert len(set(said)) == 11  # the last place is the first one
    page.mouse.move(5, 5)
    page.wait_for_timeout(200)
    assert readout(page) == []


def test_readout__tells_of_the_cell_again_when_it_is_drawn_anew(visit: Callable, app: str) -> None:
    """The mouse does not move: what it tells of is that of the picture that is there."""
    page = visit(app + LINK, 1280, 720).page
    first = settled(page)
    plot = axes(page)
    for x, y in [(0.6, y) for y in np.linspace(0.2, 0.9, 60)]:
        page.mouse.move(*plot.at(x, y), steps=2)
        page.wait_for_timeout(60)
        if "weighs" in "".join(readout(page)):
            break
    before = "\n".join(readout(page))
    weight = float(re.search(r"weighs (\S+)", before)[1].replace(",", ""))
    page.locator(".liqmap-chart").focus()
    page.keyboard.press("]")
    settled(page, unlike=first)
    after = "\n".join(readout(page))
    assert float(re.search(r"weighs (\S+)", after)[1].replace(",", "")) > weight
    assert after.split("weighs")[0] == before.split("weighs")[0]
    choose(page, "palette", "classic")
    page.wait_for_timeout(500)
    assert "weighs" in "\n".join(readout(page))
