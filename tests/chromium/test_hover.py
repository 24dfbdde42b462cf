"""The tooltip of a served heatmap, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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


def test_tooltip__tells_of_the_cell_where_the_mouse_rests(
    start_server: Callable, store_path: Path, visit: Callable
) -> None:
    page = visit(start_server(store_path, code=SERVE).url, 1000, 600).page
    page.wait_for_selector(".bk-Figure")
    page.wait_for_function("() => Bokeh.documents.length && Bokeh.documents[0].is_idle")
    page.wait_for_timeout(1000)
    for x in (300, 400):
        page.mouse.move(x, 200)
        page.wait_for_function(f"(x) => ({TEXT})().includes(({LATEST})().at) && ({LATEST})().at != '…'")
        page.wait_for_timeout(300)
        text, latest = page.evaluate(TEXT), page.evaluate(LATEST)
        assert "undefined" not in text
        assert latest["at"] in text
        assert latest["row"] in text
