"""A page whose server is gone, and comes back: with a login too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CODE = """
import sys
from liqmap.app import Access, serve
serve(sys.argv[1], port=int(sys.argv[2]), access=Access(basic_auth=sys.argv[1] + "/../users.json"))
"""


def test_page__comes_back_after_a_kill_and_goes_to_the_login_after_a_logout(
    chromium: Any, start_server: Any, store_path: Path
) -> None:
    from liqmap.app.publish.login.passwords import set_password

    set_password(store_path.parent / "users.json", "ann", "correct horse")
    server = start_server(store_path, code=CODE)
    context = chromium.new_context()
    page, errors = context.new_page(), []
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/?half_life=45s")
    page.fill("#username", "ann")
    page.fill("#password", "correct horse")
    page.click("button")
    page.wait_for_url(re.compile("dates="))  # the page is there, and has written its address
    server.kill()
    lost = page.locator("[data-liqmap=lost]")
    lost.wait_for()
    assert "opens again by itself" in lost.inner_text()
    start_server(store_path, port=server.port, code=CODE)
    lost.wait_for(state="detached")
    page.wait_for_url(re.compile("dates=.*half_life=45s"))  # with no login between
    other = context.new_page()
    other.goto(f"{server.url}/logout")
    other.click("button")
    page.wait_for_url(re.compile("/login.*half_life"))
    assert not [cookie for cookie in context.cookies() if cookie["name"] == "liqmap_login"]
    context.close()
    assert errors == []
