"""A served app and a Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import liqmap as lm

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"] + [
    f"--disable-{what}" for what in ("background-networking", "component-update", "sync")
]


@pytest.fixture(scope="session")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two markets of two minutes."""
    from liqmap.simulate import write_bybit

    folder = tmp_path_factory.mktemp("browser")
    for seed, symbol in enumerate(("AAAUSDT", "BBBUSDT")):
        raw = write_bybit(lm.simulate(minutes=2, seed=seed, symbol=symbol, levels=50), folder / symbol)
        assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


@pytest.fixture(scope="session")
def serve_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Start the app on a store, as the command line does; gives its address."""
    running = []

    def start(store: Path) -> str:
        log = (tmp_path_factory.mktemp("server") / "stderr.txt").open("w")
        code = "import sys; from liqmap.app import serve; serve(sys.argv[1])"
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(store)], stdout=subprocess.PIPE, stderr=log, text=True
        )
        running.append((process, log))
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://127.0.0.1:" in line, Path(log.name).read_text()
        return next(word for word in line.split() if word.startswith("http"))

    yield start
    for process, log in running:
        process.terminate()
        assert process.wait(timeout=20) == 0
        assert process.stdout is not None
        process.stdout.close()
        log.close()
        assert "Traceback" not in Path(log.name).read_text()


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
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on(
            "response", lambda r: self.errors.append(f"{r.status} {r.url}") if r.status >= 400 else None
        )
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.goto(url)


@pytest.fixture
def visit(chromium) -> Iterator:  # type: ignore[no-untyped-def]
    """Open a page; at the end nothing may have gone wrong, and nothing may have come from elsewhere."""
    visits: list[Visit] = []

    def open_page(url: str, width: int = 1600, height: int = 1000) -> Visit:
        visits.append(Visit(chromium, url, width, height))
        return visits[-1]

    yield open_page
    for v in visits:
        v.page.close()
        assert v.errors == []
        own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file:")
        assert [r for r in v.requests if not r.startswith(own)] == []
