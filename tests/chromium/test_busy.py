"""A choice that takes long to draw says so after a moment, until it is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chromium.drawn import FIGURES, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SLOW = """
import sys, time
from liqmap.app import serve
from liqmap.app.views.heatmap import Heatmap
build = Heatmap.build
def slow(self, *events):
    if events:
        time.sleep(2.5)
    build(self, *events)
Heatmap.build = slow
serve(sys.argv[1], port=int(sys.argv[2]))
"""
"""The app on a machine that takes long to make charts."""

OPENS_LATE = """
import sys, time
from liqmap.app import serve
from liqmap.app.data.days import Days
opened = Days.open
def late(self, store):
    time.sleep(1.5)
    return opened(self, store)
Days.open = late
serve(sys.argv[1], port=int(sys.argv[2]))
"""
"""The app where a session takes longer to open than a page waits for."""

LOG = """
window.signs = []
new MutationObserver(changes => {
  for (const change of changes) {
    const ours = nodes => [...nodes].filter(node => node.id == "liqmap-busy")
    for (const node of ours(change.addedNodes)) signs.push(["shown", node.textContent])
    for (const node of ours(change.removedNodes)) signs.push(["gone", ""])
  }
}).observe(document.body, {childList: true})
"""


def test_sign__of_a_change_that_takes_long(visit: Callable, start_server: Callable, store_path: Path) -> None:
    page = visit(start_server(store_path, code=SLOW).url + "?layers=none").page
    settled(page)
    page.evaluate(LOG)
    page.get_by_role("button", name="delta", exact=True).click()
    page.wait_for_function("() => signs.length == 1", timeout=2_000)
    page.wait_for_function(f"() => ({FIGURES})().length == 2")
    page.wait_for_function("() => signs.length == 2")
    assert page.evaluate("signs") == [["shown", "drawing …"], ["gone", ""]]


def test_sign__never_stays(visit: Callable, app: str) -> None:
    page = visit(app + "?layers=none").page
    settled(page)
    page.evaluate(LOG)
    for label in ("linear", "log", "bbo", "light", "dark"):  # quick and slow ones, one upon the other
        page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_function(f"() => ({FIGURES})()[0].glyphs.includes('Line')")
    page.wait_for_timeout(1_000)
    page.wait_for_function("() => !document.getElementById('liqmap-busy')")
    kinds = [kind for kind, _ in page.evaluate("signs")]
    assert kinds == ["shown", "gone"] * (len(kinds) // 2)


def test_cutoffs__say_sizes_where_the_picture_comes_after_the_page(
    visit: Callable, start_server: Callable, store_path: Path
) -> None:
    page = visit(start_server(store_path, code=OPENS_LATE).url).page
    page.locator(".busy").wait_for()
    settled(page)
    page.locator(".bk-slider-title", has_text=re.compile(r"cut-offs: \S+ AAA .. \S+ AAA")).wait_for()
