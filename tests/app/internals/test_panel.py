"""Private parts of Panel: without them the login page is Panel's own, a file that cannot be made is a
traceback in the log, and each page compiles the engine anew."""

from __future__ import annotations

import asyncio
import io
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from panel.auth import BasicAuthProvider, BasicLoginHandler

from liqmap.app.internals.panel import Bundled, CancelledDownload, Download, login_attributes, login_page


def button(error: Exception | None) -> Download:
    async def make() -> io.BytesIO:
        if error is not None:
            raise error
        return io.BytesIO(b"content")

    return Download(callback=make, filename="a.txt", embed=False)


def clicked(download: Download) -> Download:
    """After a click, as the browser tells of it."""

    async def click() -> None:
        download._clicks += 1
        await asyncio.sleep(0.05)

    asyncio.run(click())
    return download


def test_download__hands_out_what_was_made() -> None:
    assert clicked(button(None)).data is not None


def test_download__that_was_cancelled_hands_out_nothing() -> None:
    assert clicked(button(CancelledDownload())).data is None


@pytest.mark.parametrize("error", [None, CancelledDownload(), ZeroDivisionError()])
def test_download__hides_no_other_error(error: Exception | None) -> None:
    hidden = error is None or isinstance(error, CancelledDownload)
    with nullcontext() if hidden else pytest.raises(ZeroDivisionError):
        asyncio.run(button(error)._async_sync_data())


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
