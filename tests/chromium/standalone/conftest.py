"""The standalone page of a session, opened from the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.browser import standalone_html


@pytest.fixture(scope="package")
def session(store_path: Path) -> lm.Session:
    return lm.open_store(store_path).session("bybit", "AAAUSDT")


@pytest.fixture(scope="package")
def written(session: lm.Session, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return standalone_html(session, tmp_path_factory.mktemp("standalone") / "page.html")


@pytest.fixture
def page(visit: Callable, chromium: Any, written: Path) -> Any:
    """The page from the disk, with the network off."""
    opened = visit(written.as_uri(), 1600, 900).page
    opened.context.set_offline(True)
    opened.evaluate("async () => { await liqmap.ready; await liqmap.painted() }")
    return opened
