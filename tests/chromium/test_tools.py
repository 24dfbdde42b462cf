"""Jump, play, measure, comparison and files, as a user has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from tests.chromium.drawn import FIGURES, STAGE, STILL, figures, image, press, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

MEASURED = f"""() => {{
  {STAGE}
  const {{chart}} = stage
  if (!chart.measured) return null
  const {{times, prices}} = chart.measured, rising = pair => [...pair].sort((a, b) => a - b)
  const said = inWords(chart.layers.pointer).filter(words => /ticks = |volume /.test(words))
  return [said.join("\\n"), [...rising(times).map(time => ms(chart, time)), ...rising(prices)]]
}}"""
"""The words that are drawn of the measure, and its box."""

LINK = "?half_life=20s&prune=none&layers=none"


@pytest.fixture(scope="module")
def page(module_visit: Callable, app: str) -> Any:
    page = module_visit(app + LINK).page
    settled(page)
    return page


def ms(text: str) -> float:
    return float(np.datetime64(text, "ms").astype(np.int64))


def test_jump_and_whole(page: Any) -> None:
    whole = settled(page)
    box = page.get_by_placeholder("jump to 14:30")
    box.fill("00:01:00")
    box.press("Enter")
    part = settled(page, unlike=whole)
    figure = figures(page)[0]
    assert (figure["start"] + figure["end"]) / 2 == pytest.approx(ms("2026-01-05T00:01:00"), abs=20)
    assert part["dw"] < whole["dw"] / 5
    box.fill("noon")
    box.press("Enter")
    page.locator(".warning", has_text="jump to: expected a time such as 14:30").wait_for()
    press(page, "Close")
    press(page, "whole")
    assert settled(page, unlike=part)["dw"] == whole["dw"]


def test_measure__says_time_ticks_and_percent(page: Any) -> None:
    settled(page)
    figure = figures(page)[0]
    page.get_by_title(re.compile("^Measure")).click()
    frame = page.locator(".liqmap-chart").first.bounding_box()
    x, y = frame["x"] + frame["width"] * 0.4, frame["y"] + frame["height"] * 0.4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40)
    page.mouse.move(x + 120, y + 90)
    page.mouse.up()
    text, box = page.evaluate(MEASURED)
    left, right, bottom, top = box
    assert figure["start"] < left < right < figure["end"]
    ticks = round((bottom - top) / 0.1)  # from where the hand began to where it let go, downward
    assert ticks < 0
    assert f"{ticks:,} ticks = {ticks * 0.1:,.1f} USDT" in text
    assert f"{100 * ticks * 0.1 / top:.3f} %" in text
    assert f"{int((right - left) / 1000)} s" in text
    assert "0.1 USDT a tick and AAA" in text
    page.wait_for_function(f"() => ({MEASURED})()[0].includes('\\nvolume ')")
    found = page.evaluate(MEASURED)[0].split("\n")
    assert found[0] == text.split("\n")[0]
    said = r"volume \S+ AAA  ·  delta \S+  ·  resting \S+ bid, \S+ ask(  ·  \d+ % known)?"
    assert re.fullmatch(said, found[1])
    page.mouse.click(x - 100, y)
    page.wait_for_function(f"() => ({MEASURED})() === null")
    page.get_by_title(re.compile("^Pan")).click()


def test_comparison__stands_side_by_side_on_linked_axes(page: Any, out: Path) -> None:
    whole = settled(page)
    press(page, "before and after")
    page.wait_for_function(f"() => ({FIGURES})().length == 2")
    settled(page, place=1, still=2 * STILL)
    left, right = figures(page)
    assert (left["title"], right["title"]) == ("as transmitted", "carried")
    before, after = image(page, 0), image(page, 1)
    assert before.lit.sum() < 0.9 * after.lit.sum()
    page.screenshot(path=out / "app-before-and-after.png")
    page.mouse.move(600, 500)
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"start => ({FIGURES})().every(f => f.start > start)", arg=left["start"])
    left, right = figures(page)
    assert (left["start"], left["low"]) == (right["start"], right["low"])
    press(page, "carried")
    page.wait_for_function(f"() => ({FIGURES})().length == 1")
    press(page, "whole")
    assert settled(page, still=2 * STILL)["dw"] == whole["dw"]


def test_play__advances_and_shows_nothing_later(page: Any) -> None:
    whole = settled(page)
    page.locator("select", has_text="60×").select_option(label="1×")
    press(page, "▶ play")
    page.wait_for_function(f"end => ({FIGURES})()[0].end < end - 30000", arg=whole["x"] + whole["dw"])
    first = figures(page)[0]["end"]
    page.wait_for_function(f"end => ({FIGURES})()[0].end > end + 1000", arg=first)
    press(page, "❚❚ pause")
    page.get_by_role("button", name="▶ play").wait_for()
    settled(page)
    at = page.locator(".at").inner_text()
    figure = figures(page)[0]
    assert str(np.datetime64(int(figure["end"]), "ms"))[11:19] == at
    shown = settled(page)
    assert shown["x"] + shown["dw"] <= figure["end"] + 1000
    page.wait_for_function("() => location.search.includes('at=2026-01-05T00:0')")
    press(page, "whole")
    assert settled(page, unlike=shown)["dw"] == whole["dw"]
    assert figures(page)[0]["end"] == pytest.approx(whole["x"] + whole["dw"], abs=1000)  # no longer held back


@contextmanager
def played(page: Any, speed: str) -> Iterator[None]:
    """The page plays meanwhile; whatever happens, the next test finds it still, and shown whole."""
    page.locator("select", has_text="60×").select_option(label=speed)
    press(page, "▶ play")
    try:
        yield
    finally:
        pause = page.get_by_role("button", name="❚❚ pause")
        if pause.count():
            pause.click()
        page.get_by_role("button", name="▶ play").wait_for()
        press(page, "whole")
        settled(page)


def test_zoom__is_kept_while_playing(page: Any) -> None:
    whole = settled(page)
    with played(page, "1×"):
        page.wait_for_function(f"end => ({FIGURES})()[0].end < end - 30000", arg=whole["x"] + whole["dw"])
        before = figures(page)[0]
        width, end = before["end"] - before["start"], before["end"]
        page.mouse.move(900, 450)
        page.mouse.wheel(0, -240)
        narrower = f"width => {{ const f = ({FIGURES})()[0]; return f.end - f.start < 0.9 * width }}"
        page.wait_for_function(narrower, arg=width)
        moved = f"end => ({FIGURES})()[0].end > end"
        page.wait_for_function(moved, arg=end)  # was perhaps on its way, at the width before
        end = figures(page)[0]["end"]
        for _ in range(3):  # moves of the play
            page.wait_for_function(moved, arg=end)
            after = figures(page)[0]
            assert after["end"] - after["start"] < 0.9 * width
            end = after["end"]


@pytest.fixture(scope="module")
def saved(page: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    def save(kind: str) -> Path:
        with page.expect_download(timeout=60_000) as download:
            press(page, kind)
        path = tmp_path_factory.mktemp("saved") / download.value.suggested_filename
        download.value.save_as(path)
        return path

    return save


NAME = "bybit-AAAUSDT-ob50_2026-01-05_000000-0001{}_half-life-20s_prune-none_peak"


def test_png(saved: Callable) -> None:
    from matplotlib.image import imread

    path = saved("PNG")
    assert re.fullmatch(NAME.format(r"\d\d") + r"\.png", path.name)
    assert imread(path).shape[:2] == (1080, 1920)


def test_netcdf_and_parquet__hold_the_same_grid(saved: Callable) -> None:
    grid = lm.open_grid(saved("NetCDF"))
    assert (grid.attrs["half_life"], grid.attrs["prune"], grid.attrs["agg"]) == ("20s", "none", "peak")
    table = pd.read_parquet(saved("Parquet"))
    pd.testing.assert_frame_equal(table, grid.liqmap.to_frame())


def test_html__opens_alone(saved: Callable, visit: Callable) -> None:
    path = saved("HTML")
    assert path.suffix == ".html"
    assert "AAAUSDT" in visit(path.as_uri()).page.locator("body").inner_html()
