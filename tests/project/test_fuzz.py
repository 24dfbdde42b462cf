"""`make fuzz` finds what is wrong, says how often it looked, and how to see it again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN_PRINTING = "-p no:schemathesis"
"""The planted file is of no project, whose options would leave out a plugin that prints examples its way."""

PLANTED = """
from hypothesis import given, strategies as st

@given(st.integers())
def test_small(x):
    assert x < 1_000

def test_no_property():
    raise AssertionError
"""


@pytest.mark.long
def test_fuzz__tells_a_failure_its_seed_and_what_ran(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(PLANTED)
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--minutes=5", "--workers=1", "--seed=7", str(planted)],
        cwd=ROOT,
        env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path), "PYTEST_ADDOPTS": OWN_PRINTING},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "round 1, seed 7" in done.stdout
    (count,) = re.findall(r"^ *(\d+) +1  .*test_planted.py::test_small$", done.stdout, re.MULTILINE)
    assert int(count) > 1
    assert f"{count} examples of 1 properties in 1 whole rounds, 1 failed" in done.stdout
    assert "x=1000" in done.stdout
    assert re.search(r"HYPOTHESIS_PROFILE=fuzz .*::test_small' --hypothesis-seed=7\n", done.stdout)
    assert "test_no_property" not in done.stdout
