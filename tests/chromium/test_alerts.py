"""Alerts on the page: the list, a press on one, and the marks in the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chromium.drawn import STAGE, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

MARKS = f"""() => {{
  {STAGE}
  const discs = stage?.chart?.data?.shapes?.alerts?.filter(({{kind}}) => kind == "discs") ?? []
  return {{view: stage?.chart?.view, at: discs.flatMap(({{x}}) => [...x])}}
}}"""
"""The view, and where marks of alerts stand, ns."""


def test_list__brings_alerts_into_view_and_goes_with_the_conditions(
    visit: Callable, app: str, out: Path
) -> None:
    page = visit(app + "?layers=none&panels=delta,profile,ladder&alerts=imbalance@5%3E0.5", 1280, 720).page
    settled(page)
    rows = page.locator(".list button")
    rows.first.wait_for()
    count = rows.count()
    assert count == int(page.locator(".list .head b").inner_text()) > 2
    assert page.evaluate("document.documentElement.scrollHeight") <= 720
    page.wait_for_function(f"count => ({MARKS})().at.length == count", arg=count)
    page.screenshot(path=out / "app-alerts.png")
    first = page.evaluate(MARKS)["view"]
    oldest = min(page.evaluate(MARKS)["at"])
    rows.last.click()
    page.wait_for_function(f"width => {{ const {{view: [a, b]}} = ({MARKS})(); return b - a < width / 2 }}",
                           arg=first[1] - first[0])  # fmt: skip
    begin, end = page.evaluate(MARKS)["view"][:2]
    assert begin <= oldest <= end
    field = page.get_by_label("alerts", exact=True).last
    field.fill("")
    field.press("Enter")
    rows.first.wait_for(state="hidden")
