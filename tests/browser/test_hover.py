"""The tooltip of a served heatmap, in Chromium."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVE = """
import sys
import panel as pn
import liqmap as lm

session = lm.open_store(sys.argv[1]).session("bybit", "AAAUSDT")
server = pn.serve(lambda: lm.heatmap(session, overlays=[], width=800, height=400), show=False, start=False)
print(server.port, flush=True)
server.io_loop.start()
"""

TOLD = """() => {
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


@pytest.fixture
def served(store_path: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(store_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    yield f"http://localhost:{next(line for line in lines if line.strip().isdigit()).strip()}"
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def test_tooltip__tells_of_the_cell_where_the_mouse_rests(served: str, chromium) -> None:  # type: ignore[no-untyped-def]
    page = chromium.new_page(viewport={"width": 1000, "height": 600})
    page.goto(served)
    page.wait_for_selector(".bk-Figure")
    page.wait_for_function("() => Bokeh.documents.length && Bokeh.documents[0].is_idle")
    page.wait_for_timeout(1000)
    for x in (300, 400):
        page.mouse.move(x, 200)
        page.wait_for_function(
            f"(x) => ({TOLD})().includes(({LATEST})().at) && ({LATEST})().at != '…'", timeout=10_000
        )
        page.wait_for_timeout(300)
        told, latest = page.evaluate(TOLD), page.evaluate(LATEST)
        assert "undefined" not in told
        assert latest["at"] in told
        assert latest["row"] in told
    page.close()
