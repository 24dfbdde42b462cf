"""Lines along the trades, the footprint and panes of measures in a page, which has no Python to ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.browser import standalone_html

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

OF_COLOUR = """async name => {
  await liqmap.painted()
  const layer = document.querySelector("#chart .lines"), {width, height} = layer
  const probe = document.createElement("canvas").getContext("2d")
  probe.fillStyle = liqmap.chart.theme.css[name]
  probe.fillRect(0, 0, 1, 1)
  const [wanted] = new Uint32Array(probe.getImageData(0, 0, 1, 1).data.buffer)
  const {data} = layer.getContext("2d").getImageData(0, 0, width, height)
  return new Uint32Array(data.buffer).filter(colour => colour == wanted).length
}"""
NEAR = """() => {
  const {time, price} = liqmap.chart.data.trades, k = time.length >> 1, reach = 20 * liqmap.meta.tick
  liqmap.setView([time[k] - 3e9, time[k] + 3e9, price[k] - reach, price[k] + reach])
}"""


def test_layers__and_panes_are_drawn_without_a_network(
    visit: Callable, session: lm.Session, tmp_path: Path, out: Path
) -> None:
    path = standalone_html(
        session, tmp_path / "a.html", overlays=["vwap", "stacking"], panels=["imbalance@5", "ofi@1"]
    )
    page: Any = visit(path.as_uri(), 1280, 720).page
    page.context.set_offline(True)
    page.evaluate("liqmap.ready")
    assert page.evaluate(OF_COLOUR, "vwap") > 200
    assert page.evaluate("liqmap.marks.stacking.some(({face}) => face.length > 3)")
    page.locator("#stacking").uncheck()
    assert page.evaluate(OF_COLOUR, "poc") == 0
    page.locator("#poc").check()
    page.locator("#vwap").uncheck()
    assert page.evaluate(OF_COLOUR, "vwap") == 0
    assert page.evaluate(OF_COLOUR, "poc") > 200
    assert "POC since" in page.locator(".legend").inner_text()
    panes = page.locator(".liqmap-panel.below")
    labels = panes.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert [label.split(":")[0] for label in labels] == ["imbalance@5", "ofi@1"]
    assert " in " in labels[1]
    page.locator("#footprint").check()
    page.evaluate(NEAR)
    page.evaluate("liqmap.painted()")
    assert "sold × bought" in page.locator(".legend").inner_text()
    assert page.evaluate("liqmap.marks.footprint.cells.length") > 2
    nearer = panes.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert nearer[1] != labels[1]  # bars of a shorter interval
    page.wait_for_function("() => location.hash.includes('layers=poc,footprint')")
    page.screenshot(path=out / "standalone-layers.png")
