"""Scripts and style sheets of a page, compressed once for all visitors; those of the app by their digests."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from bokeh.embed.bundle import extension_dirs
from bokeh.server.views.ico_handler import IcoHandler
from bokeh.server.views.multi_root_static_handler import MultiRootStaticHandler
from bokeh.server.views.static_handler import StaticHandler
from tornado.web import HTTPError

from liqmap.app.internals.bokeh import application_of
from liqmap.app.internals.panel import SCRIPTS, digest_of
from liqmap.app.publish.gate.errors import Plain

PACKED = (".js", ".mjs", ".css", ".svg", ".json", ".map")
"""Names of what is text; all else is sent as it is."""

KEPT = 64
"""Files whose compressed bytes stay in memory; a page asks for a dozen."""


@lru_cache(KEPT)
def _packed(path: str, changed_ns: int) -> bytes:
    """A file compressed, as it was when it changed last."""
    with open(path, "rb") as file:
        return gzip.compress(file.read(), 6, mtime=0)


class _Packed(Plain):
    """A handler of files that sends them compressed to whoever takes that; parts of a file as they are."""

    absolute_path: str | None

    @property
    def _packs(self: Any) -> bool:
        headers = self.request.headers
        takes = "gzip" in headers.get("Accept-Encoding", "") and "Range" not in headers
        return takes and self.absolute_path is not None and self.absolute_path.endswith(PACKED)

    def _content(self: Any) -> bytes:
        return _packed(self.absolute_path, os.stat(self.absolute_path).st_mtime_ns)

    def set_extra_headers(self: Any, path: str) -> None:
        super().set_extra_headers(path)  # type: ignore[misc]
        self.set_header("Vary", "Accept-Encoding")
        if self._packs:
            self.set_header("Content-Encoding", "gzip")
            # Of this answer alone: the class is asked for the content too, for the tag of the file.
            self.get_content = lambda *_: self._content()

    def compute_etag(self: Any) -> str | None:
        tag = super().compute_etag()
        return f'{tag[:-1]}-gzip"' if tag and self._packs else tag

    def get_content_size(self: Any) -> int:
        return len(self._content()) if self._packs else super().get_content_size()  # type: ignore[misc]


class PackedFiles(_Packed, StaticHandler):
    """Bokeh's own files."""


class PackedExtensions(_Packed, MultiRootStaticHandler):
    """Those of Panel, and of other packages that extend bokeh."""


class Scripts(Plain):
    """Scripts of the app by their digests: what a browser has of one is never out of date."""

    def initialize(self, scripts: dict[str, bytes]) -> None:
        self._scripts = scripts

    def get(self, digest: str) -> None:
        packed = self._scripts.get(digest)
        if packed is None:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(packed)
        else:
            self.write(gzip.decompress(packed))


def pack_assets(server: Any, scripts: Iterable[str] = ()) -> None:
    """Put handlers that compress before those of the server, and one that hands out ``scripts``.

    Pages ask for their icon below the prefix, where bokeh has none.
    """
    application = application_of(server)
    static = f"{application.prefix}/static"
    packed = {digest_of(script): gzip.compress(script.encode(), 6, mtime=0) for script in scripts}
    application.add_handlers(
        ".*",
        [
            (f"{static}/extensions/(.*)", PackedExtensions, {"root": extension_dirs}),
            (f"{static}/(js/.*)", PackedFiles, {}),
            (f"{application.prefix}/{SCRIPTS}/([0-9a-f]{{64}})\\.js", Scripts, {"scripts": packed}),
            (f"{application.prefix}/favicon\\.ico", IcoHandler, {"app": application}),
        ],
    )
