"""A process that forks the commands to be killed, where processes may be traced."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.crash.tracer import why_not
from tests.crash.warm import Warm


@pytest.fixture(scope="session")
def traceable() -> None:
    """Skips where no process can be traced; fails there if no tool may be missing."""
    if reason := why_not():
        assert "LIQMAP_REQUIRE_TOOLS" not in os.environ, reason
        pytest.skip(reason)


@pytest.fixture(scope="session")
def warm(traceable: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with Warm(tmp_path_factory.mktemp("warm") / "log") as process:
        yield process
