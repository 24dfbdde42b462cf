"""A served app and a Chromium to look at it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from tests.chromium.drawn import RECORDS

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"] + [
    f"--disable-{what}" for what in ("background-networking", "component-update", "sync")
]


LEFT = re.compile(
    r"Task exception was never retrieved\n"
    r"future: [^\n]*exception=WebSocketClosedError\(\)[^\n]*\n"
    r"(?:(?!Task exception was never retrieved).)*?\ntornado\.websocket\.WebSocketClosedError\n",
    re.DOTALL,
)
"""What tornado says of a page that was closed while something was on its way to it."""


@pytest.fixture(scope="session")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two markets of two minutes."""
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("browser")
    for seed, symbol in enumerate(("AAAUSDT", "BBBUSDT")):
        raw = write_bybit(lm.simulate(minutes=2, seed=seed, symbol=symbol, levels=50), folder / symbol)
        assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


APP = "import sys; from liqmap.app import serve; serve(sys.argv[1], port=int(sys.argv[2]))"
"""The app on a store, as the command line serves it."""

VIOLATIONS = """
addEventListener("securitypolicyviolation", e => console.error(
  `policy: ${e.effectiveDirective} refuses ${e.blockedURI} of ${e.sourceFile}:${e.lineNumber} ${e.sample}`))
"""
"""A page says what its policy refuses, even where it goes on without."""

PATIENCE_MS = 120_000
"""What a busy machine may take."""


class Server:
    """A process that serves a store, on a port that it tells."""

    def __init__(
        self, store: Path, log: Path, port: int = 0, code: str = APP, commands: bool = False
    ) -> None:
        self.log = log
        self._stderr = log.open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(store), str(port)],
            stdin=subprocess.PIPE if commands else None, stdout=subprocess.PIPE, stderr=self._stderr,
            text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "http://127.0.0.1:" in line, log.read_text()
        self.url = next(word for word in line.split() if word.startswith("http"))

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        """As if the machine had gone."""
        self.process.kill()
        self.process.wait()
        self._close()

    def stop(self) -> None:
        """As Ctrl-C does; nothing may have gone wrong before."""
        self.process.terminate()
        try:
            ended = self.process.wait(PATIENCE_MS / 1000)
        except subprocess.TimeoutExpired:
            self.process.kill()
            ended = self.process.wait()
        self._close()
        assert ended == 0
        said = LEFT.sub("", self.log.read_text())
        assert "Traceback" not in said
        assert "could not be applied" not in said  # HoloViews of a hook that fails

    def _close(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self._stderr.close()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Start the app on a store, or other code that serves one; gives the `Server`."""
    running: list[Server] = []

    def start(store: Path, port: int = 0, code: str = APP, commands: bool = False) -> Server:
        log = tmp_path_factory.mktemp("server") / "stderr.txt"
        running.append(Server(store, log, port, code, commands))
        return running[-1]

    yield start
    wrong = []
    for server in running:  # all of them, whatever is wrong with one
        if server.process.poll() is None:
            try:
                server.stop()
            except AssertionError as error:
                wrong.append(error)
    assert wrong == []


@pytest.fixture(scope="session")
def serve_app(start_server) -> Any:  # type: ignore[no-untyped-def]
    """Start the app on a store; gives its address."""
    return lambda store: start_server(store).url


@pytest.fixture(scope="session")
def app(serve_app, store_path: Path) -> str:  # type: ignore[no-untyped-def]
    """The address of one app that all may visit."""
    return serve_app(store_path)


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """A Chromium, by Playwright."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        assert "LIQMAP_REQUIRE_TOOLS" not in os.environ, "expected chromium on the PATH, got none"
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where screenshots go: LIQMAP_SCREENSHOTS, else a temporary folder."""
    folder = Path(os.environ.get("LIQMAP_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Visit:
    """A page, and what went wrong on it."""

    def __init__(self, browser, url: str, width: int, height: int) -> None:  # type: ignore[no-untyped-def]
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(PATIENCE_MS)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on(
            "response", lambda r: self.errors.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.add_init_script(RECORDS)
        self.page.add_init_script(VIOLATIONS)
        self.page.goto(url)


@contextmanager
def visits(chromium: Any) -> Iterator:
    """Open pages; at the end nothing may have gone wrong, and nothing may have come from elsewhere."""
    opened: list[Visit] = []

    def open_page(url: str, width: int = 1600, height: int = 1000) -> Visit:
        opened.append(Visit(chromium, url, width, height))
        return opened[-1]

    yield open_page
    for v in opened:  # all of them, whatever is wrong with one
        v.page.close()
    for v in opened:
        assert v.errors == []
        own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file:")
        assert [r for r in v.requests if not r.startswith(own)] == []


@pytest.fixture
def visit(chromium) -> Iterator:  # type: ignore[no-untyped-def]
    """Open pages for one test, see `visits`."""
    with visits(chromium) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def module_visit(chromium) -> Iterator:  # type: ignore[no-untyped-def]
    """Open pages for all tests of a file, see `visits`."""
    with visits(chromium) as open_page:
        yield open_page
