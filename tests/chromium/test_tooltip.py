"""The tooltip of the app's heatmap, in Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium.drawn import choose, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

AGREES = """() => {
    let text = ""
    const walk = node => {
        if (node.style?.display == "none") return
        if (node.classList?.contains("bk-tooltip-content")) text += node.textContent
        if (node.shadowRoot) walk(node.shadowRoot)
        for (const child of node.children ?? []) walk(child)
    }
    walk(document.body)
    const models = [...Bokeh.documents[0]._all_models.values()]
    const data = models.find(m => m.type.includes("HoverModel")).data
    if (data.at == "…" || text.includes("…")) return ""
    if (data.__index__ == -1) return text ? "" : "nothing"
    return [data.at, data.row, data.shown, data.age].every(word => text.includes(word)) ? "words" : ""
}"""
"""Whether the answer for the cell under the pointer has come, and what is shown is the answer."""


def test_tooltip__shows_what_comes_while_the_mouse_rests(visit: Callable, app: str) -> None:
    page = visit(app, 1280, 720).page
    settled(page)
    text = []
    for k in range(12):
        page.mouse.move(420 + 67 * (k * 5 % 11), 200 + 31 * (k * 7 % 11), steps=15)
        text.append(page.wait_for_function(AGREES, timeout=20_000).json_value())
    assert text.count("words") >= 4


def test_tooltip__tells_of_the_cell_again_when_it_is_drawn_anew(visit: Callable, app: str) -> None:
    page = visit(app, 1280, 720).page
    first = settled(page)
    page.mouse.move(700, 390, steps=15)
    page.wait_for_function(AGREES, timeout=20_000)
    choose(page, "palette", "classic")
    settled(page, unlike=first)
    page.mouse.move(700, 390)
    page.wait_for_function(AGREES, timeout=20_000)
