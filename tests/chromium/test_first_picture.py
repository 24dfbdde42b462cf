"""The first picture does not wait for what the page will draw from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.chromium.drawn import STAGE, image, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SPANS_LATE = """
import sys, time
from liqmap.app import serve
from liqmap.app.picture.answers import Answers
spans, frame = Answers.spans, Answers.frame
asked = set()
def late(self, ask):
    while len(asked) < 2:
        time.sleep(0.05)
    time.sleep(1)
    return spans(self, ask)
def noted(self, ask):
    asked.add(ask["halfLife"])
    print("frame", ask["size"], file=sys.stderr, flush=True)
    return frame(self, ask)
Answers.spans, Answers.frame = late, noted
serve(sys.argv[1], port=int(sys.argv[2]))
"""
"""The app on a line so slow that the spans come only after another half-life has been asked for."""

FIRST = f"""() => {{
  {STAGE}
  const chart = stage?.chart
  return chart?.picture && chart.pixels.width > 1 ? {{opening: stage.isOpening, told: Object.keys(chart.told),
    pixels: Array.from(chart.pixels.data), width: chart.pixels.width}} : null
}}"""


def test_first_picture__is_pythons_until_the_page_has_the_spans(
    visit: Callable, start_server: Callable, store_path: Path
) -> None:
    server = start_server(store_path, code=SPANS_LATE)
    page = visit(f"{server.url}?half_life=20s&prune=none&layers=bbo", 1280, 720).page
    page.wait_for_function(FIRST)
    page.wait_for_timeout(1_500)  # the page is laid out
    first = page.evaluate(FIRST)
    assert first["opening"]
    assert "bbo" not in first["told"]
    page.locator(".liqmap-chart").focus()
    page.keyboard.press("]")
    page.wait_for_function(f"() => {{ {STAGE} return stage?.chart.drawnWith.halfLife == 30e9 }}")
    page.keyboard.press("[")
    settled(page)  # which waits for the spans
    page.wait_for_function(f"() => {{ {STAGE} return 'bbo' in stage.chart.told }}")
    asked = server.log.read_text().count("frame")
    page.keyboard.press("]")
    settled(page)
    page.keyboard.press("[")
    settled(page)
    assert server.log.read_text().count("frame") == asked
    ours = image(page).rgba.astype(int)
    theirs = np.array(first["pixels"]).reshape(-1, first["width"], 4)[::-1]  # the lowest row first
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1
