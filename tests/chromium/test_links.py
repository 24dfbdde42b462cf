"""Links, visitors and servers: what is shared, what is apart, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chromium.drawn import FIRST, choose, figures, image, press, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def wait_for_url(page: Any, part: str) -> None:
    page.wait_for_function("part => decodeURIComponent(location.search).includes(part)", arg=part)


def test_link__reopens_the_same_picture(visit: Callable, app: str) -> None:
    one = visit(app + "?half_life=20s&prune=none&layers=none&market=bybit/BBBUSDT/ob50").page
    whole = settled(one)
    one.mouse.move(900, 450)
    for _ in range(3):
        one.mouse.wheel(0, -300)
        one.wait_for_timeout(50)
    choose(one, "palette", "classic")
    wait_for_url(one, "palette=classic")
    wait_for_url(one, "from=2026-01-05T00:0")
    zoomed = settled(one, unlike=whole, still=FIRST)
    assert zoomed["dw"] < whole["dw"] / 2
    other = visit(one.url).page
    again = settled(other)
    assert {k: again[k] for k in ("x", "y", "dw", "dh")} == {k: zoomed[k] for k in ("x", "y", "dw", "dh")}
    assert image(other).same_as(image(one))
    assert figures(other)[0]["start"] == pytest.approx(figures(one)[0]["start"], abs=1)
    assert other.url == one.url


def test_link__with_wrong_parameters_says_so_and_works(visit: Callable, app: str) -> None:
    page = visit(
        app + "?half_life=soon&colour=red&layers=none&theme=light&from=2020-01-01&to=2020-01-02"
    ).page
    settled(page)
    notices = page.locator(".warning").all_inner_texts()
    assert any(
        "half_life: expected a duration such as 30s or 2min, auto or none, got 'soon'" in t for t in notices
    )
    assert any("colour: expected one of market, dates" in t for t in notices)
    assert any("from, to: expected a time from 2026-01-05" in t for t in notices)
    assert figures(page)[0]["background"] == "#fcfdfe"
    page.get_by_role("button", name="Close").click()
    page.locator(".warning").first.wait_for(state="hidden")
    assert "half_life" not in page.url


@pytest.mark.parametrize(
    ("query", "words"),
    [("market=bybit/NONE/ob1", "market: expected one of bybit/AAAUSDT/ob50, bybit/BBBUSDT/ob50"),
     ("dates=2020-01-01", "dates: expected days of bybit AAAUSDT ob50 from 2026-01-05 to 2026-01-05")],
)  # fmt: skip
def test_link__to_what_is_not_there(visit: Callable, app: str, query: str, words: str) -> None:
    page = visit(f"{app}?{query}").page
    page.locator(".notice").wait_for()
    assert words in page.locator(".notice").inner_text()


def test_unknown_page__is_not_found(app: str, chromium: Any) -> None:
    page = chromium.new_page()
    answer = page.goto(f"{app}/no/such/page")
    page.close()
    assert answer.status == 404


def test_users__have_their_own_settings(visit: Callable, app: str) -> None:
    one, two = (visit(f"{app}?layers=none&prune=none&half_life={h}").page for h in ("10s", "none"))
    first, second = settled(one), settled(two)
    assert first["sum"] != second["sum"]
    press(one, "bids")
    settled(one, unlike=first)
    assert image(one).blue.sum() == 0
    assert settled(two) == second
    assert image(two).blue.sum() > 5000


def test_back_and_forward__find_the_app_again(visit: Callable, app: str) -> None:
    page = visit(app + "?layers=none&opacity=0.5").page
    first = settled(page)
    choose(page, "palette", "classic")
    settled(page, unlike=first)
    wait_for_url(page, "palette=classic")
    here = page.url
    page.goto("data:text/html,<p>elsewhere</p>")
    page.go_back()
    settled(page)
    assert page.url == here
    assert page.locator('select[aria-label="palette"]').input_value() == "classic"


def test_server__killed_and_started_again(
    start_server: Callable, store_path: Path, chromium: Any, out: Path
) -> None:
    server = start_server(store_path)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(server.url + "?layers=none&opacity=0.5")
    first = settled(page)
    here, before = page.url, image(page)
    server.kill()
    page.wait_for_timeout(500)
    assert settled(page) == first  # what was drawn stays
    again = start_server(store_path, server.port)
    assert again.url == server.url
    page.wait_for_selector("[data-liqmap=lost]", state="detached", timeout=60_000)  # it comes back by itself
    settled(page)
    assert page.url == here
    assert image(page).same_as(before)
    page.close()
