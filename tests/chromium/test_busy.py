"""A choice that takes long to draw says so after a moment, until it is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chromium.drawn import FIGURES, STAGE, press, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SLOW = """
import sys, time
from liqmap.app import serve
from liqmap.app.picture import answers, scene
from liqmap.app.picture.answers import Answers
scene.IN_PAGE = 0
frame, shapes = Answers.frame, Answers.shapes
def slow_frame(self, ask):
    time.sleep(1.5 if ask["scaling"] == "linear" else 0)
    if ask["scaling"] == "equalised":
        raise answers.GridError(argument="scaling", expected="another", got="equalised")
    return frame(self, ask)
def slow_shapes(self, ask):
    time.sleep(1.5)
    return shapes(self, ask)
Answers.frame, Answers.shapes = slow_frame, slow_shapes
serve(sys.argv[1], port=int(sys.argv[2]))
"""
"""The app on a machine that takes long, and fails at one choice; Python makes the pictures."""

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

SIGN = f"{STAGE} const sign = stage.chart.root.getRootNode().querySelector('.liqmap-busy')"

LOG = f"""() => {{
  {SIGN}
  window.signs = []
  let there = !sign.hidden
  new MutationObserver(() => {{
    if (sign.hidden == there) signs.push(there ? ["gone", ""] : ["shown", sign.textContent])
    there = !sign.hidden
  }}).observe(sign, {{attributes: true, attributeFilter: ["hidden"]}})
}}"""


@pytest.fixture(scope="module")
def slow(start_server: Callable, store_path: Path) -> str:
    return start_server(store_path, code=SLOW).url + "?layers=none"


def test_sign__of_pictures_and_panels_that_take_long(visit: Callable, slow: str) -> None:
    page = visit(slow).page
    settled(page)
    page.evaluate(LOG)
    press(page, "linear")
    page.wait_for_function("() => signs.length == 1", timeout=10_000)
    page.wait_for_function("() => signs.length == 2")
    press(page, "delta")
    page.wait_for_function(f"() => ({FIGURES})().length == 2 && ({FIGURES})()[1].marks.length")
    page.wait_for_function("() => signs.at(-1)[0] == 'gone'")
    signs = page.evaluate("signs")
    assert signs[:2] == [["shown", "drawing …"], ["gone", ""]]
    assert len(signs) >= 4
    assert signs == signs[:2] * (len(signs) // 2)


def test_sign__says_why_there_is_no_picture(visit: Callable, slow: str) -> None:
    page = visit(slow).page
    first = settled(page)
    press(page, "equalised")
    page.locator(".liqmap-busy", has_text="scaling: expected another, got equalised").wait_for()
    assert settled(page) == first  # what was drawn stays
    press(page, "bids")
    press(page, "log")
    settled(page, unlike=first)
    page.locator(".liqmap-busy").wait_for(state="hidden")


def test_sign__never_stays(visit: Callable, app: str) -> None:
    page = visit(app + "?layers=none").page
    settled(page)
    page.evaluate(LOG)
    for label in ("linear", "log", "bbo", "light", "dark"):  # quick and slow ones, one upon the other
        press(page, label)
    page.wait_for_function(f"() => ({FIGURES})()[0].marks.includes('bbo')")
    page.wait_for_timeout(1_000)
    page.wait_for_function(f"() => {{ {SIGN}; return sign.hidden }}")
    kinds = [kind for kind, _ in page.evaluate("signs")]
    assert kinds == ["shown", "gone"] * (len(kinds) // 2)


def test_cutoffs__say_sizes_where_the_picture_comes_after_the_page(
    visit: Callable, start_server: Callable, store_path: Path
) -> None:
    page = visit(start_server(store_path, code=OPENS_LATE).url).page
    page.locator(".busy").wait_for()
    settled(page)
    page.locator(".slider .title", has_text=re.compile(r"cut-offs: \S+ \.\. \S+ AAA")).wait_for()
