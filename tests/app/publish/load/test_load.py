"""A published server under a little of what ``make crowd`` does to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LITTLE = ("--loops=4", "--visitors=3", "--minutes=0.1", "--half-open=0", "--left-s=10", "--market-minutes=1")
SLOW = "health check p95"
"""How long something takes is no matter of tests."""


@pytest.mark.long
def test_load__leaves_memory_and_descriptors_as_they_were() -> None:
    argv = [sys.executable, "-m", "tests.app.publish.load", *LITTLE]
    done = subprocess.run(argv, cwd=Path(__file__).parents[4], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("does not hold") and SLOW not in line] == [], (
        done.stdout
    )
    assert "nobody noticed" in done.stdout, done.stdout + done.stderr
