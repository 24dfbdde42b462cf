"""A process that forks the commands to be killed, where processes may be traced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.tracer import why_not
from tests.crash.warm import Warm


@pytest.fixture(scope="session")
def traceable() -> None:
    """Skips where no process can be traced, as some containers have it."""
    if reason := why_not():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def warm(traceable: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with Warm(tmp_path_factory.mktemp("warm") / "log") as process:
        yield process
