"""A served heatmap in Chromium: its tooltip, and that its picture follows hands at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SERVE = """
import signal
import sys
import panel as pn
import liqmap as lm

session = lm.open_store(sys.argv[1]).session("bybit", "AAAUSDT")
server = pn.serve(
    lambda: lm.heatmap(session, overlays=[], width=800, height=400),
    address="127.0.0.1", websocket_origin="*", show=False, start=False, verbose=False,
)
loop = server.io_loop
signal.signal(signal.SIGTERM, lambda *_: loop.add_callback_from_signal(loop.stop))
print(f"http://127.0.0.1:{server.port}", flush=True)
loop.start()
"""

TEXT = """() => {
    const words = []
    const walk = (node) => {
        if (node.shadowRoot) walk(node.shadowRoot)
        for (const child of node.children ?? []) walk(child)
        if (node.classList?.contains("bk-tooltip-content")) words.push(node.textContent)
    }
    walk(document.body)
    return words.join(" ")
}"""

LATEST = """() => {
    for (const document of Bokeh.documents)
        for (const model of document._all_models.values())
            if (model.type.includes("HoverModel")) return model.data
}"""


IMAGE = """() => {
    const models = [...Bokeh.documents[0]._all_models.values()]
    window.figure = models.find(m => m.type == "Figure")
    window.image = figure.renderers.find(r => r.glyph?.type == "ImageRGBA").data_source
    window.pictures = 0
    image.properties.data.change.connect(() => pictures++)
    figure.lod_timeout = 3600e3  // bokeh tells of no range while this test lasts
}"""

COVERS = """() => {
    const {x: [x], y: [y], dw: [dw], dh: [dh]} = image.data, {x_range, y_range} = figure
    const near = (a, b, whole) => Math.abs(a - b) < 0.02 * whole
    const wide = x_range.end - x_range.start, tall = y_range.end - y_range.start
    return near(x, x_range.start, wide) && near(x + dw, x_range.end, wide)
        && near(y, y_range.start, tall) && near(y + dh, y_range.end, tall)
}"""

TOLD = f"() => ({TEXT})().includes(({LATEST})().at) && ({LATEST})().at != '…'"


@pytest.fixture
def page(start_server: Callable, store_path: Path, visit: Callable) -> Any:
    page = visit(start_server(store_path, code=SERVE).url, 1000, 600).page
    page.wait_for_selector(".bk-Figure")
    page.wait_for_function("() => Bokeh.documents.length && Bokeh.documents[0].is_idle")
    page.wait_for_timeout(1000)
    return page


def test_tooltip__tells_of_the_cell_where_the_mouse_rests(page: Any) -> None:
    for x in (300, 400):
        page.mouse.move(x, 200)
        page.wait_for_function(TOLD)
        page.wait_for_timeout(300)
        text, latest = page.evaluate(TEXT), page.evaluate(LATEST)
        assert "undefined" not in text
        assert latest["at"] in text
        assert latest["row"] in text


def test_tooltip__tells_of_the_last_of_many_places(page: Any) -> None:
    page.mouse.move(500, 200)
    page.wait_for_function(TOLD)
    page.wait_for_timeout(500)
    there = page.evaluate(LATEST)
    page.mouse.move(200, 200)
    page.mouse.move(500, 200, steps=60)
    page.wait_for_timeout(1000)
    assert page.evaluate(LATEST) == there


def test_picture__follows_a_wheel_and_a_drag_that_goes_on(page: Any) -> None:
    page.evaluate(IMAGE)
    page.mouse.move(400, 200)
    wide = page.evaluate("figure.x_range.end - figure.x_range.start")
    for _ in range(8):
        page.mouse.wheel(0, -60)
    closer = "pictures && figure.x_range.end - figure.x_range.start < wide"
    page.wait_for_function(f"wide => {closer} && ({COVERS})()", arg=wide)
    begin = page.evaluate("() => { pictures = 0; return figure.x_range.start }")
    page.mouse.down()
    page.mouse.move(300, 180, steps=30)
    page.wait_for_function(f"begin => pictures && figure.x_range.start > begin && ({COVERS})()", arg=begin)
    assert page.evaluate("pictures") <= 31
    page.mouse.up()
