"""Private parts of Panel: without them pages compile the engine anew, and no provider is known."""

from __future__ import annotations

from bokeh.document import Document

from liqmap.app.internals.panel import (
    SCRIPTS,
    Bundled,
    digest_of,
    let_fetch_scripts,
    oauth_addresses,
)


def test_oauth__addresses_are_there() -> None:
    found = oauth_addresses("github")
    assert found["authorize"] == "https://github.com/login/oauth/authorize"
    assert found["token"].startswith("https://github.com/")
    assert found["user"].startswith("https://api.github.com/")
    assert "email" in found["scopes"]
    assert found["tenant"] == "common"


class Own(Bundled):
    @classmethod
    def script(cls) -> str:
        return "export function render() {}"


def test_bundled__gives_its_script_to_be_run_as_it_is() -> None:
    model = Own().get_root()
    assert model.esm == "export function render() {}"
    assert model.bundle  # else the page would compile it


def test_bundled__says_where_its_script_is_where_a_server_has_it() -> None:
    document = Document()
    let_fetch_scripts(document)
    model = Own().get_root(document)
    assert (model.bundle, model.esm) == ("url", f"./{SCRIPTS}/{digest_of(Own.script())}.js")


def test_bundled__changes_make_no_stylesheets_anew() -> None:
    component = Own(width=10)
    model = component.get_root()
    before = list(model.stylesheets)
    component.width = 20
    assert model.width == 20
    assert len(before) > 0
    assert all(was is now for was, now in zip(before, model.stylesheets, strict=True))
    component.stylesheets = [".own {}"]
    assert len(model.stylesheets) == len(before) + 1  # those of the design are still there
