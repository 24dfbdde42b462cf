"""A page of the engine's own modules: a board, and a chart whose pixels are made in the page."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from liqmap.browser.sources import source, write_modules
from liqmap.browser.themes import themes
from liqmap.render.frames.look import Look

HERE = Path(__file__).parent


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("board")
    write_modules(folder)
    for name in ("chart/chart.css", "panels/panels.css"):
        (folder / Path(name).name).write_text(source(name), encoding="utf-8")
    (folder / "themes.json").write_text(json.dumps(themes(Look())), encoding="utf-8")
    (folder / "board.html").write_text((HERE / "board.html").read_text(encoding="utf-8"), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_board(visit: Callable, served: str) -> Callable[..., Any]:
    """The page with a board, of a size."""

    def opened(width: int = 1600, height: int = 1000) -> Any:
        page = visit(f"{served}/board.html", width, height).page
        page.wait_for_function("window.chart")
        page.evaluate("async () => { await chart.painted(); await frames() }")
        return page

    return opened
