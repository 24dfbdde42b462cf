"""Scripts come compressed, and are what bokeh and Panel ship."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import panel
import pytest
from bokeh.application import Application
from bokeh.server.server import Server
from bokeh.settings import settings
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from liqmap.app.internals.panel import SCRIPTS, digest_of
from liqmap.app.publish.assets import pack_assets

ICON = Path(panel.__file__).parent / "dist/images/favicon.ico"
SCRIPT = "export const words = 'größer';\n" * 20

FILES = {
    "static/js/bokeh-widgets.min.js": Path(settings.bokehjs_path()) / "js/bokeh-widgets.min.js",
    "static/extensions/panel/css/button.css": Path(panel.__file__).parent / "dist/css/button.css",
}


def answers(path: str, *headers: dict[str, str], prefix: str = "") -> list[Any]:
    """Of a server of these files, to a request with each of these headers; bytes as they are sent."""

    async def ask() -> list[Any]:
        server = Server({"/": Application()}, port=0, address="127.0.0.1", prefix=prefix, ico_path=ICON)
        pack_assets(server, [SCRIPT])
        url = f"http://127.0.0.1:{server.port}{prefix}/{path}"
        try:
            requests = [HTTPRequest(url, headers=h, decompress_response=False) for h in headers]
            return [await AsyncHTTPClient(force_instance=True).fetch(r, raise_error=False) for r in requests]
        finally:
            server.stop()

    return asyncio.run(ask())


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("prefix", ["", "/maps"])
def test_file__is_compressed_for_whoever_takes_that(path: str, prefix: str) -> None:
    packed, plain, part = answers(
        path,
        {"Accept-Encoding": "gzip, br"},
        {},
        {"Accept-Encoding": "gzip", "Range": "bytes=2-8"},
        prefix=prefix,
    )
    content = FILES[path].read_bytes()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.body) < len(content) / 2
    assert gzip.decompress(packed.body) == content
    assert ("Content-Encoding" in plain.headers, plain.body) == (False, content)
    assert (part.code, "Content-Encoding" in part.headers, part.body) == (206, False, content[2:9])
    assert {a.headers["Vary"] for a in (packed, plain, part)} == {"Accept-Encoding"}
    assert packed.headers["Etag"] != plain.headers["Etag"]


@pytest.mark.parametrize("path", FILES)
def test_file__that_the_browser_has_is_not_sent_again(path: str) -> None:
    (first,) = answers(path, {"Accept-Encoding": "gzip"})
    tag = first.headers["Etag"]
    again, other = answers(path, {"Accept-Encoding": "gzip", "If-None-Match": tag}, {"If-None-Match": tag})
    assert (again.code, again.body, other.code) == (304, b"", 200)


@pytest.mark.parametrize(
    "path", ["static/js/none.js", "static/extensions/panel/../../../config.py", "static/js/../LICENSE"]
)
def test_file__that_is_not_one_of_theirs_is_refused(path: str) -> None:
    for answer in answers(path, {"Accept-Encoding": "gzip"}, {}):
        assert isinstance(answer.error, HTTPClientError)
        assert answer.code in (403, 404)


@pytest.mark.parametrize("prefix", ["", "/maps"])
def test_script__is_kept_by_browsers_and_known_by_its_digest(prefix: str) -> None:
    path = f"{SCRIPTS}/{digest_of(SCRIPT)}.js"
    packed, plain = answers(path, {"Accept-Encoding": "gzip, br"}, {}, prefix=prefix)
    assert gzip.decompress(packed.body).decode() == plain.body.decode() == SCRIPT
    assert (packed.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    for answer in (packed, plain):
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("prefix", ["", "/maps"])
def test_icon__is_where_pages_ask_for_it(prefix: str) -> None:
    (answer,) = answers("favicon.ico", {}, prefix=prefix)
    assert (answer.code, answer.body) == (200, ICON.read_bytes())


@pytest.mark.parametrize("name", [digest_of("another"), "x" * 64, "../" * 21 + "a"])
def test_script__of_no_page_is_not_there(name: str) -> None:
    (answer,) = answers(f"{SCRIPTS}/{name}.js", {})
    assert answer.code in (403, 404)
