"""Private parts of Panel: without them the login page is Panel's own, and pages compile the engine anew."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from panel.auth import BasicAuthProvider, BasicLoginHandler

from liqmap.app.internals.panel import Bundled, login_attributes, login_page


def test_login__has_a_template_and_a_place(tmp_path: Path) -> None:
    (tmp_path / "login.html").write_text("at {{ login_endpoint }}: {{ errormessage }}")
    provider: Any = BasicAuthProvider(login_template=str(tmp_path / "login.html"))
    given = login_attributes(provider)
    assert all(hasattr(BasicLoginHandler, name) for name in given)  # whose own they take the place of
    assert login_page(SimpleNamespace(**given), "wrong") == "at /login: wrong"


def test_bundled__gives_its_script_to_be_run_as_it_is() -> None:
    class Own(Bundled):
        @classmethod
        def script(cls) -> str:
            return "export function render() {}"

    model = Own().get_root()
    assert model.esm == "export function render() {}"
    assert model.bundle  # else the page would compile it
