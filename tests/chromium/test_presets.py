"""Presets of one's own, and what else of the controls is the page's alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liqmap.render.frames.presets import save_preset
from tests.chromium.drawn import choose, press, settled, slider, slider_words

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?half_life=10s&prune=none&layers=none"

HOSTILE = "<img src=x onerror=window.harmed=1>"

READ_ONLY = """
import sys
from liqmap.app import serve
from liqmap.app.publish.access import Access
serve(sys.argv[1], port=int(sys.argv[2]), access=Access(read_only=True))
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder for presets, which servers started now have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIQMAP_CONFIG", str(tmp_path_factory.mktemp("presets")))
        yield


@pytest.fixture(scope="module")
def served(own: Any, start_server: Callable, store_path: Path) -> str:
    return start_server(store_path).url


def preset(page: Any) -> Any:
    return page.locator('select[aria-label="preset"]')


def names(page: Any) -> list[str]:
    return preset(page).locator("option").all_inner_texts()


def keep(page: Any, name: str) -> None:
    press(page, "save")
    field = page.locator('input[aria-label="name of your preset"]')
    field.fill(name)
    field.press("Enter")


def wait_for(page: Any, name: str) -> None:
    select = preset(page).element_handle()
    page.wait_for_function("([select, name]) => select.value == name", arg=[select, name])


def again(page: Any, image: dict, unlike: dict) -> bool:
    """Whether the picture becomes this one, whatever is drawn on the way."""
    return image in [settled(page, unlike=unlike), settled(page)]


@pytest.mark.parametrize("name", ["walls", HOSTILE])
def test_preset__is_kept_chosen_and_forgotten_at_the_second_click(
    visit: Callable, served: str, name: str
) -> None:
    page = visit(served + LINK + "&scaling=linear").page
    linear = settled(page)
    keep(page, name)
    wait_for(page, name)
    assert not page.get_by_role("button", name="save", exact=True).is_visible()  # it is saved already
    press(page, "log")
    other = settled(page, unlike=linear)
    wait_for(page, "custom")
    choose(page, "preset", name)
    assert again(page, linear, unlike=other)
    press(page, "remove")
    assert name in names(page)
    press(page, "sure?")
    page.get_by_role("button", name="save", exact=True).wait_for()
    assert name not in names(page)
    assert settled(page) == linear  # the picture stays as it is
    assert page.evaluate("window.harmed") is None


def test_preset__that_cannot_be_kept_is_reported_until_something_else_is_chosen(
    visit: Callable, served: str
) -> None:
    page = visit(served + LINK).page
    settled(page)
    keep(page, "default")
    page.locator(".message", has_text="preset: expected a name other than").wait_for()
    press(page, "outline")
    page.locator(".message").wait_for(state="hidden")


def test_presets__of_a_server_for_reading_can_be_chosen_alone(
    visit: Callable, own: Any, start_server: Callable, store_path: Path
) -> None:
    save_preset("theirs", scaling="linear")
    page = visit(start_server(store_path, code=READ_ONLY).url + LINK).page
    first = settled(page)
    assert not page.get_by_role("button", name="save", exact=True).is_visible()
    choose(page, "preset", "theirs")
    settled(page, unlike=first)
    wait_for(page, "theirs")
    assert not page.get_by_role("button", name="remove", exact=True).is_visible()


def test_layer__of_a_hostile_name_is_text(visit: Callable, start_server: Callable, store_path: Path) -> None:
    code = f"""
import sys
from liqmap.app import serve
from liqmap.render.marks.registry import Overlay, register
register(Overlay("a<b", {HOSTILE!r}, 25, lambda scene: None, lambda canvas, scene: [], lambda theme: [],
                 shapes=lambda scene, view: []))
serve(sys.argv[1], port=int(sys.argv[2]))
"""
    page = visit(start_server(store_path, code=code).url + LINK).page
    settled(page)
    button = page.get_by_role("button", name="a<b", exact=True)
    assert button.is_visible()
    assert button.get_attribute("title") == HOSTILE
    assert page.evaluate("window.harmed") is None


def test_what_is_typed_in_and_cannot_be_read_is_said_and_stands_as_it_was(visit: Callable, app: str) -> None:
    page = visit(app + LINK + "&limits=0.5,20").page
    first = settled(page)
    field = page.locator('input[aria-label="cut-offs, size"]')
    assert field.input_value() == "0.5 – 20"
    for wrong in ("20 5", "a lot"):
        field.fill(wrong)
        field.press("Enter")
        words = f"cut-offs, size: expected two sizes that rise, such as 0.5 20, or nothing, got '{wrong}'"
        page.locator(".warning", has_text=words).wait_for()
        page.wait_for_function("input => input.value == '0.5 – 20'", arg=field.element_handle())
    number = page.locator('input[aria-label="smallest size"]')
    number.fill("-1")
    number.press("Enter")
    page.locator(".warning", has_text="smallest size: expected a number from 0 to 1e+18, got -1").wait_for()
    page.wait_for_function("input => input.value == '0'", arg=number.element_handle())
    assert settled(page)["sum"] == first["sum"]


def test_handles__of_the_cutoffs_never_meet_and_say_what_they_stand_at(visit: Callable, app: str) -> None:
    page = visit(app + LINK).page
    settled(page)
    page.locator(".slider .title", has_text=re.compile(r"cut-offs: \S+ \.\. \S+ AAA")).wait_for()
    low, high = (slider(page, f"cut-offs, {end}") for end in ("from", "to"))
    high.focus()
    page.keyboard.press("Home")
    assert (low.input_value(), high.input_value()) == ("0", "0.1")
    low.focus()
    page.keyboard.press("End")
    assert (low.input_value(), high.input_value()) == ("99.9", "100")
    said = slider_words(page, "cut-offs").inner_text()
    for end, words in zip((low, high), said.removeprefix("cut-offs: ").split(" .. ")):
        assert end.get_attribute("aria-valuetext") == f"{words.removesuffix(' AAA')} AAA"
    page.wait_for_function("() => location.search.includes('cutoffs=99.9,100')")
    page.get_by_label("cut-offs by themselves").check()
    page.wait_for_function("() => !location.search.includes('cutoffs')")
    page.wait_for_function("input => input.value < 99", arg=low.element_handle())


def test_panels__are_not_offered_before_and_after(visit: Callable, app: str) -> None:
    page = visit(app + LINK).page
    settled(page)
    ladder = page.get_by_role("button", name="ladder", exact=True)
    assert ladder.is_enabled()
    press(page, "before and after")
    page.wait_for_function("button => button.disabled", arg=ladder.element_handle())
    press(page, "carried")
    page.wait_for_function("button => !button.disabled", arg=ladder.element_handle())


@pytest.mark.parametrize("kind", ["Parquet", "PNG"])
def test_file__is_downloaded(visit: Callable, app: str, kind: str) -> None:
    page = visit(app + LINK).page
    settled(page)
    with page.expect_download() as got:
        press(page, kind)
    assert got.value.suggested_filename.endswith(kind.lower())
    assert Path(got.value.path()).read_bytes()[:4] == {"Parquet": b"PAR1", "PNG": b"\x89PNG"}[kind]
