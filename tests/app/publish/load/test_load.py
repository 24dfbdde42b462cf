"""A published server under a little of what ``make crowd`` does to it."""

from __future__ import annotations

import pytest

from tests.app.publish.load.__main__ import main

LITTLE = ("--loops=8", "--visitors=4", "--minutes=0.1", "--half-open=20", "--left-s=35", "--market-minutes=1")
SLOW = "health check p95"
"""How long something takes is no matter of tests."""


@pytest.mark.long
def test_load__leaves_memory_and_descriptors_as_they_were(capfd: pytest.CaptureFixture[str]) -> None:
    main([*LITTLE])
    said = capfd.readouterr().out
    wrong = [line for line in said.splitlines() if line.startswith("does not hold") and SLOW not in line]
    assert wrong == [], said
    assert "nobody noticed" in said
