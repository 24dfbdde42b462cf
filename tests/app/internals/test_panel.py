"""Private parts of Panel: without them the login page is Panel's own, and pages compile the engine anew."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bokeh.document import Document
from panel.auth import BasicAuthProvider, BasicLoginHandler

from liqmap.app.internals.panel import (
    SCRIPTS,
    Bundled,
    digest_of,
    let_fetch_scripts,
    login_attributes,
    login_page,
)


def test_login__has_a_template_and_a_place(tmp_path: Path) -> None:
    (tmp_path / "login.html").write_text("at {{ login_endpoint }}: {{ errormessage }}")
    provider: Any = BasicAuthProvider(login_template=str(tmp_path / "login.html"))
    given = login_attributes(provider)
    assert all(hasattr(BasicLoginHandler, name) for name in given)  # whose own they take the place of
    assert login_page(SimpleNamespace(**given), "wrong") == "at /login: wrong"


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
